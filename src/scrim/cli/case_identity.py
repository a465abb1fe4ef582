"""``scrim case identity``: a key period's own identity, for stock ``age``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.case import DEFAULT_KEYS, CaseName, Keys, passphrase_of
from scrim.cli.known import Known, LedgerKey, checked
from scrim.cli.terminal import note, tell
from scrim.errors import CaseRefused, CaseState, PackageBroken, PartsTooFew

if TYPE_CHECKING:
    from scrim.opening.package import Package


def identity(
    case: CaseName,
    opened: Annotated[
        Path, typer.Option("--opened", metavar="FOLDER", help="What `scrim case open` wrote.")
    ],
    period: Annotated[
        str,
        typer.Option(
            "--period", metavar="CAMERA/EPOCH/PERIOD", help="Which key period: gate/1/12."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The new file. Never overwritten.")
    ],
    keys: Keys = DEFAULT_KEYS,
    ledger_key: LedgerKey = None,
    known: Known = None,
) -> None:
    """Write the identity that the custodians' parts make together, as age's own file.

    Nothing is asked of the server: all of it lies in what was opened, and the ledger has
    that you looked. After the case's expiry there is none. `age -d -i FILE SEGMENT.age` opens
    what was sealed in that period, with or without Scrim. Whoever has the file can, too:
    remove it when you are done.
    """
    from scrim.clock import SystemClock
    from scrim.opening.casekeys import CaseKeys
    from scrim.vault.custodian import Identity, write_identity
    from scrim.vault.receiving import open_periods

    package = checked(_kept(opened), ledger_key, known)
    request = package.request
    if request.case != case:
        raise CaseRefused(
            f"{opened} holds {request.case}, not {case}.", "Name the folder of this case."
        )
    names = {f"{ref.camera}/{ref.epoch}/{ref.period}": ref for ref in request.periods}
    if period not in names:
        raise CaseRefused(
            f"{case} does not open the period {period}.", f"It opens {', '.join(names)}."
        )
    _check_in_time(package, SystemClock().now_us())
    once = CaseKeys(keys).read(case, lambda: passphrase_of(case))
    for one in open_periods(
        request, package.statements, package.documents, once.secret, package.reshares
    ):
        if one.ref != names[period]:
            continue
        for fault in one.faults:
            note(f"left out: {fault}")
        if one.identity is None:
            raise PartsTooFew(
                f"{len(one.custodians)} of the {one.needed} parts needed are here and good.",
                "Ask more custodians, then open the case again.",
            )
        recipient = _recipient(one.identity)
        write_identity(out, Identity(recipient, one.identity))
        tell(f"Recipient    {recipient}")
        note(f"{out} opens all that was sealed in {period}. Remove it when you are done.")


def attach(cases: typer.Typer) -> None:
    """Add the command to ``scrim case``."""
    cases.command("identity")(identity)


def _check_in_time(package: Package, now_us: int) -> None:
    from scrim.clock import to_text
    from scrim.vault.handover import check_clock

    if now_us >= package.request.expires_us:
        raise CaseState(
            f"The case expired at {to_text(package.request.expires_us)}.",
            "Check this machine's clock; if it is right, file a new case.",
        )
    check_clock(now_us, package.requested_us)


def _kept(opened: Path) -> bytes:
    from scrim.opening.answering import read_file

    try:
        return read_file(opened / "package.json")
    except PackageBroken as error:
        raise PackageBroken(
            f"{opened} holds no opened case: {error.message}",
            "Give the folder that `scrim case open --out` wrote.",
        ) from None


def _recipient(identity: str) -> str:
    from scrim.vault import agekeys

    return agekeys.recipient_of(agekeys.secret_of(identity))
