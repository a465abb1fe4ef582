"""The gate: which cameras may record, as a function of papers, packs and the time.

Rules (invariant 9):

1. A camera may record when each paper that its packs ask for is on record and good now,
   and no pack forbids its place.  A camera under no pack may record.  Under a pack that
   forbids places it does not record before its own, or its site's, has been said.
2. What cannot be decided is not on record: a paper whose end cannot be counted is not good.
3. Where a pack gives time (``grace``), a camera may record without the paper from its first
   day until that ends, and is warned all the while.
4. A purpose that no pack over the camera knows, though they name purposes, has no paper.
5. Of several papers of a kind the one that ends last counts, so that a new one can be put on
   record before the old one ends.
6. Warnings begin as long before the end as the pack says, or 30 days.  A warning that is
   early is never wrong, so a month is 31 days here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scrim.canonical import Json
from scrim.clock import SECOND, to_text
from scrim.errors import CalendarUnknown
from scrim.norms.calendar import Calendar
from scrim.norms.clocks import Span, due
from scrim.norms.limits import applies
from scrim.norms.pack import Forbidden, Pack, Requirement, Rule
from scrim.norms.pack import Paper as Kind
from scrim.papers.paper import PaperRow
from scrim.papers.places import UNSAID
from scrim.papers.standing import Standing

_DAY: Final = 86_400
_WARN_DAYS: Final = 30
PLACE_UNSAID: Final = "place-unsaid"
"""Why a camera waits of which nobody knows whether it may stand there."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule, and what it asks of a camera now.

    Attributes:
        pack, rule: who asks.
        paper: which kind of paper; empty where it is about the place.
        filing: which filing.
        why: ``missing``, ``expired``, ``revoked``, ``undecided``, ``forbidden-place``,
            ``place-unsaid``, or of a warning ``expires`` or ``grace``.
        ends_us: when the paper, or the time without it, ends or ended.
    """

    pack: Pack
    rule: Rule
    paper: str
    filing: str | None
    why: str
    ends_us: int | None = None

    @property
    def words(self) -> str:
        """The paper, or what else is wrong, for people: ``assessment``."""
        if not self.paper:
            return "another place"
        return f"filing ({self.filing})" if self.filing else self.paper

    def document(self) -> dict[str, Json]:
        """For JSON: the rule with its citation, and what it asks."""
        return {
            "pack": self.pack.id,
            "rule": self.rule.id,
            "citation": self.rule.citation,
            "sentence": self.rule.sentence,
            "unverified": self.rule.unverified,
            "paper": self.paper,
            "filing": self.filing,
            "why": self.why,
            "ends_us": self.ends_us,
        }

    def text(self) -> str:
        """One sentence for people."""
        rule = f"{self.rule.id} ({self.rule.citation}{', unverified' * self.rule.unverified})"
        ends = "" if self.ends_us is None else f" {to_text(self.ends_us)[:10]}"
        by = f" by{ends}" if ends else ""
        said = {
            "missing": f"{self.words} is missing, which is asked for by {rule}",
            "expired": f"{self.words} expired{ends}, and is asked for by {rule}",
            "revoked": f"{self.words} was revoked, and is asked for by {rule}",
            "undecided": f"it cannot be told until when {self.words} is good, by {rule}",
            "forbidden-place": f"no camera may be in such a place, by {rule}",
            PLACE_UNSAID: "nobody has said what kind of place it looks at, which is asked for by "
            f"{rule}; say it with `scrim camera set ID --place KIND`",
            "expires": f"{self.words} expires{ends}, and is asked for by {rule}",
            "grace": f"{self.words} is missing and has to be there{by}: {rule}",
        }
        return said[self.why]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a camera.

    Attributes:
        waits: what is missing; it may record where this is empty.
        warnings: what ends soon.
    """

    camera: str
    waits: tuple[Ruled, ...] = ()
    warnings: tuple[Ruled, ...] = ()

    @property
    def may_record(self) -> bool:
        return not self.waits

    def document(self) -> dict[str, Json]:
        """For JSON."""
        return {
            "waits": [one.document() for one in self.waits],
            "warnings": [one.document() for one in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class InForce:
    """A pack and whose days it counts."""

    pack: Pack
    calendar: Calendar


def judge(
    standing: Standing, packs: Iterable[InForce], papers: Sequence[PaperRow], now_us: int
) -> Verdict:
    """What a camera waits for, and what ends soon.

    Args:
        standing: of the camera.
        packs: that it is under, in the order in which rules are to be named.
        papers: on record, others' too.
        now_us: UTC microseconds.
    """
    packs = tuple(packs)
    known = purposes(norm.pack for norm in packs)
    mine = [
        one
        for one in papers
        if one.covers(standing.camera, standing.site)
        and (one.kind is not Kind.PURPOSE or not known or one.purpose in known)
    ]
    waits: list[Ruled] = []
    warnings: list[Ruled] = []
    for norm in packs:
        waits += _forbidden(norm.pack, standing)
        for asked in norm.pack.requires:
            if not applies(asked.where, standing.situation):
                continue
            found = _required(norm, asked, standing, mine, now_us)
            if found is not None:
                (warnings if found.why in ("expires", "grace") else waits).append(found)
    return Verdict(standing.camera, tuple(waits), tuple(warnings))


def forbids(pack: Pack, *places: str) -> Forbidden | None:
    """What forbids one of these places, if anything does."""
    return next((one for one in pack.forbids if not set(one.places).isdisjoint(places)), None)


def purposes(packs: Iterable[Pack]) -> frozenset[str]:
    """Words of the purposes that a camera under these packs may have; none: any."""
    return frozenset(one.id for pack in packs for one in pack.purposes)


def _forbidden(pack: Pack, standing: Standing) -> Iterator[Ruled]:
    found = forbids(pack, standing.place, standing.site_place)
    if found is not None:
        yield Ruled(pack, pack.rule(found.rule), "", None, "forbidden-place")
    elif standing.place == UNSAID:
        for rule in dict.fromkeys(one.rule for one in pack.forbids):
            yield Ruled(pack, pack.rule(rule), "", None, PLACE_UNSAID)


def _required(
    norm: InForce,
    asked: Requirement,
    standing: Standing,
    papers: Sequence[PaperRow],
    now_us: int,
) -> Ruled | None:
    """What is to be said of a paper that is asked for; ``None``: it is good."""
    pack, rule = norm.pack, norm.pack.rule(asked.rule)

    def said(why: str, ends_us: int | None = None) -> Ruled:
        return Ruled(pack, rule, asked.paper.value, asked.filing, why, ends_us)

    valid = None if asked.valid is None else asked.valid.span
    fitting = [one for one in papers if _fits(one, asked, standing) and one.issued_us <= now_us]
    alive = [one for one in fitting if one.revoked_us is None]
    try:
        ends = [one.ends_us(valid, norm.calendar) for one in alive]
    except CalendarUnknown:
        return said("undecided")
    if any(end is None for end in ends):
        return None
    last = max((end for end in ends if end is not None), default=None)
    if last is not None and now_us < last:
        return said("expires", last) if now_us >= last - _warn_us(asked) else None
    if asked.grace is not None:
        if standing.first_us is None:
            return said("grace")
        try:
            until = due(standing.first_us, asked.grace.span, norm.calendar)
        except CalendarUnknown:
            return said("undecided")
        if now_us < until:
            return said("grace", until)
    if last is not None:
        return said("expired", last)
    return said("revoked" if fitting else "missing")


def _fits(paper: PaperRow, asked: Requirement, standing: Standing) -> bool:
    if paper.kind is not asked.paper or paper.filing != asked.filing:
        return False
    if paper.kind is Kind.PURPOSE:
        return bool(standing.purpose) and paper.purpose == standing.purpose
    return True


def _warn_us(asked: Requirement) -> int:
    span = Span(days=_WARN_DAYS) if asked.warn is None else asked.warn.span
    days = span.days + 2 * span.working_days + 31 * span.months + 366 * span.years
    return (days * _DAY + span.hours * 3600) * SECOND
