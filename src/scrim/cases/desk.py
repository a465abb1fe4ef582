"""The desk: every act on a case, each with its entry in one transaction.

Rules:

1. What the clock says comes first: a case past its expiry is expired before
   anything else is done with it, and a clock set back brings none back.
2. Each act may be asked for again after a crash: done once, it is answered as done.
3. Who may not see a case gets the words of one that does not exist.
"""

from __future__ import annotations

from sqlalchemy import Engine

from scrim.cases.draft import Draft
from scrim.cases.file import CaseFile
from scrim.cases.people import Person
from scrim.clock import Clock
from scrim.ledger import Ledger
from scrim.settings import Settings
from scrim.store.objects import ObjectStore


class Cases:
    """The cases of one deployment.

    Args:
        settings: of them ``cases`` and ``ledger.origin``.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        objects: ObjectStore,
        clock: Clock,
        settings: Settings,
    ) -> None: ...

    def draft(self, officer: Person, draft: Draft) -> CaseFile:
        """Judge what is asked for and file it; ``body`` of the answer is what to sign.

        Raises:
            CaseRefused: a rule forbids it; it is in the register of refusals.
            StatementInvalid: no request can be made of it.
            LedgerUnavailable: nothing was done (in all that write).
        """
        raise NotImplementedError

    def request(self, officer: Person, case: str, statement: bytes) -> CaseFile:
        """Hand in the signed request; the same one again changes nothing.

        Raises:
            CaseUnknown, CaseState, StatementInvalid, CaseRefused.
        """
        raise NotImplementedError

    def answer(self, custodian: Person, case: str, statement: bytes) -> CaseFile:
        """Keep a custodian's answer; the same one again changes nothing.

        Raises:
            CaseUnknown: no case of which they are asked.
            CaseState: they answered already, or the case takes no answers.
            StatementInvalid: not an answer to this very request by this very custodian.
        """
        raise NotImplementedError

    def get(self, person: Person, case: str) -> CaseFile:
        """A case, for its officer and for the custodians it asks.

        Raises:
            CaseUnknown: none that this person may see.
        """
        raise NotImplementedError

    def list(self, person: Person, state: str | None = None) -> tuple[CaseFile, ...]:
        """The officer's own cases, or those a custodian is asked in; newest first."""
        raise NotImplementedError

    def close(self, officer: Person, case: str, reason: str) -> CaseFile:
        """End a case: its sealed parts are erased and its hold is lifted.

        Raises:
            CaseUnknown, CaseState.
        """
        raise NotImplementedError

    def expire(self) -> tuple[str, ...]:
        """End what is past its expiry, and finish what a crash left half erased.

        Returns:
            The cases that ended.
        """
        raise NotImplementedError
