"""The heads of all segment chains of a machine, together in one ledger entry.

Until a period closes, only its chain says what was recorded.  Every few seconds
the heads that moved go into the ledger, so that nothing recorded can be dropped
or changed afterwards without that entry standing against it.  One entry serves
all cameras of a machine: what 15,000 cameras cost a node is one entry and not
thousands.

The facts of an entry::

    {"count": 2,
     "heads": ["gate:3:0:17:9f2c...", "yard:1:4:2:77ab..."],    camera:epoch:period:length:head
     "sha256": SHA-256 of the canonical form of that list}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, tuple_

from scrim.canonical import Json, digest
from scrim.clock import Clock
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import reading
from scrim.store.schema import camera, period

WHO: Final = "supervisor"
_MOST: Final = 256  # heads in one entry, whose size the ledger limits

_KEY: Final = tuple_(period.c.epoch, period.c.period)
_Period = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Head:
    key: _Period
    length: int
    head: str
    closed: bool

    def text(self) -> str:
        name, epoch, number = self.key
        return f"{name}:{epoch}:{number}:{self.length}:{self.head}"


class Heads:
    """Publishes the heads that changed since the last time.

    After a start nothing counts as published, so the heads of all open periods go
    in once.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._since: dict[str, tuple[int, int]] = {}  # per camera: its oldest open period
        self._published: dict[_Period, int] = {}  # length of the chain when last published

    def publish(self) -> int:
        """Write one entry if any head changed; returns how many heads are in it.

        Raises:
            LedgerUnavailable: the entry could not be written; the same heads are
                tried again at the next call.
            StoreError: the database cannot be read.
        """
        with reading(self._engine) as connection:
            rows = self._look(connection)
        changed = [row for row in rows if row.length != self._published.get(row.key, 0)]
        if not changed:
            return 0
        for start in range(0, len(changed), _MOST):
            self._append([row.text() for row in changed[start : start + _MOST]])
        self._remember(rows)
        return len(changed)

    def _append(self, heads: list[str]) -> None:
        self._ledger.append(
            Entry(
                act=Act.HEADS,
                at_us=self._clock.now_us(),
                who=WHO,
                authority="configuration",
                reason="operation",
                facts=facts(heads),
            )
        )

    def _look(self, connection: Connection) -> list[_Head]:
        # Along the primary key, camera by camera, from the oldest period that was
        # open: what this costs does not grow with the recordings.
        wanted: list[ColumnElement[bool]] = []
        for name in connection.execute(select(camera.c.id)).scalars():
            if name not in self._since:
                self._since[name] = self._start(connection, name)
            wanted.append(and_(period.c.camera == name, tuple_(*self._since[name]) <= _KEY))
        if not wanted:
            return []
        rows = connection.execute(
            select(period).where(or_(*wanted)).order_by(*period.primary_key.columns)
        )
        return [
            _Head(
                (row.camera, row.epoch, row.period),
                row.chain_length,
                row.chain_head,
                row.closed_us is not None,
            )
            for row in rows
        ]

    def _start(self, connection: Connection, name: str) -> tuple[int, int]:
        mine = select(period.c.epoch, period.c.period, period.c.chain_length)
        mine = mine.where(period.c.camera == name)
        first = connection.execute(
            mine.where(period.c.closed_us.is_(None)).order_by(period.c.epoch, period.c.period)
        ).first()
        if first is not None:
            return first.epoch, first.period
        last = connection.execute(
            mine.order_by(period.c.epoch.desc(), period.c.period.desc())
        ).first()
        if last is None:
            return 0, 0
        self._published[name, last.epoch, last.period] = last.chain_length  # by its closing entry
        return last.epoch, last.period

    def _remember(self, rows: list[_Head]) -> None:
        self._published = {row.key: row.length for row in rows}
        for row in reversed(rows):
            name, epoch, number = row.key
            # the newest period of a camera, then every older one that is still open
            if not row.closed or (epoch, number) >= self._since[name]:
                self._since[name] = (epoch, number)


def facts(heads: list[str]) -> Mapping[str, Json]:
    """The facts of an entry with these heads, each ``camera:epoch:period:length:head``."""
    return {"count": len(heads), "heads": heads, "sha256": digest(heads)}
