"""Who may pass a door.

There are three kinds of client on the ground floor.  What a role may do is not
decided here: each route of :mod:`scrim.api` names the role it opens to, and a
route that names none cannot exist.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The least a client must be."""

    PUBLIC = "public"
    """Anybody who can reach the port."""

    LOCAL = "local"
    """Anybody while only this machine can reach the port; otherwise an operator."""

    OPERATOR = "operator"
    """Somebody who is signed in."""
