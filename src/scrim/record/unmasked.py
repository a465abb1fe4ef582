"""What was sealed and never masked, said as gaps of the masked side.

Masking comes after sealing, so a recorder that stops or dies may leave sealed segments that the
masked side will never have.  Both say the rest by this one rule: a recorder that stops before
it says that it stopped, and for one that died the camera's next start.

Rules:

- Looked at are the stored sealed segments after the last stored masked one.
- Of each is said what no gap of the masked side accounts for yet; so saying it again says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, Engine, func, or_, select

from scrim.camera.packet import Gap, GapCause
from scrim.clock import SECOND
from scrim.record.gaps import Gaps
from scrim.store import erased, schema
from scrim.store.database import reading

_DETAIL = "sealed, but not masked yet"
_CONTIGUOUS_US = SECOND  # a segment ends with its last picture's own length, known or not

Span: TypeAlias = tuple[int, int]


class Unmasked:
    """Finds it for any camera, and writes it down."""

    def __init__(self, engine: Engine, gaps: Gaps) -> None:
        self._engine = engine
        self._gaps = gaps

    def say(self, camera: str, epoch: int) -> None:
        """Write the gaps that are missing; to be called when nobody masks any more.

        Raises:
            LedgerUnavailable, StoreError: not all of it could be written; call it again.
        """
        with reading(self._engine) as connection:
            sealed = _sealed_alone(connection, camera)
            told = _told(connection, camera, sealed[0][0]) if sealed else []
        for since_us, until_us in _untold(sealed, told):
            gap = Gap(since_us, until_us, GapCause.RECORDER_STOPPED, _DETAIL)
            self._gaps.write(camera, epoch, "masked", gap)


def _sealed_alone(connection: Connection, camera: str) -> list[Span]:
    """Stretches of sealed segments after the last masked one, in order."""
    table = schema.segment
    stored = (table.c.camera == camera) & (table.c.state == "stored")
    last = select(func.max(table.c.segment)).where(stored, table.c.side == "masked")
    masked = connection.execute(last).scalar()
    erased_us = erased.until(connection, camera, "masked") or 0
    rows = connection.execute(
        select(table.c.start_us, table.c.end_us)
        .where(stored, table.c.side == "sealed")
        .where(table.c.segment > (-1 if masked is None else masked))
        .where(table.c.end_us > erased_us)
        .order_by(table.c.start_us)
    )
    out: list[Span] = []
    for start_us, end_us in rows:
        since_us = max(start_us, erased_us)
        if out and since_us - out[-1][1] < _CONTIGUOUS_US:
            out[-1] = (out[-1][0], max(out[-1][1], end_us))
        else:
            out.append((since_us, end_us))
    return out


def _told(connection: Connection, camera: str, since_us: int) -> list[tuple[int, int | None]]:
    """Gaps of the masked side that end after ``since_us``, in order of their beginning."""
    table = schema.gap
    rows = connection.execute(
        select(table.c.since_us, table.c.until_us)
        .where(table.c.camera == camera)
        .where(table.c.side.in_(("masked", "both")))
        .where(or_(table.c.until_us.is_(None), table.c.until_us > since_us))
        .order_by(table.c.since_us)
    )
    return [(row.since_us, row.until_us) for row in rows]


def _untold(spans: Sequence[Span], told: Sequence[tuple[int, int | None]]) -> Iterator[Span]:
    """What of ``spans`` no gap accounts for."""
    for start_us, end_us in spans:
        reached = start_us
        for since_us, until_us in told:
            if since_us >= end_us:
                break
            if since_us > reached:
                yield reached, since_us
            reached = end_us if until_us is None else max(reached, until_us)
        if reached < end_us:
            yield reached, end_us
