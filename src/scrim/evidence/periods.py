"""A period's papers, and which of its originals belong to an interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from scrim.canonical import Json
from scrim.errors import SealBroken
from scrim.evidence import layout
from scrim.vault.document import PeriodDocument
from scrim.vault.manifest import Manifest
from scrim.vault.manifest import parse as parse_manifest
from scrim.vault.request import Request

Place: TypeAlias = tuple[str, int, int]
"""Camera, epoch, period."""


def name(place: Place) -> str:
    """A period as findings name it."""
    return "/".join(str(part) for part in place)


@dataclass(frozen=True, slots=True)
class Papers:
    """A closed period: what opened it and what closed it, each as read."""

    document: PeriodDocument
    manifest: Manifest

    @classmethod
    def parse(cls, document: bytes, manifest: bytes) -> Papers:
        """Read both and hold one against the other.

        Raises:
            SealBroken: one is not what it should be, or they do not belong together.
        """
        found = parse_manifest(manifest)
        return cls(found.check_belongs_to(document), found)

    @property
    def place(self) -> Place:
        return self.manifest.camera, self.manifest.epoch, self.manifest.period


@dataclass(frozen=True, slots=True)
class Original:
    """One original as its period's record has it: sealed, and in the clear."""

    place: Place
    segment: int
    start_us: int
    end_us: int
    sealed_key: str
    sealed_size: int
    sealed_sha256: str
    plain_size: int
    plain_sha256: str
    container: str
    lost: bool
    live: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where it is in a bundle."""
        return layout.original(*self.place, self.segment, self.container)

    def is_within(self, request: Request) -> bool:
        """Whether any of it is in the interval asked for; of a live case, was sealed for it."""
        if request.is_live:
            return request.sha256 in self.live
        return self.start_us < request.until_us and self.end_us > request.since_us


def originals(papers: Papers) -> Iterator[Original]:
    """The sealed side of a period, in the order in which it was recorded.

    Raises:
        SealBroken: a record does not say what is inside its seal.
    """
    lost = set(papers.manifest.lost)
    for number, record in enumerate(papers.manifest.records):
        if record["side"] == "sealed":
            yield _original(papers.place, record, number in lost)


def asked_for(request: Request, periods: Iterable[Papers]) -> list[Original]:
    """All originals of the request's interval, lost ones too, in order of path."""
    found = [
        original
        for papers in periods
        if papers.place[0] in request.cameras
        for original in originals(papers)
        if original.is_within(request)
    ]
    return sorted(found, key=lambda original: original.path)


def _original(place: Place, record: Mapping[str, Json], lost: bool) -> Original:
    def number(field: str) -> int:
        value = record.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _incomplete(place)
        return value

    def text(field: str) -> str:
        value = record.get(field)
        if not isinstance(value, str):
            raise _incomplete(place)
        return value

    live = record.get("live", [])
    return Original(
        place,
        number("segment"),
        number("start_us"),
        number("end_us"),
        text("key"),
        number("size"),
        text("sha256"),
        number("plain_size"),
        text("plain_sha256"),
        text("container"),
        lost,
        tuple(map(str, live)) if isinstance(live, list) else (),
    )


def _incomplete(place: Place) -> SealBroken:
    return SealBroken(
        f"A record of period {name(place)} does not say what is inside its seal.",
        "It was written by another recorder than Scrim's.",
    )
