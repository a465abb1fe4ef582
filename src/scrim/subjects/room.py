"""What every act on a request works with, and how its entries are written.

Rules:

1. Entry and row are one transaction (invariant 5).
2. In an entry a request, what was written and who acted are commitments; when and where the
   person was is not in the ledger at all (invariant 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from scrim.canonical import Json
from scrim.clock import Clock
from scrim.ledger import Act, Entry, Ledger
from scrim.norms.pack import Pack
from scrim.settings import SubjectSettings
from scrim.store import holds
from scrim.subjects.file import Person, RequestFile
from scrim.subjects.terms import Packs

PRIVACY_OFFICER = "privacy-officer"
CLOCK = "supervisor"
"""Who acts when nobody does."""

HOLD_REASON = "subject-request"


@dataclass(frozen=True, slots=True)
class Room:
    """The deployment, as requests see it.

    Attributes:
        clock: what decides about deadlines.
        erasing_clock: by which what names somebody is erased; it may refuse.
    """

    engine: Engine
    ledger: Ledger
    clock: Clock
    packs: Packs
    settings: SubjectSettings
    erasing_clock: Clock

    def packs_of(self, connection: Connection, cameras: Iterable[str]) -> list[Pack]:
        """The packs that any of the cameras is under, by id."""
        found: dict[str, Pack] = {}
        for camera in cameras:
            for pack in self.packs.under(connection, camera)[0]:
                found[pack.id] = pack
        return [found[id_] for id_ in sorted(found)]

    def write(
        self,
        connection: Connection,
        file: RequestFile,
        person: Person,
        act: Act,
        at_us: int,
        *,
        who: str,
        facts: Mapping[str, Json] | None = None,
    ) -> int:
        """One entry of a request, within the caller's transaction; where it stands.

        Raises:
            LedgerUnavailable: it was not written, so nothing is done.
        """
        entry = Entry(
            act=act,
            at_us=at_us,
            who=who,
            authority=file.term.rule,
            reason=f"subject-{file.kind}",
            facts={"subject": person.committed(file.id), **(facts or {})},
        )
        return self.ledger.append_in(connection, entry).index

    def hold(
        self,
        connection: Connection,
        file: RequestFile,
        person: Person,
        cameras: Iterable[str],
        since_us: int,
        until_us: int,
        at_us: int,
        *,
        who: str,
    ) -> None:
        """Hold an interval for a request, within the caller's transaction."""
        cameras = tuple(cameras)
        self.write(
            connection, file, person, Act.HELD, at_us, who=who, facts={"cameras": len(cameras)}
        )
        holds.place(
            connection,
            cameras,
            since_us,
            until_us,
            reason=HOLD_REASON,
            placed_by=who,
            now_us=at_us,
            request=file.id,
            review_us=file.due_us,
        )

    def release(
        self, connection: Connection, file: RequestFile, person: Person, at_us: int, *, who: str
    ) -> None:
        """Lift the holds of a request, within the caller's transaction."""
        held = [one for one in holds.of_request(connection, file.id) if one.lifted_us is None]
        if held:
            facts: dict[str, Json] = {"cameras": len({one.camera for one in held})}
            self.write(connection, file, person, Act.RELEASED, at_us, who=who, facts=facts)
            holds.lift_of_request(connection, file.id, at_us)
