"""The command ``scrim``: one module a command, thin over the rooms that do the work.

Rules:

- What the user did wrong is one line on standard error and an exit code
  (``docs/ref/exit-codes.md``), never a traceback.
- Results go to standard output, everything else to standard error, so that
  ``scrim ... --json | program`` works.
- A command imports what it needs when it runs: ``scrim --help`` loads no video
  library, no database and no web server.
"""
