"""What the deployment itself says about how long it keeps something, without its packs.

Its settings say it of every camera, and a limit of its own, with a reason on record, of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, select

from scrim.norms.limits import Own, Situation
from scrim.norms.pack import Side
from scrim.settings import RetentionSettings
from scrim.store.schema import retention_limit as table

DAY_S: Final = 86_400


def own_of_settings(settings: RetentionSettings) -> Mapping[Side, Own]:
    """How long a camera's sides are kept where nothing else is said."""
    days = {Side.SEALED: settings.sealed_days, Side.MASKED: settings.masked_days}
    return {side: Own(f"retention.{side.value}_days", days[side] * DAY_S) for side in Side}


def own_of_camera(side: Side, ceiling_s: int, floor_s: int) -> Own:
    """What was said of one camera, as rules are named."""
    return Own(f"camera.{side.value}", ceiling_s, floor_s)


def said_of_cameras(
    connection: Connection, only: str | None = None
) -> Mapping[str, Mapping[Side, Own]]:
    """What was said of single cameras: by camera and side."""
    query = select(table.c.camera, table.c.side, table.c.ceiling_s, table.c.floor_s)
    if only is not None:
        query = query.where(table.c.camera == only)
    found: dict[str, dict[Side, Own]] = defaultdict(dict)
    for camera, name, ceiling_s, floor_s in connection.execute(query):
        side = Side(name)
        found[camera][side] = own_of_camera(side, ceiling_s, floor_s)
    return found


def reasoned(situation: Situation) -> Situation:
    """The situation of a camera with a limit of its own: a reason is on record."""
    return replace(situation, reasoned=True)
