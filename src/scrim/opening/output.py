"""What one opening leaves on the officer's disk, whichever way it was opened.

::

    OUT/package.json             what the server sent, all of it checked
    OUT/period/…                 documents and manifests, named as the recorder names them
    OUT/native/CAMERA/…          originals as recorded            (if asked for)
    OUT/joined/CAMERA-1.mp4      the same, one file a camera      (if asked for)
    OUT/viewing/CAMERA-1.mp4     marked with case, officer and time
    OUT/opened.json              what was opened, and what was not and why
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scrim.canonical import Json, canonical
from scrim.clock import to_text
from scrim.errors import CaseRefused, CaseState, SealBroken
from scrim.opening.decrypt import Decryption, Kept, Original
from scrim.opening.folder import make_private, write_private
from scrim.opening.join import Joined
from scrim.opening.native import NativeFolder
from scrim.opening.package import Package
from scrim.opening.plan import Finding, PeriodName
from scrim.opening.viewing import ViewingCopy
from scrim.opening.watermark import Watermark
from scrim.store.keys import document_key, manifest_key
from scrim.vault.handover import check_clock

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

    def check_inside(self, package: Package) -> None:
        """See that it is what was approved.

        Raises:
            CaseRefused: it is outside the case.
        """
        request = package.request
        if not set(self.cameras) <= set(request.cameras) or not (
            request.since_us <= self.since_us < self.until_us <= request.until_us
        ):
            raise CaseRefused(
                "That is outside the cameras or the interval of this case.",
                "Stay inside what was approved; for more, file another case.",
                rule="inside-the-case",
            )


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


def check_alive(package: Package, now_us: int) -> None:
    """See that the case has not expired by this machine's clock, and that the clock can be so.

    Raises:
        CaseState: it has, or the clock was set back.
    """
    expires_us = package.request.expires_us
    if now_us >= expires_us:
        raise CaseState(
            f"The case expired at {to_text(expires_us)}.",
            "Check this machine's clock; if it is right, file a new case.",
        )
    seen = [package.requested_us, *(answer.decided_us for _, answer in package.answers)]
    check_clock(now_us, max(seen))


class Output:
    """The folder of one opening.

    Args:
        package: checked.
        out: the folder; made if missing (0700).
    """

    def __init__(self, package: Package, out: Path) -> None:
        self._package = package
        self._out = out
        self.native = NativeFolder(out / "native")

    def keep_package(self) -> None:
        """Write the package as it came.

        Raises:
            StoreError: the folder cannot be written (in all that follow).
        """
        write_private(self._out, PACKAGE_FILE, self._package.data)

    def keep_document(self, name: PeriodName, data: bytes) -> None:
        """Write a period document that was checked."""
        write_private(self._out, document_key(*name), data)

    def keep_manifest(self, name: PeriodName, data: bytes) -> None:
        """Write a manifest that was checked."""
        write_private(self._out, manifest_key(*name), data)

    def camera(
        self,
        decryption: Decryption,
        camera: str,
        wanted: Wanted,
        found: Opened,
        progress: Progress,
        kept: Kept | None = None,
    ) -> None:
        """Write one camera's files, and add to ``found`` what came of it.

        Args:
            decryption: gives the originals.
            camera: whose.
            wanted: which files.
            found: is added to.
            progress: is told how many segments are done.
            kept: what is there already; by default the native files that are right.
        """
        with ExitStack() as stack:
            writers = self._writers(stack, camera, wanted)
            done = 0
            for outcome in decryption.originals(camera, kept or self.native.read):
                if not isinstance(outcome, Original):
                    found.findings.append(outcome)
                    continue
                segment = outcome.segment
                if wanted.native and not outcome.kept:
                    self.native.write(outcome)
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

    def report(self, wanted: Wanted, act: str, found: Opened) -> None:
        """Write what was opened, and what was not and why."""
        facts: dict[str, Json] = {
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
        write_private(self._out, REPORT_FILE, canonical(facts))

    def _writers(self, stack: ExitStack, camera: str, wanted: Wanted) -> list[Joined | ViewingCopy]:
        writers: list[Joined | ViewingCopy] = []
        if wanted.joined:
            writers.append(stack.enter_context(Joined(make_private(self._out, "joined"), camera)))
        if wanted.viewing:
            request = self._package.request
            mark = Watermark(request.case, request.officer.id, camera)
            copy = ViewingCopy(make_private(self._out, "viewing"), camera, mark)
            writers.append(stack.enter_context(copy))
        return writers
