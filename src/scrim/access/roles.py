"""Who may pass a door.

What a role may do is not decided here: each route of :mod:`scrim.api` names the
roles it opens to, and a route that names none cannot exist.

Rules:

- A session has the one role of the way it was made: a link makes an operator's, a
  registered person's key that person's.  No role holds another: an operator is no
  officer, an officer no operator, and nobody is everything (invariant 8).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a client is."""

    PUBLIC = "public"
    """Anybody who can reach the port."""

    LOCAL = "local"
    """Anybody while only this machine can reach the port; otherwise an operator."""

    OPERATOR = "operator"
    """Somebody of the control room, signed in by a link."""

    OFFICER = "officer"
    """A case officer, signed in with their key."""

    CUSTODIAN = "custodian"
    """A custodian, signed in with their key."""


SIGNED_IN: Final = (Role.OPERATOR, Role.OFFICER, Role.CUSTODIAN)
"""The roles that a session can have."""
