"""``scrim custodian requests|review|approve|refuse|send``: on the custodian's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from scrim.cli.case import As, CaseName, Certificate, connect
from scrim.cli.identity import TerminalAsker, load
from scrim.cli.known import Known, LedgerKey, checked
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.cli.times import shown
from scrim.errors import CaseError, CaseRefused, StoreError

if TYPE_CHECKING:
    from scrim.opening.package import Package
    from scrim.vault.custodian import Identity
    from scrim.vault.statement import Statement

Server: TypeAlias = Annotated[
    str | None,
    typer.Option("--server", envvar="SCRIM_ADDRESS", help="The server: https://host[:port]."),
]
PackageFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--package",
        metavar="FILE",
        help="The package as a file, on a machine without a network.",
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write the answer there; do not send it."),
]
Name: TypeAlias = Annotated[
    str | None,
    typer.Option("--id", help="Your id as registered; for a live request without --server."),
]
Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Do not ask for the case to be typed again.")
]
_NO_PLACE = "Give --server, or --package with --out on a machine without a network."


def requests(
    server: Annotated[
        str,
        typer.Option("--server", envvar="SCRIM_ADDRESS", help="The server: https://host[:port]."),
    ],
    identity: As,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Print the cases that wait for an answer."""
    with connect(server, load(identity), certificate) as here:
        found = [*here.cases("requested"), *here.cases("approved")]
    if as_json:
        tell_json([dict(one.details) for one in found])
    elif not found:
        note("Nothing waits for an answer.")
    else:
        rows = [
            [one.id, one.state, ", ".join(one.cameras), shown(one.since_us), shown(one.expires_us)]
            for one in found
        ]
        table(["CASE", "STATE", "CAMERAS", "FROM", "EXPIRES"], rows)


def review(
    case: CaseName,
    identity: As,
    server: Server = None,
    package: PackageFile = None,
    masked: Annotated[
        Path | None,
        typer.Option("--masked", metavar="FOLDER", help="Save the masked footage of it there."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Save the package, to carry it elsewhere."),
    ] = None,
    ledger_key: LedgerKey = None,
    known: Known = None,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Print a request as it was signed, in plain words, after all of it was checked.

    The thirty digits can be compared with the officer over the telephone.
    """
    from scrim.opening.words import describe

    own = load(identity)
    found = _package(case, own, server, package, certificate, ledger_key, known)
    if as_json:
        tell_json(dict(found.statement.body))
    else:
        for line in describe(found):
            tell(line)
    if save is not None:
        _save(save, found.data)
    if masked is not None:
        _masked(found, own, server, masked, certificate)


def approve(
    case: CaseName,
    identity: As,
    server: Server = None,
    package: PackageFile = None,
    out: Out = None,
    reason: Annotated[str, typer.Option("--reason", help="May be left out.")] = "",
    name: Name = None,
    yes: Yes = False,
    ledger_key: LedgerKey = None,
    known: Known = None,
    certificate: Certificate = None,
) -> None:
    """Open your part of each period here, seal it to the officer, sign, and send.

    Nothing that opens anything leaves this machine but sealed to the officer's key of
    this one case.
    """
    from scrim.clock import SystemClock
    from scrim.opening.answering import say_yes
    from scrim.opening.words import describe

    own = load(identity)
    _check_place(server, out)
    found = _package(case, own, server, package, certificate, ledger_key, known)
    name = name or _registered(found, own, server, certificate)
    if not yes:
        for line in describe(found):
            note(line)
        _ask_again(case, "approve")
    answer = say_yes(
        found, own, SystemClock().now_us(), name=name, reason=reason, asker=TerminalAsker()
    )
    _hand_in(case, answer, own, server, out, certificate)


def refuse(
    case: CaseName,
    identity: As,
    reason: Annotated[str, typer.Option("--reason", help="Why not; it goes into the register.")],
    server: Server = None,
    package: PackageFile = None,
    out: Out = None,
    name: Name = None,
    ledger_key: LedgerKey = None,
    known: Known = None,
    certificate: Certificate = None,
) -> None:
    """Refuse a request, with your reason."""
    from scrim.clock import SystemClock
    from scrim.opening.answering import say_no

    own = load(identity)
    _check_place(server, out)
    found = _package(case, own, server, package, certificate, ledger_key, known)
    name = name or _registered(found, own, server, certificate)
    answer = say_no(found, own, SystemClock().now_us(), reason, name=name)
    _hand_in(case, answer, own, server, out, certificate)


def send(
    answer: Annotated[Path, typer.Argument(metavar="ANSWER", help="The file with your answer.")],
    server: Annotated[
        str,
        typer.Option("--server", envvar="SCRIM_ADDRESS", help="The server: https://host[:port]."),
    ],
    identity: As,
    certificate: Certificate = None,
) -> None:
    """Send an answer that was made on a machine without a network.

    Your identity signs you in; sending the same answer again changes nothing.
    """
    from scrim.opening.answering import read_answer

    statement, given = read_answer(answer)
    with connect(server, load(identity), certificate) as here:
        done = here.answer(given.case, statement)
    tell(f"{done.id}: {done.state}")


def attach(custodians: typer.Typer) -> None:
    """Add the commands to ``scrim custodian``."""
    for command in (requests, review, approve, refuse, send):
        custodians.command()(command)


def _package(
    case: str,
    own: Identity,
    server: str | None,
    file: Path | None,
    certificate: Path | None,
    ledger_key: str | None,
    known: Path | None,
) -> Package:
    from scrim.opening.answering import read_file

    if file is not None:
        found = checked(read_file(file), ledger_key, known)
    elif server is not None:
        with connect(server, own, certificate) as here:
            found = checked(here.package(case), ledger_key, known, here.consistency)
    else:
        raise CaseError("There is nowhere to get the request from.", _NO_PLACE)
    if found.request.case != case:
        raise CaseRefused(
            f"The package is of {found.request.case}, not of {case}.",
            "Name the case that you mean, or take the package of it.",
            rule="the-case-asked-for",
        )
    return found


def _registered(
    found: Package, own: Identity, server: str | None, certificate: Path | None
) -> str | None:
    """Of a live case, under which id the server knows this key; its papers do not say."""
    if not found.request.is_live or server is None:
        return None
    with connect(server, own, certificate) as here:
        return here.sign_in().person


def _check_place(server: str | None, out: Path | None) -> None:
    if server is None and out is None:
        raise CaseError("There is nowhere to put the answer.", _NO_PLACE)


def _ask_again(case: str, what: str) -> None:
    typed = str(typer.prompt(f"To {what} it, type the case's name again", err=True))
    if typed.strip() != case:
        raise CaseRefused(
            "That is another name, so nothing was answered.",
            f"Type {case}, or leave it.",
            rule="the-case-asked-for",
        )


def _hand_in(
    case: str,
    answer: Statement,
    own: Identity,
    server: str | None,
    out: Path | None,
    certificate: Path | None,
) -> None:
    from scrim.opening.answering import write_answer

    if out is not None:
        write_answer(out, answer)
        tell(f"The answer is in {out}. Send it with: scrim custodian send {out} --server ...")
        return
    assert server is not None
    with connect(server, own, certificate) as here:
        done = here.answer(case, answer)
    tell(f"{done.id}: {done.state}")


def _masked(
    found: Package, own: Identity, server: str | None, folder: Path, certificate: Path | None
) -> None:
    from scrim.opening.connection import Connection
    from scrim.opening.masked import save_masked

    if server is None:
        raise CaseError("Masked footage comes from the server.", "Give --server too.")
    connection = Connection(server, own.signer, certificate=certificate)
    try:
        for path in save_masked(connection, found.request, folder):
            note(f"Masked footage: {path}")
    finally:
        connection.close()


def _save(path: Path, data: bytes) -> None:
    from scrim.store.files import write_once

    try:
        write_once(path, data, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}.", "Give another name with --save."
        ) from None
