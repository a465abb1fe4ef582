"""``scrim case export``: evidence of an opened case, that anybody can check."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.case import As, CaseName, Certificate, Server, connect
from scrim.cli.identity import load
from scrim.cli.known import Known, LedgerKey, checked, remembered
from scrim.cli.terminal import tell
from scrim.errors import BundleBroken, CaseState

if TYPE_CHECKING:
    from scrim.opening.client import Client

EPILOG = (
    "[bold]After[/bold] scrim case open case-abcd2345 --native --out opened ...\n\n"
    "scrim case export case-abcd2345 --server https://cctv.example --as officer.txt "
    "--opened opened --credentials officer-7.pem --for 'Registrar' --organisation 'High Court' "
    "--why 'Ordered in ESCC 17/2026' "
    "--out case-abcd2345.zip"
)

_TRIES = 30


def export(
    case: CaseName,
    server: Server,
    identity: As,
    opened: Annotated[
        Path,
        typer.Option(
            "--opened", metavar="FOLDER", help="What `scrim case open --native` wrote, whole."
        ),
    ],
    credentials: Annotated[
        Path,
        typer.Option(
            "--credentials",
            envvar="SCRIM_CREDENTIALS",
            metavar="FILE",
            help="Your certificate for content credentials, from `scrim certificate`.",
        ),
    ],
    recipient: Annotated[
        str, typer.Option("--for", help="Who gets it. In the ledger it is a commitment.")
    ],
    organisation: Annotated[
        str, typer.Option("--organisation", help="For whom they stand; none for a private person.")
    ],
    why: Annotated[str, typer.Option("--why", help="Why they get it; in the ledger as above.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="BUNDLE", help="A new folder; one file if it ends in .zip."
        ),
    ],
    ledger_key: LedgerKey = None,
    known: Known = None,
    certificate: Certificate = None,
) -> None:
    """Bundle originals, papers, proofs and signed viewing copies.

    That it leaves is in the ledger before there is a bundle, and the bundle is
    verified before it gets its name. `scrim verify BUNDLE` does the same anywhere.
    """
    from scrim.clock import SystemClock
    from scrim.evidence.export import Officer
    from scrim.evidence.export import Server as Asked
    from scrim.evidence.export import export as make
    from scrim.evidence.opened import sets_in

    try:
        chain = credentials.read_bytes()
    except OSError as error:
        raise BundleBroken(
            f"{credentials} cannot be read: {error.strerror}.",
            "Ask the operator for `scrim certificate` of your id.",
        ) from error
    person = load(identity)
    officer = Officer(person.signer, chain)
    with connect(server, person, certificate) as here:
        package = checked(here.package(case), ledger_key, known)
        asked = Asked(
            lambda sha256, size: here.log_export(
                case, "bundle", sha256, size, recipient, organisation, why
            ),
            lambda: _record(here, case),
            remembered(package.request.deployment, known),
            lambda: [here.custodians(sha256) for sha256 in sets_in(_record(here, case), case)],
        )
        made = make(
            package.statement,
            package.statements,
            opened,
            officer,
            asked,
            out,
            SystemClock().now_us(),
            [one.to_bytes() for found in package.reshares.values() for one in found],
        )
    tell(f"{made}: checked, and all holds.")
    tell(f"Check it anywhere: scrim verify {made} --key ledger.pub --anchor c2pa-anchor.pem")


def _record(here: Client, case: str) -> bytes:
    """The record once a checkpoint signs the newest entry, which a server does every few seconds.

    Raises:
        CaseState: none does.
    """
    for _ in range(_TRIES):
        try:
            return here.record(case)
        except CaseState:
            time.sleep(1)
    return here.record(case)


def attach(cases: typer.Typer) -> None:
    """Add the command to ``scrim case``."""
    cases.command("export", epilog=EPILOG)(export)
