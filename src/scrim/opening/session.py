"""One opening of recorded pictures, from its package to files on the officer's disk.

Rules:

1. Nothing is opened after the case's expiry by this machine's clock, nor outside its
   cameras and interval, whatever the server would give.
2. The viewing is in the ledger before the first byte is asked for.
3. Before that the parts are combined: where no period opens, nobody has looked.
4. What goes wrong with one segment or period is a finding; the rest is written.
5. An opening that was interrupted is begun again: native files that are there and right
   are not fetched twice.

:mod:`scrim.opening.output` has the files, :mod:`scrim.opening.live` live openings.
"""

from __future__ import annotations

from pathlib import Path

from scrim.errors import CaseRefused, PartsTooFew
from scrim.opening import plan
from scrim.opening.decrypt import Decryption, OpenPeriod
from scrim.opening.output import Opened, Output, Progress, Wanted, check_alive
from scrim.opening.package import Package
from scrim.opening.plan import PeriodName
from scrim.opening.seam import Server
from scrim.vault.receiving import open_periods

__all__ = ["Opened", "Opening", "Wanted"]


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
        check_alive(package, now_us)
        self._server = server
        self._package = package
        self._output = Output(package, out)
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
        wanted.check_inside(self._package)
        looked = self._server.open_viewing(
            self._package.request.case, act, wanted.cameras, wanted.since_us, wanted.until_us
        )
        self._output.keep_package()  # nothing of a case is written before the look is logged
        for period in self._periods:
            self._output.keep_document(period.name, period.document)
        decryption = Decryption(
            self._server,
            looked.id,
            self._periods,
            plan.of_listing(looked.segments),
            wanted.since_us,
            wanted.until_us,
            self._output.keep_manifest,
        )
        found = Opened(looked.id, findings=decryption.unasked(), faults=list(self._faults))
        for camera in wanted.cameras:
            self._output.camera(decryption, camera, wanted, found, progress)
        self._output.report(wanted, act, found)
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
        for one in open_periods(
            request, self._package.statements, documents, identity, self._package.reshares
        ):
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
