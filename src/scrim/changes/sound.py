"""Asking for a camera's sound, or no longer, within a transaction: row and entry."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select, update

from scrim.canonical import canonical
from scrim.changes.masks import configured, unknown_camera
from scrim.errors import CameraError
from scrim.ledger import Ledger
from scrim.store.schema import camera as table


def change_sound(connection: Connection, ledger: Ledger, now: int, camera: str, on: bool) -> None:
    """Ask that its sound be recorded, or no longer; whether it may be is the gate's.

    Raises:
        CameraUnknown: no such camera is enrolled.
        CameraError: a camera that sends no sound.
    """
    query = select(table).where(table.c.id == camera, table.c.removed_us.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise unknown_camera(camera)
    if on and row.kind == "usb":
        raise CameraError(
            f"The camera {camera} is a usb camera, which sends no sound.",
            "Ask for sound of one that is read over RTSP.",
        )
    options = json.loads(row.options)
    options.pop("sound", None)
    values = canonical(options | ({"sound": True} if on else {})).decode()
    connection.execute(update(table).where(table.c.id == camera).values(options=values))
    configured(connection, ledger, camera, now, "camera-sound-changed", {"sound": on})
