"""The live openings of one camera: who may open what comes next, besides k custodians.

::

    signed papers ──► LiveOpening.check ──► row and entry live-opened ──► in force
                                                                            │
    window over, papers gone, recorder stops ──► row and entry live-ended ◄─┘

Rules:

1. The entry first.  While ``live-opened`` cannot be written nothing is sealed to the
   officer; the segment is sealed to the period as ever.
2. Only a segment that lies wholly inside the window is sealed to the officer, and only
   while the window lasts.  Nothing older ever is.
3. The window's end is the end, whatever the papers, the server or the clock say
   afterwards: time here does not go back (:class:`~scrim.clock.OnwardClock`), not over
   a restart either.
4. What has ended by its window or because its papers were taken away is spent, and
   never opens again.  A recorder that starts anew checks the papers anew.
5. What was asked of a camera is not opened of another that was enrolled under its id
   since, nor of one that was given another source.

Looked at every few seconds by a thread of its own (:mod:`~.openings_watch`); the
writer only asks :meth:`Openings.over`, which waits for no database.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scrim.clock import SECOND, OnwardClock
from scrim.errors import StatementInvalid
from scrim.ledger.commitment import SALT_SIZE, commit
from scrim.record.opening_rows import OpeningRows, Row
from scrim.store.live_papers import LivePapers
from scrim.vault import CustodianSet
from scrim.vault.live import LiveOpening

_SEEN_US = 10 * SECOND


@dataclass(frozen=True, slots=True)
class _InForce:
    row: Row
    opening: LiveOpening
    seen_us: int


class Openings:
    """The live openings of one camera and epoch.

    Args:
        rows: where they are written down; what an earlier recorder left open is
            ended there first.
        camera: the camera's id.
        epoch: the recorder's epoch for it.
        custodians: the set that this recorder seals to.
        deployment: the origin of this deployment's ledger.
        clock: time that does not go back.
        report: called with one line for the log.

    Raises:
        LedgerUnavailable, StoreError: an opening that was left cannot be ended.
    """

    def __init__(
        self,
        rows: OpeningRows,
        camera: str,
        epoch: int,
        *,
        custodians: CustodianSet,
        deployment: str,
        clock: OnwardClock,
        report: Callable[[str], None],
    ) -> None:
        self._rows = rows
        self._camera = camera
        self._epoch = epoch
        self._custodians = custodians
        self._deployment = deployment
        self._clock = clock
        self._report = report
        self._looking = threading.Lock()  # held over the database
        self._finished = False
        self._lock = threading.Lock()  # held for a moment
        self._in_force: dict[str, _InForce] = {}
        self._ending: list[tuple[Row, str, int]] = []
        self._sealed_us: dict[str, int] = {}  # end of the last segment that fell under it
        self._refused: set[bytes] = set()
        rows.end_left_open(camera, clock.now_us())
        clock.not_before(rows.latest_us(camera))

    def over(self, start_us: int, end_us: int) -> tuple[LiveOpening, ...]:
        """The openings that a segment from ``start_us`` to ``end_us`` falls under, right now."""
        now_us = self._clock.now_us()
        with self._lock:
            found = [
                one.opening
                for name, one in sorted(self._in_force.items())
                if now_us < one.opening.until_us and one.opening.spans(start_us, end_us)
            ]
            for opening in found:
                name = opening.request_sha256
                self._sealed_us[name] = max(end_us, self._sealed_us.get(name, 0))
        return tuple(found)

    @property
    def until_us(self) -> int | None:
        """Until when somebody besides k custodians can open what is sealed; ``None`` if nobody."""
        with self._lock:
            return max((one.opening.until_us for one in self._in_force.values()), default=None)

    def consider(self, papers: Sequence[LivePapers]) -> None:
        """End what is over, and open what the papers ask for.

        Raises:
            LedgerUnavailable, StoreError: an entry could not be written; to be tried again.
        """
        with self._looking:
            if not self._finished:
                self._consider(papers, self._clock.now_us())

    def finish(self) -> None:
        """The recorder stops: end what is in force; a later one may go on with it.

        Raises:
            LedgerUnavailable, StoreError: as in :meth:`consider`; the next start ends it.
        """
        with self._looking:
            self._finished = True
            for name in list(self._in_force):
                self._leave(name, "restart")
            self._write_ends(self._clock.now_us())

    def _consider(self, papers: Sequence[LivePapers], now_us: int) -> None:
        present = {paper.request_sha256 for paper in papers}
        for name, one in list(self._in_force.items()):
            if now_us >= one.opening.until_us:
                self._leave(name, "window")
            elif name not in present:
                self._leave(name, "withdrawn")
        self._write_ends(now_us)
        for name, one in list(self._in_force.items()):
            if now_us - one.seen_us >= _SEEN_US:
                self._rows.seen(one.row, now_us)
                self._put(name, replace(one, seen_us=now_us))
        for paper in papers:
            if paper.request_sha256 not in self._in_force and _digest(paper) not in self._refused:
                self._try(paper, now_us)

    def _try(self, paper: LivePapers, now_us: int) -> None:
        try:
            opening = LiveOpening.check(
                paper.request,
                paper.answers,
                camera=self._camera,
                deployment=self._deployment,
                custodians=self._custodians,
                now_us=now_us,
            )
        except StatementInvalid as error:
            self._refuse(paper, error.message)
            return
        if len(paper.case_salt) != SALT_SIZE:
            self._refuse(paper, "The salt of its case has another size.")
        elif opening.request_sha256 != paper.request_sha256:
            self._refuse(paper, "The papers of a live opening are of another request.")
        elif self._rows.is_spent(self._camera, opening.request_sha256):
            self._refuse(paper, "This live opening has ended and does not open again.")
        elif opening.created_us < self._rows.enrolled_us(self._camera):
            self._refuse(paper, "The camera was enrolled anew after this was asked for.")
        elif opening.since_us <= now_us:
            opening = replace(opening, since_us=now_us)
            case, _ = commit(opening.case, paper.case_salt)
            row = self._rows.begin(opening, self._epoch, case)
            self._put(opening.request_sha256, _InForce(row, opening, now_us))
            self._report(f"live opening {opening.request_sha256[:16]} of {self._camera} begins")

    def _put(self, name: str, one: _InForce) -> None:
        with self._lock:
            self._in_force[name] = one

    def _leave(self, name: str, why: str) -> None:
        """From here on nothing is sealed to the officer, the entry written or not."""
        with self._lock:
            one = self._in_force.pop(name)
            # A picture lasts a little longer than the moment at which it came.
            sealed_us = self._sealed_us.pop(name, 0)
        self._ending.append((one.row, why, sealed_us))
        self._report(f"live opening {name[:16]} of {self._camera} ends: {why}")

    def _write_ends(self, now_us: int) -> None:
        while self._ending:
            row, why, sealed_us = self._ending[0]
            self._rows.end(row, max(now_us, sealed_us), why)
            self._ending.pop(0)

    def _refuse(self, paper: LivePapers, message: str) -> None:
        """Refused papers are not looked at again: time does not go back, nor do they get better."""
        self._refused.add(_digest(paper))
        self._report(f"live opening {paper.request_sha256[:16]} of {self._camera}: {message}")


def _digest(paper: LivePapers) -> bytes:
    papers = hashlib.sha256()
    for text in (paper.request_sha256.encode(), paper.request, *paper.answers):
        papers.update(hashlib.sha256(text).digest())
    return papers.digest()
