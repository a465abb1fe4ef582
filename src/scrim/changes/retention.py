"""Changing how long one camera's recordings are kept, within a transaction: rows and entries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.ledger import Ledger
from scrim.retention import Retention
from scrim.retention.limits import SIDES, SideName
from scrim.retention.own import OwnLimit
from scrim.retention.setting import set_own


def retention_change(camera: str, sides: Mapping[SideName, OwnLimit | None]) -> dict[str, Json]:
    """The change as it is proposed: a camera, and of each side its limit or none of its own.

    Its hash is in the ledger, and the salt in it keeps the reason from being guessed.
    """
    return {
        "camera": camera,
        "sides": {
            side: None
            if own is None
            else {"ceiling_s": own.ceiling_s, "floor_s": own.floor_s, "reason": own.reason}
            for side, own in sides.items()
        },
        "salt": secrets.token_hex(16),
    }


def change_retention(
    connection: Connection,
    ledger: Ledger,
    now: int,
    retention: Retention,
    change: Mapping[str, Any],
) -> None:
    """Say it, side by side; raises as :func:`~scrim.retention.setting.set_own`."""
    salt = bytes.fromhex(change["salt"])
    for side in SIDES:
        if side in change["sides"]:
            said = change["sides"][side]
            own = None if said is None else OwnLimit(**said)
            set_own(connection, ledger, now, retention, change["camera"], side, own, salt)
