"""The sweep: everything past its time goes, of every camera there ever was.

Rules:

1. What an earlier sweep left half done is gone on with first, whatever the clock says: it
   is in the ledger already.
2. Then, camera by camera and side by side: mark a batch, clear it, until nothing is due.
   No transaction holds more than a batch, and there is a pause after each, so that
   recorders get their turn.
3. A camera whose limits cannot be met together, or cannot be read, is left as it is and
   named, in the state that ``scrim up``, the metrics and ``scrim doctor`` show; the others
   are swept.  So is one of which an object cannot be removed, and so is whatever ends a
   sweep before it is whole.
4. What says how long is read again in each transaction that marks: a pack that was applied
   a moment ago counts.
5. How late the sweep was is written down: it is part of how long things are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine, update

from scrim.clock import Clock
from scrim.errors import DataFolderError, NormsError, ScrimError, StoreError
from scrim.ledger import Ledger, take_turn
from scrim.retention.clearing import clear, half_done
from scrim.retention.clock import TrustedClock
from scrim.retention.due import all_cameras, any_due
from scrim.retention.limits import SIDES, CameraLimits, Papers, Retention, SideName
from scrim.retention.marking import BATCH, anything_left, mark
from scrim.settings import RetentionSettings
from scrim.store.database import reading, writing
from scrim.store.objects import ObjectStore
from scrim.store.schema import retention_state as state

_PAUSE: Final = 0.2  # of the time worked
_LONGEST_PAUSE_S: Final = 0.05


@dataclass(slots=True)
class Swept:
    """What one sweep did.

    Attributes:
        segments, keys, manifests: how many of each were erased.
        late_us: past its time, of what had waited longest.
        cameras: how many lost something.
        texts: of how many cases the words were erased.
        troubles: why which cameras were left as they are.
        warning: what is doubtful about the clock, and no reason to stop.
    """

    segments: int = 0
    keys: int = 0
    manifests: int = 0
    late_us: int = 0
    cameras: int = 0
    texts: int = 0
    troubles: dict[str, str] = field(default_factory=dict)
    warning: str = ""


class Sweep:
    """Sweeps one data folder.

    Args:
        engine: its database.
        ledger: its ledger.
        objects: its objects.
        clock: the machine's.
        settings: the deployment's.
        papers: which packs a camera is under.
        batch: segments in one transaction.
        gentle: pause between transactions.
        forget: erases by a time what is kept in words; of how many cases.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        objects: ObjectStore,
        clock: Clock,
        settings: RetentionSettings,
        papers: Papers | None = None,
        *,
        batch: int = BATCH,
        gentle: bool = True,
        stopping: Callable[[], bool] = lambda: False,
        forget: Callable[[int], int] = lambda _now_us: 0,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._objects = objects
        self._retention = Retention(settings, papers)
        self._clock = TrustedClock(engine, ledger, clock, settings.clock_hours)
        self._batch = batch
        self._gentle = gentle
        self._stopping = stopping
        self._forget = forget
        self._worked_since = time.monotonic()

    def run(self) -> Swept:
        """Sweep once.

        Raises:
            ClockDoubtful: nothing was marked, since the clock may be wrong.
            LedgerUnavailable: what could not be logged was not erased.
            StoreError: the database cannot be read or written; the rest waits.
        """
        try:
            return self._run()
        except ScrimError as error:
            with suppress(StoreError, DataFolderError):
                self._tell_trouble(str(error))
            raise

    def _run(self) -> Swept:
        with reading(self._engine) as connection:
            cameras = all_cameras(connection)
        swept = Swept()
        for camera in half_done(self._engine):
            self._clear(camera, swept)
        now_us = self._clock.now_us()
        left = [camera for camera in cameras if camera not in swept.troubles]
        for limits in self._all_limits(left, swept):
            if self._stopping():
                return swept
            self._sweep(limits, now_us, swept)
        swept.texts = self._forget(now_us)
        swept.warning = self._clock.warning
        self._note(now_us, swept)
        return swept

    def _all_limits(self, cameras: Sequence[str], swept: Swept) -> list[CameraLimits]:
        """Of those cameras whose limits can be met; read at once, since packs are too."""
        found = []
        with reading(self._engine) as connection:
            for camera in cameras:
                try:
                    found.append(self._retention.of(connection, camera))
                except NormsError as error:
                    swept.troubles[camera] = str(error)
        return found

    def _sweep(self, limits: CameraLimits, now_us: int, swept: Swept) -> None:
        camera = limits.camera
        with reading(self._engine) as connection:
            sides = [
                side for side in SIDES if any_due(connection, camera, side, limits.of(side), now_us)
            ]
            # a period without segments may be left over on its own
            if SIDES[0] not in sides and anything_left(connection, limits, now_us):
                sides.insert(0, SIDES[0])
        before = swept.segments + swept.keys + swept.manifests
        try:
            for side in sides:
                while not self._stopping() and self._batch_of(camera, side, now_us, swept):
                    pass
                if camera in swept.troubles:
                    break
        except NormsError as error:
            swept.troubles[camera] = str(error)
        swept.cameras += swept.segments + swept.keys + swept.manifests > before

    def _batch_of(self, camera: str, side: SideName, now_us: int, swept: Swept) -> bool:
        self._worked_since = time.monotonic()
        with writing(self._engine) as connection:
            take_turn(connection)  # a hold that is being placed is seen
            limits = self._retention.of(connection, camera)
            marked = mark(connection, self._ledger, limits, side, now_us, self._batch)
        self._pause()
        done = self._clear(camera, swept)
        swept.segments += marked.segments
        swept.keys += marked.keys
        swept.manifests += marked.manifests
        swept.late_us = max(swept.late_us, marked.late_us)
        return marked.more and done

    def _clear(self, camera: str, swept: Swept) -> bool:
        """Erase what is marked; whether it is gone."""
        try:
            clear(self._engine, self._objects, camera, self._pause)
        except StoreError as error:
            swept.troubles[camera] = str(error)
            return False
        return True

    def _pause(self) -> None:
        if self._gentle:
            worked_s = time.monotonic() - self._worked_since
            time.sleep(min(worked_s * _PAUSE, _LONGEST_PAUSE_S))
        self._worked_since = time.monotonic()

    def _note(self, now_us: int, swept: Swept) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(state).values(
                    interval_us=now_us - state.c.swept_us,
                    swept_us=now_us,
                    late_us=swept.late_us,
                    objects=swept.segments,
                    trouble=_trouble(swept.troubles) or self._clock.warning or None,
                )
            )

    def _tell_trouble(self, trouble: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(state).values(trouble=trouble))


def _trouble(troubles: Mapping[str, str]) -> str:
    if not troubles:
        return ""
    camera, why = min(troubles.items())
    if len(troubles) == 1:
        return f"{camera} is left as it is: {why}"
    return f"{camera} and {len(troubles) - 1} more cameras are left as they are: {why}"
