"""What of each camera its facts are taken from, read for all cameras at once.

:mod:`scrim.duties.camera_facts` has the facts themselves.  Reading is a few statements
for all cameras; joining papers, packs and limits to them is done here, by dictionaries.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import func, select

from scrim.duties.ground import Ground
from scrim.duties.recordings import Kept, Kepts, Key
from scrim.errors import CalendarUnknown, NormsConflict
from scrim.norms.limits import Limits, Own, Situation, put_together
from scrim.norms.pack import Paper as Kind
from scrim.norms.pack import Side
from scrim.papers.gate import InForce
from scrim.papers.own import own_of_camera, own_of_settings, reasoned
from scrim.papers.paper import PaperRow
from scrim.papers.sites import DEFAULT, Site
from scrim.papers.sound import why_silent
from scrim.papers.standing import Standing
from scrim.policy import Policy
from scrim.store import schema
from scrim.store.people_counted import Counted

_FILED: Final = "public-security"


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera.

    Attributes:
        row: of the table.
        papers: in force that are good for it.
        assessed_us: when its first assessment came on record, whatever became of it.
        packs: ids of those that it is under.
        limits: by side; a side whose packs contradict each other is left out.
        reasoned: why for so long is on record.
        admitted: the gate lets it record.
        sound: its sound is recorded.
        changed_us: the first change that its newest filing, or one of a change, does not say.
        ends: of its papers by kind: when the last ends, ``None``: it does not; no key: no paper.
    """

    row: Any
    standing: Standing
    site: Site
    policy: Policy
    papers: Sequence[PaperRow]
    assessed_us: int | None
    packs: frozenset[str]
    limits: Mapping[Side, Limits]
    reasoned: bool
    admitted: bool
    sound: bool
    changed_us: int | None
    ends: Mapping[Kind, int | None]
    kept: Mapping[str, Kept]
    overdue: Mapping[str, int]
    people: Counted

    def says(self, word: str) -> bool:
        """Whether its purpose's paper says so."""
        return any(one.kind is Kind.PURPOSE and word in one.says for one in self.papers)


class Cameras:
    """Every camera that is enrolled, or of which something is left."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._policies: dict[str, Policy] = {}
        self._ends: dict[Any, int] = {}
        self._kepts = Kepts(ground, self._limits_by_key)

    def __iter__(self) -> Iterator[Seen]:
        for id_, row in self._rows.items():
            if row.removed_us is None or self._is_left(id_):
                yield self._seen(row)

    def _seen(self, row: Any) -> Seen:
        id_ = row.id
        standing = self._ground.standings[id_]
        papers = self._papers_of(standing)
        good = [one for one in papers if one.in_force(self._ground.now_us)]
        packs = self.packs[id_]
        ends = {kind: self._last_end(kind, good, packs) for kind in Kind}
        return Seen(
            row=row,
            standing=standing,
            site=self._ground.sites.get(standing.site) or self._ground.sites[DEFAULT],
            policy=self._policy(row.policy),
            papers=[one for one in good if self._end(one, packs) > self._ground.now_us],
            assessed_us=min(
                (one.recorded_us for one in papers if one.kind is Kind.ASSESSMENT), default=None
            ),
            packs=frozenset(packs),
            limits=self._limits[id_],
            reasoned=self._reasoned(id_, good),
            admitted=id_ not in self._withheld,
            sound=not why_silent(standing, self._norms(packs), papers, self._ground.now_us),
            changed_us=self._changed(id_, good),
            ends={kind: None if end == _LASTS else end for kind, end in ends.items() if end},
            kept={side.value: self._kepts.of.get((id_, side.value), _NOTHING) for side in Side},
            overdue={side.value: self._kepts.overdue.get((id_, side.value), 0) for side in Side},
            people=self._kepts.people.get(id_, _NOBODY),
        )

    @cached_property
    def _rows(self) -> Mapping[str, Any]:
        query = select(schema.camera).order_by(schema.camera.c.id)
        return {row.id: row for row in self._ground.connection.execute(query)}

    def _is_left(self, camera: str) -> bool:
        return any((camera, side.value) in self._kepts.of for side in Side)

    def _papers_of(self, standing: Standing) -> list[PaperRow]:
        keys = ((None, None), (standing.site, None), (None, standing.camera))
        found = [one for key in keys for one in self._ground.papers_of.get(key, ())]
        return [
            one for one in found if one.kind is not Kind.PURPOSE or one.purpose == standing.purpose
        ]

    @cached_property
    def packs(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the packs that each is under, also of those of which nothing is left."""
        whole = tuple(one.pack for one in self._ground.applied if not one.site and not one.camera)
        by_site: dict[str, list[str]] = defaultdict(list)
        by_camera: dict[str, list[str]] = defaultdict(list)
        for one in self._ground.applied:
            if one.camera is not None:
                by_camera[one.camera].append(one.pack)
            elif one.site is not None:
                by_site[one.site].append(one.pack)
        return {
            one.camera: tuple(
                sorted({*whole, *by_site.get(one.site, ()), *by_camera.get(one.camera, ())})
            )
            for one in self._ground.standings.values()
        }

    def _norms(self, packs: Sequence[str]) -> list[InForce]:
        return [self._ground.packs[id_] for id_ in packs if id_ in self._ground.packs]

    def _last_end(self, kind: Kind, papers: Sequence[PaperRow], packs: tuple[str, ...]) -> int:
        """When the last of a kind ends, by itself or by the packs; 0: it has, or there is none."""
        last = max((self._end(one, packs) for one in papers if one.kind is kind), default=0)
        return last if last > self._ground.now_us else 0

    def _end(self, paper: PaperRow, packs: tuple[str, ...]) -> int:
        key = (paper.kind, paper.filing, paper.issued_us, paper.expires_us, packs)
        if key not in self._ends:
            ends = [_LASTS if paper.expires_us is None else paper.expires_us]
            for norm in self._norms(packs):
                for asked in norm.pack.requires:
                    if asked.paper is paper.kind and asked.filing == paper.filing and asked.valid:
                        try:
                            end = paper.ends_us(asked.valid.span, norm.calendar)
                        except CalendarUnknown:
                            end = 0  # what cannot be counted is not good, as at the gate
                        ends.append(_LASTS if end is None else end)
            self._ends[key] = min(ends)
        return self._ends[key]

    @cached_property
    def _own(self) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self._ground.connection.execute(select(schema.retention_limit)):
            found[row.camera][row.side] = row
        return found

    @cached_property
    def _limits(self) -> Mapping[str, Mapping[Side, Limits]]:
        known: dict[Any, Limits | None] = {}
        settings = own_of_settings(self._ground.settings.retention)
        found: dict[str, dict[Side, Limits]] = {}
        for one in self._ground.standings.values():
            packs = self.packs[one.camera]
            found[one.camera] = mine = {}
            for side in Side:
                said = self._own.get(one.camera, {}).get(side.value)
                if said is None:
                    own, situation = settings[side], one.situation
                else:
                    own = own_of_camera(side, said.ceiling_s, said.floor_s)
                    situation = reasoned(one.situation)
                key = (packs, side, situation, own)
                if key not in known:
                    known[key] = self._together(packs, side, situation, own)
                limits = known[key]
                if limits is not None:
                    mine[side] = limits
        return found

    def _together(
        self, packs: Sequence[str], side: Side, situation: Situation, own: Own
    ) -> Limits | None:
        norms = [norm.pack for norm in self._norms(packs)]
        try:
            return put_together(norms, side, situation, own)
        except NormsConflict:
            return None  # such packs are not applied together; a changed file may still bring it

    @property
    def _limits_by_key(self) -> Mapping[Key, Limits]:
        return {
            (camera, side.value): limits
            for camera, sides in self._limits.items()
            for side, limits in sides.items()
        }

    def _reasoned(self, camera: str, papers: Sequence[PaperRow]) -> bool:
        return bool(self._own.get(camera)) or any(
            one.kind is Kind.PURPOSE and "retention" in one.says for one in papers
        )

    @cached_property
    def _withheld(self) -> frozenset[str]:
        table = schema.gate
        query = select(table.c.camera).where(table.c.may_record == 0)
        return frozenset(self._ground.connection.execute(query).scalars())

    @cached_property
    def _changes(self) -> Mapping[str, Sequence[int]]:
        table = schema.camera_change
        found: dict[str, list[int]] = defaultdict(list)
        for camera, at_us in self._ground.connection.execute(
            select(table.c.camera, table.c.at_us).order_by(table.c.at_us)
        ):
            found[camera].append(at_us)
        return found

    @cached_property
    def _changes_filed(self) -> Mapping[str | None, int]:
        """When a change was last handed in, by camera; ``None``: of all of them."""
        table = schema.filing
        query = (
            select(table.c.camera, func.max(table.c.filed_us))
            .where(table.c.kind == _FILED, table.c.change == 1, table.c.filed_us.is_not(None))
            .group_by(table.c.camera)
        )
        return {row[0]: row[1] for row in self._ground.connection.execute(query)}

    def _changed(self, camera: str, papers: Sequence[PaperRow]) -> int | None:
        filed = [
            one.recorded_us for one in papers if one.kind is Kind.FILING and one.filing == _FILED
        ]
        if not filed:
            return None
        filed += [self._changes_filed[key] for key in (camera, None) if key in self._changes_filed]
        return next((at for at in self._changes.get(camera, ()) if at > max(filed)), None)

    def _policy(self, text: str) -> Policy:
        if text not in self._policies:
            self._policies[text] = Policy.parse(
                json.loads(text), self._ground.settings.redaction.policy
            )
        return self._policies[text]


_LASTS: Final = 2**63 - 1
_NOTHING: Final = Kept()
_NOBODY: Final = Counted(0, 0)
