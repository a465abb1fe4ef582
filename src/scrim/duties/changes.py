"""Reading the ledger onward: what has changed since the last time.

Rules:

1. Every change of the running system is in the ledger first (invariant 5), so whoever
   reads it onward misses none, whichever process made it.
2. What a recorder or a viewer does all day is no change of anything that a rule asks for.
3. Changes of a camera are kept, because a filing may have to say them; times that the log
   was handed out are counted.  What two readers read is kept once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from scrim.cases.extract import REASON as EXTRACT
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
    changed, found, exports, last_us = False, [], _Exports(), 0
    for index, body in ledger.entries(start, stop):
        said = json.loads(body)
        last_us = said["at"]
        changed |= said["act"] not in _ROUTINE
        if said["camera"] is not None and said["facts"].get("change") in _OF_CAMERAS:
            found.append({"camera": said["camera"], "entry": index, "at_us": said["at"]})
        if said["act"] == Act.EXPORTED.value and said["reason"] == EXTRACT:
            exports.all += 1
            exports.unsaid += not said["facts"].get("purpose")
    with writing(engine) as connection:
        before = marks.all_marks(connection)
        read = before.get(marks.LEDGER_READ)
        if (0 if read is None else read.value) != start:
            return changed  # another reader has been here, and what is left comes the next time
        for row in found:
            connection.execute(camera_change.insert().values(**row))
        for name, more in (
            (marks.LOG_EXPORTS, exports.all),
            (marks.LOG_EXPORTS_WITHOUT_PURPOSE, exports.unsaid),
        ):
            if more:
                known = before.get(name)
                count = more + (0 if known is None else known.value)
                marks.put(connection, name, count, last_us)
        marks.put(connection, marks.LEDGER_READ, stop, last_us)
    return changed


@dataclass(slots=True)
class _Exports:
    """Extracts of the log that were handed out, and those that say no purpose."""

    all: int = 0
    unsaid: int = 0
