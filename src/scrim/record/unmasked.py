"""What was sealed and never masked, said as gaps of the masked side.

Masking comes after sealing, so a recorder that stops or dies may leave sealed segments that the
masked side will never have.  Both say the rest by this one rule: a recorder that stops before
it says that it stopped, and for one that died the camera's next start.

Rules:

- Looked at are the stored sealed segments after the last stored masked one, and the rest of
  that one: a stop may have masked only a part of it.
- Of each is said what no gap of the masked side accounts for yet; so saying it again says nothing.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, Engine, func, select

from scrim.camera.packet import Gap, GapCause
from scrim.clock import SECOND
from scrim.record.gaps import Gaps, Span, untold
from scrim.store import erased, schema
from scrim.store.database import reading

_DETAIL = "sealed, but not masked yet"
_CONTIGUOUS_US = SECOND  # a segment ends with its last picture's own length, known or not


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
            missing = list(untold(connection, camera, "masked", sealed))
        for since_us, until_us in missing:
            gap = Gap(since_us, until_us, GapCause.RECORDER_STOPPED, _DETAIL)
            self._gaps.write(camera, epoch, "masked", gap)


def _sealed_alone(connection: Connection, camera: str) -> list[Span]:
    """Stretches of sealed segments after the end of the last masked one, in order."""
    table = schema.segment
    stored = (table.c.camera == camera) & (table.c.state == "stored")
    last = select(func.max(table.c.segment)).where(stored, table.c.side == "masked")
    masked = connection.execute(last).scalar()
    rest = None if masked is None else _rest(connection, camera, masked)
    erased_us = erased.until(connection, camera, "masked") or 0
    rows = connection.execute(
        select(table.c.start_us, table.c.end_us)
        .where(stored, table.c.side == "sealed")
        .where(table.c.segment > (-1 if masked is None else masked))
        .where(table.c.end_us > erased_us)
    )
    spans = [(row.start_us, row.end_us) for row in rows]
    if rest is not None and rest[1] > erased_us:
        spans.append(rest)
    out: list[Span] = []
    for start_us, end_us in sorted(spans):
        since_us = max(start_us, erased_us)
        if out and since_us - out[-1][1] < _CONTIGUOUS_US:
            out[-1] = (out[-1][0], max(out[-1][1], end_us))
        else:
            out.append((since_us, end_us))
    return out


def _rest(connection: Connection, camera: str, segment: int) -> Span | None:
    """What of a segment comes after the last picture that was masked, if there is more."""
    table = schema.segment
    rows = connection.execute(
        select(table.c.side, table.c.end_us, table.c.record)
        .where(table.c.camera == camera)
        .where(table.c.segment == segment)
        .where(table.c.state == "stored")
    )
    found = {row.side: (row.end_us, json.loads(row.record)) for row in rows}
    if len(found) < 2:
        return None
    (masked_us, masked), (sealed_us, sealed) = found["masked"], found["sealed"]
    # times alone do not tell: of a slow camera a picture's own length may be seconds
    accounted = masked.get("frames", 0) + masked.get("thinned", 0)
    whole = accounted >= sealed.get("packets", 0)
    if whole or sealed_us - masked_us < _CONTIGUOUS_US:
        return None
    return masked_us, sealed_us
