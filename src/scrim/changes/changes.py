"""The changes that take two people, and what each of them does.

==================  =======================================================
``custodians``      the custodians of a group of cameras: ``set``, ``group``
``camera-group``    whose custodians hold a camera's keys: ``camera``, ``group``
``camera-policy``   what a camera's masks cover: ``camera``, ``policy``
``access-policies`` who may do what: ``files``, texts by name
``retention``       how long a camera is kept: ``camera``, ``sides``, ``salt``
``apply-pack``      a norm pack in force: ``pack``, ``edition``, ``sha256``, ``site``,
                    ``camera``
``remove-pack``     a norm pack out of force: ``pack``, ``site``, ``camera``
``camera-sound``    that a camera's sound be recorded: ``camera``, ``on``
``camera-placed``   where a camera stands and what for: ``camera``, ``site``, ``purpose``,
                    ``place``, ``owner``, ``labels``, ``salt``; those that are said
``site-changed``    what a site is: ``site``, ``said``, ``salt``
==================  =======================================================

Rules:

1. A change is checked when it is proposed and again when it is agreed to: what has become
   impossible meanwhile is refused, and the proposal stays.
2. Where four eyes are off (``access.four_eyes``, or no custodians but a demonstration's,
   of whatever group), a change is made at once, and whoever makes it is told.
3. The first custodians of a group are not a change: nothing can be sealed before.
4. That less is collected takes one person: sound is turned off at once.
5. Placing a camera and changing a site take two people where that changes how recordings
   are kept, see :mod:`scrim.changes.placing`.
6. What was proposed of a camera is not agreed to of another that was enrolled under its id
   since, nor of one that was given another source.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from scrim.access.own_policies import change_access
from scrim.access.proposals import Proposal, Proposals
from scrim.access.signin import Session, in_ledger
from scrim.canonical import Json
from scrim.changes.custodians import change_custodians, change_group
from scrim.changes.masks import change_policy
from scrim.changes.packs import apply_pack, remove_pack
from scrim.changes.placing import change_placing, change_site, takes_two
from scrim.changes.retention import change_retention
from scrim.changes.sound import change_sound
from scrim.clock import Clock
from scrim.errors import CaseState, SettingsError
from scrim.ledger import Ledger
from scrim.papers.applied import Applied
from scrim.papers.kept import Kept, kept
from scrim.papers.placing import Placings
from scrim.papers.sites import Sites
from scrim.retention import Retention
from scrim.settings import AccessSettings
from scrim.store.custodians import in_force, sets_in_force
from scrim.store.database import reading
from scrim.store.schema import camera as cameras
from scrim.vault import CustodianSet

CUSTODIANS: Final = "custodians"
CAMERA_GROUP: Final = "camera-group"
CAMERA_POLICY: Final = "camera-policy"
ACCESS_POLICIES: Final = "access-policies"
RETENTION: Final = "retention"
APPLY_PACK: Final = "apply-pack"
REMOVE_PACK: Final = "remove-pack"
CAMERA_SOUND: Final = "camera-sound"
CAMERA_PLACED: Final = "camera-placed"
SITE_CHANGED: Final = "site-changed"


class _Tried(Exception):
    """It could be done, and is not: the transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Makes changes, or proposes them.

    Attributes:
        access: whether they take two people, and for how long one waits.
        retention: what a camera's retention must fit into.
        applied: the packs in force.
    """

    engine: Engine
    ledger: Ledger
    clock: Clock
    access: AccessSettings
    retention: Retention
    applied: Applied

    @property
    def proposals(self) -> Proposals:
        """What waits for a second person."""
        return Proposals(self.engine, self.ledger, self.clock, self.access.proposal_hours)

    def four_eyes(self) -> bool:
        """Whether changes take two people here, now."""
        if not self.access.four_eyes:
            return False
        with reading(self.engine) as connection:
            sets = [in_force(connection, group) for group in sets_in_force(connection)]
        return not sets or not all(one is not None and one.demo for one in sets)

    def make(
        self,
        kind: str,
        change: Mapping[str, Json],
        reason: str,
        session: Session | None = None,
    ) -> Proposal | None:
        """Make a change, or where it takes two people propose it.

        Returns:
            The proposal, or ``None`` where the change is made.

        Raises:
            SettingsError: no kind of change.
            ScrimError: whatever forbids that change.
            LedgerUnavailable: it could not be written down, so nothing has changed.
        """
        waits = self.four_eyes() and not self._is_ones(kind, change)
        with suppress(_Tried), in_ledger(self.engine) as connection:
            before = self._kept(connection, kind, change) if waits else None
            self._apply(connection, kind, change, reason)
            if before is not None and not takes_two(
                before, self._kept(connection, kind, change) or {}
            ):
                waits = False
            if waits:
                raise _Tried
        return self.proposals.propose(kind, change, reason, session) if waits else None

    def agree(self, proposal: str, session: Session) -> Proposal:
        """Agree to a change, which then takes effect; raises as :meth:`Proposals.agree`."""
        return self.proposals.agree(proposal, session, self._agreed)

    def _agreed(self, connection: Connection, proposal: Proposal) -> None:
        named = select(cameras.c.added_us).where(cameras.c.id == proposal.change.get("camera"))
        added_us = connection.execute(named).scalar()
        if added_us is not None and added_us > proposal.proposed_us:
            raise CaseState(
                f"The camera {proposal.change['camera']} was enrolled anew, or given another "
                "source, after this was proposed.",
                "Propose it anew, of the camera that is there now.",
            )
        self._apply(connection, proposal.kind, proposal.change, proposal.reason)

    def _apply(
        self, connection: Connection, kind: str, change: Mapping[str, Any], reason: str
    ) -> None:
        now = self.clock.now_us()
        if kind == CUSTODIANS:
            custodians = CustodianSet.from_document(change["set"])
            change_custodians(connection, self.ledger, now, custodians, change["group"], reason)
        elif kind == CAMERA_GROUP:
            change_group(connection, self.ledger, now, change["camera"], change["group"])
        elif kind == CAMERA_POLICY:
            change_policy(connection, self.ledger, now, change["camera"], change["policy"])
        elif kind == ACCESS_POLICIES:
            change_access(connection, self.ledger, now, change["files"])
        elif kind == RETENTION:
            change_retention(connection, self.ledger, now, self.retention, change)
        elif kind == APPLY_PACK:
            apply_pack(connection, self.applied, change)
        elif kind == REMOVE_PACK:
            remove_pack(connection, self.applied, change)
        elif kind == CAMERA_SOUND:
            change_sound(connection, self.ledger, now, change["camera"], change["on"])
        elif kind == CAMERA_PLACED:
            placings = Placings(self.engine, self.ledger, self.clock, self.applied)
            change_placing(connection, placings, change)
        elif kind == SITE_CHANGED:
            sites = Sites(self.engine, self.ledger, self.clock, self.applied)
            change_site(connection, sites, change)
        else:
            raise SettingsError(f"{kind!r} is no kind of change.", "A newer Scrim made it.")

    def _kept(
        self, connection: Connection, kind: str, change: Mapping[str, Any]
    ) -> dict[str, Kept] | None:
        """How the cameras are kept that a change would place; ``None``: it places none."""
        if kind == CAMERA_PLACED:
            return kept(connection, self.applied, camera=change["camera"])
        if kind == SITE_CHANGED:
            return kept(connection, self.applied, site=change["site"])
        return None

    def _is_ones(self, kind: str, change: Mapping[str, Any]) -> bool:
        """Whether one person makes it alone, wherever: rules 3 and 4."""
        if kind == CAMERA_SOUND:
            return not change["on"]
        if kind != CUSTODIANS:
            return False
        with reading(self.engine) as connection:
            return in_force(connection, change["group"]) is None
