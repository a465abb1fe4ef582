"""What was said of one camera's retention itself, with the reason.

Rules:

1. It and its ledger entry are one transaction; the entry has the lengths and a salted
   commitment to the reason, whose words stay in the database.
2. No reason, no limit.
3. It is taken only where the camera's packs leave room: the caller checks inside the
   same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from scrim.store.schema import retention_limit as table


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """One side's.

    Attributes:
        ceiling_s, floor_s: seconds.
        reason: words; whoever asks for the limits may read them.
    """

    ceiling_s: int
    floor_s: int
    reason: str


def own_limits(connection: Connection, camera: str) -> dict[str, OwnLimit]:
    """What was said of that camera, by side."""
    rows = connection.execute(select(table).where(table.c.camera == camera))
    return {row.side: OwnLimit(row.ceiling_s, row.floor_s, row.reason) for row in rows}


def put(
    connection: Connection,
    camera: str,
    side: str,
    limit: OwnLimit | None,
    *,
    salt: bytes,
    now_us: int,
    entry: int,
) -> None:
    """Say it, or nothing any more (``None``)."""
    connection.execute(delete(table).where(table.c.camera == camera, table.c.side == side))
    if limit is not None:
        connection.execute(
            table.insert().values(
                camera=camera,
                side=side,
                ceiling_s=limit.ceiling_s,
                floor_s=limit.floor_s,
                reason=limit.reason,
                salt=salt,
                set_us=now_us,
                entry=entry,
            )
        )
