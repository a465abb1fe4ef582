"""What every act on a case works with, and how a case's entries are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine, insert

from scrim.canonical import Json
from scrim.cases.case import ACTS, State, check_follows
from scrim.cases.file import CaseFile, find, places, step
from scrim.cases.purposes import PacksOver, no_packs
from scrim.clock import Clock
from scrim.errors import CaseState
from scrim.ledger import Act, Entry, Ledger
from scrim.settings import Settings
from scrim.store.objects import ObjectStore
from scrim.store.schema import case_entry

SUPERVISOR: Final = "supervisor"
RETENTION: Final = "retention"
"""Who acts when nobody does: the clock."""

PURPOSE_KNOWN: Final = "purpose-known"
"""Id of the rule by which a purpose is none; the first that is asked."""

_MOST_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Room:
    """The deployment, as the cases see it."""

    engine: Engine
    ledger: Ledger
    objects: ObjectStore
    clock: Clock
    settings: Settings
    packs: PacksOver = no_packs
    set_entries: dict[str, int] = field(default_factory=dict, repr=False)
    _places: dict[str, frozenset[tuple[str, int, int]]] = field(default_factory=dict, repr=False)

    def places(self, connection: Connection, case: str) -> frozenset[tuple[str, int, int]]:
        """Camera, epoch and period of every period of a case, kept once read."""
        if case not in self._places:
            while len(self._places) >= _MOST_KEPT:
                self._places.pop(next(iter(self._places)), None)
            self._places[case] = places(connection, case)
        return self._places[case]

    def write(
        self,
        connection: Connection,
        file: CaseFile,
        act: Act,
        at_us: int,
        *,
        who: str,
        facts: Mapping[str, Json] | None = None,
        camera: str | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> int:
        """One entry of a case, within the caller's transaction; where it stands.

        Args:
            connection: of a writing transaction.
            file: the case.
            act: what is done.
            at_us: when.
            who: ``supervisor``, ``retention``, or a person's id, which is committed to.
            facts: beside ``case`` and ``request``.
            camera: where one is concerned, with its interval.
            since_us: its beginning.
            until_us: its end.

        Raises:
            LedgerUnavailable: it was not written, so nothing is done.
        """
        known: dict[str, Json] = {"case": file.commitment}
        if file.request_sha256 is not None:
            known["request"] = file.request_sha256
        entry = Entry(
            act=act,
            at_us=at_us,
            who=who if who in (SUPERVISOR, RETENTION) else file.committed(who),
            authority=str(file.body["authority"]["kind"]),
            reason=_purpose(file) or "no-known-purpose",
            camera=camera,
            since_us=since_us,
            until_us=until_us,
            facts={**known, **(facts or {})},
        )
        index = self.ledger.append_in(connection, entry).index
        connection.execute(insert(case_entry).values(case=file.id, entry=index))
        return index

    def enter(
        self,
        connection: Connection,
        file: CaseFile,
        at_us: int,
        *,
        who: str,
        facts: Mapping[str, Json] | None = None,
    ) -> None:
        """The entry that a case is in the state that its file says."""
        authority = file.body["authority"]
        self.write(
            connection,
            file,
            ACTS[file.state],
            at_us,
            who=who,
            facts={
                "kind": file.kind,
                "purpose": _purpose(file),
                "authority-kind": authority["kind"],
                "authority-document": authority["document_sha256"],
                "cameras": len(file.cameras),
                "periods": sum(len(lock.documents) for lock in file.locks),
                "expires": file.expires_us,
                **(facts or {}),
            },
        )

    def move(
        self,
        connection: Connection,
        file: CaseFile,
        then: State,
        at_us: int,
        *,
        who: str,
        facts: Mapping[str, Json] | None = None,
        **values: object,
    ) -> CaseFile:
        """Entry first, then the state and whatever else changes with it.

        Raises:
            CaseState: it cannot follow, or the case is not in the file's state any more.
            LedgerUnavailable: nothing is done.
        """
        check_follows(file.state, then)
        moved = file.with_(state=then, **values)
        self.enter(connection, moved, at_us, who=who, facts=facts)
        if not step(connection, file, then, **values):
            check_follows(find(connection, file.id).state, then)
            raise CaseState("This case has changed meanwhile.", "Look at it again.")
        return moved


def _purpose(file: CaseFile) -> str:
    """The case's purpose; nothing where nobody knows it, since that is somebody's free text."""
    return "" if file.rule == PURPOSE_KNOWN else str(file.body["purpose"])
