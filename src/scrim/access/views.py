"""Views: nobody watches anything that is not in the ledger already.

Rules:

- A view is one session's permission to watch one camera, live or one recorded
  interval, for a reason from a short list.  It is no permission for anything else.
- Its ``viewed`` entry and its row are one transaction.  If the entry cannot be
  written there is no row, and without a row no picture is served (invariant 5).
- The policies are asked about the camera, the mode and the interval as granted
  (:mod:`scrim.access.gate`), and the entry says which of them allowed it.
- A custodian watches for one reason, ``case-review``: the masked recording of the
  cameras and the interval of a case they are asked about, and only while they are.
  Nobody else has that reason.
- A view ends when it is closed, and with its session.  What remains is the entry.
- A request that was under way when its own holder ended the view gets nothing, and is no denial
  (:class:`ViewEnded`); whatever else takes a view away is one.
- The policies are asked again at each request for a picture: whoever's scope no longer has
  the camera, or whom a new policy forbids it, sees no more of it.
- The entry says who only as a commitment: the hash of the session's id with the
  session's salt, which stays in the database (invariant 6).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, delete, insert, select

from scrim.access.ended import EndedViews
from scrim.access.gate import Gate
from scrim.access.roles import Role
from scrim.access.signin import Session, in_ledger
from scrim.canonical import Json
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied, CameraUnknown
from scrim.ledger import Act, Entry, Ledger
from scrim.ledger.permitted import permitted_by
from scrim.store import schema
from scrim.store.database import reading, writing

LONGEST_US: Final = 24 * 3600 * SECOND
"""The longest recorded interval of one view; a longer look is more than one act."""


class Mode(StrEnum):
    """What is watched."""

    LIVE = "live"
    RECORDED = "recorded"


class Reason(StrEnum):
    """Why, as the ledger keeps it: a code, so that no free text can name a person."""

    LIVE_MONITORING = "live-monitoring"
    INCIDENT_REVIEW = "incident-review"
    MAINTENANCE = "maintenance"
    AUDIT = "audit"
    DEMONSTRATION = "demonstration"
    CASE_REVIEW = "case-review"


@dataclass(frozen=True, slots=True)
class View:
    """One logged act of watching.

    Attributes:
        id: 32 hexadecimal digits.
        session: the id of the session that opened it.
        since_us, until_us: the recorded interval, or ``None`` for live.
        entry: index of its entry in the ledger.
        case: of a custodian's view, the case it is for.
    """

    id: str
    session: str
    camera: str
    mode: Mode
    since_us: int | None
    until_us: int | None
    opened_us: int
    entry: int
    case: str | None = None


class Reviews(Protocol):
    """Which masked recordings a case lets its custodians look at; see :mod:`scrim.cases`."""

    def facts(
        self,
        connection: Connection,
        case: str,
        custodian: str,
        camera: str,
        since_us: int,
        until_us: int,
    ) -> Mapping[str, Json]:
        """What the entry of such a look says of the case.

        Raises:
            CaseError: that custodian is not asked about that camera and interval now.
        """

    def is_judged(self, connection: Connection, case: str) -> bool:
        """Whether answers to the case are still taken; whom it asks never changes."""


class ViewRefused(AccessDenied):
    """What was asked for cannot be watched as asked."""


class ViewEnded(AccessDenied):
    """Whoever had opened the view has ended it while the request was under way."""

    def __init__(self) -> None:
        super().__init__("This view has ended.", "Open the camera again; it is then logged anew.")


class Views:
    """The views of one deployment.

    Args:
        gate: asks the policies.
        reviews: what custodians may look at; without it nothing.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        *,
        gate: Gate,
        reviews: Reviews | None = None,
    ) -> None:
        self._gate = gate
        self._reviews = reviews
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._ended = EndedViews(clock)

    def open(
        self,
        session: Session,
        camera: str,
        mode: Mode,
        reason: Reason,
        *,
        since_us: int | None = None,
        until_us: int | None = None,
        case: str | None = None,
    ) -> View:
        """Log the act, then allow it.

        An interval that reaches into the future is cut off at now, so that a
        permission never grows.

        Raises:
            CameraUnknown: no such camera.
            ViewRefused: live with an interval, recorded without one, an empty one,
                one in the future, or one longer than :data:`LONGEST_US`; a reason that
                is not this role's, or a case without ``case-review``.
            CaseError: a custodian is not asked about it.
            AccessDenied: the policies do not permit it.
            LedgerUnavailable: the entry could not be written; there is no view.
        """
        now = self._clock.now_us()
        role = _check_reason(session, mode, reason, case)
        since_us, until_us = _interval(mode, since_us, until_us, now)
        decision = self._gate.watch(session, camera, since_us, until_us)
        if not decision.allowed:
            raise AccessDenied(
                "The access policy does not let you watch this.",
                "Ask the operator which cameras and times are yours.",
            )
        with permitted_by(decision.policies), in_ledger(self._engine) as connection:
            _check_camera(connection, camera, mode)
            facts: dict[str, Json] = {"mode": mode.value}
            if case is not None:
                facts |= self._review(connection, session, case, camera, since_us, until_us)
            entry = Entry(
                act=Act.VIEWED,
                at_us=now,
                who=session.who(),
                authority=role.value,
                reason=reason.value,
                camera=camera,
                since_us=now if since_us is None else since_us,
                until_us=until_us,
                facts=facts,
            )
            receipt = self._ledger.append_in(connection, entry)
            view = View(
                id=secrets.token_hex(16),
                session=session.id,
                camera=camera,
                mode=mode,
                since_us=since_us,
                until_us=until_us,
                opened_us=now,
                entry=receipt.index,
                case=case,
            )
            connection.execute(
                insert(schema.view).values(
                    id=view.id,
                    session=view.session,
                    camera=camera,
                    mode=mode.value,
                    since_us=since_us,
                    until_us=until_us,
                    opened_us=now,
                    entry=receipt.index,
                    case=case,
                )
            )
        return view

    def get(self, view_id: str, session: Session) -> View:
        """The view, if this session opened it.

        Raises:
            ViewEnded: this very session has just ended it.
            AccessDenied: there is no such view, it is another session's, or it may not
                be watched any more; which of these is not said.
        """
        view = self._found(view_id, session)
        if view is None and self._ended.has(view_id, session.id):
            raise ViewEnded
        if view is None or not self._granted(view, session):
            raise AccessDenied(
                "This view is not open.", "Open the camera again; the act is then logged anew."
            )
        return view

    def still(self, view: View, session: Session) -> None:
        """Whether what :meth:`get` gave may still be watched, for a request that waited.

        Raises:
            ViewEnded: this very session has ended it, or has signed out.
            AccessDenied: it may not be watched any more.
        """
        try:
            self.get(view.id, session)
        except ViewEnded:
            raise
        except AccessDenied:
            if self._signed_out(view) and self._granted(view, session):
                raise ViewEnded from None
            raise

    def close(self, view_id: str, session: Session) -> None:
        """End the view; ending one that is not open is no error."""
        table = schema.view
        view = self._found(view_id, session)
        # who may not watch it any more was denied it before, and ends nothing
        granted = view is not None and self._granted(view, session)
        with writing(self._engine) as connection:
            found = connection.execute(
                delete(table).where(table.c.id == view_id, table.c.session == session.id)
            )
            if found.rowcount and granted:  # before it is gone for others, if it was there
                self._ended.add(view_id, session.id)

    def _found(self, view_id: str, session: Session) -> View | None:
        table = schema.view
        query = select(table).where(table.c.id == view_id, table.c.session == session.id)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else View(**{**row, "mode": Mode(row["mode"])})

    def _granted(self, view: View, session: Session) -> bool:
        """Whether the view's case, if it is for one, and the policies let it be watched now."""
        if view.case is not None:
            with reading(self._engine) as connection:
                if self._reviews is None or not self._reviews.is_judged(connection, view.case):
                    return False
        return self._gate.watch(session, view.camera, view.since_us, view.until_us).allowed

    def _signed_out(self, view: View) -> bool:
        """Whether the view went with its session, which only its holder ends before its time."""
        views, sessions = schema.view, schema.session
        with reading(self._engine) as connection:
            there = connection.execute(select(views.c.id).where(views.c.id == view.id)).first()
            ended = connection.execute(
                select(sessions.c.ended_us).where(sessions.c.token_sha256 == view.session)
            ).scalar_one_or_none()
        return there is None and ended is not None

    def _review(
        self,
        connection: Connection,
        session: Session,
        case: str,
        camera: str,
        since_us: int | None,
        until_us: int | None,
    ) -> Mapping[str, Json]:
        assert since_us is not None and until_us is not None  # noqa: PT018 - recorded, checked
        if self._reviews is None or session.person is None:
            raise ViewRefused("There are no cases here.", "Sign in where the case is.")
        return self._reviews.facts(connection, case, session.person, camera, since_us, until_us)


def _check_reason(session: Session, mode: Mode, reason: Reason, case: str | None) -> Role:
    """The role in which they look."""
    review = reason is Reason.CASE_REVIEW
    role = Role.CUSTODIAN if review else Role.OPERATOR
    if role not in session.roles:
        raise ViewRefused(
            f"{reason.value} is no reason of {session.role.value}s.",
            "Custodians look for case-review, operators for one of the other reasons.",
        )
    if review is not (case is not None):
        raise ViewRefused("A case and the reason case-review go together.", "Give both or neither.")
    if review and mode is not Mode.RECORDED:
        raise ViewRefused("A case is reviewed in what is recorded.", "Ask for recorded.")
    return role


def _interval(
    mode: Mode, since_us: int | None, until_us: int | None, now: int
) -> tuple[int | None, int | None]:
    if mode is Mode.LIVE:
        if since_us is not None or until_us is not None:
            raise ViewRefused("A live view has no interval.", "Leave since_us and until_us out.")
        return None, None
    if since_us is None or until_us is None:
        raise ViewRefused("A recorded view needs an interval.", "Give since_us and until_us.")
    until_us = min(until_us, now)
    if since_us >= until_us:
        raise ViewRefused(
            "The interval is empty or in the future.", "Choose one that has begun already."
        )
    if until_us - since_us > LONGEST_US:
        raise ViewRefused("The interval is longer than a day.", "Choose a shorter one.")
    return since_us, until_us


def _check_camera(connection: Connection, camera: str, mode: Mode) -> None:
    table = schema.camera
    row = connection.execute(select(table.c.removed_us).where(table.c.id == camera)).one_or_none()
    if row is None or (mode is Mode.LIVE and row.removed_us is not None):
        raise CameraUnknown("There is no such camera.", "Choose one from the list of cameras.")
