"""Which enrolled cameras may record, asked as often as it is cheap.

Rules:

1. No camera is let through that the gate has not judged since it was enrolled.
2. Judging takes a twentieth of the time at most: of a few cameras it is done at every look,
   of 15,000 every quarter of a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
        self._next = 0.0

    def admitted(self, enrolled: Iterable[Camera]) -> list[Camera]:
        """Those of the enrolled cameras that may record.

        Raises:
            ScrimError: the gate cannot be asked; nothing may start.
        """
        enrolled = list(enrolled)
        now = self._monotonic()
        keys = frozenset((camera.id, camera.added_us) for camera in enrolled)
        if now >= self._next or not keys <= self._judged:
            settled = self._gatekeeper.settle()
            self._withheld, self._judged = settled.withheld, keys
            self._next = now + _PAUSES * (self._monotonic() - now)
            for line in settled.news:
                self._say(line)
        return [camera for camera in enrolled if camera.id not in self._withheld]

    def stopped(self) -> None:
        """The recorders of those that may not record are gone: from here on it is a gap.

        Raises:
            LedgerUnavailable: it could not be written down; tried again at the next call.
        """
        self._gatekeeper.open_gaps()
