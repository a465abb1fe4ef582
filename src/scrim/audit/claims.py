"""What the ledger's entries say about periods and gaps, gathered in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scrim.audit.evidence import PeriodKey
from scrim.audit.live import LiveClaims
from scrim.audit.report import Kind, Report
from scrim.canonical import Json
from scrim.ledger import Act, Entry

GapKey = tuple[str, int, str, str]  # camera, since_us, side, cause

_TELL: Final = "Keep this folder as it is and tell the auditor."


@dataclass(frozen=True, slots=True)
class Opened:
    """What a ``period-opened`` entry says."""

    index: int
    document: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Closed:
    """What a ``period-closed`` entry says."""

    index: int
    manifest: str
    document: str
    segments: int
    chain: str


@dataclass(frozen=True, slots=True)
class Reshared:
    """What a ``period-reshared`` entry says."""

    index: int
    document: str
    reshare: str


@dataclass(slots=True)
class Claims:
    """Gathers entries one by one."""

    report: Report
    opened: dict[PeriodKey, Opened] = field(default_factory=dict)
    closed: dict[PeriodKey, Closed] = field(default_factory=dict)
    reshared: dict[PeriodKey, dict[str, Reshared]] = field(default_factory=dict)  # by the new set
    gaps: dict[GapKey, set[int]] = field(default_factory=dict)  # and when they ended
    live: LiveClaims = field(init=False)

    def __post_init__(self) -> None:
        self.live = LiveClaims(self.report)

    def see(self, index: int, entry: Entry) -> None:
        """Take one entry."""
        try:
            if entry.act is Act.PERIOD_OPENED:
                self._open(index, entry)
            elif entry.act is Act.PERIOD_CLOSED:
                self._close(index, entry)
            elif entry.act is Act.PERIOD_RESHARED:
                self._reshare(index, entry)
            elif entry.act is Act.GAP:
                self._gap(entry)
            elif entry.act in (Act.LIVE_OPENED, Act.LIVE_ENDED):
                self.live.see(index, entry)
        except (KeyError, TypeError):
            self.report.problem(
                Kind.ENTRY_UNREADABLE,
                f"entry {index}",
                f"An entry {entry.act.value!r} lacks a fact it must have.",
                _TELL,
            )

    def _open(self, index: int, entry: Entry) -> None:
        key = _key(entry)
        if key in self.opened:
            self.report.problem(
                Kind.PERIOD_CONTRADICTS,
                f"entry {index}",
                f"Period {name(key)} was opened before, by entry {self.opened[key].index}.",
                _TELL,
            )
            return
        facts = entry.facts
        self.opened[key] = Opened(index, _text(facts, "document"), _text(facts, "recipient"))

    def _close(self, index: int, entry: Entry) -> None:
        key = _key(entry)
        if key in self.closed or key not in self.opened:
            first = "closed before" if key in self.closed else "never opened"
            self.report.problem(
                Kind.PERIOD_CONTRADICTS, f"entry {index}", f"Period {name(key)} was {first}.", _TELL
            )
            return
        facts = entry.facts
        self.closed[key] = Closed(
            index,
            _text(facts, "manifest"),
            _text(facts, "document"),
            _number(facts, "segments"),
            _text(facts, "chain"),
        )

    def _reshare(self, index: int, entry: Entry) -> None:
        key, facts = _key(entry), entry.facts
        known = self.reshared.setdefault(key, {})
        new_set = _text(facts, "set")
        if key not in self.opened or new_set in known:
            first = "handed on to that set before" if new_set in known else "never opened"
            self.report.problem(
                Kind.PERIOD_CONTRADICTS, f"entry {index}", f"Period {name(key)} was {first}.", _TELL
            )
            return
        known[new_set] = Reshared(index, _text(facts, "document"), _text(facts, "reshare"))

    def _gap(self, entry: Entry) -> None:
        if entry.camera is None or entry.since_us is None:
            raise KeyError("camera")
        facts = entry.facts
        key = (entry.camera, entry.since_us, _text(facts, "side"), _text(facts, "cause"))
        ends = self.gaps.setdefault(key, set())
        if entry.until_us is not None:
            ends.add(entry.until_us)


def name(key: PeriodKey) -> str:
    """A period as findings name it."""
    camera, epoch, number = key
    return f"{camera}/{epoch}/{number}"


def _key(entry: Entry) -> PeriodKey:
    if entry.camera is None or entry.epoch is None:
        raise KeyError("camera")
    return entry.camera, entry.epoch, _number(entry.facts, "period")


def _text(facts: Mapping[str, Json], key: str) -> str:
    value = facts[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number(facts: Mapping[str, Json], key: str) -> int:
    value = facts[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(key)
    return value
