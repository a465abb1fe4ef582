"""What is there of a time that somebody asks about, and what was there and is erased.

Rules:

1. What is stored is there, whichever side; what the sweep has marked is not.
2. What was erased has its entry in the ledger, and its number is told.
3. What is neither was not recorded; a gap that is on record says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, LargeBinary, func, literal, or_, select

from scrim.canonical import Json
from scrim.store import erased as erasures
from scrim.store.schema import entry, gap, segment

_SIDES: Final = ("sealed", "masked")
_THERE: Final = ("stored", "writing")
_PREFIX: Final = b'{"act":"erased",'
_MOST_ENTRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Footage:
    """Of one camera and interval.

    Attributes:
        kept: stretches that are there, half open, UTC microseconds.
        erased: stretches of originals or masked recordings that were there and are not.
        entries: the ledger's that say so.
        gaps: causes of gaps that are on record.
    """

    camera: str
    kept: tuple[tuple[int, int], ...]
    erased: tuple[tuple[int, int], ...]
    entries: tuple[int, ...]
    gaps: tuple[str, ...]

    def document(self) -> dict[str, Json]:
        """For JSON."""
        return {
            "camera": self.camera,
            "kept": [list(span) for span in self.kept],
            "erased": [list(span) for span in self.erased],
            "entries": list(self.entries),
            "gaps": list(self.gaps),
        }


def footage(
    connection: Connection, cameras: Iterable[str], since_us: int, until_us: int
) -> tuple[Footage, ...]:
    """What is there of each of these cameras."""
    return tuple(_of(connection, camera, since_us, until_us) for camera in cameras)


def is_kept(found: Sequence[Footage]) -> bool:
    """Whether anything is there."""
    return any(one.kept for one in found)


def is_erased(found: Sequence[Footage]) -> bool:
    """Whether anything was there and was erased."""
    return any(one.erased for one in found)


def _of(connection: Connection, camera: str, since_us: int, until_us: int) -> Footage:
    rows = connection.execute(
        select(segment.c.start_us, segment.c.end_us).where(
            segment.c.camera == camera,
            segment.c.side.in_(_SIDES),
            segment.c.state.in_(_THERE),
            segment.c.start_us < until_us,
            segment.c.end_us > since_us,
        )
    )
    kept = _cut(((row.start_us, row.end_us) for row in rows), since_us, until_us)
    gone = [
        (one.since_us, one.until_us)
        for side in _SIDES
        for one in erasures.over(connection, camera, side, since_us, until_us)
    ]
    causes = connection.execute(
        select(gap.c.cause)
        .where(
            gap.c.camera == camera,
            gap.c.since_us < until_us,
            or_(gap.c.until_us.is_(None), gap.c.until_us > since_us),
        )
        .distinct()
        .order_by(gap.c.cause)
    ).scalars()
    return Footage(
        camera,
        kept,
        _cut(gone, since_us, until_us),
        _entries(connection, camera, since_us, until_us) if gone else (),
        tuple(causes),
    )


def _cut(
    spans: Iterable[tuple[int, int]], since_us: int, until_us: int
) -> tuple[tuple[int, int], ...]:
    inside = ((max(a, since_us), min(b, until_us)) for a, b in spans)
    return tuple(erasures.joined(span for span in inside if span[0] < span[1]))


def _entries(connection: Connection, camera: str, since_us: int, until_us: int) -> tuple[int, ...]:
    """Numbers of the entries that say that something of that time was erased.

    Canonical JSON begins with the act, so that only those entries are read.
    """
    begins = func.substr(entry.c.body, 1, len(_PREFIX)) == literal(_PREFIX, LargeBinary)
    found = []
    query = select(entry.c.index, entry.c.body).where(begins).order_by(entry.c.index)
    for index, body in connection.execute(query):
        said = json.loads(bytes(body))
        if said["camera"] != camera or said["since"] is None or said["until"] is None:
            continue
        if said["since"] < until_us and said["until"] > since_us:
            found.append(int(index))
    return tuple(found[:_MOST_ENTRIES])
