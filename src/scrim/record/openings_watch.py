"""Looks for signed papers of live openings every two seconds, away from everything hot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from scrim.errors import ScrimError
from scrim.record.openings import Openings
from scrim.store.live_papers import LivePapers

LOOK_S = 2.0


class OpeningsWatch(threading.Thread):
    """One thread for all cameras of a process: one question to the database at a time.

    That it cannot ask or write prolongs nothing: an opening's window ends by itself.

    Args:
        read: the papers that lie there now.
        cameras: the openings of each camera.
        report: called with one line for the log when something fails or works again.
    """

    def __init__(
        self,
        read: Callable[[], Sequence[LivePapers]],
        cameras: Sequence[Openings],
        report: Callable[[str], None],
    ) -> None:
        super().__init__(name="live-openings", daemon=True)
        self._read = read
        self._cameras = cameras
        self._report = report
        self._stopping = threading.Event()
        self._failing = False

    def stop(self) -> None:
        """Ask the thread to end; the caller joins."""
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self.look()

    def look(self) -> None:
        """Look once.  What fails is tried again at the next look."""
        failed = ""
        try:
            papers = self._read()
        except (ScrimError, SQLAlchemyError, OSError) as error:
            failed, papers = str(error), ()
        for openings in self._cameras if not failed else ():
            try:
                openings.consider(papers)
            except (ScrimError, SQLAlchemyError, OSError) as error:
                failed = str(error)
        if failed and not self._failing:
            self._report(f"live openings cannot be looked after, trying again: {failed}")
        self._failing = bool(failed)
