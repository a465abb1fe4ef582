"""Reading the ledger onward: what has changed since the last time.

Rules:

1. Every change of the running system is in the ledger first (invariant 5), so whoever
   reads it onward misses none, whichever process made it.
2. What a recorder or a viewer does all day is no change of anything that a rule asks for.
3. Changes of a camera are kept, because a filing may have to say them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from scrim.duties import marks
from scrim.ledger import Act, Ledger
from scrim.store.database import reading, writing
from scrim.store.schema import camera_change

_ROUTINE: Final = frozenset(
    {
        Act.HEADS.value, Act.PERIOD_OPENED.value, Act.PERIOD_CLOSED.value, Act.GAP.value,
        Act.VIEWED.value, Act.SIGNED_IN.value, Act.ORIGINAL_VIEWED.value, Act.CHECKED.value,
        Act.ERASED.value,
    }
)  # fmt: skip
_OF_CAMERAS: Final = frozenset(
    {
        "camera-added",
        "camera-changed",
        "camera-placed",
        "camera-policy-changed",
        "camera-removed",
        "camera-sound-changed",
    }
)
_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        changed: something did that a rule may ask for.
        size: of the ledger, as far as it was read.
    """

    changed: bool
    size: int


def read_on(engine: Engine, ledger: Ledger) -> Read:
    """Read the ledger from where it was read to.

    Raises:
        StoreError: the database cannot be read or written.
    """
    with reading(engine) as connection:
        mark = marks.all_marks(connection).get(marks.LEDGER_READ)
    start = 0 if mark is None else mark.value
    size, changed = ledger.size(), False
    while start < size:
        stop = min(size, start + _BATCH)
        changed |= _batch(engine, ledger, start, stop)
        start = stop
    return Read(changed, size)


def _batch(engine: Engine, ledger: Ledger, start: int, stop: int) -> bool:
    changed, found, last_us = False, [], 0
    for index, body in ledger.entries(start, stop):
        said = json.loads(body)
        last_us = said["at"]
        changed |= said["act"] not in _ROUTINE
        if said["camera"] is not None and said["facts"].get("change") in _OF_CAMERAS:
            found.append({"camera": said["camera"], "entry": index, "at_us": said["at"]})
    with writing(engine) as connection:
        for row in found:  # another reader may have been here
            known = select(camera_change.c.entry).where(
                camera_change.c.camera == row["camera"], camera_change.c.entry == row["entry"]
            )
            if connection.execute(known).first() is None:
                connection.execute(camera_change.insert().values(**row))
        marks.put(connection, marks.LEDGER_READ, stop, last_us)
    return changed
