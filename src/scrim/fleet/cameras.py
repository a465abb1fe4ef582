"""Which cameras are enrolled.

Rules:

- A change and its ledger entry are one transaction: neither is there without the
  other (invariant 5).
- An entry holds no address and no password: it says what was done to which
  camera, its kind, and what of its policy was said.
- No camera is enrolled where a pack that it would be under forbids it.
- Removing a camera keeps its recordings and its row, so that what it recorded
  still has an owner.  Enrolled again under the same id it goes on counting its
  epochs and segments where it stopped: no key is ever used twice.  Nothing else that
  was said of the one before is said of it (:mod:`scrim.fleet.again`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.changes.masks import change_policy, configured, policy_facts, unknown_camera
from scrim.clock import Clock, SystemClock
from scrim.errors import SettingsError
from scrim.fleet.again import Before, before, begin_anew, forget_limits
from scrim.ledger import Ledger
from scrim.oneline import is_one_line
from scrim.papers.applied import Applied
from scrim.papers.placing import Placing, Placings
from scrim.papers.register import PaperRegister
from scrim.policy import said
from scrim.store.custodians import sets_in_force
from scrim.store.database import reading
from scrim.store.schema import camera as table

_ID: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME: Final = 200  # letters, as a site's
_UNPLACED: Final[Mapping[str, Any]] = {
    "site": "default",
    "place": None,
    "purpose": None,
    "owner": None,
    "labels": "[]",
}


@dataclass(frozen=True, slots=True)
class Camera:
    """One enrolled camera.

    Attributes:
        id: the operator's name for it, 1 to 40 of ``a-z 0-9`` with single
            hyphens between.
        name: what people read.
        kind: ``file``, ``rtsp`` or ``usb``.
        source: path or address; may hold a password, so print it only through
            :func:`scrim.camera.address.without_secrets`.
        options: what :func:`scrim.camera.open_source` takes.
        epoch: how often a recorder has started for it.
        added_us, removed_us: UTC, microseconds.
        policy: what was said of what its masks cover and how they look, see
            :mod:`scrim.policy`; the settings say the rest.
        custodian_set: number of the set of custodians that its group has, in a list of
            cameras; where it changes, the recorder starts again.
        site, place, purpose, owner, labels: where it stands and what it is for, see
            :mod:`scrim.papers.placing`.
        sound: its sound may be recorded now, of a camera that the gate has judged; see
            :mod:`scrim.papers.sound`.
    """

    id: str
    name: str
    kind: str
    source: str
    options: Mapping[str, Json]
    epoch: int
    added_us: int
    removed_us: int | None = None
    policy: Mapping[str, Json] = field(default_factory=dict)
    custodian_set: int | None = None
    site: str = "default"
    place: str | None = None
    purpose: str | None = None
    owner: str | None = None
    labels: tuple[str, ...] = ()
    sound: bool = False


class Cameras:
    """The enrolled cameras of one data folder.

    Args:
        engine: the database.
        ledger: where changes are written down.
        clock: for ``added_us``, ``removed_us`` and the entries.
        applied: the packs in force; those that come with Scrim by default.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock | None = None,
        applied: Applied | None = None,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock or SystemClock()
        self._applied = applied or Applied(engine, ledger, self._clock)
        self._placings = Placings(engine, ledger, self._clock, self._applied)
        self._papers = PaperRegister(engine, ledger, self._clock)

    def list(self) -> tuple[Camera, ...]:
        """The cameras that are enrolled now, by id.

        Raises:
            StoreError: the database cannot be read.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(table).where(table.c.removed_us.is_(None)).order_by(table.c.id)
            ).mappings()
            sets = sets_in_force(connection)
            return tuple(
                replace(_camera(row), custodian_set=sets.get(row["custodian_group"]))
                for row in rows
            )

    def get(self, identifier: str) -> Camera:
        """The enrolled camera of that id.

        Raises:
            CameraUnknown: there is none.
        """
        with reading(self._engine) as connection:
            row = _row(connection, identifier)
        if row is None or row["removed_us"] is not None:
            raise unknown_camera(identifier)
        return _camera(row)

    def add(
        self,
        identifier: str,
        kind: str,
        source: str,
        *,
        name: str = "",
        options: Mapping[str, Json] | None = None,
        policy: Mapping[str, Json] | None = None,
        placing: Placing | None = None,
        replace: bool = False,
    ) -> Camera:
        """Enrol a camera, or with ``replace`` give an enrolled one another source.

        Without a ``policy`` one that is replaced keeps its own, and a new one has none.

        Raises:
            SettingsError: not a camera id, one of that id is enrolled already, one was whose
                recordings are kept otherwise, or a name or policy that cannot be.
            PlaceForbidden: a rule forbids cameras where it would stand; it is named.
            PaperRefused, PaperUnknown: what is said of its place or purpose cannot be.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        if _ID.fullmatch(identifier) is None:
            raise SettingsError(
                f"{identifier!r} cannot be a camera's id.",
                "Use 1 to 40 of a-z and 0-9 with single hyphens between, such as north-gate-2.",
            )
        if any("\ud800" <= letter <= "\udfff" for letter in source + name):
            # bytes of a file name that are no UTF-8; no database keeps them
            raise SettingsError(
                "The camera's source or name has letters that are not UTF-8.",
                "Rename the file, or link to it under another name.",
            )
        if not is_one_line(name, _LONGEST_NAME):
            raise SettingsError(
                "The camera's name is too long, or of more than one line.",
                f"Use up to {_LONGEST_NAME} letters in one line.",
            )
        facts: dict[str, Json] = {"kind": kind}
        if options and options.get("sound") is True:
            facts["sound"] = True
        values: dict[str, Any] = {}
        if policy is not None:
            document = said(policy)
            values["policy"] = canonical(document).decode()
            facts.update(policy_facts(document))
        now = self._clock.now_us()
        values |= {
            "name": name or identifier,
            "kind": kind,
            "source": source,
            "options": canonical(options or {}).decode(),
            "added_us": now,
            "removed_us": None,
        }
        with in_ledger(self._engine) as connection:
            old = _row(connection, identifier)
            was: Before | None = None
            if old is not None and old["removed_us"] is None and not replace:
                raise SettingsError(
                    f"A camera {identifier!r} is enrolled already.",
                    f"Choose another id, or remove it with `scrim camera remove {identifier}`.",
                )
            if old is None:
                connection.execute(
                    table.insert().values(id=identifier, epoch=0, next_segment=0, **values)
                )
            else:
                if old["removed_us"] is not None:  # another camera, maybe, in another place
                    was = before(connection, self._applied, identifier)
                    forget_limits(connection, identifier)
                    values.setdefault("policy", "{}")
                    values |= _UNPLACED
                    self._papers.revoke_of_in(connection, identifier, "another camera has its id")
                connection.execute(update(table).where(table.c.id == identifier).values(**values))
            facts |= self._placings.put(connection, identifier, placing or Placing())
            if was is not None:
                begin_anew(connection, self._ledger, self._applied, now, identifier, was)
            changed = old is not None and old["removed_us"] is None
            configured(
                connection,
                self._ledger,
                identifier,
                now,
                "camera-changed" if changed else "camera-added",
                facts,
            )
            row = _row(connection, identifier)
        assert row is not None
        return _camera(row)

    def set_policy(self, identifier: str, policy: Mapping[str, Json]) -> Camera:
        """Say anew what a camera's masks cover and how they look.

        Args:
            identifier: of an enrolled camera.
            policy: all that is said of it; what it leaves out is the settings' to say.

        Raises:
            CameraUnknown: no such camera is enrolled.
            SettingsError: a policy that cannot be.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            change_policy(connection, self._ledger, now, identifier, policy)
            row = _row(connection, identifier)
        assert row is not None
        return _camera(row)

    def remove(self, identifier: str) -> None:
        """Stop recording a camera; what it recorded stays.

        Raises:
            CameraUnknown: no such camera is enrolled.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            row = _row(connection, identifier)
            if row is None or row["removed_us"] is not None:
                raise unknown_camera(identifier)
            connection.execute(update(table).where(table.c.id == identifier).values(removed_us=now))
            configured(connection, self._ledger, identifier, now, "camera-removed", {})


def _row(connection: Connection, identifier: str) -> RowMapping | None:
    return (
        connection.execute(select(table).where(table.c.id == identifier)).mappings().one_or_none()
    )


def _camera(row: RowMapping) -> Camera:
    return Camera(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        source=row["source"],
        options=json.loads(row["options"]),
        epoch=row["epoch"],
        added_us=row["added_us"],
        removed_us=row["removed_us"],
        policy=json.loads(row["policy"]),
        site=row["site"],
        place=row["place"],
        purpose=row["purpose"],
        owner=row["owner"],
        labels=tuple(json.loads(row["labels"])),
    )
