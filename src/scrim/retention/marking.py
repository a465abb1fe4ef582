"""The first half of an erasure: it is in the ledger, and nothing of it is gone yet.

Rules (invariants 5 and 7):

1. What is due is looked for again inside the transaction that writes: a hold that was
   placed a moment ago is seen.
2. The entry, the rows' state ``erasing`` and the erased stretch of the timeline are one
   transaction.  From its commit on nobody is shown the segments any more.
3. With the last sealed segment of a period its key parts go, those dealt to further
   custodians too, and with the last of both sides its manifest; the entry says so.
4. The entry proves what went without saying what was in it: runs of segment numbers,
   each with the SHA-256 over the sorted hashes of its objects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, exists, or_, select, update

from scrim.canonical import Json
from scrim.clock import SECOND
from scrim.ledger import Act, Entry, Ledger
from scrim.ledger.erasure import Run, proof
from scrim.norms.limits import Limits
from scrim.retention.due import KEPT, due
from scrim.retention.limits import CameraLimits, SideName, due_us
from scrim.store import erased
from scrim.store.reshares import reshares_of_all
from scrim.store.schema import PARTS_LEFT, REST_LEFT
from scrim.store.schema import camera as cameras
from scrim.store.schema import period as periods
from scrim.store.schema import segment as segments

BATCH: Final = 1000
_RUNS: Final = 200  # in one entry, whose size the ledger limits
_PERIODS: Final = 200


@dataclass(frozen=True, slots=True)
class Marked:
    """What one entry says is to go.

    Attributes:
        segments, keys, manifests: how many.
        late_us: past its time, of the segment that waited longest; 0 of none.
        more: there may be more to mark.
    """

    segments: int
    keys: int
    manifests: int
    late_us: int
    more: bool


def mark(
    connection: Connection,
    ledger: Ledger,
    limits: CameraLimits,
    side: SideName,
    now_us: int,
    most: int = BATCH,
) -> Marked:
    """Log and mark one batch of one side of a camera, inside a writing transaction.

    Raises:
        LedgerUnavailable: it could not be written down, so nothing is marked.
    """
    camera = limits.camera
    in_force = limits.of(side)
    rows = due(connection, camera, side, in_force, now_us, most)
    runs = _runs(rows)[:_RUNS]
    taken = [row for run in runs for row in run]
    _set_erasing(connection, camera, side, taken)
    keys = _keys(connection, limits, now_us) if side == "sealed" else []
    for row in keys:  # before what is left of a period is looked for
        _set(connection, row, parts_state="erasing")
    rest = _rest(connection, limits, now_us)
    if not taken and not keys and not rest:
        return Marked(0, 0, 0, 0, more=False)
    records = {id(row): json.loads(row.record) for row in taken}
    handed_on = reshares_of_all(connection, camera, [(row.epoch, row.period) for row in keys])
    late_us = max((now_us - due_us(in_force, row.start_us, row.end_us) for row in taken), default=0)
    there = [row for row in taken if row.state != "lost"]
    entry = Entry(
        act=Act.ERASED,
        at_us=now_us,
        who="retention",
        authority=in_force.ceiling_by,
        reason="ceiling",
        camera=camera,
        since_us=min((row.start_us for row in taken), default=None),
        until_us=max((row.end_us for row in taken), default=None),
        facts={
            "side": side,
            "ceiling_s": in_force.ceiling,
            "floor_s": in_force.floor,
            "late_s": late_us // SECOND,
            "objects": len(there),
            "bytes": sum(records[id(row)]["size"] for row in there),
            "sha256": proof(record["sha256"] for record in records.values()),
            "runs": [_word(run, records) for run in runs],
            "keys": _words(keys),
            "reshares": len(handed_on),
            "reshares_sha256": proof(one.sha256 for one in handed_on),
            "manifests": _words(rest),
        },
    )
    receipt = ledger.append_in(connection, entry)
    erased.add(connection, camera, side, ((row.start_us, row.end_us) for row in there))
    for row in keys:
        _set(connection, row, parts_entry=receipt.index)
    for row in rest:
        _set(connection, row, rest_state="erasing")
    more = len(rows) >= most or len(taken) < len(rows) or max(len(keys), len(rest)) >= _PERIODS
    return Marked(len(taken), len(keys), len(rest), late_us, more)


def anything_left(connection: Connection, limits: CameraLimits, now_us: int) -> bool:
    """Whether periods without segments have key parts or manifests that should go."""
    return bool(_keys(connection, limits, now_us) or _rest(connection, limits, now_us))


def _runs(rows: Sequence[Any]) -> list[list[Any]]:
    ordered = sorted(rows, key=lambda row: (row.epoch, row.period, row.segment))
    groups: list[list[Any]] = []
    for row in ordered:
        last = groups[-1][-1] if groups else None
        follows = last is not None and (row.epoch, row.period, row.segment) == (
            last.epoch,
            last.period,
            last.segment + 1,
        )
        if follows:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _word(rows: Sequence[Any], records: Mapping[int, Any]) -> str:
    first, last = rows[0], rows[-1]
    sha256 = proof(records[id(row)]["sha256"] for row in rows)
    return Run(first.epoch, first.period, first.segment, last.segment, sha256).word()


def _set_erasing(connection: Connection, camera: str, side: str, rows: Sequence[Any]) -> None:
    for start in range(0, len(rows), BATCH):
        numbers = [row.segment for row in rows[start : start + BATCH]]
        connection.execute(
            update(segments)
            .where(
                segments.c.camera == camera,
                segments.c.side == side,
                segments.c.segment.in_(numbers),
            )
            .values(state="erasing")
        )


def _keys(connection: Connection, limits: CameraLimits, now_us: int) -> Sequence[Any]:
    """Periods whose sealed segments are all gone, or logged as going.

    One that was left open counts when its recorder has been silent for the whole time:
    nobody will seal to it any more.
    """
    latest_us = _latest(limits.sealed, now_us)
    alive_us = connection.execute(
        select(cameras.c.alive_us).where(cameras.c.id == limits.camera)
    ).scalar()
    over = periods.c.closed_us <= latest_us
    if alive_us is None or alive_us <= latest_us:
        over = or_(over, and_(periods.c.closed_us.is_(None), periods.c.opened_us <= latest_us))
    return connection.execute(
        select(periods)
        .where(
            periods.c.camera == limits.camera,
            PARTS_LEFT,
            periods.c.parts_state == "kept",
            over,
            ~_kept_segments("sealed"),
        )
        .limit(_PERIODS)
    ).all()


def _rest(connection: Connection, limits: CameraLimits, now_us: int) -> Sequence[Any]:
    """Closed periods of which no segment is left on either side."""
    latest_us = min(_latest(limits.sealed, now_us), _latest(limits.masked, now_us))
    return connection.execute(
        select(periods)
        .where(
            periods.c.camera == limits.camera,
            REST_LEFT,
            periods.c.rest_state == "kept",
            periods.c.parts_state != "kept",
            periods.c.closed_us <= latest_us,
            ~_kept_segments(),
        )
        .limit(_PERIODS)
    ).all()


def _kept_segments(side: SideName | None = None) -> Any:
    inside = select(segments.c.segment).where(
        segments.c.camera == periods.c.camera,
        segments.c.epoch == periods.c.epoch,
        segments.c.period == periods.c.period,
        segments.c.state.in_(KEPT),
    )
    if side is not None:
        inside = inside.where(segments.c.side == side)
    return exists(inside.correlate(periods))


def _latest(limits: Limits, now_us: int) -> int:
    return now_us - max(limits.ceiling, limits.floor) * SECOND


def _set(connection: Connection, row: Any, **values: object) -> None:
    connection.execute(
        update(periods)
        .where(
            periods.c.camera == row.camera,
            periods.c.epoch == row.epoch,
            periods.c.period == row.period,
        )
        .values(**values)
    )


def _words(rows: Sequence[Any]) -> list[Json]:
    return [f"{row.epoch}:{row.period}" for row in rows]
