"""Changes that take two people: one proposes, another agrees, then it takes effect.

Rules:

1. Proposing, agreeing and refusing are in the ledger, each in the transaction of its row;
   what was agreed to takes effect in the transaction of the agreement.
2. Whoever proposed does not agree.  What is done on the machine itself is the machine's:
   one who has it can propose, and never agree.
3. Agreeing takes a sign-in of one's own: key, passkey or provider.  A link does not count,
   because whoever has the machine can print one for anybody.  A program decides nothing.
4. A proposal is decided once and ends by itself; what has ended is proposed anew.
5. The ledger has the kind and the hash of the change; the change itself, which everybody
   reads who is to agree, stays in the database until its words are forgotten
   (:mod:`scrim.subjects.words`): from then on it is empty, and nobody agrees to it.

What kinds there are and what they do is for :mod:`scrim.changes`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.access.signin import Session, in_ledger
from scrim.canonical import Json, canonical, digest
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied, CaseState, CaseUnknown
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import reading
from scrim.store.schema import proposal as table

MACHINE: Final = "machine"
"""Who proposes on the data folder itself."""

OWN: Final = frozenset({"key", "passkey", "oidc"})
"""The ways of signing in that nobody else can take for somebody."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits, or waited, for a second person.

    Attributes:
        id: 8 hexadecimal digits.
        kind: what is to change.
        change: to what; empty once it is forgotten.
        reason: a code.
        proposer: the person's id, or :data:`MACHINE`.
        decision: ``agreed``, ``refused``, or ``None``.
    """

    id: str
    kind: str
    change: Mapping[str, Json]
    reason: str
    proposer: str
    proposed_us: int
    expires_us: int
    decided_us: int | None = None
    decision: str | None = None


PROGRAM: Final = "token"
"""The way of a program, which answers for nobody."""

Apply = Callable[[Connection, Proposal], None]


class Proposals:
    """The proposals of one deployment.

    Args:
        hours: how long one waits.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, hours: int = 72) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._waits_us = hours * 3600 * SECOND

    def propose(
        self, kind: str, change: Mapping[str, Json], reason: str, session: Session | None = None
    ) -> Proposal:
        """Write down what is to change.

        Args:
            kind: of change.
            change: to what.
            reason: a code.
            session: of whoever proposes it; without one, the machine does.

        Raises:
            LedgerUnavailable: it could not be written down.
        """
        now = self._clock.now_us()
        made = Proposal(
            id=secrets.token_hex(4),
            kind=kind,
            change=change,
            reason=reason,
            proposer=_who(session),
            proposed_us=now,
            expires_us=now + self._waits_us,
        )
        by = "operator" if session is None else session.who()
        with in_ledger(self._engine) as connection:
            self._log(connection, Act.CHANGE_PROPOSED, made, by, now)
            connection.execute(
                insert(table).values(
                    id=made.id,
                    kind=kind,
                    change=canonical(change).decode(),
                    reason=reason,
                    proposed_by=by,
                    proposer=made.proposer,
                    proposed_us=now,
                    expires_us=made.expires_us,
                )
            )
        return made

    def waiting(self) -> tuple[Proposal, ...]:
        """Those that can still be decided, the oldest first."""
        return tuple(
            one
            for one in self.list()
            if one.decision is None and self._clock.now_us() < one.expires_us
        )

    def list(self) -> tuple[Proposal, ...]:
        """All there ever were, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.proposed_us, table.c.id))
            return tuple(_proposal(row) for row in rows)

    def agree(self, proposal: str, session: Session, apply: Apply) -> Proposal:
        """Let a change take effect.

        Args:
            proposal: its id.
            session: of whoever agrees.
            apply: makes the change, within the transaction.

        Raises:
            AccessDenied: they proposed it themselves, or did not sign in as themselves.
            CaseUnknown: there is no such proposal.
            CaseState: it was decided, or has ended.
            LedgerUnavailable: it could not be written down; nothing has changed.
        """
        return self._decide(proposal, session, "agreed", apply)

    def refuse(self, proposal: str, session: Session) -> Proposal:
        """Let a change be; raises as :meth:`agree`, but one may refuse one's own."""
        return self._decide(proposal, session, "refused", None)

    def _decide(
        self, proposal: str, session: Session, decision: str, apply: Apply | None
    ) -> Proposal:
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == proposal)).one_or_none()
            if row is None:
                raise CaseUnknown(f"There is no proposal {proposal!r}.", "See the list of them.")
            found = _proposal(row)
            if found.decision is not None or now >= found.expires_us or not found.change:
                raise CaseState(
                    f"Proposal {proposal} was decided already, or has ended.", "Propose it anew."
                )
            _check_somebody(session)
            if apply is not None:
                _check_other(found, session)
            act = Act.CHANGE_AGREED if apply is not None else Act.CHANGE_REFUSED
            self._log(connection, act, found, session.who(), now)
            connection.execute(
                update(table)
                .where(table.c.id == proposal)
                .values(decided_us=now, decision=decision, decided_by=session.who())
            )
            if apply is not None:
                apply(connection, found)
            row = connection.execute(select(table).where(table.c.id == proposal)).one()
            return _proposal(row)

    def _log(
        self, connection: Connection, act: Act, proposal: Proposal, who: str, now: int
    ) -> None:
        entry = Entry(
            act=act,
            at_us=now,
            who=who,
            authority="four-eyes",
            reason=proposal.reason,
            facts={
                "proposal": proposal.id,
                "kind": proposal.kind,
                "change": digest(proposal.change),
                "expires": proposal.expires_us,
            },
        )
        self._ledger.append_in(connection, entry)


def _check_somebody(session: Session) -> None:
    if session.way == PROGRAM:
        raise AccessDenied("A program's token decides no change.", "Sign in as yourself.")


def _check_other(proposal: Proposal, session: Session) -> None:
    if session.person is None or session.way not in OWN:
        raise AccessDenied(
            "Agreeing takes a sign-in of your own: a key, a passkey or a provider.",
            "A link is printed by whoever has the machine, so it is nobody's word.",
        )
    if session.person == proposal.proposer:
        raise AccessDenied(
            "Whoever proposed a change does not agree to it.", "Somebody else has to."
        )


def _who(session: Session | None) -> str:
    return MACHINE if session is None or session.person is None else session.person


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row.id,
        kind=row.kind,
        change=json.loads(row.change),
        reason=row.reason,
        proposer=row.proposer,
        proposed_us=row.proposed_us,
        expires_us=row.expires_us,
        decided_us=row.decided_us,
        decision=row.decision,
    )
