"""Which custodians are in force, for each group of cameras, and whose key is whose.

Rules:

1. A camera belongs to one group; without a word it is ``everybody``.
2. In force for a group is the newest row of its own.  A group for which none
   was ever set has none: its cameras are never sealed to somebody else's custodians.
3. No custodian's id or key is a case officer's, and no key comes back once it is retired.
"""

from __future__ import annotations

import json
import secrets
from typing import Final

from sqlalchemy import Connection, Engine, func, insert, select, update

from scrim.canonical import canonical
from scrim.errors import CameraUnknown, CustodianInvalid
from scrim.store.database import reading
from scrim.store.schema import camera as camera_table
from scrim.store.schema import custodian_set, register
from scrim.vault import Custodian, CustodianSet
from scrim.vault.fields import is_name

EVERYBODY: Final = "everybody"


class KnownVerifiers:
    """Which key checks a custodian's answers, from all sets that ever were."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(select(custodian_set.c.document).order_by(custodian_set.c.id))
        self.sets: Final = tuple(
            CustodianSet.from_document(json.loads(row)) for row in rows.scalars()
        )
        self._by_recipient = {
            custodian.recipient: custodian.verifier
            for custodians in self.sets
            for custodian in custodians.custodians
            if custodian.verifier
        }

    def of(self, custodian: Custodian) -> str:
        """The custodian's own, else that of the newest set with their recipient, else empty."""
        return custodian.verifier or self._by_recipient.get(custodian.recipient, "")


def custodians_in_force(engine: Engine, group: str = EVERYBODY) -> CustodianSet | None:
    """The set that new key periods are sealed to, or ``None`` where none was ever set.

    Raises:
        CustodianInvalid: the row is not a set of custodians.
    """
    with reading(engine) as connection:
        return in_force(connection, group)


def in_force(connection: Connection, group: str = EVERYBODY) -> CustodianSet | None:
    """:func:`custodians_in_force`, within the caller's transaction."""
    text = connection.execute(
        select(custodian_set.c.document)
        .where(custodian_set.c.camera_group == group)
        .order_by(custodian_set.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if text is None else CustodianSet.from_document(json.loads(text))


def sets_in_force(connection: Connection) -> dict[str, int]:
    """The number of the set in force for each group that has one."""
    table = custodian_set
    query = select(table.c.camera_group, func.max(table.c.id)).group_by(table.c.camera_group)
    return {str(group): int(number) for group, number in connection.execute(query)}


def group_of(connection: Connection, camera: str) -> str:
    """The group of a camera, removed or not.

    Raises:
        CameraUnknown: it was never enrolled.
    """
    query = select(camera_table.c.custodian_group).where(camera_table.c.id == camera)
    group = connection.execute(query).scalar_one_or_none()
    if group is None:
        raise CameraUnknown(f"No camera {camera!r} is enrolled.", "See 'scrim camera list'.")
    return str(group)


def current_custodians(engine: Engine, group: str = EVERYBODY) -> CustodianSet:
    """:func:`custodians_in_force`, for who cannot go on without.

    Raises:
        CustodianInvalid: none was ever set, or the row is not a set of custodians.
    """
    custodians = custodians_in_force(engine, group)
    if custodians is None:
        where = "" if group == EVERYBODY else f" for the group {group}"
        raise CustodianInvalid(
            f"No custodians are set{where}, so nothing can be sealed.",
            "Name them with 'scrim init --custodian ID=CARD', or try 'scrim up --demo'.",
        )
    return custodians


def custodians_of_camera(engine: Engine, camera: str) -> CustodianSet:
    """The set that the camera's new key periods are sealed to.

    Raises:
        CameraUnknown: it was never enrolled.
        CustodianInvalid: none was ever set for its group.
    """
    with reading(engine) as connection:
        group = group_of(connection, camera)
    return current_custodians(engine, group)


def put_in_force(
    connection: Connection, custodians: CustodianSet, now_us: int, group: str = EVERYBODY
) -> None:
    """Write down a set for the periods that open from now on, and its members' keys.

    The entry in the ledger is the caller's, in the same transaction.

    Raises:
        CustodianInvalid: not a group's name, or a custodian is a case officer too, or retired.
    """
    if not is_name(group):
        raise CustodianInvalid(
            "A group's name is 1 to 40 of a-z, 0-9 and -.", "Choose one such as north-side."
        )
    for custodian in custodians.custodians:
        _know(connection, custodian, now_us)
    connection.execute(
        insert(custodian_set).values(
            document=canonical(custodians.document()).decode(),
            since_us=now_us,
            demo=int(custodians.demo),
            camera_group=group,
        )
    )


def set_group(connection: Connection, camera: str, group: str) -> None:
    """Give a camera to a group; it takes effect when its recorder starts again.

    Raises:
        CameraUnknown: it was never enrolled.
        CustodianInvalid: no custodians are set for that group.
    """
    group_of(connection, camera)
    if in_force(connection, group) is None:
        raise CustodianInvalid(
            f"No custodians are set for the group {group}.", "Set them first, then the camera's."
        )
    connection.execute(
        update(camera_table).where(camera_table.c.id == camera).values(custodian_group=group)
    )


def _know(connection: Connection, custodian: Custodian, now_us: int) -> None:
    rows = connection.execute(
        select(register).where(
            (register.c.id == custodian.id)
            | (register.c.office == custodian.id)
            | (register.c.verifier == custodian.verifier)
        )
    ).all()
    for row in rows:
        if row.role != "custodian" or row.id != custodian.id:
            raise CustodianInvalid(
                f"Custodian {custodian.id} has the id, the office or the key of somebody else.",
                "Who approves never asks: give the custodian a key and an id of their own.",
            )
    known = [row for row in rows if row.verifier == custodian.verifier]
    if any(row.retired_us is not None for row in known):
        raise CustodianInvalid(
            f"The key of custodian {custodian.id} was retired, and nobody answers with it.",
            "Leave them out, or have them make a new identity and register its card.",
        )
    if not custodian.verifier or known:
        return
    connection.execute(
        insert(register).values(
            verifier=custodian.verifier,
            id=custodian.id,
            role="custodian",
            office=custodian.id,
            recipient=custodian.recipient,
            registered_us=now_us,
            # one salt for an office, whichever key it has
            salt=rows[0].salt if rows else secrets.token_bytes(16),
        )
    )
