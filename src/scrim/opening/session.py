"""One opening of a case, from its package to files on the officer's disk.

::

    OUT/package.json             what the server sent, all of it checked
    OUT/period/…                 documents and manifests, named as the recorder names them
    OUT/native/CAMERA/…          originals as recorded            (if asked for)
    OUT/joined/CAMERA-1.mp4      the same, one file a camera      (if asked for)
    OUT/viewing/CAMERA-1.mp4     marked with case, officer and time
    OUT/opened.json              what was opened, and what was not and why

Rules:

1. Nothing is opened after the case's expiry by this machine's clock, nor outside its
   cameras and interval, whatever the server would give.
2. The viewing is in the ledger before the first byte is asked for.
3. Before that the parts are combined: where no period opens, nobody has looked.
4. What goes wrong with one segment or period is a finding; the rest is written.
5. An opening that was interrupted is begun again: native files that are there and right
   are not fetched twice.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scrim.canonical import Json, canonical
from scrim.clock import to_text
from scrim.errors import CaseRefused, CaseState, PartsTooFew, SealBroken
from scrim.opening import plan
from scrim.opening.decrypt import Decryption, OpenPeriod, Original
from scrim.opening.folder import make_private, write_private
from scrim.opening.join import Joined
from scrim.opening.native import NativeFolder
from scrim.opening.package import Package
from scrim.opening.plan import Finding, PeriodName
from scrim.opening.seam import Server
from scrim.opening.viewing import ViewingCopy
from scrim.opening.watermark import Watermark
from scrim.store.keys import document_key, manifest_key
from scrim.vault.handover import check_clock
from scrim.vault.receiving import open_periods

REPORT: Final = "scrim-opened-v1"
PACKAGE_FILE: Final = "package.json"
REPORT_FILE: Final = "opened.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked at and written.

    Args:
        cameras: of the case.
        since_us, until_us: inside the case's interval, half open.
        native, joined, viewing: which kinds of files.
    """

    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    native: bool = False
    joined: bool = False
    viewing: bool = True

    @classmethod
    def all_of(
        cls, package: Package, *, native: bool, joined: bool, viewing: bool = True
    ) -> Wanted:
        """Everything that was approved."""
        asked = package.request
        return cls(asked.cameras, asked.since_us, asked.until_us, native, joined, viewing)


@dataclass(slots=True)
class Opened:
    """What came of it.

    Attributes:
        viewing: its id; its entry is in the ledger.
        segments: how many originals were opened.
        size: their bytes.
        unproven: how many of them no manifest vouches for yet.
        files: viewing copies and joined files, in order.
        findings: what is not as it should be.
        faults: parts that were left out although others were enough.
    """

    viewing: str = ""
    segments: int = 0
    size: int = 0
    unproven: int = 0
    files: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


Progress = Callable[[str, int], None]


class Opening:
    """Opens a case into a folder.

    Args:
        server: the officer's connection.
        package: checked.
        identity: the case's one-time identity, ``AGE-SECRET-KEY-1…``.
        out: the folder; made if missing (0700).
        now_us: by this machine's clock.

    Raises:
        CaseState: the case has expired, or this machine's clock was set back.
        CaseRefused: a live case, or not its one-time key.
        PartsTooFew: no period of it opens.
        SealBroken: a document is not sound.
    """

    def __init__(
        self, server: Server, package: Package, identity: str, out: Path, now_us: int
    ) -> None:
        request = package.request
        if now_us >= request.expires_us:
            raise CaseState(
                f"The case expired at {to_text(request.expires_us)}.",
                "Check this machine's clock; if it is right, file a new case.",
            )
        seen = [package.requested_us, *(answer.decided_us for _, answer in package.answers)]
        check_clock(now_us, max(seen))
        self._server = server
        self._package = package
        self._out = out
        self._faults: list[str] = []
        self._periods = self._combine(identity)

    def run(
        self, wanted: Wanted, act: str = "view", progress: Progress = lambda _camera, _done: None
    ) -> Opened:
        """Log the viewing, then fetch, check, decrypt and write.

        Args:
            wanted: what.
            act: ``view``, ``export`` or ``disclose``.
            progress: is told the camera and how many of its segments are done.

        Raises:
            CaseRefused: outside the case.
            ServerError: the server cannot be reached; run it again.
            StoreError: the folder cannot be written.
        """
        self._check_inside(wanted)
        self._keep_papers()
        looked = self._server.open_viewing(
            self._package.request.case, act, wanted.cameras, wanted.since_us, wanted.until_us
        )
        decryption = Decryption(
            self._server,
            looked.id,
            self._periods,
            plan.of_listing(looked.segments),
            wanted.since_us,
            wanted.until_us,
            self._keep_manifest,
        )
        found = Opened(looked.id, findings=decryption.unasked(), faults=list(self._faults))
        for camera in wanted.cameras:
            self._camera(decryption, camera, wanted, found, progress)
        write_private(self._out, REPORT_FILE, canonical(self._report(wanted, act, found)))
        return found

    def _combine(self, identity: str) -> list[OpenPeriod]:
        request, documents = self._package.request, self._package.documents
        if request.is_live:
            raise CaseRefused(
                "A live opening has no parts to combine.",
                "Its segments are sealed to the one-time key itself: `age -d -i` opens them.",
                rule="recorded-only",
            )
        periods = []
        few = 0
        for one in open_periods(request, self._package.statements, documents, identity):
            ref = one.ref
            name: PeriodName = (ref.camera, ref.epoch, ref.period)
            place = f"period {ref.period} of epoch {ref.epoch} of camera {ref.camera}"
            self._faults.extend(f"{place}: {fault}" for fault in one.faults)
            few += one.identity is None
            periods.append(
                OpenPeriod(
                    name,
                    documents[ref.document_sha256],
                    self._package.manifests.get(name),
                    one.identity,
                )
            )
        if few == len(periods):
            raise PartsTooFew(
                f"No period of this case opens: too few good parts. {' '.join(self._faults[:3])}",
                "Wait for more answers, or have a custodian whose part is damaged answer again.",
            )
        return periods

    def _check_inside(self, wanted: Wanted) -> None:
        request = self._package.request
        if not set(wanted.cameras) <= set(request.cameras) or not (
            request.since_us <= wanted.since_us < wanted.until_us <= request.until_us
        ):
            raise CaseRefused(
                "That is outside the cameras or the interval of this case.",
                "Stay inside what was approved; for more, file another case.",
                rule="inside-the-case",
            )

    def _camera(
        self,
        decryption: Decryption,
        camera: str,
        wanted: Wanted,
        found: Opened,
        progress: Progress,
    ) -> None:
        native = NativeFolder(self._out / "native")
        with ExitStack() as stack:
            writers: list[Joined | ViewingCopy] = []
            if wanted.joined:
                writers.append(
                    stack.enter_context(Joined(make_private(self._out, "joined"), camera))
                )
            if wanted.viewing:
                request = self._package.request
                mark = Watermark(request.case, request.officer.id, camera)
                copy = ViewingCopy(make_private(self._out, "viewing"), camera, mark)
                writers.append(stack.enter_context(copy))
            done = 0
            for outcome in decryption.originals(camera, native.read):
                if not isinstance(outcome, Original):
                    found.findings.append(outcome)
                    continue
                segment = outcome.segment
                if wanted.native:
                    native.write(outcome)
                for writer in writers:
                    try:
                        writer.add(segment, outcome.data)
                    except SealBroken as error:
                        found.findings.append(Finding.of(segment, error.message))
                found.segments += 1
                found.size += len(outcome.data)
                found.unproven += not segment.proven
                done += 1
                progress(camera, done)
        found.files.extend(path for writer in writers for path in writer.files)

    def _keep_papers(self) -> None:
        write_private(self._out, PACKAGE_FILE, self._package.data)
        for ref in self._package.request.periods:
            key = document_key(ref.camera, ref.epoch, ref.period)
            write_private(self._out, key, self._package.documents[ref.document_sha256])

    def _keep_manifest(self, name: PeriodName, data: bytes) -> None:
        write_private(self._out, manifest_key(*name), data)

    def _report(self, wanted: Wanted, act: str, found: Opened) -> dict[str, Json]:
        return {
            "format": REPORT,
            "case": self._package.request.case,
            "request_sha256": self._package.request.sha256,
            "viewing": found.viewing,
            "act": act,
            "cameras": list(wanted.cameras),
            "since_us": wanted.since_us,
            "until_us": wanted.until_us,
            "segments": found.segments,
            "bytes": found.size,
            "unproven": found.unproven,
            "files": [str(path.relative_to(self._out)) for path in found.files],
            "findings": [one.line() for one in found.findings],
            "parts_left_out": list(found.faults),
        }
