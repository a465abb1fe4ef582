"""Sealed segments in, originals out: one at a time, each held against its manifest.

::

    manifest ── its hash is in the ledger ──► segments, in order
    sealed ── size, SHA-256 as there? ── age, with the period's identity ──► clear
    clear ── size, SHA-256 as there? ──► handed on

Rules:

1. What does not match is never handed on; it is named: cut, another segment of
   this or another camera in its place, damaged, gone.
2. One segment and one manifest are in memory at a time, however long the interval.
3. A fault of one segment does not keep the others back.
4. A period without its identity, or whose manifest is not the ledger's, gives one
   finding and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from scrim.errors import CaseUnknown, ObjectMissing, ScrimError, SealBroken
from scrim.opening import plan
from scrim.opening.plan import Finding, PeriodName, Segment
from scrim.opening.seam import Fetch
from scrim.vault import manifest as manifests
from scrim.vault.opening import open_segment


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period that the case may read.

    Args:
        name: camera, epoch, period.
        document: the period document, checked against the request.
        manifest_sha256: from the ``period-closed`` entry; ``None`` while the period is open.
        identity: its age identity, recombined; ``None`` where parts are too few or wrong.
    """

    name: PeriodName
    document: bytes = field(repr=False)
    manifest_sha256: str | None
    identity: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Original:
    """A segment as it was recorded; ``kept``: from an earlier run, and not fetched."""

    segment: Segment
    data: bytes = field(repr=False)
    kept: bool = False


Outcome: TypeAlias = Original | Finding
Kept: TypeAlias = Callable[[Segment], bytes | None]
"""A segment's clear bytes from an earlier run, if they are there and right."""

Checked: TypeAlias = Callable[[PeriodName, bytes], None]
"""Is told of each manifest that holds."""


class Decryption:
    """The originals of one viewing.

    Args:
        fetch: where sealed objects and manifests come from.
        viewing: the viewing's id; its entry is in the ledger already.
        periods: those of the request, in its order.
        listed: the server's list of segments.
        since_us, until_us: what was asked to see, half open.
        checked: is given each manifest that holds, to keep it.
        live: hash of a live request; then only segments whose records name it are opened,
            with the one identity that all periods have.
    """

    def __init__(
        self,
        fetch: Fetch,
        viewing: str,
        periods: Sequence[OpenPeriod],
        listed: Sequence[Segment],
        since_us: int,
        until_us: int,
        checked: Checked = lambda _name, _manifest: None,
        live: str | None = None,
    ) -> None:
        self._fetch = fetch
        self._checked = checked
        self._viewing = viewing
        self._live = live
        self._periods = periods
        self._interval = since_us, until_us
        self._listed: dict[PeriodName, list[Segment]] = {}
        for segment in listed:
            self._listed.setdefault(segment.period_name, []).append(segment)
        self._known: Mapping[bytes, tuple[str, int]] | None = None

    def unasked(self) -> list[Finding]:
        """Segments that the server lists for periods that the request does not name."""
        names = {period.name for period in self._periods}
        return [
            Finding.of(segment, "the server lists it, and its period is not of the request")
            for name, segments in self._listed.items()
            if name not in names
            for segment in segments
        ]

    def originals(self, camera: str, kept: Kept = lambda _: None) -> Iterator[Outcome]:
        """One camera's originals in the recorder's order, and what is wrong between them.

        Args:
            camera: which.
            kept: gives what an earlier run wrote; it is then not fetched again.

        Raises:
            ScrimError: the server cannot be reached any more; what was handed on stands.
        """
        for period in self._periods:
            if period.name[0] == camera:
                yield from self._period(period, kept)

    def segments(self, period: OpenPeriod) -> tuple[tuple[Segment, ...], list[Finding]]:
        """A period's segments of the interval, and what the server's list gets wrong.

        Raises:
            SealBroken: the manifest is not the ledger's, or not of this period.
            ObjectMissing: the server does not have it.
        """
        listed = self._listed.get(period.name, [])
        if period.manifest_sha256 is None:
            inside = [s for s in listed if plan.overlaps(s.start_us, s.end_us, *self._interval)]
            return tuple(sorted(inside, key=lambda s: s.segment)), []
        data = self._fetch.manifest(self._viewing, *period.name)
        found = manifests.parse(data, sha256=period.manifest_sha256)
        found.check_belongs_to(period.document)
        if (found.camera, found.epoch, found.period) != period.name:
            raise SealBroken("The manifest is another period's.", "Report it to the auditor.")
        segments = plan.of_manifest(found, *self._interval, live=self._live)
        self._checked(period.name, data)
        return segments, plan.compare(segments, listed, *self._interval)

    def _period(self, period: OpenPeriod, kept: Kept) -> Iterator[Outcome]:
        try:
            segments, findings = self.segments(period)
        except (SealBroken, ObjectMissing, CaseUnknown) as error:
            yield self._whole(period, error.message)
            return
        yield from findings
        if period.identity is None:
            if segments:
                yield self._whole(period, "its parts do not open it")
            return
        for segment in segments:
            data = kept(segment)
            if data is not None:
                yield Original(segment, data, kept=True)
            else:
                yield self._one(segment, period.identity)

    def _one(self, segment: Segment, identity: str) -> Outcome:
        if segment.lost:
            return Finding.of(segment, "the recorder lost it: its object never came to be")
        try:
            sealed = self._fetch.sealed(self._viewing, segment.camera, segment.segment)
        except (ObjectMissing, CaseUnknown):
            return Finding.of(segment, "the server does not have it")
        found = hashlib.sha256(sealed)
        if found.hexdigest() != segment.sha256:
            return Finding.of(segment, self._what_came(segment, len(sealed), found.digest()))
        try:
            clear = open_segment(sealed, identity)
        except SealBroken:
            return Finding.of(segment, "it is what was recorded, but not sealed to its period")
        if segment.proven and (
            len(clear) != segment.plain_size
            or hashlib.sha256(clear).hexdigest() != segment.plain_sha256
        ):
            return Finding.of(segment, "what is inside is not what the manifest says")
        return Original(segment, clear)

    def _what_came(self, segment: Segment, size: int, digest: bytes) -> str:
        other = self._whose(digest)
        if other is not None:
            camera, number = other
            if camera == segment.camera:
                return f"in its place came segment {number} of the same camera"
            return f"in its place came segment {number} of camera {camera}"
        if size < segment.size:
            return f"it was cut: {size} of {segment.size} bytes came"
        return "it was changed: its SHA-256 is not the one on record"

    def _whose(self, digest: bytes) -> tuple[str, int] | None:
        # Made when first needed: where all is well nobody asks.
        if self._known is None:
            known = {}
            for period in self._periods:
                try:
                    segments, _ = self.segments(period)
                except ScrimError:
                    continue
                for segment in segments:
                    known[bytes.fromhex(segment.sha256)] = segment.camera, segment.segment
            self._known = known
        return self._known.get(digest)

    def _whole(self, period: OpenPeriod, what: str) -> Finding:
        camera, epoch, number = period.name
        since_us, until_us = self._interval
        place = f"period {number} of epoch {epoch}: {what}"
        return Finding(camera, None, since_us, until_us, place.rstrip("."))
