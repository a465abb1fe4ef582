"""Which enrolled cameras may record, asked as often as it is cheap.

Rules:

1. No camera is let through that the gate has not judged since it was enrolled.
2. Judging takes a twentieth of the time at most: of a few cameras it is done at every look,
   of 15,000 every quarter of a minute.
3. What changed of thousands at once is written down over several looks, none of which keeps
   the supervisor for longer than a second or so.
4. Where the gate no longer lets a camera's sound be recorded, its recorder starts again
   without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from scrim.fleet.cameras import Camera
from scrim.papers.gatekeeper import Gatekeeper

_PAUSES: Final = 20


class Admission:
    """Asks the gate for the supervisor.

    Args:
        gatekeeper: the gate.
        say: called with a line for people for each change.
        monotonic: a clock that only goes forward, seconds.
    """

    def __init__(
        self, gatekeeper: Gatekeeper, say: Callable[[str], None], monotonic: Callable[[], float]
    ) -> None:
        self._gatekeeper = gatekeeper
        self._say = say
        self._monotonic = monotonic
        self._judged: frozenset[tuple[str, int]] = frozenset()
        self._withheld: frozenset[str] = frozenset()
        self._sound: frozenset[str] = frozenset()
        self._next = 0.0
        self._pause = 0.0

    def admitted(self, enrolled: Iterable[Camera]) -> list[Camera]:
        """Those of the enrolled cameras that may record, and whether their sound may be.

        Raises:
            ScrimError: the gate cannot be asked; nothing may start.
        """
        enrolled = list(enrolled)
        now = self._monotonic()
        keys = frozenset((camera.id, camera.added_us) for camera in enrolled)
        if now >= self._next or not keys <= self._judged:
            settled = self._gatekeeper.settle()
            self._withheld, self._sound = settled.withheld, settled.sound
            if settled.judged:
                self._judged = keys
                self._pause = _PAUSES * (self._monotonic() - now)
            self._next = now if settled.more else now + self._pause
            for line in settled.news:
                self._say(line)
        return [
            replace(camera, sound=camera.id in self._sound)
            for camera in enrolled
            if camera.id not in self._withheld and (camera.id, camera.added_us) in self._judged
        ]

    def stopped(self) -> None:
        """The recorders of those that may not record are gone: from here on it is a gap.

        Raises:
            LedgerUnavailable: it could not be written down; tried again at the next call.
        """
        self._gatekeeper.open_gaps()
