"""What somebody is, and what nobody is at once.

What a role may do is not decided here: each route of :mod:`scrim.api` names the
roles it opens to, and the policies of :mod:`scrim.access.authoriser` decide.

Rules:

1. No role includes another, and nobody is everything (invariant 8): who asks for
   originals never agrees to it, who agrees runs nothing, and who audits does nothing
   that is audited.  :func:`exclude` refuses those pairs.
2. An officer's and a custodian's role come with their key, and no other way.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a client is."""

    PUBLIC = "public"
    """Anybody who can reach the port."""

    LOCAL = "local"
    """Anybody while only this machine can reach the port; otherwise whoever runs it."""

    OPERATOR = "operator"
    """Somebody of the control room."""

    OFFICER = "officer"
    """A case officer."""

    CUSTODIAN = "custodian"
    """One of those who agree to an opening."""

    PRIVACY_OFFICER = "privacy-officer"
    """Keeps papers, retention and requests in order."""

    AUDITOR = "auditor"
    """Reads what was done, and does nothing else."""

    ENGINEER = "engineer"
    """Runs the machine."""


SIGNED_IN: Final = (
    Role.OPERATOR,
    Role.OFFICER,
    Role.CUSTODIAN,
    Role.PRIVACY_OFFICER,
    Role.AUDITOR,
    Role.ENGINEER,
)
"""The roles that a session can have."""

WITH_KEY: Final = frozenset({Role.OFFICER, Role.CUSTODIAN})
"""The roles that only the holder of a registered key has."""

BY_LINK: Final = frozenset({Role.OPERATOR, Role.ENGINEER})
"""What a link that is nobody's signs in as: whoever has the machine runs it."""

RUNS_MACHINE: Final = frozenset({Role.OPERATOR, Role.ENGINEER})
"""Whom :attr:`Role.LOCAL` means where others reach the port."""

GIVEN: Final = tuple(role for role in SIGNED_IN if role not in WITH_KEY)
"""The roles that can be given to somebody by name."""

_APART: Final = (
    (Role.OFFICER, Role.CUSTODIAN),
    (Role.CUSTODIAN, Role.OPERATOR),
    (Role.CUSTODIAN, Role.ENGINEER),
    (Role.AUDITOR, Role.OPERATOR),
    (Role.AUDITOR, Role.OFFICER),
    (Role.AUDITOR, Role.CUSTODIAN),
    (Role.AUDITOR, Role.ENGINEER),
    (Role.AUDITOR, Role.PRIVACY_OFFICER),
)


def exclude(roles: Iterable[Role]) -> tuple[Role, Role] | None:
    """Two of the roles that nobody has at once, or ``None``."""
    held = frozenset(roles)
    return next((pair for pair in _APART if held >= set(pair)), None)
