"""What is to be opened, one period at a time: from its manifest, in the recorder's order.

Rules:

1. A closed period is read from its manifest, and the manifest is the one whose
   hash the ledger holds (``period-closed``).  What the server lists beside it is
   held against it and otherwise not used: a segment left out of the list, added
   to it, or moved in time there is named.
2. A period that is still open has no manifest.  Its segments are taken from the
   server's list and marked as not proven; opened again after it closed, they are.
3. Only segments that overlap the interval are in the plan.
4. A record names its own place: one that stands in another camera's, epoch's or
   period's manifest, or out of order, makes the manifest unusable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scrim.canonical import Json
from scrim.errors import PackageBroken, SealBroken
from scrim.store.keys import sealed_key
from scrim.vault.fields import Fields
from scrim.vault.manifest import Manifest

PeriodName = tuple[str, int, int]
"""Camera, epoch, period."""

_LISTED: Final = frozenset(
    {"camera", "epoch", "period", "segment", "start_us", "end_us", "size", "sha256", "lost"}
)
_REMEDY: Final = "Report it to the auditor; `scrim verify` on the recorder's folder says more."


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment that the case may open.

    Args:
        camera, epoch, period, segment: its place.
        start_us, end_us: what it covers, UTC microseconds.
        size, sha256: of the sealed object.
        lost: the recorder wrote it down, but its object never came to be.
        plain_size, plain_sha256: of what is inside; -1 and empty where only the server says it.
        container: ``mp4``, ``mov``, ``nut`` or ``matroska``; empty likewise.
        codec: the camera's; empty likewise.
    """

    camera: str
    epoch: int
    period: int
    segment: int
    start_us: int
    end_us: int
    size: int
    sha256: str
    lost: bool = False
    plain_size: int = -1
    plain_sha256: str = ""
    container: str = ""
    codec: str = ""

    @property
    def proven(self) -> bool:
        """Whether a manifest that the ledger holds vouches for it."""
        return bool(self.plain_sha256)

    @property
    def period_name(self) -> PeriodName:
        return self.camera, self.epoch, self.period

    @property
    def label(self) -> str:
        """As it is called in a finding."""
        return f"segment {self.segment} of camera {self.camera}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what it concerns."""

    camera: str
    segment: int | None
    start_us: int
    end_us: int
    what: str

    @classmethod
    def of(cls, segment: Segment, what: str) -> Finding:
        return cls(segment.camera, segment.segment, segment.start_us, segment.end_us, what)

    def line(self) -> str:
        """One line for a person."""
        place = "" if self.segment is None else f"segment {self.segment} of "
        return f"{place}camera {self.camera}: {self.what}"


def overlaps(start_us: int, end_us: int, since_us: int, until_us: int) -> bool:
    """Whether a segment touches the half-open interval; one of no length is a moment."""
    return start_us < until_us and max(end_us, start_us + 1) > since_us


def of_manifest(
    manifest: Manifest, since_us: int, until_us: int, *, live: str | None = None
) -> tuple[Segment, ...]:
    """The sealed segments of a closed period that overlap the interval.

    Args:
        manifest: of the period.
        since_us: the interval's beginning, UTC microseconds.
        until_us: its end, half open.
        live: hash of a live request: only segments whose records name it.

    Raises:
        SealBroken: a record does not stand where it says, or is not a sealed segment's.
    """
    lost = frozenset(manifest.lost)
    found: list[Segment] = []
    last = -1
    for number, record in enumerate(manifest.records):
        if record["side"] != "sealed":
            continue
        try:
            segment = _of_record(manifest, record, number in lost)
        except (ValueError, KeyError) as error:
            raise SealBroken(
                f"A record of the manifest cannot be read: {error}.", _REMEDY
            ) from None
        if segment.segment <= last:
            raise SealBroken(
                f"The manifest has {segment.label} after segment {last}: out of order.", _REMEDY
            )
        last = segment.segment
        if live is not None and live not in _named(record):
            continue
        if overlaps(segment.start_us, segment.end_us, since_us, until_us):
            found.append(segment)
    return tuple(found)


def of_listing(listing: Iterable[object]) -> tuple[Segment, ...]:
    """The segments that the server says a viewing has.

    Raises:
        PackageBroken: not such a list.
    """
    found = []
    for item in listing:
        try:
            fields = Fields(item, _LISTED)
            found.append(
                Segment(
                    fields.name("camera"),
                    fields.number("epoch"),
                    fields.number("period"),
                    fields.number("segment"),
                    fields.number("start_us"),
                    fields.number("end_us"),
                    fields.number("size"),
                    fields.sha256("sha256"),
                    fields.truth("lost"),
                )
            )
        except ValueError as error:
            raise PackageBroken(
                f"The server's list of segments cannot be read: {error}.",
                "Ask again; if it stays so, server and this Scrim are of different versions.",
            ) from None
    return tuple(found)


def compare(
    proven: Sequence[Segment], listed: Sequence[Segment], since_us: int, until_us: int
) -> list[Finding]:
    """What the server's list says of a closed period that its manifest does not.

    Args:
        proven: the period's segments of the interval, from the manifest.
        listed: those that the server lists for the same period.
        since_us: the interval's beginning.
        until_us: its end.
    """
    findings = []
    there = {segment.segment: segment for segment in listed}
    for segment in proven:
        said = there.pop(segment.segment, None)
        if said is None:
            findings.append(Finding.of(segment, "the server left it out of its list"))
        elif (said.start_us, said.end_us) != (segment.start_us, segment.end_us):
            findings.append(Finding.of(segment, "the server's list moves it in time"))
        elif (said.size, said.sha256) != (segment.size, segment.sha256):
            findings.append(Finding.of(segment, "the server lists another object for it"))
    findings.extend(
        Finding.of(extra, "the server lists it, and the manifest does not know it")
        for extra in there.values()
        if overlaps(extra.start_us, extra.end_us, since_us, until_us)
    )
    return findings


def _of_record(manifest: Manifest, record: object, lost: bool) -> Segment:
    fields = Fields(record, frozenset({"plain_size", "plain_sha256", "container"}), more=True)
    number = fields.number("segment")
    place = sealed_key(manifest.camera, manifest.epoch, manifest.period, number)
    if fields.text("key") != place:
        raise ValueError(f"segment {number} is said to lie at another place")
    start_us, end_us = fields.number("start_us"), fields.number("end_us")
    if end_us < start_us:
        raise ValueError(f"segment {number} ends before it begins")
    return Segment(
        manifest.camera,
        manifest.epoch,
        manifest.period,
        number,
        start_us,
        end_us,
        fields.number("size"),
        fields.sha256("sha256"),
        lost,
        fields.number("plain_size"),
        fields.sha256("plain_sha256"),
        fields.name("container"),
        _codec(record),
    )


def _named(record: Mapping[str, Json]) -> Sequence[Json]:
    named = record.get("live", [])
    return named if isinstance(named, list) else ()


def _codec(record: Json | object) -> str:
    value = record.get("codec") if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""
