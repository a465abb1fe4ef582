"""Packages at the terminal: from a server or a file, checked against a ledger that is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from scrim.cli.ledger_key import ledger_key
from scrim.cli.terminal import note
from scrim.errors import LedgerBroken

if TYPE_CHECKING:
    from scrim.ledger import VerifierKey
    from scrim.ledger.checkpoint import Checkpoint
    from scrim.opening.package import Package
    from scrim.opening.trust import Consistency

LedgerKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ledger-key",
        metavar="KEY|FILE",
        help="The ledger's key as the operator published it. Needed the first time only.",
    ),
]
Known: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--known",
        envvar="SCRIM_KNOWN",
        metavar="FOLDER",
        help="Where this machine remembers ledgers. By default in your own settings.",
        show_default=False,
    ),
]


def checked(
    data: bytes, key: str | None, known: Path | None, consistency: Consistency | None = None
) -> Package:
    """The package in ``data``, if all of it holds.

    Args:
        data: as it came.
        key: the ledger's, or the file that holds it; needed the first time.
        known: where ledgers are remembered.
        consistency: asks the server for proofs, where there is one.

    Raises:
        PackageBroken: it does not.
        LedgerBroken: the ledger is not known here, or not the one that is.
    """
    from scrim.opening.package import Package

    return Package.parse(data, seeing(key, known, consistency))


def seeing(
    key: str | None, known: Path | None, consistency: Consistency | None = None
) -> Callable[[str], Checkpoint]:
    """What checks a signed note against the ledgers that this machine remembers.

    Arguments and errors are those of :func:`checked`.
    """
    from scrim.opening.trust import Trust

    trust = Trust(known or Path(typer.get_app_dir("scrim")) / "ledgers")
    given = None if key is None else ledger_key(key)

    def see(text: str) -> Checkpoint:
        seen = trust.see(text, given, consistency)
        if seen.first:
            note(f"The ledger {seen.checkpoint.origin} is new here; its key is remembered.")
        if not seen.continued:
            note("No server was asked whether this ledger continues the one seen before.")
        return seen.checkpoint

    return see


def remembered(origin: str, known: Path | None) -> VerifierKey:
    """The key of a ledger that :func:`checked` has seen here.

    Raises:
        LedgerBroken: it was never seen.
    """
    from scrim.opening.trust import Trust

    key = Trust(known or Path(typer.get_app_dir("scrim")) / "ledgers").key(origin)
    if key is None:
        raise LedgerBroken(
            f"The ledger {origin} is not known on this machine.", "Give its key with --ledger-key."
        )
    return key
