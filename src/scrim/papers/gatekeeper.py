"""The gate of the running system: what it says is written down before it takes effect.

Rules (invariants 5, 9 and 10):

1. Whoever starts recorders asks :meth:`Gatekeeper.settle` first, and starts none for a
   camera that is withheld.  What it says is in the ledger and in the table ``gate`` by then.
2. A camera that is withheld has a gap of a cause of its own (``papers-missing``) from the
   moment that its recorder stopped until it is admitted.
3. A paper that ended does not come back because somebody sets the clock: the gate's time
   never goes back, and begins no earlier than the ledger's last entry.
4. Warnings of an end are in the ledger once.
5. Where there are no packs nothing is asked, and nothing is written.
6. Of thousands of cameras not all is written at once: what is left is gone on with at the
   next call.  Until it is written a camera that may not record is withheld all the same, and
   one that may again is not admitted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.clock import Clock, OnwardClock
from scrim.errors import ScrimError
from scrim.ledger import Act, Entry, Ledger
from scrim.papers.applied import Applied
from scrim.papers.gate import Ruled, Verdict, judge
from scrim.papers.register import papers_in
from scrim.papers.sound import why_silent
from scrim.papers.standing import applications, standings
from scrim.store import schema
from scrim.store.database import reading
from scrim.store.schema import gate as table

CAUSE: Final = "papers-missing"
_STOPPED: Final = "recorder-stopped"
WHO: Final = "supervisor"
BATCH: Final = 250
"""Cameras in one transaction, so that recorders get their turn."""
_LONGEST_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Settled:
    """What the gate says now.

    Attributes:
        withheld: cameras that may not record.
        news: what changed, a line each, for people.
        sound: cameras whose sound may be recorded.
        judged: all cameras were judged in this call, and not in one before.
        more: not all of what changed is written; the next call goes on.
    """

    withheld: frozenset[str] = frozenset()
    news: tuple[str, ...] = ()
    judged: bool = True
    more: bool = False
    sound: frozenset[str] = frozenset()


class Gatekeeper:
    """Judges the cameras of one deployment and writes down what it says."""

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        applied: Applied,
        *,
        longest_s: float = _LONGEST_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._applied = applied
        self._longest_s = longest_s
        self._monotonic = monotonic
        self._verdicts: Mapping[str, Verdict] = {}
        self._sound: frozenset[str] = frozenset()
        self._unwritten: list[str] = []
        self._not_admitted: frozenset[str] = frozenset()
        self._clock = OnwardClock(clock)
        size = ledger.size()
        for _, body in ledger.entries(max(0, size - 1), size):
            self._clock.not_before(Entry.parse(body).at_us)

    def judge(self) -> dict[str, Verdict]:
        """What the gate would say of each camera now; writes nothing.

        Raises:
            PackInvalid: a pack that is applied is not there or not right.
        """
        with reading(self._engine) as connection:
            return self._judge(connection, self._clock.now_us())

    def settle(self) -> Settled:
        """Judge, and write down what changed, or go on with that.

        Raises:
            PackInvalid: a pack that is applied is not there or not right; nothing changes.
            LedgerUnavailable: it could not be written down, so it does not change.
        """
        until = self._monotonic() + self._longest_s
        judged = not self._unwritten
        if judged:
            with reading(self._engine) as connection:
                rows = _rows(connection)
                if not rows and not applications(connection):
                    return Settled()
                now = self._clock.now_us()
                self._verdicts = self._judge(connection, now)
                self._sound = self._heard(connection, now)
            self._unwritten = self._changes(self._verdicts, rows)
            self._not_admitted = frozenset(
                camera for camera, row in rows.items() if not row.may_record
            )
        news: list[str] = []
        while self._unwritten:
            batch = self._unwritten[:BATCH]
            try:
                news += self._write_all(batch)
            except ScrimError:
                self._unwritten = []  # judged anew: who knows how long this lasts
                raise
            del self._unwritten[:BATCH]
            if self._monotonic() >= until:
                break
        withheld = _withheld(self._verdicts) | self._not_admitted.intersection(self._unwritten)
        more = bool(self._unwritten)
        return Settled(withheld, tuple(news), judged, more, sound=self._sound)

    def silent(self) -> dict[str, str]:
        """Why sound is not recorded, by camera that asks for it; empty where it is.

        Raises:
            PackInvalid: a pack that is applied is not there or not right.
        """
        with reading(self._engine) as connection:
            return self._silent(connection, self._clock.now_us())

    def _heard(self, connection: Connection, now: int) -> frozenset[str]:
        found = self._silent(connection, now)
        return frozenset(camera for camera, why in found.items() if not why)

    def _silent(self, connection: Connection, now: int) -> dict[str, str]:
        asked = [one for one in standings(connection, with_first=False) if one.sound]
        if not asked:
            return {}
        packs = self._applied.of_cameras(connection, asked)
        papers = papers_in(connection)
        return {one.camera: why_silent(one, packs[one.camera], papers, now) for one in asked}

    def _write_all(self, cameras: Sequence[str]) -> list[str]:
        news: list[str] = []
        with in_ledger(self._engine) as connection:
            now = self._clock.now_us()
            rows = _rows(connection, table.c.camera.in_(cameras))
            for camera in cameras:
                verdict = self._verdicts.get(camera)
                news += self._write(connection, verdict, rows.get(camera), camera, now)
        return news

    def open_gaps(self) -> None:
        """Write down since when withheld cameras do not record, once their recorders are gone.

        Of thousands not all at once; the next call goes on.

        Raises:
            LedgerUnavailable: it could not be written down; tried again at the next call.
        """
        without = (table.c.may_record == 0) & table.c.gap.is_(None)
        until = self._monotonic() + self._longest_s
        while True:
            with reading(self._engine) as connection:
                found = select(table.c.camera).where(without).limit(BATCH)
                cameras = list(connection.execute(found).scalars())
            if not cameras:
                return
            with in_ledger(self._engine) as connection:
                rows = _rows(connection, table.c.camera.in_(cameras))
                for row in rows.values():
                    gap = self._open_gap(connection, row)
                    connection.execute(
                        update(table).where(table.c.camera == row.camera).values(gap=gap)
                    )
            if self._monotonic() >= until:
                return

    def _judge(self, connection: Connection, now: int) -> dict[str, Verdict]:
        found = standings(connection)
        packs = self._applied.of_cameras(connection, found)
        papers = papers_in(connection) if any(packs.values()) else ()
        return {one.camera: judge(one, packs[one.camera], papers, now) for one in found}

    def _changes(self, verdicts: Mapping[str, Verdict], rows: Mapping[str, Any]) -> list[str]:
        changed = [camera for camera in rows if camera not in verdicts]
        for camera, verdict in verdicts.items():
            said = canonical(verdict.document()).decode()
            row = rows.get(camera)
            if row is None:
                if verdict.waits or verdict.warnings:
                    changed.append(camera)
            elif row.said != said:
                changed.append(camera)
        return sorted(changed)

    def _write(
        self, connection: Connection, verdict: Verdict | None, row: Any, camera: str, now: int
    ) -> list[str]:
        verdict = verdict or Verdict(camera)  # removed: nothing is withheld any more
        before = {"waits": [], "warnings": []} if row is None else json.loads(row.said)
        news = self._say(connection, verdict, before, now)
        if row is not None and row.gap is not None and verdict.may_record:
            self._close_gap(connection, row.gap, now)
        if not verdict.waits and not verdict.warnings:
            connection.execute(delete(table).where(table.c.camera == camera))
            return news
        goes_on = row is not None and bool(row.may_record) == verdict.may_record
        values = {
            "may_record": int(verdict.may_record),
            "since_us": row.since_us if goes_on else now,
            "said": canonical(verdict.document()).decode(),
            "gap": row.gap if goes_on else None,
        }
        if row is None:
            connection.execute(insert(table).values(camera=camera, **values))
        else:
            connection.execute(update(table).where(table.c.camera == camera).values(**values))
        return news

    def _say(
        self, connection: Connection, verdict: Verdict, before: Mapping[str, Any], now: int
    ) -> list[str]:
        news = []
        camera = verdict.camera
        if verdict.waits and [one.document() for one in verdict.waits] != before["waits"]:
            facts: dict[str, Json] = {"waits": [_word(one) for one in verdict.waits]}
            reason = f"paper-{verdict.waits[0].why}"
            self._enter(connection, Act.CAMERA_WITHHELD, camera, now, reason, facts)
            news.append(f"{camera}: does not record: {_texts(verdict.waits)}")
        elif before["waits"] and not verdict.waits:
            self._enter(connection, Act.CAMERA_ADMITTED, camera, now, "papers-on-record", {})
            news.append(f"{camera}: may record")
        for one in verdict.warnings:
            if one.document() not in before["warnings"]:
                facts = {"waits": [_word(one)], "ends": one.ends_us}
                self._enter(connection, Act.PAPER_EXPIRING, camera, now, f"paper-{one.why}", facts)
                news.append(f"{camera}: {one.text()}")
        return news

    def _open_gap(self, connection: Connection, row: Any) -> int:
        cameras, segments, gaps = schema.camera, schema.segment, schema.gap
        alive = connection.execute(
            select(func.coalesce(cameras.c.alive_us, 0)).where(cameras.c.id == row.camera)
        ).scalar_one_or_none()
        stored = connection.execute(
            select(func.coalesce(func.max(segments.c.end_us), 0)).where(
                segments.c.camera == row.camera, segments.c.side == "sealed"
            )
        ).scalar_one()
        open_ones = connection.execute(
            select(gaps.c.id).where(gaps.c.camera == row.camera, gaps.c.until_us.is_(None))
        ).scalars()
        for one in open_ones.all():  # left by a recorder that was killed
            self._close_gap(connection, one, max(alive or 0, stored))
        told = connection.execute(
            select(func.coalesce(func.max(gaps.c.until_us), 0)).where(
                gaps.c.camera == row.camera, gaps.c.side == "both"
            )
        ).scalar_one()
        since = max(stored, told)
        if (alive or 0) < row.since_us:  # no recorder ran when it was withheld
            if 0 < since < row.since_us:
                stopped = self._insert_gap(connection, row.camera, since, _STOPPED, "")
                self._close_gap(connection, stopped, row.since_us)
            since = max(since, row.since_us)
        since = since or row.since_us
        waits = json.loads(row.said)["waits"]
        rules = ", ".join(f"{one['paper'] or 'place'} ({one['rule']})" for one in waits)
        return self._insert_gap(connection, row.camera, since, CAUSE, rules[:500])

    def _insert_gap(
        self, connection: Connection, camera: str, since: int, cause: str, detail: str
    ) -> int:
        row = connection.execute(
            insert(schema.gap)
            .values(camera=camera, side="both", since_us=since, cause=cause, detail=detail)
            .returning(schema.gap.c.id)
        ).scalar_one()
        facts: dict[str, Json] = {"cause": cause, "side": "both"}
        self._enter(connection, Act.GAP, camera, since, "operation", facts, since_us=since)
        return int(row)

    def _close_gap(self, connection: Connection, gap: int, until: int) -> None:
        row = connection.execute(select(schema.gap).where(schema.gap.c.id == gap)).one()
        if row.until_us is not None:
            return
        until = max(until, row.since_us)
        connection.execute(update(schema.gap).where(schema.gap.c.id == gap).values(until_us=until))
        facts: dict[str, Json] = {"cause": row.cause, "side": row.side}
        self._enter(
            connection,
            Act.GAP,
            row.camera,
            until,
            "operation",
            facts,
            since_us=row.since_us,
            until_us=until,
        )

    def _enter(
        self,
        connection: Connection,
        act: Act,
        camera: str,
        at_us: int,
        reason: str,
        facts: Mapping[str, Json],
        *,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> None:
        self._ledger.append_in(
            connection,
            Entry(
                act=act,
                at_us=at_us,
                who=WHO,
                authority="configuration",
                reason=reason,
                camera=camera,
                since_us=since_us,
                until_us=until_us,
                facts=facts,
            ),
        )


def gates(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the gate last said, by camera: ``may_record``, ``since_us``, ``waits``, ``warnings``."""
    return {
        camera: {
            "may_record": bool(row.may_record),
            "since_us": row.since_us,
            **json.loads(row.said),
        }
        for camera, row in _rows(connection).items()
    }


def _rows(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, Any]:
    return {row.camera: row for row in connection.execute(select(table).where(*conditions))}


def _withheld(verdicts: Mapping[str, Verdict]) -> frozenset[str]:
    return frozenset(camera for camera, verdict in verdicts.items() if not verdict.may_record)


def _word(one: Ruled) -> str:
    """How an entry says it: ``hk-05:sign:expired``."""
    paper = f"{one.paper}-{one.filing}" if one.filing else one.paper
    return f"{one.rule.id}:{paper}:{one.why}"


def _texts(waits: Sequence[Ruled]) -> str:
    return "; ".join(one.text() for one in waits)
