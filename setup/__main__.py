"""Make a fresh clone run: ``python3 setup run|test|dev``.

Needs Python 3.11 and its standard library, nothing else; ``make`` calls it.
Every step is skipped when what it is made from has not changed, so a second
start costs some milliseconds.  A step that fails says in one sentence what
happened and what to do, and leaves nothing half made behind.

    run    environment, packages, model, page; then starts Scrim
    test   the same with the test tools, the tests of the page and the identity provider of the
           sign-in tests; a browser where one can be had
    dev    environment, packages with the test tools, model
    page-check   types and style of the page

The parts: ``steps`` (what is made, from what), ``stamp`` (has it changed),
``child`` (running pip and npm with progress), ``start`` (the hand-over).
"""

import sys

if sys.version_info < (3, 11):
    # Nothing newer than this may stand above: an old Python has to be able to read it.
    sys.exit(
        "Scrim needs Python 3.11 or newer and this is %d.%d. "
        "Install a newer one, then: make run PYTHON=/path/to/python3.11" % sys.version_info[:2]
    )

import argparse
import os
import time

import start
import steps
from child import SetupError
from stamp import only_one


def main() -> int:
    """Do what was asked; 0, or 1 with one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="setup", description="Make a fresh clone run.")
    parser.add_argument("goal", choices=("run", "test", "dev", "page-check"))
    parser.add_argument("--port", type=int, default=8460)
    asked = parser.parse_args()
    began = time.monotonic()
    try:
        with only_one():
            made = steps.make(asked.goal)
        if made:
            print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)
        if asked.goal == "run":
            # From the environment, so that a camera's password is in no process list.
            start.scrim(
                data=os.environ.get("MAKE_RUN_DATA") or "scrim-data",
                camera=os.environ.get("MAKE_RUN_CAMERA") or None,
                port=asked.port,
            )
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
