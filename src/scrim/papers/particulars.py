"""What of the configuration signs, drafts and the public page say of a site.

Rules:

1. It is read from what is in force, so that no paper says what is not so.
2. Nothing in it helps an attacker: no address, no kind of camera, no exact place, no
   state, no custodian's name.  The drafts' table of cameras, which is not for the public, is
   made apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from scrim.errors import PaperUnknown
from scrim.norms.pack import Pack, Rule, Side
from scrim.papers.applied import Applied
from scrim.papers.own import said_of_cameras
from scrim.papers.register import papers_in
from scrim.papers.sites import Site, all_sites
from scrim.papers.sound import why_silent
from scrim.papers.standing import Standing, standings
from scrim.papers.words import joined, length_said, purpose_said, said


@dataclass(frozen=True, slots=True)
class Particulars:
    """A site, its cameras, and the packs over them.

    Attributes:
        site: where they stand.
        cameras: those enrolled there, or the one that was asked for.
        packs: that any of them is under, by id.
        kept: the longest ceiling of any of them, seconds, by side.
        heard: those whose sound is recorded.
    """

    site: Site
    cameras: tuple[Standing, ...]
    packs: tuple[Pack, ...]
    kept: dict[Side, int]
    heard: frozenset[str] = frozenset()

    def purposes(self, language: str) -> list[str]:
        """What the cameras are for, each purpose once."""
        words = dict.fromkeys(one.purpose for one in self.cameras if one.purpose)
        return [purpose_said(word, self._title(word), language) for word in words]

    def purpose(self, language: str) -> str:
        return joined(self.purposes(language), language)

    def legal_basis(self) -> str:
        """The legal bases that the packs give for the purposes."""
        words = {one.purpose for one in self.cameras}
        found = [p.legal_basis for pack in self.packs for p in pack.purposes if p.id in words]
        return "; ".join(dict.fromkeys(found))

    def kept_said(self, language: str) -> str:
        """How long, both sides at once where they do not differ."""
        sealed, masked = self.kept[Side.SEALED], self.kept[Side.MASKED]
        if sealed == masked:
            return length_said(sealed, language)
        parts = [
            f"{length_said(sealed, language)} ({said('sealed', language)})",
            f"{length_said(masked, language)} ({said('recordings', language)})",
        ]
        return joined(parts, language)

    def rules(self) -> list[Rule]:
        """Rules that ask for papers or limit retention here."""
        found: dict[str, Rule] = {}
        for pack in self.packs:
            names = [asked.rule for asked in pack.requires]
            names += [limit.rule for limit in pack.retention]
            names += [place.rule for place in pack.forbids]
            found |= {name: pack.rule(name) for name in names}
        return list(found.values())

    def _title(self, word: str) -> str | None:
        titles = (pack.purpose(word) for pack in self.packs)
        return next((found.title for found in titles if found is not None), None)


def particulars(
    connection: Connection, applied: Applied, site: str, camera: str | None = None
) -> Particulars:
    """Of one site, or of one camera of it.

    Raises:
        PaperUnknown: no such site, or no such camera there.
        PackInvalid: a pack that is applied is not there or not right.
        NormsConflict: rules that cannot be met together.
    """
    sites = all_sites(connection)
    if site not in sites:
        raise PaperUnknown(f"There is no site {site!r}.", "See `scrim site list`.")
    there = [one for one in standings(connection) if one.site == site]
    if camera is not None:
        there = [one for one in there if one.camera == camera]
        if not there:
            raise PaperUnknown(
                f"There is no camera {camera!r} at the site {site}.", "See `scrim camera list`."
            )
    return _of(connection, applied, sites[site], there)


def all_particulars(connection: Connection, applied: Applied) -> list[Particulars]:
    """Of every site that has cameras."""
    found = standings(connection)
    return [
        _of(connection, applied, site, there)
        for site in all_sites(connection).values()
        if (there := [one for one in found if one.site == site.id])
    ]


def _of(
    connection: Connection, applied: Applied, site: Site, cameras: Iterable[Standing]
) -> Particulars:
    cameras = tuple(cameras)
    over = applied.of_cameras(connection, cameras)
    packs: dict[str, Pack] = {}
    kept = dict.fromkeys(Side, 0)
    own = said_of_cameras(connection)
    judged: set[object] = set()
    for one in cameras:
        mine = {norm.pack.id: norm.pack for norm in over[one.camera]}
        its = own.get(one.camera, {})
        key = (tuple(mine), one.situation, tuple(its.items()))
        if key not in judged:  # of thousands most are alike
            judged.add(key)
            packs |= mine
            for side, limits in applied.limits(mine.values(), one.situation, its).items():
                kept[side] = max(kept[side], limits.ceiling)
    now, papers = applied.now_us(), papers_in(connection) if any(c.sound for c in cameras) else ()
    return Particulars(
        site,
        cameras,
        tuple(packs[id_] for id_ in sorted(packs)),
        kept,
        heard=frozenset(
            one.camera for one in cameras if not why_silent(one, over[one.camera], papers, now)
        ),
    )
