"""Filings: what has to be handed in to an authority, and until when.

Rules:

1. A filing opens by itself where a rule's clock starts: a camera records, a number of people
   is reached (:mod:`scrim.duties.required`).  It opens by hand where only people know of it,
   a change above all.
2. Draft, handed in, acknowledged: each with the document's SHA-256, in the ledger first.
   With what was handed in the paper that the gate asks for is on record, in one step.
3. What is late is written down once and can still be handed in.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import SECOND, Clock
from scrim.duties.filing import Filing, all_filings, duty, enter, find, mark_late, open_filing, see
from scrim.duties.filing import change as change_row
from scrim.duties.required import meter, open_of_cameras, reached_us
from scrim.errors import CameraUnknown, DutyRefused, DutyState
from scrim.ledger import Act, Ledger, commit
from scrim.norms.pack import Pack
from scrim.norms.pack import Paper as Kind
from scrim.papers.register import Draft, PaperRegister
from scrim.papers.sites import DEFAULT, site_in
from scrim.store.database import reading
from scrim.store.people_counted import Counted, counted
from scrim.store.schema import camera as cameras
from scrim.subjects.asked import check_text
from scrim.subjects.room import PRIVACY_OFFICER
from scrim.subjects.terms import Packs, terms

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_DRAFT: Final = 1_000_000
_ACTS: Final = {"filed": Act.FILING_FILED, "acknowledged": Act.FILING_ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class Tended:
    """What the clock did: filings opened, filings late, thresholds at 80 % and reached."""

    opened: tuple[str, ...]
    late: tuple[str, ...]
    near: tuple[str, ...]
    reached: tuple[str, ...]


class Filings:
    """The filings of one deployment.

    Args:
        engine: the database.
        ledger: that of the same database.
        clock: what decides about deadlines.
        packs: which packs a camera is under.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, packs: Packs) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._packs = packs

    def open(
        self,
        kind: str,
        required_us: int,
        *,
        camera: str | None = None,
        change: bool = False,
        who: str = PRIVACY_OFFICER,
    ) -> Filing:
        """Start the clock of a filing.

        Raises:
            DutyRefused: no rule in force asks for it, or what it is about is in the future.
            CameraUnknown: a camera that never was.
            LedgerUnavailable: it is not opened (in all that write).
        """
        now = self._clock.now_us()
        if not 0 <= required_us <= now:
            raise DutyRefused("A filing is about what has happened.", "Check the day.")
        with in_ledger(self._engine) as connection:
            if camera is not None:
                known = select(cameras.c.id).where(cameras.c.id == camera)
                if connection.execute(known).first() is None:
                    raise CameraUnknown(
                        f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`."
                    )
            wanted = duty(kind, change=change)
            packs = self._by_camera(connection, camera)
            found = [pack for pack in packs.values() if wanted in pack.deadlines]
            if not found:
                raise DutyRefused(
                    f"No rule in force asks for the filing {wanted.removeprefix('filing-')}.",
                    "See `scrim norms list`, or put the pack in force that asks for it.",
                )
            term = terms(found, wanted, required_us)[0]
            return open_filing(
                self._ledger, connection, kind, term, required_us, camera, change, now, who
            )

    def draft(self, filing: str, text: str, *, who: str = PRIVACY_OFFICER) -> Filing:
        """Keep a draft.

        Raises:
            DutyUnknown: there is no such filing (in all that follow).
            DutyState: it was handed in already.
        """
        if not text.strip() or len(text) > _LONGEST_DRAFT:
            raise DutyRefused("There is no draft, or a million letters of it.", "Give a text.")
        with in_ledger(self._engine) as connection:
            found = find(connection, filing)
            if found.state not in ("open", "drafted"):
                raise DutyState(f"The filing {filing} is {found.state}.", "Open one for a change.")
            now = see(self._clock, connection, found)
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            enter(
                self._ledger, connection, Act.FILING_DRAFTED, found, now, who, {"document": sha256}
            )
            change_row(
                connection,
                filing,
                state="drafted",
                draft=text,
                document_sha256=sha256,
                drafted_us=now,
            )
            return find(connection, filing)

    def filed(
        self,
        filing: str,
        document_sha256: str,
        reference: str,
        *,
        issued: str | None = None,
        expires: str | None = None,
        who: str = PRIVACY_OFFICER,
    ) -> Filing:
        """It was handed in; in the same transaction the paper that the gate asks for is on record.

        The paper is of the filing's camera, or of the deployment.  What says a change, or is about
        a camera that is gone, is no paper to record on.

        Args:
            filing: its id.
            document_sha256: of what was handed in.
            reference: what it is called at the authority.
            issued: the paper's first day, ``2026-11-22``; today where none is given.
            expires: its last day; without, it does not end by itself.
            who: acts.

        Raises:
            DutyRefused: no SHA-256, or no reference.
            DutyState: it was already.
            PaperRefused: the days cannot be so; nothing is done.
        """
        with in_ledger(self._engine) as connection:
            done = self._step_in(
                connection, filing, "filed", ("open", "drafted"), document_sha256, reference, who
            )
            if not done.change and _is_there(connection, done.camera):
                PaperRegister(self._engine, self._ledger, self._clock).add_in(
                    connection,
                    Draft(
                        Kind.FILING,
                        reference,
                        issued or self._today(connection, done.camera),
                        expires,
                        camera=done.camera,
                        document_sha256=document_sha256,
                        filing=done.kind,
                        by=who,
                    ),
                )
            return done

    def acknowledged(
        self, filing: str, document_sha256: str, reference: str, *, who: str = PRIVACY_OFFICER
    ) -> Filing:
        """The authority has acknowledged it.

        Raises:
            DutyRefused: no SHA-256, or no reference.
            DutyState: it was not handed in, or is acknowledged already.
        """
        with in_ledger(self._engine) as connection:
            return self._step_in(
                connection, filing, "acknowledged", ("filed",), document_sha256, reference, who
            )

    def get(self, filing: str) -> Filing:
        """A filing.

        Raises:
            DutyUnknown: there is none.
        """
        with reading(self._engine) as connection:
            return find(connection, filing)

    def list(self) -> tuple[Filing, ...]:
        """All filings, the first to be late first."""
        with reading(self._engine) as connection:
            return all_filings(connection)

    def people(self) -> Counted:
        """People whose faces are in sealed originals, of all cameras: an upper bound."""
        with reading(self._engine) as connection:
            return counted(connection)

    def reached_us(self) -> int | None:
        """Since when 100,000 people have been in sealed footage; ``None``: they never were."""
        with reading(self._engine) as connection:
            return reached_us(connection)

    def tend(self) -> Tended:
        """Open what has to be filed by now, warn, and write down what is late.

        Raises:
            LedgerUnavailable: the rest is done the next time.
        """
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            opened = open_of_cameras(connection, self._ledger, self._packs, now)
        with in_ledger(self._engine) as connection:
            metered = meter(connection, self._ledger, self._packs, now)
        late = []
        for one in self.list():
            waits = one.filed_us is None and one.overdue_us is None
            if waits and max(now, one.seen_us) >= one.due_us and self._mark_late(one.id):
                late.append(one.id)
        return Tended((*opened, *metered.opened), tuple(late), metered.near, metered.reached)

    def _mark_late(self, filing: str) -> bool:
        """Whether it was, and not meanwhile handed in."""
        with in_ledger(self._engine) as connection:
            found = find(connection, filing)
            if found.filed_us is not None or found.overdue_us is not None:
                return False
            mark_late(self._ledger, connection, found, see(self._clock, connection, found))
            return True

    def _today(self, connection: Connection, camera: str | None) -> str:
        """The day, where the paper holds."""
        query = select(cameras.c.site).where(cameras.c.id == camera)
        site = connection.execute(query).scalar() or DEFAULT
        zone = ZoneInfo(site_in(connection, site).zone)
        return datetime.fromtimestamp(self._clock.now_us() / SECOND, zone).date().isoformat()

    def _step_in(
        self,
        connection: Connection,
        filing: str,
        state: str,
        before: tuple[str, ...],
        document_sha256: str,
        reference: str,
        who: str,
    ) -> Filing:
        if _SHA256.fullmatch(document_sha256) is None:
            raise DutyRefused("That is no SHA-256.", "Give the document's file with --document.")
        check_text("reference", reference)
        found = find(connection, filing)
        if found.state not in before:
            raise DutyState(
                f"The filing {filing} is {found.state}, so it cannot be {state}.",
                "See `scrim filing list`.",
            )
        now = see(self._clock, connection, found)
        if state == "filed" and now >= found.due_us and found.overdue_us is None:
            mark_late(self._ledger, connection, found, now)
        facts: dict[str, Json] = {
            "document": document_sha256,
            "reference": commit(reference, found.salt)[0],
        }
        enter(self._ledger, connection, _ACTS[state], found, now, who, facts)
        change_row(
            connection,
            filing,
            state=state,
            document_sha256=document_sha256,
            reference=reference,
            **{f"{state}_us": now},
        )
        return find(connection, filing)

    def _by_camera(self, connection: Connection, camera: str | None) -> dict[str, Pack]:
        wanted = (
            [camera] if camera is not None else connection.execute(select(cameras.c.id)).scalars()
        )
        return {pack.id: pack for one in wanted for pack in self._packs.under(connection, one)[0]}


def _is_there(connection: Connection, camera: str | None) -> bool:
    query = select(cameras.c.id).where(cameras.c.id == camera, cameras.c.removed_us.is_(None))
    return camera is None or connection.execute(query).first() is not None
