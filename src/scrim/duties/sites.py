"""Facts of a site, one function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scrim.duties.ground import Ground
from scrim.duties.unknown import UNKNOWN, Told
from scrim.norms.pack import Paper as Kind
from scrim.papers.paper import PaperRow
from scrim.papers.places import UNSAID
from scrim.papers.sites import Site

_LANGUAGES: Final = ("en", "zh-hans", "zh-hant")


@dataclass(frozen=True, slots=True)
class Seen:
    """A site, and papers in force that are good for all of it."""

    site: Site
    papers: Sequence[PaperRow]

    @property
    def signs(self) -> list[PaperRow]:
        return [one for one in self.papers if one.kind is Kind.SIGN]


def seen(ground: Ground, site: Site) -> Seen:
    """A site with its papers."""
    own = ground.papers_of.get((site.id, None), ())
    return Seen(site, [*ground.papers_of_all, *(one for one in own if one.in_force(ground.now_us))])


def place(ground: Ground, one: Seen) -> Told:
    """Not told before somebody says it."""
    return UNKNOWN if one.site.place == UNSAID else one.site.place


def country(ground: Ground, one: Seen) -> Told:
    return one.site.country or UNKNOWN


def public_access(ground: Ground, one: Seen) -> Told:
    return one.site.public_access


def labels(ground: Ground, one: Seen) -> Told:
    return tuple(sorted(one.site.labels))


def cameras(ground: Ground, one: Seen) -> Told:
    return ground.cameras_at.get(one.site.id, 0)


def sign(ground: Ground, one: Seen) -> Told:
    return bool(one.signs)


def sign_expires(ground: Ground, one: Seen) -> Told:
    """When the one that lasts longest ends."""
    return last_end([paper.expires_us for paper in one.signs])


def sign_at_entrance(ground: Ground, one: Seen) -> Told:
    return any("at-entrance" in paper.says for paper in one.signs)


def sign_inside(ground: Ground, one: Seen) -> Told:
    return any("inside" in paper.says for paper in one.signs)


def sign_languages(ground: Ground, one: Seen) -> Told:
    said = {word for paper in one.signs for word in paper.says}
    return tuple(word for word in _LANGUAGES if word in said)


def filings(ground: Ground, one: Seen) -> Told:
    return ground.filings(one.papers)


def last_end(ends: Sequence[int | None]) -> int | None:
    """The last of several ends; ``None`` where one has none, or there is nothing that ends."""
    if not ends or any(end is None for end in ends):
        return None
    return max(end for end in ends if end is not None)


FACTS: Final[Mapping[str, Callable[[Ground, Seen], Told]]] = {
    one.__name__: one
    for one in (
        place, country, public_access, labels, cameras, sign, sign_expires, sign_at_entrance,
        sign_inside, sign_languages, filings,
    )
}  # fmt: skip
"""By the name that the table of facts has."""
