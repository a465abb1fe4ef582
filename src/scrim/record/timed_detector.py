"""A detector that answers in time or says that it does not, and is made anew when it is broken.

Rules kept here:

- Whoever asks waits no longer than the limit.  An answer that comes later is thrown away.
- What goes wrong is a :class:`~scrim.errors.DetectorFailed`, on which the redactor blanks.
  Its text names the kind of fault and quotes nothing, since an error may quote a picture.
- Each kind of fault is one line in the log until it is over, and so is its end.
- Threads that never come back are few: after :data:`_MOST_LOST` of them the process has to end.

The detector runs in a thread of its own, and is made there too: an execution provider
can hang as well while it starts.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ScrimError
from scrim.redact import Detection, Detector
from scrim.redact.detector import look_size, verdict

_LOST_AFTER_S = 10.0  # in one call, or in being made
_MOST_LOST = 3  # each holds a network and one picture in memory
_MOST_FAULTS = 5  # in a row; then the detector is made anew
_SMALL = 0.05  # of the largest image; a call of less says nothing of how long a look takes
_GOOD_AGAIN = 3  # looks in a row after which a run of faults is over
_MOST_TOLD = 4  # kinds of fault told of in one run of them
_LONGEST_WAIT_S = 60.0  # between two tries to make one; they begin a second apart
_UNKNOWN_SIZE = (640, 352)  # asked for while there is no detector to ask

_Call = tuple[NDArray[np.uint8], Future[list[Detection]]]


class _Worker(threading.Thread):
    """One detector in its thread."""

    def __init__(self, make: Callable[[], Detector], number: int) -> None:
        super().__init__(name=f"detector-{number}", daemon=True)
        self._make = make
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self.made: Future[Detector] = Future()
        self.began = time.monotonic()
        self.last_ms = 0.0
        self._largest = 0

    def run(self) -> None:
        # thread boundary, and foreign code: whatever it raises is told to whoever asks
        try:
            detector = self._make()
        except BaseException as error:  # noqa: BLE001
            self.made.set_exception(error)
            return
        self.made.set_result(detector)
        while (call := self._calls.get()) is not None:
            self._answer(detector, *call)
            del call  # no clear picture is kept between two calls

    def _answer(
        self, detector: Detector, image: NDArray[np.uint8], answer: Future[list[Detection]]
    ) -> None:
        began = time.monotonic()
        try:
            found = verdict(detector, image)
        except BaseException as error:  # noqa: BLE001 - the same
            answer.set_exception(error)
        else:
            took_ms = (time.monotonic() - began) * 1000
            if not self.is_small(image) or took_ms > self.last_ms:
                self.last_ms = took_ms
            answer.set_result(found)

    def is_small(self, image: NDArray[np.uint8]) -> bool:
        """Whether it is no more than a second look at something in a larger one."""
        return image.size < _SMALL * self._largest

    def ask(self, image: NDArray[np.uint8]) -> Future[list[Detection]]:
        self._largest = max(self._largest, image.size)
        answer: Future[list[Detection]] = Future()
        self._calls.put((image, answer))
        return answer

    def close(self) -> None:
        """End after the call under way, if that ever comes back."""
        self._calls.put(None)


class TimedDetector:
    """A :class:`~scrim.redact.detector.Detector` over another, for one masking thread.

    Args:
        make: makes the other one; called again when that is broken, raises or hangs.
        limit_s: how long an answer may take.
        slow_s: an answer that took longer is a slow one (:attr:`slow`).
        report: one line for the log.
        lost_after_s: a call (or the making) that takes longer is given up with its thread.
        retry_s: first wait after a detector could not be made; doubles up to a minute.

    Attributes:
        hopeless: why no further thread may be given up and the process has to end; "" if it
            can go on.
    """

    def __init__(
        self,
        make: Callable[[], Detector],
        *,
        limit_s: float,
        slow_s: float,
        report: Callable[[str], None],
        lost_after_s: float = _LOST_AFTER_S,
        retry_s: float = 1.0,
    ) -> None:
        self._make = make
        self._limit_s = limit_s
        self._slow_ms = slow_s * 1000
        self._report = report
        self._lost_after_s = lost_after_s
        self._first_wait_s = self._wait_s = retry_s
        self._worker: _Worker | None = None
        self._late: Future[list[Detection]] | None = None
        self._late_since = 0.0
        self._lost: list[_Worker] = []
        self._count = 0
        self._faults = 0
        self._retry_at = 0.0
        self._why = "there is no detector yet"
        self._told: set[str] = set()
        self._good = 0
        self._guessed = False
        self.hopeless = ""

    @property
    def last_ms(self) -> float:
        """How long the newest finished look took, second ones left out; 0.0 before the first."""
        worker = self._worker
        return worker.last_ms if worker is not None else 0.0

    @property
    def slow(self) -> bool:
        """Whether the newest look was slow, or has not come back at all."""
        return self._late is not None or self.last_ms > self._slow_ms

    @property
    def input_size(self) -> tuple[int, int]:
        """As of the detector inside; a guess while there is none."""
        detector = self._detector()
        return detector.input_size if detector is not None else _UNKNOWN_SIZE

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """As of the detector inside; a guess while there is none (:meth:`sizes_changed`)."""
        detector = self._detector()
        if detector is None:
            self._guessed = True
            return _UNKNOWN_SIZE
        return look_size(detector, width, height)

    def sizes_changed(self) -> bool:
        """Whether a size was guessed and can be known now; true once.

        Whoever remembers what :meth:`size_for` said asks again then.
        """
        worker = self._worker
        known = worker is not None and worker.made.done() and worker.made.exception() is None
        changed = self._guessed and known
        if changed:
            self._guessed = False
        return changed

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Boxes in ``image``, checked by :func:`~scrim.redact.detector.verdict`.

        Raises:
            DetectorFailed: no sane answer within the limit; or, at once, there is no
                detector, or it is still at an earlier image.
        """
        try:
            worker = self._ready()
            found = self._ask(worker, image)
        except DetectorFailed as error:
            self._tell(error.message)
            raise
        self._faults = 0
        self._good += not worker.is_small(image)
        if self._told and self._good >= _GOOD_AGAIN:
            self._report("the detector answers again")
            self._told.clear()
        return found

    def close(self) -> None:
        """Let the detector go; its thread ends by itself."""
        self._drop()

    def _ask(self, worker: _Worker, image: NDArray[np.uint8]) -> list[Detection]:
        began, answer = time.monotonic(), worker.ask(image)
        try:
            error = answer.exception(self._limit_s)
        except TimeoutError:
            self._late, self._late_since = answer, began
            raise DetectorFailed(self._too_late) from None
        if error is None:
            return answer.result()
        self._count_fault()
        if isinstance(error, DetectorFailed):
            raise DetectorFailed(error.message)
        raise DetectorFailed(f"the detector raised {type(error).__name__}")

    def _count_fault(self) -> None:
        self._faults += 1
        if self._faults >= _MOST_FAULTS:
            self._report(f"the detector failed {self._faults} times in a row and is made anew")
            self._faults = 0
            self._drop()

    def _ready(self) -> _Worker:
        """A worker whose detector is made and idle."""
        if self.hopeless:
            raise DetectorFailed(self.hopeless)
        worker = self._worker or self._new_worker()
        self._see_it_made(worker)
        if self._late is not None and not self._late.done():
            if time.monotonic() - self._late_since > self._lost_after_s:
                self._give_up(worker, "the detector hangs")
            raise DetectorFailed(self._too_late)
        self._late = None
        return worker

    def _see_it_made(self, worker: _Worker) -> None:
        age_s = time.monotonic() - worker.began
        try:
            error = worker.made.exception(max(0.0, self._limit_s - age_s))
        except TimeoutError:
            if age_s > self._lost_after_s:
                self._give_up(worker, "the detector hangs while it is made")
            raise DetectorFailed("the detector is still being made") from None
        if error is None:
            self._wait_s = self._first_wait_s
            return
        self._worker = None
        self._retry_at = time.monotonic() + self._wait_s
        self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)
        self._why = f"the detector cannot be made ({type(error).__name__})"
        # Scrim's own sentences say what to do; a library's may hold anything
        self._tell(self._why, str(error) if isinstance(error, ScrimError) else "")
        raise DetectorFailed(self._why)

    def _new_worker(self) -> _Worker:
        if time.monotonic() < self._retry_at:
            raise DetectorFailed(self._why)
        self._count += 1
        self._worker = _Worker(self._make, self._count)
        self._worker.start()
        return self._worker

    def _detector(self) -> Detector | None:
        """The detector inside, waiting a moment for one that is being made."""
        try:
            worker = self._worker if self._late is not None else self._ready()
        except DetectorFailed as error:
            self._tell(error.message)
            return None
        return worker.made.result() if worker is not None else None

    def _give_up(self, worker: _Worker, why: str) -> None:
        """Leave a thread that does not come back behind; the next call makes a new one.

        Raises:
            DetectorFailed: always.
        """
        self._lost = [lost for lost in self._lost if lost.is_alive()]
        self._drop()
        if len(self._lost) >= _MOST_LOST:
            self.hopeless = f"{why} again and again"
            raise DetectorFailed(self.hopeless)
        self._lost.append(worker)
        self._report(f"{why}; its thread is given up and another made")
        raise DetectorFailed(why)

    def _drop(self) -> None:
        worker, self._worker, self._late = self._worker, None, None
        if worker is not None:
            worker.close()

    @property
    def _too_late(self) -> str:
        return f"the detector did not answer within {self._limit_s:g} s"

    def _tell(self, why: str, more: str = "") -> None:
        self._good = 0
        if why not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(why)
            self._report(f"nothing is shown: {why}. {more}".strip())
