"""What becomes of a request, and what may follow what.

::

    received ──► identified ──► located ──► disclosing
       │             │             │            │
       ├─────────────┴─────────────┴────────────┴──► answered | refused | withdrawn

Rules:

1. Only what stands in :data:`FOLLOWS` may follow; the last three are for good.
2. Being overdue is no state: what is late still has to be answered.  It is written down
   once, as a breach of its clock, and stays on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from scrim.errors import DutyState
from scrim.ledger import Act


class State(StrEnum):
    """What has become of a request."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    LOCATED = "located"
    DISCLOSING = "disclosing"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_ended(self) -> bool:
        """Whether nothing follows."""
        return not FOLLOWS[self]


_ENDS: Final = frozenset({State.ANSWERED, State.REFUSED, State.WITHDRAWN})

FOLLOWS: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.IDENTIFIED}) | _ENDS,
    State.IDENTIFIED: frozenset({State.LOCATED}) | _ENDS,
    State.LOCATED: frozenset({State.LOCATED, State.DISCLOSING}) | _ENDS,
    State.DISCLOSING: frozenset({State.LOCATED, State.DISCLOSING}) | _ENDS,
    State.ANSWERED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

ACTS: Final[Mapping[State, Act]] = {
    State.RECEIVED: Act.SUBJECT_RECEIVED,
    State.IDENTIFIED: Act.SUBJECT_IDENTIFIED,
    State.LOCATED: Act.SUBJECT_LOCATED,
    State.DISCLOSING: Act.SUBJECT_DISCLOSING,
    State.ANSWERED: Act.SUBJECT_ANSWERED,
    State.REFUSED: Act.SUBJECT_REFUSED,
    State.WITHDRAWN: Act.SUBJECT_WITHDRAWN,
}
"""How the ledger calls entering each state."""

OPEN: Final = frozenset(state for state in State if not state.is_ended)

_REMEDIES: Final[Mapping[State, str]] = {
    State.RECEIVED: "See who asks first: `scrim subject identify`.",
    State.IDENTIFIED: "Find them on the masked timeline: `scrim subject locate`.",
    State.LOCATED: "Open a case and link it: `scrim subject disclose`.",
    State.DISCLOSING: "Answer it: `scrim subject answer`.",
    State.ANSWERED: "Enter a new request, if the person asks again.",
    State.REFUSED: "Enter a new request, if the person asks again.",
    State.WITHDRAWN: "Enter a new request, if the person asks again.",
}


def check_follows(now: State, then: State) -> None:
    """Refuse a step that the table does not have.

    Raises:
        DutyState: names both states.
    """
    if then not in FOLLOWS[now]:
        raise DutyState(f"This request is {now}, so it cannot be {then}.", _REMEDIES[now])


def check_open(now: State) -> None:
    """Refuse what is not done with a request that is over.

    Raises:
        DutyState: it is over.
    """
    if now not in OPEN:
        raise DutyState(f"This request is {now} already.", _REMEDIES[now])
