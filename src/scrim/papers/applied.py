"""Which packs a camera is under, and what that forbids.

Rules:

1. A pack is applied to the deployment, to a site, or to a camera; a camera is under all
   that are applied to it, to its site and to the deployment.
2. A pack that forbids the place of a camera or a site is not applied over it, and no camera
   or site is given a place that a pack over it forbids: the rule is named (``PlaceForbidden``).
3. Packs whose limits cannot be met together on a camera are not applied together, nor one
   that cannot be met with what the deployment's settings say, or what was said of the
   camera itself: both rules are named (``NormsConflict``).
4. A deployment's own packs come into force by :meth:`Applied.refresh`, for every process; a
   file that is not right changes nothing (:mod:`scrim.papers.shelf`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import PlaceForbidden
from scrim.ledger import Ledger
from scrim.norms.deadlines import calendar_of
from scrim.norms.limits import Limits, Own, Situation, put_together
from scrim.norms.pack import Pack, Side
from scrim.papers.applying import begin, end, enter
from scrim.papers.gate import InForce, forbids
from scrim.papers.own import own_of_settings, reasoned, said_of_cameras
from scrim.papers.shelf import Shelf, Taken, Trouble
from scrim.papers.standing import Application, Standing, applications, standings
from scrim.settings import RetentionSettings
from scrim.store.database import reading
from scrim.store.schema import site

DEFAULT_OWN: Final[Mapping[Side, Own]] = own_of_settings(RetentionSettings())
"""How long a deployment keeps something where its settings say nothing."""


class Applied:
    """The packs that are applied.

    Args:
        engine: the database.
        ledger: where changes are written down.
        clock: for the entries.
        folder: of the deployment's own packs, or ``None``.
        own: the limits of the deployment's settings for each side.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        folder: Path | None = None,
        own: Mapping[Side, Own] = DEFAULT_OWN,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._shelf = Shelf(engine, folder)
        self._own = own
        self._read: dict[str, InForce] = {}
        self._version: object = None

    def apply(self, pack: str, *, site: str | None = None, camera: str | None = None) -> None:
        """Put a pack in force in a transaction of its own; raises as :meth:`apply_in`."""
        self.refresh()
        with in_ledger(self._engine) as connection:
            self.apply_in(connection, pack, site=site, camera=camera)

    def apply_in(
        self, connection: Connection, pack: str, *, site: str | None, camera: str | None
    ) -> None:
        """Put a pack in force; applied already, nothing changes.

        Raises:
            PackInvalid: there is no such pack, or its file is not right.
            PaperUnknown, CameraUnknown: no such site or camera.
            PlaceForbidden: it forbids the place of a camera or site that it would be over.
            NormsConflict: with another pack it cannot be met; both rules are named.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        norm = self.packs([pack])[pack]
        now = self._clock.now_us()
        if not begin(connection, pack, site, camera, now):
            return
        self._check_places(connection, norm.pack, site, camera)
        self.check_limits(connection)
        facts: dict[str, Json] = {"pack": pack, "edition": norm.pack.edition}
        enter(connection, self._ledger, "pack-applied", now, site, camera, facts)

    def now_us(self) -> int:
        """UTC now, by the clock that it goes by."""
        return self._clock.now_us()

    def remove(self, pack: str, *, site: str | None = None, camera: str | None = None) -> None:
        """Take a pack out of force in a transaction of its own; raises as :meth:`remove_in`."""
        with in_ledger(self._engine) as connection:
            self.remove_in(connection, pack, site=site, camera=camera)

    def remove_in(
        self, connection: Connection, pack: str, *, site: str | None, camera: str | None
    ) -> None:
        """Take a pack out of force there.

        Raises:
            PaperUnknown: it is not applied there.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        now = self._clock.now_us()
        end(connection, pack, site, camera, now)
        enter(connection, self._ledger, "pack-removed", now, site, camera, {"pack": pack})

    def refresh(self) -> Taken:
        """Put in force what the deployment's own folder of packs holds, if all of it is right.

        What cannot be taken is said, and what was in force stays so.

        Raises:
            LedgerUnavailable: it could not be written down, so nothing changes.
        """
        return self._shelf.take(self._ledger, self._clock, self._agree)

    def trouble(self) -> Trouble | None:
        """Why the folder of packs is not taken; ``None``: it is, or there is none."""
        with reading(self._engine) as connection:
            return self._shelf.trouble(connection)

    def _agree(self, connection: Connection, packs: Mapping[str, Pack]) -> None:
        """See that packs can be in force where they are applied."""
        other = Applied(self._engine, self._ledger, self._clock, None, self._own)
        wanted = {one.pack for one in applications(connection)}
        other._read = {
            id_: InForce(pack, calendar_of(pack)) for id_, pack in packs.items() if id_ in wanted
        }
        other.check_limits(connection)
        for one in applications(connection):
            other._check_places(connection, packs[one.pack], one.site, one.camera)

    def packs(self, ids: Iterable[str]) -> dict[str, InForce]:
        """Packs by id, in order of their ids, read where they were not read before.

        Raises:
            PackInvalid: one is not there or not right.
            CalendarUnknown: no holidays are known for its country.
        """
        wanted = sorted(set(ids))
        version = self._shelf.version()
        if version != self._version:  # whoever put others in force
            self._read, self._version = {}, version
        new = [id_ for id_ in wanted if id_ not in self._read]
        if new:
            for id_, pack in self._shelf.load(new).items():
                self._read[id_] = InForce(pack, calendar_of(pack))
        return {id_: self._read[id_] for id_ in wanted}

    def of_cameras(
        self, connection: Connection, standings: Iterable[Standing]
    ) -> dict[str, tuple[InForce, ...]]:
        """The packs that each camera is under.

        Raises:
            PackInvalid: one of them is not there or not right.
        """
        applied = applications(connection)
        packs = self.packs(one.pack for one in applied)
        kept: dict[frozenset[str], tuple[InForce, ...]] = {}
        found = {}
        for standing in standings:
            ids = frozenset(a.pack for a in applied if a.covers(standing.camera, standing.site))
            if ids not in kept:
                kept[ids] = tuple(packs[id_] for id_ in sorted(ids))
            found[standing.camera] = kept[ids]
        return found

    def forbidden_words(self, connection: Connection) -> frozenset[str]:
        """Kinds of places that some pack in force forbids."""
        packs = self.packs(one.pack for one in applications(connection)).values()
        return frozenset(
            place for norm in packs for one in norm.pack.forbids for place in one.places
        )

    def check_camera(self, connection: Connection, camera: str) -> None:
        """See that a camera may stand where the transaction has put it.

        Raises:
            PlaceForbidden: a pack that it is under forbids its place, or its site's.
            NormsConflict: what it is for now puts it under limits that cannot be met together.
        """
        for one in standings(connection, only=camera):
            for norm in self.of_cameras(connection, [one])[camera]:
                _refuse(norm.pack, f"the camera {camera}", one.place, one.site_place)
        self.check_limits(connection, only=camera)

    def check_site_place(self, connection: Connection, site_id: str, place: str) -> None:
        """See that a site may be such a place.

        Raises:
            PlaceForbidden: a pack over it, or over a camera of it, forbids that.
        """
        there = {one.camera for one in standings(connection) if one.site == site_id}
        applied = [
            one
            for one in applications(connection)
            if (one.camera is None and one.site in (None, site_id)) or one.camera in there
        ]
        for norm in self.packs(one.pack for one in applied).values():
            _refuse(norm.pack, f"the site {site_id}", place)

    def check_limits(self, connection: Connection, only: str | None = None) -> None:
        """See that the limits of the packs of each camera can be met together.

        Without any camera the packs that would come together on one are compared all the same.

        Raises:
            NormsConflict: they cannot; both rules are named.
        """
        found = standings(connection, only=only)
        packs = self.of_cameras(connection, found)
        said = said_of_cameras(connection, only)
        seen: set[object] = set()
        for one in found:
            norms = packs[one.camera]
            own = said.get(one.camera, {})
            key = (tuple(norm.pack.id for norm in norms), one.situation, tuple(own.items()))
            if key not in seen:
                seen.add(key)
                self.limits((norm.pack for norm in norms), one.situation, own)
        if only is None:
            self._check_unpeopled(connection)

    def _check_unpeopled(self, connection: Connection) -> None:
        by_scope: dict[tuple[str | None, str | None], set[str]] = defaultdict(set)
        for one in applications(connection):
            by_scope[one.site, one.camera].add(one.pack)
        whole = by_scope.get((None, None), set())
        for ids in by_scope.values():
            packs = self.packs(ids | whole)
            self.limits((norm.pack for norm in packs.values()), Situation())

    def limits(
        self, packs: Iterable[Pack], situation: Situation, said: Mapping[Side, Own] | None = None
    ) -> dict[Side, Limits]:
        """How long recordings are kept under these packs, by side.

        Args:
            packs: those that a camera is under.
            situation: of the camera.
            said: of the camera itself, in place of what the settings say.

        Raises:
            NormsConflict: rules that cannot be met together.
        """
        packs = tuple(packs)
        own = said or {}
        return {
            side: put_together(
                packs,
                side,
                reasoned(situation) if side in own else situation,
                own.get(side, self._own[side]),
            )
            for side in Side
        }

    def _check_places(
        self, connection: Connection, pack: Pack, site_id: str | None, camera: str | None
    ) -> None:
        scope = Application(pack.id, site_id, camera, 0)
        for one in standings(connection):
            if scope.covers(one.camera, one.site):
                _refuse(pack, f"the camera {one.camera}", one.place, one.site_place)
        if camera is None:
            for row in connection.execute(select(site.c.id, site.c.place)):
                if site_id in (None, row.id):
                    _refuse(pack, f"the site {row.id}", row.place)

    def list(self) -> tuple[Application, ...]:
        """What is applied now, by pack."""
        with reading(self._engine) as connection:
            return applications(connection)


def _refuse(pack: Pack, what: str, *places: str) -> None:
    found = forbids(pack, *places)
    if found is None:
        return
    rule = pack.rule(found.rule)
    place = next(one for one in places if one in found.places)
    unverified = ", unverified" if rule.unverified else ""
    raise PlaceForbidden(
        f"{what[0].upper()}{what[1:]} cannot be under {pack.id} at a place of the kind {place}: "
        f"{rule.id} ({rule.citation}{unverified}): {rule.sentence}",
        "Put the camera elsewhere; there is no exception to give here.",
        rule=rule.id,
    )
