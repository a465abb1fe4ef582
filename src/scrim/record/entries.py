"""How the recorder's acts stand in the ledger: who, under what, and why."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.ledger import Act, Entry, Ledger


class Entries:
    """Appends the recorder's entries, inside the transaction of what they are about."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def append(
        self,
        connection: Connection,
        act: Act,
        at_us: int,
        camera: str,
        epoch: int,
        facts: Mapping[str, Json],
        *,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> int:
        """One entry; where it stands.

        Raises:
            LedgerUnavailable: it was not written, so the transaction must not be either.
        """
        receipt = self._ledger.append_in(
            connection,
            Entry(
                act=act,
                at_us=at_us,
                who="recorder",
                authority="configuration",
                reason="operation",
                camera=camera,
                epoch=epoch,
                since_us=since_us,
                until_us=until_us,
                facts=facts,
            ),
        )
        return receipt.index
