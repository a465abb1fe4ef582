"""One live opening: what the recorder seals to this case's one-time key, as it comes.

::

    viewing ── asked again every few seconds ──► new segments ── one-time key ──► native files
    window over ── record: hashes of documents and manifests ──► all of them held against these
                                                             ──► joined, viewing

Rules:

1. There are no parts: what opens is sealed to the one-time key itself, by the recorder,
   after it judged the custodians' answers on its own.
2. The viewing is in the ledger before the first byte is asked for, and lasts the window.
3. While the window lasts each segment is written as it comes, its hash being that of the
   server's list.  When it is over all of them are held against the manifests that the
   ledger holds; what no manifest vouches for yet is counted, and run again it is.
4. A server that is away for a while loses nothing: what it has is fetched when it is back.
5. After the window the same command opens the same, in one go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from scrim.clock import SECOND, Clock
from scrim.errors import (
    CaseRefused,
    CaseState,
    CaseUnknown,
    ObjectMissing,
    SealBroken,
    ServerAway,
)
from scrim.ledger.checkpoint import Checkpoint
from scrim.opening import plan
from scrim.opening.decrypt import Decryption, OpenPeriod, Original
from scrim.opening.output import Opened, Output, Progress, Wanted, check_alive
from scrim.opening.package import Package
from scrim.opening.plan import Finding, PeriodName, Segment
from scrim.opening.record import Record
from scrim.opening.seam import LiveServer, Looked
from scrim.vault import agekeys
from scrim.vault.opening import open_segment

POLL_SECONDS: Final = 2.0
GRACE_US: Final = 20 * SECOND
"""For so long after the window the last segment may still be on its way to the store."""

_TRIES: Final = 30


@dataclass(frozen=True, slots=True)
class Machine:
    """What a live opening has of the machine that it runs on.

    Args:
        clock: its clock.
        pause: waits so many seconds.
        see: checks a signed note and gives its checkpoint.
    """

    clock: Clock
    pause: Callable[[float], None]
    see: Callable[[str], Checkpoint]


class LiveOpening:
    """Opens a live case into a folder.

    Args:
        server: the officer's connection.
        package: checked.
        identity: the case's one-time identity, ``AGE-SECRET-KEY-1…``.
        out: the folder; made if missing (0700).
        machine: where it runs.

    Raises:
        CaseState: the case has expired, or this machine's clock was set back.
        CaseRefused: not a live case, or not its one-time key.
    """

    def __init__(
        self, server: LiveServer, package: Package, identity: str, out: Path, machine: Machine
    ) -> None:
        check_alive(package, machine.clock.now_us())
        if not package.request.is_live:
            raise CaseRefused(
                "This case is of what is recorded, not live.",
                "Open it with the custodians' parts.",
                rule="live-only",
            )
        if agekeys.recipient_of(agekeys.secret_of(identity)) != package.request.recipient:
            raise CaseRefused(
                "This is not the one-time key of this case.",
                "Use the key that was made when this case was requested.",
                rule="one-time-recipient",
            )
        self._server = server
        self._package = package
        self._identity = identity
        self._machine = machine
        self._output = Output(package, out)
        self._taken: dict[tuple[str, int], str] = {}

    def run(
        self, wanted: Wanted, act: str = "view", progress: Progress = lambda _camera, _done: None
    ) -> Opened:
        """Log the viewing, follow it while the window lasts, then hold all of it to the ledger.

        Args:
            wanted: what; native files are written in any case, since they come first.
            act: ``view``, ``export`` or ``disclose``.
            progress: is told the camera and how many of its segments are done.

        Raises:
            CaseRefused: outside the case.
            CaseState: the case ended meanwhile; what is written stands.
            ServerError: the server cannot be reached when the window is over; run it again.
            PackageBroken, LedgerBroken: what it says of the ledger does not hold.
            StoreError: the folder cannot be written.
        """
        wanted.check_inside(self._package)
        wanted = replace(wanted, native=True)
        looked = self._server.open_viewing(
            self._package.request.case, act, wanted.cameras, wanted.since_us, wanted.until_us
        )
        self._output.keep_package()
        looked = self._follow(looked, wanted, progress)
        listed = plan.of_listing(looked.segments)
        found = Opened(looked.id)
        periods = self._periods(looked.id, wanted, listed, found)
        decryption = Decryption(
            self._server,
            looked.id,
            periods,
            listed,
            wanted.since_us,
            wanted.until_us,
            self._output.keep_manifest,
            live=self._package.request.sha256,
        )
        found.findings += decryption.unasked()
        for camera in wanted.cameras:
            self._output.camera(decryption, camera, wanted, found, progress, self._kept)
        self._output.report(wanted, act, found)
        return found

    def _follow(self, looked: Looked, wanted: Wanted, progress: Progress) -> Looked:
        end_us = min(wanted.until_us, self._package.request.expires_us) + GRACE_US
        while self._machine.clock.now_us() < end_us:
            try:
                for segment in plan.of_listing(looked.segments):
                    self._take(looked.id, segment, progress)
                self._machine.pause(POLL_SECONDS)
                looked = self._server.look_again(looked.id)
            except ServerAway:
                self._machine.pause(POLL_SECONDS)
        return looked

    def _take(self, viewing: str, segment: Segment, progress: Progress) -> None:
        """Write a segment as it comes; what is wrong with it is said when all are looked at."""
        place = segment.camera, segment.segment
        if segment.lost or place in self._taken:
            return
        try:
            sealed = self._server.sealed(viewing, *place)
            if hashlib.sha256(sealed).hexdigest() != segment.sha256:
                return
            clear = open_segment(sealed, self._identity)
        except (ObjectMissing, CaseUnknown, SealBroken):
            return
        self._output.native.write(Original(segment, clear))
        self._taken[place] = hashlib.sha256(clear).hexdigest()
        progress(segment.camera, sum(camera == segment.camera for camera, _ in self._taken))

    def _kept(self, segment: Segment) -> bytes | None:
        """The native file, if it is what a manifest says, or what this very run wrote."""
        if segment.proven:
            return self._output.native.read(segment)
        taken = self._taken.get((segment.camera, segment.segment))
        return None if taken is None else self._output.native.read_as(segment, taken)

    def _periods(
        self, viewing: str, wanted: Wanted, listed: Sequence[Segment], found: Opened
    ) -> list[OpenPeriod]:
        request = self._package.request
        whole = (wanted.since_us, wanted.until_us) == (request.since_us, request.until_us)
        names = {segment.period_name for segment in listed}
        periods = []
        for name, logged in sorted(self._record().periods.items()):
            if name[0] not in wanted.cameras or not (whole or name in names):
                continue
            try:
                document = self._server.document(viewing, *name)
            except (ObjectMissing, CaseUnknown):
                found.findings.append(_of_period(name, wanted, "the server has no document of it"))
                continue
            if hashlib.sha256(document).hexdigest() != logged.document_sha256:
                found.findings.append(
                    _of_period(name, wanted, "its document is not the one in the ledger")
                )
                continue
            self._output.keep_document(name, document)
            periods.append(OpenPeriod(name, document, logged.manifest_sha256, self._identity))
        return periods

    def _record(self) -> Record:
        request = self._package.request
        for _ in range(_TRIES):
            try:
                return Record.parse(self._server.record(request.case), request, self._machine.see)
            except CaseState:  # the next checkpoint has it
                self._machine.pause(1)
        return Record.parse(self._server.record(request.case), request, self._machine.see)


def _of_period(name: PeriodName, wanted: Wanted, what: str) -> Finding:
    camera, epoch, period = name
    place = f"period {period} of epoch {epoch}: {what}"
    return Finding(camera, None, wanted.since_us, wanted.until_us, place)
