"""The states of a case, and which may follow which.

::

    drafted ──► requested ──► approved ──► open
       │            │             │          │
       │            ├──► refused  │          │     by a rule, or by the custodians
       ├──► refused │             │          │
       └────────────┴─────────────┴──────────┴──► closed    by its officer
                                             └──► expired   by the clock

Rules:

1. Only what stands in :data:`FOLLOWS` may follow.
2. ``closed``, ``expired`` and ``refused`` are for good.
3. Sealed objects are handed out in ``approved`` and ``open`` only; answers are taken
   until the case ends, since one that comes late may stand in for a part that is broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from scrim.errors import CaseState
from scrim.ledger import Act


class State(StrEnum):
    """What has become of a case."""

    DRAFTED = "drafted"
    REQUESTED = "requested"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    EXPIRED = "expired"
    REFUSED = "refused"

    @property
    def is_ended(self) -> bool:
        """Whether nothing follows."""
        return not FOLLOWS[self]


FOLLOWS: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFTED: frozenset({State.REQUESTED, State.REFUSED, State.CLOSED, State.EXPIRED}),
    State.REQUESTED: frozenset({State.APPROVED, State.REFUSED, State.CLOSED, State.EXPIRED}),
    State.APPROVED: frozenset({State.OPEN, State.CLOSED, State.EXPIRED}),
    State.OPEN: frozenset({State.CLOSED, State.EXPIRED}),
    State.CLOSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.REFUSED: frozenset(),
}

ACTS: Final[Mapping[State, Act]] = {
    State.DRAFTED: Act.CASE_DRAFTED,
    State.REQUESTED: Act.CASE_REQUESTED,
    State.APPROVED: Act.CASE_APPROVED,
    State.OPEN: Act.CASE_OPENED,
    State.CLOSED: Act.CASE_CLOSED,
    State.EXPIRED: Act.CASE_EXPIRED,
    State.REFUSED: Act.CASE_REFUSED,
}
"""How the ledger calls entering each state."""

ALIVE: Final = frozenset(state for state in State if not state.is_ended)
ANSWERABLE: Final = frozenset({State.REQUESTED, State.APPROVED, State.OPEN})
OPENABLE: Final = frozenset({State.APPROVED, State.OPEN})


def check_follows(now: State, then: State) -> None:
    """Refuse a step that the table does not have.

    Raises:
        CaseState: names both states.
    """
    if then not in FOLLOWS[now]:
        raise CaseState(f"This case is {now}, so it cannot be {then}.", _REMEDIES[now])


def check_in(now: State, wanted: frozenset[State], what: str) -> None:
    """Refuse what is not done in this state.

    Args:
        now: the state it is in.
        wanted: those in which it is done.
        what: as in "cannot be …", for people.

    Raises:
        CaseState: says what the case is.
    """
    if now not in wanted:
        raise CaseState(f"This case is {now}, so it cannot be {what}.", _REMEDIES[now])


_REMEDIES: Final[Mapping[State, str]] = {
    State.DRAFTED: "Sign the request and hand it in.",
    State.REQUESTED: "Wait for the custodians' answers.",
    State.APPROVED: "Open it with `scrim case open`.",
    State.OPEN: "It can be looked at, exported and closed.",
    State.CLOSED: "File a new case, if one is needed.",
    State.EXPIRED: "File a new case, if one is needed.",
    State.REFUSED: "Its reasons are in the register; file a new case that heeds them.",
}
