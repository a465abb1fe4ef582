"""What the supervisor sees to by the clock: requests, filings, breaches, and what sweeps say."""

from __future__ import annotations

from collections.abc import Callable

from scrim.fleet.deployment import Deployment
from scrim.retention.plan import last_sweep


class Tending:
    """Each once in a while; what came of it is said.

    Args:
        deployment: whose duties they are.
        say: where a line goes.
    """

    def __init__(self, deployment: Deployment, say: Callable[[str], None]) -> None:
        self._subjects = deployment.subjects()
        self._filings = deployment.filings()
        self._breaches = deployment.breaches()
        self._engine = deployment.engine
        self._say = say
        self._unswept = ""

    def requests(self) -> None:
        """Of people filmed: which are late, and of which nobody's name is left.

        Raises:
            ScrimError: the rest is done the next time (all four).
        """
        tended = self._subjects.tend()
        for request in tended.late:
            self._say(f"{request}: its clock has run out, and it is not answered")
        for request in tended.forgotten:
            self._say(f"{request}: who asked is erased")
        if tended.words:
            self._say(f"the words of {tended.words} holds, papers, limits and changes are erased")

    def filings(self) -> None:
        """Which have to be handed in by now, and which are late."""
        tended = self._filings.tend()
        for kind in tended.near:
            self._say(f"filing {kind}: 80 % of the people from which on it is asked for")
        for filing in tended.opened:
            self._say(f"{filing}: has to be handed in, see `scrim filing list`")
        for filing in tended.late:
            self._say(f"{filing}: is late")

    def breaches(self) -> None:
        """Which the authority was not told of in time."""
        for breach in self._breaches.tend():
            self._say(f"{breach}: the authority was not told in time")

    def retention(self) -> None:
        """What keeps the sweep from erasing: said when it comes up, and when it is gone."""
        trouble = last_sweep(self._engine).trouble
        if trouble != self._unswept:
            self._unswept = trouble
            self._say(f"retention: {trouble or 'everything is swept again'}")
