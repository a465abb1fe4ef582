"""Saying how long one camera's recordings are kept: within its packs, for a reason, logged."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from scrim.errors import CameraUnknown, NormsConflict, NormsError
from scrim.ledger import Act, Entry, Ledger
from scrim.ledger.commitment import commit
from scrim.norms.limits import Limits
from scrim.retention.limits import Retention, SideName
from scrim.retention.own import OwnLimit, put
from scrim.store import schema

_LONGEST_S: Final = 3660 * 86_400
_LONGEST_REASON: Final = 2000


def set_own(
    connection: Connection,
    ledger: Ledger,
    now_us: int,
    retention: Retention,
    camera: str,
    side: SideName,
    limit: OwnLimit | None,
    salt: bytes,
) -> Limits:
    """Say how long one side of a camera is kept, or with ``None`` leave it to the settings.

    Args:
        connection: of the transaction that writes it.
        ledger: where it is written down.
        now_us: of the entry.
        retention: the limits it must fit into.
        camera: enrolled, or removed with recordings left.
        side: which.
        limit: with its reason.
        salt: of the commitment to the reason.

    Returns:
        The limits in force from now on.

    Raises:
        CameraUnknown: it was never enrolled.
        NormsConflict: a pack of the camera allows no such length; names both rules.
        NormsError: no reason, or no such length.
        LedgerUnavailable: it could not be written down, so it is not said.
    """
    if limit is not None:
        _check(limit)
    change = "retention-set" if limit is not None else "retention-default"
    cameras = schema.camera
    known = select(cameras.c.id).where(cameras.c.id == camera)
    if connection.execute(known).first() is None:
        raise CameraUnknown(f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`.")
    found = retention.if_said(connection, camera, side, limit)
    if limit is not None and found.ceiling < limit.ceiling_s:
        raise NormsConflict(
            f"{camera} cannot keep its {side} recordings for {_days(limit.ceiling_s)}: "
            f"{found.ceiling_by} allows at most {_days(found.ceiling)}.",
            "Ask for no more, or take the pack with that rule away from the camera.",
            rules=(f"camera.{side}", found.ceiling_by),
        )
    receipt = ledger.append_in(
        connection,
        Entry(
            act=Act.CONFIGURED,
            at_us=now_us,
            who="operator",
            authority="operator",
            reason=change,
            camera=camera,
            facts={
                "change": change,
                "side": side,
                "ceiling_s": found.ceiling,
                "ceiling_by": found.ceiling_by,
                "floor_s": found.floor,
                "floor_by": found.floor_by,
                "because": "" if limit is None else commit(limit.reason, salt)[0],
            },
        ),
    )
    put(connection, camera, side, limit, salt=salt, now_us=now_us, entry=receipt.index)
    return found


def _check(limit: OwnLimit) -> None:
    if not limit.reason.strip() or len(limit.reason) > _LONGEST_REASON:
        raise NormsError(
            "A camera's own retention needs a reason, and no more than 2000 letters of it.",
            "Say with --reason why this camera is kept for longer or shorter.",
        )
    if not 0 <= limit.floor_s <= limit.ceiling_s <= _LONGEST_S or limit.ceiling_s == 0:
        raise NormsError(
            f"Nothing can be kept for at least {_days(limit.floor_s)} and at most "
            f"{_days(limit.ceiling_s)}.",
            "Give one length of a day or more, and at most 3660 days.",
        )


def _days(seconds: int) -> str:
    days = seconds / 86_400
    return "1 day" if days == 1 else f"{days:g} days"
