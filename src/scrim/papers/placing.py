"""Where a camera stands, what it is for, and who answers for it.

Rules:

1. A camera has one site, one purpose and one kind of place; without one of its own it has
   its site's.
2. No camera is put where a pack that it would be under forbids it (``PlaceForbidden``).
3. Where a pack that it is under names purposes, its purpose is one of them.
4. Who answers for it may be a person, and stands in the ledger as a commitment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.clock import Clock
from scrim.errors import CameraUnknown, PaperRefused
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.papers.applied import Applied
from scrim.papers.gate import purposes
from scrim.papers.places import check_place
from scrim.papers.sites import check_labels, site_in
from scrim.papers.standing import standings
from scrim.store.schema import camera as table

_PURPOSE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Placing:
    """What is said of a camera; ``None`` leaves it as it is."""

    site: str | None = None
    purpose: str | None = None
    place: str | None = None
    owner: str | None = None
    labels: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__slots__)


class Placings:
    """Where the cameras of a deployment stand."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, applied: Applied) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._applied = applied

    def set(self, camera: str, placing: Placing) -> None:
        """Say it of an enrolled camera.

        Raises:
            CameraUnknown: no such camera is enrolled.
            PaperRefused, PaperUnknown: a site, purpose, place or label cannot be.
            PlaceForbidden: a rule forbids cameras there; it is named.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        with in_ledger(self._engine) as connection:
            self.set_in(connection, camera, placing)

    def set_in(self, connection: Connection, camera: str, placing: Placing) -> None:
        """Say it within the caller's transaction; raises as :meth:`set`."""
        row = connection.execute(select(table).where(table.c.id == camera)).first()
        if row is None or row.removed_us is not None:
            raise CameraUnknown(
                f"No camera {camera!r} is enrolled.",
                "See `scrim camera list` for those that are.",
            )
        facts = self.put(connection, camera, placing)
        self._ledger.append_in(
            connection,
            Entry(
                act=Act.CONFIGURED,
                at_us=self._clock.now_us(),
                who="operator",
                authority="operator",
                reason="camera-placed",
                camera=camera,
                facts={"change": "camera-placed", **facts},
            ),
        )

    def put(self, connection: Connection, camera: str, placing: Placing) -> dict[str, Json]:
        """The rows of it, within the caller's transaction; what the entry has to say.

        Also with nothing said it is seen to that the camera may stand where it does.

        Raises:
            PaperRefused, PaperUnknown, PlaceForbidden: as :meth:`set`.
        """
        values: dict[str, Any] = {}
        facts: dict[str, Json] = {}
        if placing.site is not None:
            values["site"] = facts["site"] = site_in(connection, placing.site).id
        if placing.place is not None:
            words = self._applied.forbidden_words(connection)
            values["place"] = facts["place"] = check_place(placing.place, words)
        if placing.purpose is not None:
            if _PURPOSE.fullmatch(placing.purpose) is None:
                raise PaperRefused(
                    f"{placing.purpose!r} cannot be a purpose.",
                    "A camera has one, by its word in a pack: public-safety.",
                )
            values["purpose"] = facts["purpose"] = placing.purpose
        if placing.owner is not None:
            values["owner"] = placing.owner
            facts["owner"] = commit(placing.owner)[0]
        if placing.labels is not None:
            check_labels(placing.labels)
            values["labels"] = canonical(list(placing.labels)).decode()
            facts["labels"] = list(placing.labels)
        if values:
            connection.execute(update(table).where(table.c.id == camera).values(**values))
        if placing.purpose is not None or placing.site is not None:
            self._check_purpose(connection, camera)
        self._applied.check_camera(connection, camera)
        return facts

    def _check_purpose(self, connection: Connection, camera: str) -> None:
        (standing,) = standings(connection, only=camera)
        packs = self._applied.of_cameras(connection, [standing])[camera]
        known = purposes(norm.pack for norm in packs)
        if standing.purpose and known and standing.purpose not in known:
            raise PaperRefused(
                f"No pack that the camera {camera} is under there knows the purpose "
                f"{standing.purpose!r}.",
                f"Take one of {', '.join(sorted(known))}.",
            )
