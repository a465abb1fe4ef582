"""Live openings: who besides k custodians can open a segment, and whether the ledger says so.

Two things are compared for each sealed segment: to how many the object is sealed,
from its header; and which requests its record names.  Each request must have an
entry ``live-opened`` for that camera whose interval the whole segment lies in.
So an extra recipient that no entry accounts for is found without any key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from scrim.audit.report import Kind, Report
from scrim.canonical import Json
from scrim.ledger import Act, Entry
from scrim.vault.ageheader import stanza_types

_TELL: Final = "Keep this folder as it is and tell the auditor."


@dataclass(frozen=True, slots=True)
class _Interval:
    index: int
    since_us: int
    until_us: int


@dataclass(slots=True)
class LiveClaims:
    """What the ledger says of live openings: for each camera and request, from when until when."""

    report: Report
    _intervals: dict[tuple[str, str], list[_Interval]] = field(default_factory=dict)

    def see(self, index: int, entry: Entry) -> None:
        """Take an entry ``live-opened`` or ``live-ended``.

        Raises:
            KeyError, TypeError: it lacks a fact that it must have.
        """
        request = entry.facts["request"]
        if entry.camera is None or entry.since_us is None or entry.until_us is None:
            raise KeyError("camera")
        if not isinstance(request, str):
            raise TypeError("request")
        known = self._intervals.setdefault((entry.camera, request), [])
        if entry.act is Act.LIVE_OPENED:
            known.append(_Interval(index, entry.since_us, entry.until_us))
            return
        for at, one in enumerate(known):
            if one.since_us == entry.since_us:
                known[at] = replace(one, until_us=min(one.until_us, entry.until_us))
                return
        self.report.problem(
            Kind.LIVE_UNLOGGED,
            f"entry {index}",
            "It ends a live opening that no entry began.",
            _TELL,
        )

    def check_record(self, subject: str, camera: str, record: Mapping[str, Json]) -> None:
        """Hold the requests that a sealed segment's record names against the entries."""
        for request in _named(record):
            if not self._covers(camera, request, record):
                self.report.problem(
                    Kind.LIVE_UNLOGGED,
                    subject,
                    f"Its record says that it is sealed for request {request}, and no live opening "
                    "of that request was in force for all of it.",
                    _TELL,
                )

    def check_header(self, subject: str, record: Mapping[str, Json], head: bytes) -> None:
        """Hold the number of recipients of a sealed object against its record.

        Args:
            subject: the object's key.
            record: its record.
            head: its first bytes, the whole header at least.
        """
        expected = 1 + len(set(_named(record)))
        try:
            types = stanza_types(head)
        except ValueError:
            types = ()
        if types != ("X25519",) * expected:
            self.report.problem(
                Kind.SEAL_RECIPIENTS,
                subject,
                f"It is sealed to {len(types)} recipients ({', '.join(types) or 'none'}), and its "
                f"record accounts for {expected}.",
                _TELL,
            )

    def _covers(self, camera: str, request: str, record: Mapping[str, Json]) -> bool:
        start_us, end_us = record.get("start_us"), record.get("end_us")
        if not isinstance(start_us, int) or not isinstance(end_us, int):
            return False
        return any(
            one.since_us <= start_us and end_us <= one.until_us
            for one in self._intervals.get((camera, request), ())
        )


def _named(record: Mapping[str, Json]) -> list[str]:
    """The requests that a record names; what is none is one that no entry knows."""
    named = record.get("live", [])
    if not isinstance(named, list):
        return ["?"]
    return [request if isinstance(request, str) else "?" for request in named]
