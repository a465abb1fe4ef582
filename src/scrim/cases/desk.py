"""The desk: every act on a case, each with its entry in one transaction.

Rules:

1. What the clock says comes first: a case past its expiry is expired before
   anything else is done with it, and a clock set back brings none back.
2. Each act may be asked for again after a crash: done once, it is answered as done.
3. Who may not see a case gets the words of one that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from scrim.access.signin import in_ledger
from scrim.cases import answering, ending, exports, filing, papers, sets, viewings
from scrim.cases.case import State
from scrim.cases.draft import Draft
from scrim.cases.exports import Export, Recipient
from scrim.cases.file import CaseFile, find, find_all, unknown
from scrim.cases.people import CUSTODIAN, Person
from scrim.cases.purposes import Offer, PacksOver, no_packs, offers
from scrim.cases.room import Room
from scrim.cases.viewings import Viewing, ViewingAct
from scrim.clock import Clock
from scrim.errors import CaseRefused
from scrim.ledger import Ledger
from scrim.settings import CaseSettings, Settings
from scrim.store.database import reading
from scrim.store.objects import ObjectStore
from scrim.store.schema import case_file
from scrim.vault.request import LONGEST_TEXT


class Cases:
    """The cases of one deployment.

    Args:
        engine: the database.
        ledger: that of the same database.
        objects: where period documents lie.
        clock: what decides about expiry.
        settings: of them ``cases`` and ``ledger.origin``.
        packs: tells those in force over cameras.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        objects: ObjectStore,
        clock: Clock,
        settings: Settings,
        packs: PacksOver = no_packs,
    ) -> None:
        self._room = Room(engine, ledger, objects, clock, settings, packs)

    @property
    def limits(self) -> CaseSettings:
        """What a case may ask for at most."""
        return self._room.settings.cases

    def offers(self, cameras: Sequence[str]) -> tuple[Offer, ...]:
        """For what originals of all these cameras may be opened, and what is asked before.

        Raises:
            PackInvalid: a pack in force cannot be read.
        """
        with reading(self._room.engine) as connection:
            packs = self._room.packs(connection, cameras)
        return offers(packs, self.limits.purposes)

    def draft(self, officer: Person, draft: Draft) -> CaseFile:
        """Judge what is asked for and file it; ``body`` of the answer is what to sign.

        Raises:
            CaseRefused: a rule forbids it; it is in the register of refusals.
            StatementInvalid: no request can be made of it.
            AccessDenied: not a registered officer.
            LedgerUnavailable: nothing was done (in all that write).
        """
        return filing.draft(self._room, officer, draft)

    def request(self, officer: Person, case: str, statement: bytes) -> CaseFile:
        """Hand in the signed request; the same one again changes nothing.

        Raises:
            CaseUnknown: no such case of this officer.
            CaseState: it is not drafted, or past its expiry.
            StatementInvalid: not what was drafted, or not signed by the officer.
            CaseRefused: a rule forbids it by now; the case is refused.
        """
        return filing.request(self._room, officer, case, statement)

    def answer(self, custodian: Person, case: str, statement: bytes) -> CaseFile:
        """Keep a custodian's answer; the same one again changes nothing.

        Raises:
            CaseUnknown: no case of which they are asked.
            CaseState: they answered already, or the case takes no answers.
            CaseRefused: the custodian is who asked.
            StatementInvalid: not an answer to this very request by this very custodian.
        """
        return answering.answer(self._room, custodian, case, statement)

    def get(self, person: Person, case: str) -> CaseFile:
        """A case, for its officer and for the custodians it asks.

        Raises:
            CaseUnknown: none that this person may see.
        """
        file = ending.current(self._room, case)
        if not _may_see(person, file):
            raise unknown()
        return file

    def list(self, person: Person, state: State | None = None) -> tuple[CaseFile, ...]:
        """The officer's own cases, or those a custodian is asked in; newest first."""
        self.expire()
        conditions = [] if state is None else [case_file.c.state == state.value]
        with reading(self._room.engine) as connection:
            files = find_all(connection, *conditions)
        return tuple(file for file in files if _may_see(person, file))

    def refusals(self) -> tuple[CaseFile, ...]:
        """The register of refusals, by rules and by custodians; newest first."""
        with reading(self._room.engine) as connection:
            refused = case_file.c.state == State.REFUSED.value
            return tuple(find_all(connection, refused))

    def package(self, person: Person, case: str) -> bytes:
        """``scrim-package-v1``: for the officer with all answers, for a custodian without parts.

        Raises:
            CaseUnknown: none that this person may see.
            CaseState: not requested yet, or over; or the checkpoint lags a few seconds.
        """
        file = self.get(person, case)
        return papers.package(self._room, file, with_parts=file.officer == person.id)

    def record(self, officer: Person, case: str) -> bytes:
        """``scrim-record-v1``: the case's entries and its periods', with receipts.

        Raises:
            CaseUnknown: no such case of this officer.
            CaseState: the checkpoint lags a few seconds.
        """
        return papers.record(self._room, self._own(officer, case))

    def custodians(self, sha256: str) -> bytes:
        """A set of custodians that is or was in force, by its hash; public.

        Raises:
            CaseUnknown: there is none.
        """
        return sets.document(self._room, sha256)

    def view(
        self,
        officer: Person,
        case: str,
        act: ViewingAct,
        cameras: Sequence[str],
        since_us: int,
        until_us: int,
    ) -> Viewing:
        """Log a look at originals, then allow it.

        Raises:
            CaseUnknown: no such case of this officer.
            CaseState: not approved, or over.
            CaseRefused: cameras or an interval outside the case.
        """
        return viewings.view(self._room, officer, case, act, cameras, since_us, until_us)

    def viewing(self, officer: Person, viewing: str) -> Viewing:
        """A viewing, with the segments that are there by now.

        Raises:
            CaseUnknown: no such viewing of this officer.
            CaseState: its case is over.
        """
        return viewings.get(self._room, officer, viewing)

    def sealed(self, officer: Person, viewing: str, camera: str, segment: int) -> str:
        """The key of a sealed object inside the viewing.

        Raises:
            CaseUnknown: no such viewing of this officer, or nothing of that name in it.
            CaseState: its case is over.
        """
        return viewings.sealed(self._room, officer, viewing, camera, segment)

    def manifest(self, officer: Person, viewing: str, camera: str, epoch: int, period: int) -> str:
        """The key of the manifest of a closed period that the viewing reaches.

        Raises:
            CaseUnknown: no such viewing, no such period in it, or it is still open.
            CaseState: its case is over.
        """
        return viewings.manifest(self._room, officer, viewing, camera, epoch, period)

    def document(self, officer: Person, viewing: str, camera: str, epoch: int, period: int) -> str:
        """The key of the document of a period that the viewing reaches; raises as manifest."""
        return viewings.document(self._room, officer, viewing, camera, epoch, period)

    def export(
        self,
        officer: Person,
        case: str,
        kind: str,
        sha256: str,
        size: int,
        recipient: Recipient,
    ) -> Export:
        """Write down that a file leaves the officer's machine, before it does.

        Raises:
            CaseUnknown: no such case of this officer.
            CaseState: it is not open.
            CaseRefused: not described.
        """
        return exports.export(self._room, officer, case, kind, sha256, size, recipient)

    def register_of_exports(self) -> tuple[Export, ...]:
        """The register of disclosures: what left officers' machines, of all cases, in order."""
        return exports.exports(self._room)

    def close(self, officer: Person, case: str, reason: str) -> CaseFile:
        """End a case: its sealed parts are erased and its hold is lifted.

        Raises:
            CaseUnknown: no such case of this officer.
            CaseState: it has expired or was refused.
            CaseRefused: no reason, or too long a one.
        """
        if not 1 <= len(reason.strip()) <= len(reason) <= LONGEST_TEXT:
            raise CaseRefused(
                "Closing needs a reason.",
                f"Say in up to {LONGEST_TEXT} characters why.",
                rule="closing-reasoned",
            )
        file = self._own(officer, case)
        with in_ledger(self._room.engine) as connection:
            file = find(connection, case)
            if file.state is State.CLOSED:
                return file
            now = ending.now_in(connection, self._room, file)
            file = ending.end(
                connection, self._room, file, State.CLOSED, now, who=officer.id, reason=reason
            )
        ending.finish(self._room)
        return find_again(self._room, case)

    def retire(self, person: str) -> tuple[str, ...]:
        """Take somebody out of the register; with an officer their cases end, live openings too.

        Returns:
            The cases that ended.

        Raises:
            CaseUnknown: nobody is called that, or they are retired already.
            LedgerUnavailable: it could not be written down, so nobody is retired.
        """
        self.expire()
        ended = ending.retire(self._room, person)
        ending.finish(self._room)
        return ended

    def expire(self) -> tuple[str, ...]:
        """End what is past its expiry, and finish what a crash left half erased.

        Returns:
            The cases that ended.
        """
        return ending.expire(self._room)

    def _own(self, officer: Person, case: str) -> CaseFile:
        file = ending.current(self._room, case)
        if file.officer != officer.id:
            raise unknown()
        return file


def find_again(room: Room, case: str) -> CaseFile:
    """The file as it stands after everything was done."""
    with reading(room.engine) as connection:
        return find(connection, case)


def _may_see(person: Person, file: CaseFile) -> bool:
    if person.role == CUSTODIAN:
        return file.statement is not None and file.asks(person.id)
    return file.officer == person.id
