"""The desk: every act on a request of a person filmed, each with its entry in one transaction.

Rules:

1. What the clock says is written down whatever becomes of a request: late is late, and a
   clock that is set back gives nobody more time.
2. A request that is open is never forgotten, and what it asks for is never erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from scrim.access.signin import in_ledger
from scrim.clock import Clock
from scrim.ledger import Ledger
from scrim.settings import SubjectSettings
from scrim.store import holds
from scrim.store.database import reading
from scrim.store.schema import subject_request as table
from scrim.subjects import ending, facts, forgetting, intake, letters, refusals, steps
from scrim.subjects.asked import Asked
from scrim.subjects.file import Person, Place, RequestFile, find, find_all, person, see
from scrim.subjects.footage import Footage, footage
from scrim.subjects.letters import Kind, Letter
from scrim.subjects.refusals import Refusal
from scrim.subjects.room import PRIVACY_OFFICER, Room
from scrim.subjects.states import OPEN, State
from scrim.subjects.terms import NoPacks, Packs
from scrim.subjects.words import forget_words


@dataclass(frozen=True, slots=True)
class Tended:
    """What the clock did.

    Attributes:
        late: requests that have become late.
        forgotten: requests of which nobody's name is left.
        words: of how many holds, papers, limits and changes the words were erased.
    """

    late: tuple[str, ...]
    forgotten: tuple[str, ...]
    words: int = 0


class Subjects:
    """The requests of one deployment.

    Args:
        engine: the database.
        ledger: that of the same database.
        clock: what decides about deadlines.
        settings: how long names are kept.
        packs: which packs a camera is under.
        erasing_clock: a clock that may refuse, :class:`scrim.retention.clock.TrustedClock`;
            the same as ``clock`` where none is given.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        settings: SubjectSettings,
        packs: Packs | None = None,
        erasing_clock: Clock | None = None,
    ) -> None:
        self._room = Room(
            engine, ledger, clock, packs or NoPacks(), settings, erasing_clock or clock
        )

    def receive(
        self, asked: Asked, *, who: str = PRIVACY_OFFICER
    ) -> tuple[RequestFile, tuple[Footage, ...]]:
        """Enter a request and hold what it asks for; what is there of it.

        Raises:
            DutyRefused: something is missing or too much.
            CameraUnknown: a camera that never was.
            LedgerUnavailable: nothing was done (in all that write).
        """
        return intake.receive(self._room, asked, who=who)

    def identify(self, request: str, note: str, *, who: str = PRIVACY_OFFICER) -> RequestFile:
        """It is known who asks; the note says how that was seen.

        Raises:
            DutyUnknown: there is no such request (in all that follow).
            DutyState: not possible in its state (in all that follow).
        """
        return steps.identify(self._room, request, note, who=who)

    def locate(
        self, request: str, places: Sequence[Place], note: str = "", *, who: str = PRIVACY_OFFICER
    ) -> RequestFile:
        """A human being found the person on the masked timeline; more places may follow.

        Raises:
            DutyRefused: an interval that is empty, too long or not past.
            CameraUnknown: a camera that never was.
        """
        return steps.locate(self._room, request, places, note, who=who)

    def disclose(self, request: str, case: str, *, who: str = PRIVACY_OFFICER) -> RequestFile:
        """What is to be given is opened by this case.

        Raises:
            CaseUnknown: there is no such case.
            DutyRefused: it is about other cameras.
        """
        return steps.disclose(self._room, request, case, who=who)

    def extend(self, request: str, reason: str, *, who: str = PRIVACY_OFFICER) -> RequestFile:
        """The person was told that it takes longer, and why, before the first date."""
        return steps.extend(self._room, request, reason, who=who)

    def answer(
        self,
        request: str,
        given: str,
        reply: str,
        *,
        ground: str = "",
        reasons: str = "",
        who: str = PRIVACY_OFFICER,
    ) -> RequestFile:
        """Answer a request: ``given``, ``partly``, ``nothing-held`` or ``already-erased``.

        Raises:
            DutyRefused: it is not so, or reasons are missing.
        """
        return ending.answer(
            self._room, request, given, reply, ground=ground, reasons=reasons, who=who
        )

    def refuse(
        self, request: str, ground: str, reasons: str, *, who: str = PRIVACY_OFFICER
    ) -> RequestFile:
        """Refuse a request, into the register.

        Raises:
            DutyRefused: reasons are missing.
        """
        return ending.refuse(self._room, request, ground, reasons, who=who)

    def withdraw(self, request: str, *, who: str = PRIVACY_OFFICER) -> RequestFile:
        """The person asks no more."""
        return ending.withdraw(self._room, request, who=who)

    def letter(
        self,
        request: str,
        kind: Kind,
        said: letters.Said,
        language: str | None = None,
        *,
        who: str = PRIVACY_OFFICER,
    ) -> Letter:
        """Make a letter from the packs' templates and put it on record.

        Raises:
            DutyRefused: no pack has it in that language.
            NormsError: something that it needs was not said.
        """
        return letters.make(self._room, request, kind, said, language, who=who)

    def get(self, request: str) -> RequestFile:
        """A request.

        Raises:
            DutyUnknown: there is none.
        """
        with reading(self._room.engine) as connection:
            return find(connection, request)

    def person(self, request: str, *, who: str = PRIVACY_OFFICER) -> Person:
        """Who asked; for those who deal with it alone, and logged.

        Raises:
            DutyUnknown: it is erased, or there is none.
            LedgerUnavailable: it could not be written down, so it is not shown.
        """
        return steps.look(self._room, request, who=who)

    def footage(self, request: str) -> tuple[Footage, ...]:
        """What is there of what it asks for.

        Raises:
            DutyUnknown: there is no such request.
        """
        with reading(self._room.engine) as connection:
            file = find(connection, request)
            return footage(connection, file.cameras, file.since_us, file.until_us)

    def list(self, *, open_only: bool = False) -> tuple[RequestFile, ...]:
        """All requests, the first to come first."""
        conditions = [table.c.state.in_([state.value for state in OPEN])] if open_only else []
        with reading(self._room.engine) as connection:
            return tuple(find_all(connection, *conditions))

    def refusals(self) -> tuple[Refusal, ...]:
        """The register of refusals, as a commissioner may read it."""
        with reading(self._room.engine) as connection:
            return refusals.register(connection)

    def facts(self, request: str) -> dict[str, object]:
        """The facts of a request, for checks.

        Raises:
            DutyUnknown: there is none.
        """
        with reading(self._room.engine) as connection:
            file = find(connection, request)
            held = any(one.lifted_us is None for one in holds.of_request(connection, request))
            return facts.of_request(file, held=held, letters=letters.kinds(connection, request))

    def tend(self) -> Tended:
        """Write down what is late, and forget who asked once that time is over.

        Raises:
            ClockDoubtful: what is late is written down, nothing is forgotten.
        """
        room = self._room
        now = room.clock.now_us()
        conditions = (
            table.c.state.in_([state.value for state in OPEN]),
            table.c.overdue_us.is_(None),
        )
        with reading(room.engine) as connection:
            waiting = find_all(connection, *conditions)
        late = []
        for one in waiting:
            if max(now, one.seen_us) < one.due_us:
                continue
            with in_ledger(room.engine) as connection:
                file = find(connection, one.id)
                if file.state in OPEN and file.overdue_us is None:
                    at = see(connection, file, now)
                    ending.mark_late(connection, room, file, person(connection, one.id), at)
                    late.append(one.id)
        return Tended(tuple(late), forgetting.forget(room), forget_words(room))


__all__ = ["Asked", "Kind", "Place", "State", "Subjects", "Tended"]
