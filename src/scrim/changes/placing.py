"""Saying where a camera stands and what a site is, within a transaction.

Rules:

1. It takes two people where a camera comes out from under a pack; and, while anything that
   it recorded is left, where it comes under another, or its recordings are kept for longer
   or shorter.  That is what applying and removing a pack can do, and a limit of its own.
2. All else is one person's: a camera that has recorded nothing is placed as it was enrolled.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.papers.kept import Kept
from scrim.papers.placing import Placing, Placings
from scrim.papers.sites import Sites


def placing_change(camera: str, placing: Placing) -> dict[str, Json]:
    """The change as it is proposed: a camera, and what is said of it.

    Its hash is in the ledger, and the salt in it keeps an owner's name from being guessed.
    """
    said: dict[str, Json] = {}
    for one in fields(placing):
        value = getattr(placing, one.name)
        if value is not None:
            said[one.name] = list(value) if isinstance(value, tuple) else value
    return {"camera": camera, **said, "salt": secrets.token_hex(16)}


def site_change(site: str, said: Mapping[str, Any]) -> dict[str, Json]:
    """The change as it is proposed: a site, and what of it is said anew; with a salt too."""
    plain: dict[str, Json] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in said.items()
    }
    return {"site": site, "said": plain, "salt": secrets.token_hex(16)}


def change_placing(connection: Connection, placings: Placings, change: Mapping[str, Any]) -> None:
    """Say it of a camera; raises as :meth:`Placings.set`."""
    said = {one.name: change[one.name] for one in fields(Placing) if one.name in change}
    placings.set_in(connection, change["camera"], Placing(**_with_tuple(said)))


def change_site(connection: Connection, sites: Sites, change: Mapping[str, Any]) -> None:
    """Say it of a site; raises as :meth:`Sites.set`."""
    sites.set_in(connection, change["site"], _with_tuple(change["said"]))


def takes_two(before: Mapping[str, Kept], after: Mapping[str, Kept]) -> bool:
    """Rule 1, of cameras as they were and are, by id."""
    return any(_weighs(was, after[camera]) for camera, was in before.items())


def _weighs(was: Kept, now: Kept) -> bool:
    if not was.packs <= now.packs:
        return True
    return was.left and (was.packs != now.packs or bool(was.differs(now)))


def _with_tuple(said: Mapping[str, Any]) -> dict[str, Any]:
    if "labels" not in said:
        return dict(said)
    return {**said, "labels": tuple(said["labels"])}
