"""One engine for all cameras of a process: its memory is there once, its calls take turns.

Rules kept here:

- Cameras share the arithmetic and nothing else: each has a detector of its own, and an
  answer goes to the one who asked.
- An engine that raised is not asked again, by anybody; the next call makes another one.
  Others see a failure at most, and never another camera's answer.
- Who waits longer than a call may take gets a failure too, and the engine, in which a
  call hangs, is left behind.  Nothing is shown meanwhile: a look that fails blanks.
- After the chosen engine failed, the reference takes its place until the process ends.

On a processor calls take turns and are not put together: two or four pictures in one
call cost as much as so many calls, or more (``docs/adr/0092``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from scrim.errors import DetectorFailed, EngineUnavailable
from scrim.redact.engine import Blob, Engine, Kind, Maps

PATIENCE_S = 10.0
"""Longest wait for a turn: far more than the calls before it take."""


class SharedEngine:
    """An :class:`~scrim.redact.engine.Engine` for several threads, which mends itself.

    Args:
        build: makes an engine of a kind.
        chosen: the kind wanted; the reference where that does not start.
        report: one line for the log.
        patience_s: longest wait for the others' calls.

    Attributes:
        kind: of the engine it began with.  It stays after a fall back to the reference,
            so that detectors go on to lift scores as a rounding engine needs it.

    Raises:
        Exception: whatever making the reference raises.
    """

    def __init__(
        self,
        build: Callable[[Kind], Engine],
        chosen: Kind,
        report: Callable[[str], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._build = build
        self._wanted = chosen
        self._report = report
        self._patience_s = patience_s
        self._guard = threading.Lock()
        self._seat: _Seat | None = _Seat(self._made())
        self.kind = self._seat.engine.kind

    def run(self, blob: Blob) -> Maps:
        """As :meth:`~scrim.redact.engine.Engine.run`, when it is this caller's turn.

        Raises:
            DetectorFailed: the turn did not come, or the engine broke in the call before.
            Exception: whatever the engine raises.
        """
        seat = self._taken()
        if not seat.turn.acquire(timeout=self._patience_s):
            self._leave(seat, "hangs")
            raise DetectorFailed("a call of the engine that this process shares hangs")
        try:
            if seat.left:
                raise DetectorFailed("the engine that this process shares has failed")
            return seat.engine.run(blob)
        except BaseException as error:
            self._leave(seat, f"failed ({type(error).__name__})")
            raise
        finally:
            seat.turn.release()

    def _taken(self) -> _Seat:
        with self._guard:
            if self._seat is None:
                self._seat = _Seat(self._made())
            return self._seat

    def _leave(self, seat: _Seat, why: str) -> None:
        with self._guard:
            if seat.left:
                return
            seat.left = True
            self._seat = None
            self._fall_back(why)

    def _fall_back(self, why: str) -> None:
        if self._wanted is Kind.ONNXRUNTIME:
            self._report(f"the engine {self._wanted} {why}; it is made anew")
        else:
            self._report(f"the engine {self._wanted} {why}; going on with {Kind.ONNXRUNTIME}")
        self._wanted = Kind.ONNXRUNTIME

    def _made(self) -> Engine:
        if self._wanted is not Kind.ONNXRUNTIME:
            try:
                return self._build(self._wanted)
            # foreign libraries raise what they like; the reference needs none of them
            except Exception as error:  # noqa: BLE001
                why = str(error) if isinstance(error, EngineUnavailable) else type(error).__name__
                self._fall_back(f"does not start ({why})")
        return self._build(self._wanted)


class _Seat:
    """An engine, whose turn it is, and whether it was left behind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.turn = threading.Lock()
        self.left = False
