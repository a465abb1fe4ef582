"""Changing what is covered in a camera's picture, within a transaction: row and entry."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from scrim.canonical import Json, canonical, digest
from scrim.errors import CameraUnknown
from scrim.ledger import Act, Entry, Ledger
from scrim.policy.policy import said
from scrim.store.schema import camera as table


def change_policy(
    connection: Connection,
    ledger: Ledger,
    now: int,
    camera: str,
    policy: Mapping[str, Json],
) -> None:
    """Say anew what a camera's masks cover.

    Raises:
        CameraUnknown: no such camera is enrolled.
        SettingsError: a policy that cannot be.
    """
    document = said(policy)
    query = select(table.c.id).where(table.c.id == camera, table.c.removed_us.is_(None))
    if connection.execute(query).first() is None:
        raise unknown_camera(camera)
    connection.execute(
        update(table).where(table.c.id == camera).values(policy=canonical(document).decode())
    )
    configured(connection, ledger, camera, now, "camera-policy-changed", policy_facts(document))


def configured(
    connection: Connection,
    ledger: Ledger,
    camera: str,
    now: int,
    change: str,
    facts: Mapping[str, Json],
) -> None:
    """The entry of a camera's change."""
    entry = Entry(
        act=Act.CONFIGURED,
        at_us=now,
        who="operator",
        authority="operator",
        reason=change,
        camera=camera,
        facts={"change": change, **facts},
    )
    ledger.append_in(connection, entry)


def policy_facts(policy: Mapping[str, Json]) -> dict[str, Json]:
    """What an entry says of a policy: where the zones lie stands in its hash only."""
    facts: dict[str, Json] = {"policy": digest(policy)}
    for key in ("cover", "style"):
        facts[key] = policy.get(key, "default")
    zones = policy.get("zones", [])
    assert isinstance(zones, list)
    return {**facts, "zones": len(zones)}


def unknown_camera(camera: str) -> CameraUnknown:
    """That no such camera is enrolled."""
    return CameraUnknown(
        f"No camera {camera!r} is enrolled.", "See `scrim camera list` for those that are."
    )
