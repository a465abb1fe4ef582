"""Changing which packs are in force, within a transaction: rows and entries.

Rules:

1. What is proposed names the pack, and has its hash: a pack that has become another
   meanwhile is not what was agreed to, and is refused.
2. What forbids a pack is asked when it is proposed and again when it is agreed to: places,
   and limits that cannot be met together, both rules named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.errors import CaseState
from scrim.papers.applied import Applied


def applying(
    applied: Applied, pack: str, site: str | None = None, camera: str | None = None
) -> dict[str, Json]:
    """The change as it is proposed: a pack as it is now, and what comes under it.

    Raises:
        PackInvalid: there is no such pack, or its file is not right.
    """
    applied.refresh()
    found = applied.packs([pack])[pack].pack
    return {
        **removing(pack, site, camera),
        "edition": found.edition,
        "sha256": found.sha256,
    }


def removing(pack: str, site: str | None = None, camera: str | None = None) -> dict[str, Json]:
    """The change as it is proposed: a pack, and what comes out from under it."""
    return {"pack": pack, "site": site, "camera": camera}


def apply_pack(connection: Connection, applied: Applied, change: Mapping[str, Any]) -> None:
    """Put it in force; raises as :meth:`Applied.apply_in`.

    Raises:
        CaseState: the pack is another than the one that was proposed.
    """
    pack = change["pack"]
    if applied.packs([pack])[pack].pack.sha256 != change["sha256"]:
        raise CaseState(
            f"The pack {pack} is another now than the one that was proposed.",
            "Propose it anew, so that whoever agrees sees what it says.",
        )
    applied.apply_in(connection, pack, site=change["site"], camera=change["camera"])


def remove_pack(connection: Connection, applied: Applied, change: Mapping[str, Any]) -> None:
    """Take it out of force; raises as :meth:`Applied.remove_in`."""
    applied.remove_in(connection, change["pack"], site=change["site"], camera=change["camera"])
