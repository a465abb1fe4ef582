"""The one place where the server asks whether somebody may.

Rules:

1. Every route asks by its own action; watching asks once more, when camera, mode and
   interval are known.
2. A token passes only for the actions it was made for, whatever its role may do.
3. Nothing is decided here: circumstances are put together, and the policies decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scrim.access.authoriser import (
    NOBODY,
    Authoriser,
    Circumstances,
    Decision,
    Looking,
    Place,
)
from scrim.access.signin import Session
from scrim.clock import SECOND, Clock

WATCH: Final = "watch"


class Gate:
    """Asks the policies for one deployment.

    Args:
        site_of: the site of a camera, as it is now.
        exposed: machines other than this one reach the server.
        four_eyes: changes take two people here.
    """

    def __init__(
        self,
        authoriser: Authoriser,
        clock: Clock,
        site_of: Callable[[str], str],
        *,
        exposed: bool = False,
        four_eyes: bool = True,
    ) -> None:
        self.authoriser = authoriser
        self._clock = clock
        self._circumstances = Circumstances(exposed, four_eyes)
        self._site_of = site_of

    def route(self, session: Session | None, action: str, camera: str | None = None) -> Decision:
        """Whether whoever that is may pass a route.

        Args:
            session: of who asks; nobody without one.
            action: the route's.
            camera: the one that the route's path names.
        """
        return self._decide(session, action, camera, None)

    def watch(
        self, session: Session, camera: str, since_us: int | None, until_us: int | None
    ) -> Decision:
        """Whether they may watch a camera: live, or recorded where there is an interval."""
        if since_us is None or until_us is None:
            return self._decide(session, WATCH, camera, Looking("live"))
        age = max(0, self._clock.now_us() - since_us) // SECOND
        interval = (until_us - since_us) // SECOND
        return self._decide(session, WATCH, camera, Looking("recorded", age, interval))

    def shows(self, session: Session, camera: str, site: str | None = None) -> bool:
        """Whether a camera, of that site where it is known, is within where their roles hold."""
        scope = session.scope
        return scope.everywhere or scope.has(camera, site or self._site_of(camera))

    def _decide(
        self, session: Session | None, action: str, camera: str | None, looking: Looking | None
    ) -> Decision:
        if session is not None and session.actions is not None and action not in session.actions:
            return Decision(False, (), ("the token is for other actions",))
        who = NOBODY if session is None else session.principal(self._clock.now_us())
        where = None if camera is None else Place(camera, self._site_of(camera))
        return self.authoriser.decide(who, action, where, self._circumstances, looking)
