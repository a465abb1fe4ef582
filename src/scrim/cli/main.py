"""The command line's beginning and end: commands in, one line and an exit code out."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from scrim import __version__
from scrim.cli import (
    access,
    answer,
    applied,
    breach,
    camera,
    case,
    case_export,
    case_exports,
    case_identity,
    case_open,
    certificate,
    custodian,
    detector,
    disclosure,
    doctor,
    engine,
    filing,
    hold,
    init,
    ledger,
    link,
    norms,
    officer,
    paper_draft,
    papers,
    person,
    placed,
    proposal,
    register,
    retention,
    site,
    subject,
    token,
    up,
    verify,
)
from scrim.errors import ScrimError, StoreError, StoreFull
from scrim.hardening import harden

WRONG = 2  # as Typer has it
UNEXPECTED = 70  # EX_SOFTWARE of BSD's sysexits.h
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_SETTINGS = {"help_option_names": ["-h", "--help"]}

# what the system says of a place or a disk, and not of a mistake in Scrim
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PLACE = frozenset(
    {
        errno.EACCES,
        errno.EIO,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)

_debug = False


class _Commands(TyperGroup):
    """The commands; ``redact`` loads video and inference libraries, so only when it is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name == "redact":
            from scrim.cli import redact

            alone = typer.Typer(
                rich_markup_mode="rich", context_settings=_SETTINGS, add_completion=False
            )
            alone.command("redact", epilog=redact.EPILOG)(redact.redact)
            command = get_command(alone)
        return name, command, rest


app = typer.Typer(
    name="scrim",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings=_SETTINGS,
    help="Public CCTV that shows what happens and never who.\n\n"
    "Every face is covered before a picture leaves the recorder; the originals are sealed "
    "for custodians, k of n of whom have to agree to open any; and whatever is collected, "
    "viewed or changed is written to a ledger first.",
    epilog="[bold]Try it:[/bold] scrim up --demo\n\n"
    "[bold]A real camera:[/bold] scrim init --k 2 --custodian privacy=age1.../scrimsig1... "
    "--custodian registry=... --custodian audit=..., then "
    "scrim camera add gate rtsp://camera.example/1, then scrim up\n\n"
    "[bold]Is it all there?[/bold] scrim verify scrim-data",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scrim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="SCRIM_DEBUG", help="Print tracebacks, for reports."),
    ] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    global _debug
    _debug = debug


def _redact() -> None:
    # stands in for scrim.cli.redact in the overview
    """Cover every face in a video file, and what else is asked for."""


register.attach(custodian.app, officer.app, camera.app)
answer.attach(custodian.app)
case_open.attach(case.app)
placed.attach(camera.app)
paper_draft.attach(papers.app)
applied.attach(norms.app)
case_export.attach(case.app)
case_exports.attach(case.app)
case_identity.attach(case.app)

app.command("init", epilog=init.EPILOG)(init.init)
app.command("up", epilog=up.EPILOG)(up.up)
app.command("link", epilog=link.EPILOG)(link.link)
app.add_typer(camera.app, name="camera")
app.add_typer(site.app, name="site")
app.add_typer(papers.app, name="paper")
app.add_typer(subject.app, name="subject")
app.add_typer(hold.app, name="hold")
app.add_typer(filing.app, name="filing")
app.add_typer(breach.app, name="breach")
app.add_typer(custodian.app, name="custodian")
app.add_typer(officer.app, name="officer")
app.add_typer(person.app, name="person")
app.add_typer(access.app, name="access")
app.add_typer(token.app, name="token")
app.add_typer(proposal.app, name="proposal")
app.add_typer(case.app, name="case")
app.add_typer(ledger.app, name="ledger")
app.command("certificate", epilog=certificate.EPILOG)(certificate.certificate)
app.add_typer(detector.app, name="detector")
app.add_typer(disclosure.app, name="disclosure")
app.command("redact")(_redact)
app.command("verify", epilog=verify.EPILOG)(verify.verify)
app.add_typer(norms.app, name="norms")
app.add_typer(retention.app, name="retention")
app.add_typer(engine.app, name="engine")
app.command("doctor", epilog=doctor.EPILOG)(doctor.doctor)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code.

    Args:
        arguments: without the program's name; the process's own by default.
    """
    global _debug
    _debug = False
    words = list(sys.argv[1:] if arguments is None else arguments)
    if strange := _not_text(words):
        typer.echo(
            f"error: {strange} is not valid UTF-8. Give it in UTF-8: rename the file, or set "
            "the terminal's encoding.",
            err=True,
        )
        return WRONG
    try:
        app(args=words, prog_name="scrim")
    except SystemExit as end:  # Typer ends this way also when all is well
        if isinstance(end.__context__, typer.Abort):
            return _unanswered(end.__context__)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except ScrimError as error:
        _trace()
        typer.echo(f"error: {_one_line(str(error))}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the process's boundary: nobody else reports it
        _trace()
        if (known := _of_the_machine(error)) is not None:
            typer.echo(f"error: {_one_line(str(known))}", err=True)
            return known.exit_code
        what = _one_line(f"{type(error).__name__}: {error}")
        typer.echo(
            f"error: unexpected {what}. This is a fault in Scrim: run it again with "
            "`scrim --debug ...` and report what it prints (CONTRIBUTING.md says where).",
            err=True,
        )
        return UNEXPECTED
    return 0


def main() -> None:
    """The entry point of the installed command."""
    # `redact`, `camera test` and `up --camera` decode pictures, and `up` holds the ledger's key
    harden(die_with_parent=False)
    if isinstance(sys.stdout, TextIOWrapper):
        # a letter that the terminal's encoding lacks is shown as its number
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run())


def _not_text(words: Sequence[str]) -> str:
    """What of the arguments, or of Scrim's part of the environment, no text can hold."""
    said = [(f"The argument {word!r}", word) for word in words]
    said += [(name, value) for name, value in os.environ.items() if name.startswith("SCRIM_")]
    for what, value in said:
        try:
            value.encode()
        except UnicodeEncodeError:
            return what.encode("ascii", "backslashreplace").decode()
    return ""


def _of_the_machine(error: Exception) -> ScrimError | None:
    """A place that cannot be used, or a disk that is full, that no command foresaw."""
    if not isinstance(error, OSError):
        return None
    if error.errno in _FULL:
        return StoreFull(
            f"There is no room left{_at(error)}: {error.strerror}.",
            "Free some space, then do it again.",
        )
    if error.errno in _PLACE and error.filename is not None:
        return StoreError(
            f"A file or folder cannot be used{_at(error)}: {error.strerror}.",
            "Check the path, its permissions and the disk.",
        )
    return None


def _at(error: OSError) -> str:
    return "" if error.filename is None else f" at {str(error.filename)[:200]!r}"


def _unanswered(abort: typer.Abort) -> int:
    """The exit code of a question without an answer; of one that was answered no, it is 1."""
    if isinstance(abort.__context__, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(abort.__context__, EOFError):
        typer.echo(
            "error: Something was asked, and nobody answered. Run it in a terminal, or say it by "
            "an option (--help has them).",
            err=True,
        )
        return WRONG
    return 1


def _trace() -> None:
    if _debug:
        traceback.print_exc()


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
