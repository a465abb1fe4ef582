"""What a privacy officer keeps: requests of people filmed and holds; and reads, with an auditor.

Who asked an auditor does not see.  Where roles hold for some cameras only, what is about
others is not there, and registers of the whole deployment are closed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, TypeVar

from fastapi import Path

from scrim.access import Role, Session
from scrim.api import duty_models as models
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import Model
from scrim.api.scopes import check_cameras, check_everywhere, shows_all
from scrim.api.services import Have, Services
from scrim.errors import DutyUnknown
from scrim.store.holds import Hold
from scrim.subjects.asked import Asked
from scrim.subjects.desk import Subjects
from scrim.subjects.file import Place, RequestFile
from scrim.subjects.holding import Listed

doors = router("duties")

_KEEPER: Final = opens_to(Role.PRIVACY_OFFICER)
READERS: Final = (Role.PRIVACY_OFFICER, Role.AUDITOR)
"""Who may list requests, filings and breaches."""
_READERS: Final = opens_to(*READERS)

Id = Annotated[str, Path(alias="request", pattern=r"^req-[a-z0-9]{8}$")]
Number = Annotated[int, Path(ge=1, le=2**53 - 1)]
Made = TypeVar("Made", bound=Model)


@doors.get("/api/requests", openapi_extra=_READERS)
def list_requests(
    session: SignedIn, have: Have, open_only: bool = False
) -> list[models.SubjectRequest]:
    """Requests of people filmed, without who asked, the first to come first."""
    found = have.subjects.list(open_only=open_only)
    return [_request(have, one) for one in found if shows_all(have, session, one.cameras)]


@doors.post("/api/requests", status_code=201, openapi_extra=_KEEPER)
def add_request(
    body: models.NewSubjectRequest, session: SignedIn, have: Have
) -> models.SubjectRequestOpened:
    """Enter a request: its clock starts, and what it asks for is held."""
    check_cameras(have, session, body.cameras)
    asked = Asked(
        tuple(body.cameras),
        body.since_us,
        body.until_us,
        contact=body.contact,
        description=body.description,
        kind=body.kind,
        language=body.language,
        received_us=body.received_us,
    )
    file, _ = have.subjects.receive(asked, who=session.who())
    return _opened(have, file, models.Asker(contact=body.contact, description=body.description))


@doors.get("/api/requests/{request}", openapi_extra=_KEEPER)
def get_request(request: Id, session: SignedIn, have: Have) -> models.SubjectRequestOpened:
    """One request, with who asked and what is there of it."""
    file = _find(have, session, request)
    if file.erased_us is not None:
        return _opened(have, file, None)
    found = have.subjects.person(file.id, who=session.who())
    return _opened(have, file, models.Asker(contact=found.contact, description=found.description))


@doors.post("/api/requests/{request}/steps", openapi_extra=_KEEPER)
def step_request(
    request: Id, body: models.Step, session: SignedIn, have: Have
) -> models.SubjectRequest:
    """Take a request one step on: identify, locate, disclose, extend, answer, refuse, withdraw."""
    _find(have, session, request)
    if isinstance(body, models.Locate):
        check_cameras(have, session, [place.camera for place in body.places])
    return _request(have, _step(have.subjects, request, body, session.who()))


@doors.get("/api/refusals", openapi_extra=_READERS)
def list_refusals(session: SignedIn, have: Have) -> list[models.RefusalLine]:
    """The register of refusals, as a commissioner may read it."""
    check_everywhere(session)
    return [_made(models.RefusalLine, one.document()) for one in have.subjects.refusals()]


@doors.get("/api/holds", openapi_extra=_READERS)
def list_holds(session: SignedIn, have: Have) -> list[models.HoldInForce]:
    """Holds in force; those that somebody has to look at first."""
    found = have.holding.list()
    return [_hold(one) for one in found if have.gate.shows(session, one.hold.camera)]


@doors.post("/api/holds", status_code=201, openapi_extra=_KEEPER)
def add_hold(body: models.NewHold, session: SignedIn, have: Have) -> list[models.HoldInForce]:
    """Hold an interval of each of some cameras, for a reason, until a review."""
    check_cameras(have, session, body.cameras)
    made = have.holding.add(
        body.cameras,
        body.since_us,
        body.until_us,
        reason=body.reason,
        review_us=body.review_us,
        who=session.who(),
    )
    return [_hold(Listed(one, is_due=False)) for one in made]


@doors.post("/api/holds/{hold}/review", openapi_extra=_KEEPER)
def review_hold(
    hold: Number, body: models.HoldReviewed, session: SignedIn, have: Have
) -> models.HoldInForce:
    """Say that a hold is still needed, and when somebody looks again."""
    _find_hold(have, session, hold)
    made = have.holding.review(
        hold, reason=body.reason, review_us=body.review_us, who=session.who()
    )
    return _hold(Listed(made, is_due=False))


@doors.post("/api/holds/{hold}/lift", status_code=204, openapi_extra=_KEEPER)
def lift_hold(hold: Number, body: models.HoldLifted, session: SignedIn, have: Have) -> None:
    """Lift a hold that a person placed; what is past its time goes with the next sweep."""
    _find_hold(have, session, hold)
    have.holding.lift(hold, reason=body.reason, who=session.who())


@doors.get("/api/filings", openapi_extra=_READERS)
def list_filings(session: SignedIn, have: Have) -> list[models.FilingLine]:
    """Filings with authorities and their clocks."""
    return [
        _made(models.FilingLine, one.document())
        for one in have.filings.list()
        if one.camera is None or have.gate.shows(session, one.camera)
    ]


@doors.get("/api/breaches", openapi_extra=_READERS)
def list_breaches(session: SignedIn, have: Have) -> list[models.BreachLine]:
    """Breaches of personal data and their clocks."""
    return [
        _made(models.BreachLine, one.document())
        for one in have.breaches.list()
        if shows_all(have, session, one.cameras)
    ]


@doors.get("/api/exports", openapi_extra=_READERS)
def list_exports(session: SignedIn, have: Have) -> list[models.ExportLine]:
    """The register of disclosures: what left officers' machines, to whom, for whom, why."""
    check_everywhere(session)
    return [_made(models.ExportLine, asdict(one)) for one in have.cases.register_of_exports()]


def _step(desk: Subjects, request: str, body: models.Step, who: str) -> RequestFile:
    match body:
        case models.Identify():
            return desk.identify(request, body.note, who=who)
        case models.Locate():
            places = [Place(one.camera, one.since_us, one.until_us) for one in body.places]
            return desk.locate(request, places, body.note, who=who)
        case models.Disclose():
            return desk.disclose(request, body.case, who=who)
        case models.Extend():
            return desk.extend(request, body.reason, who=who)
        case models.AnswerIt():
            return desk.answer(
                request, body.given, body.reply, ground=body.ground, reasons=body.reasons, who=who
            )
        case models.Refuse():
            return desk.refuse(request, body.ground, body.reasons, who=who)
        case models.Withdraw():
            return desk.withdraw(request, who=who)


def _made(model: type[Made], document: dict[str, Any]) -> Made:
    return model.model_validate(document)


def _request(have: Services, file: RequestFile) -> models.SubjectRequest:
    return _made(models.SubjectRequest, file.document(have.clock.now_us()))


def _opened(
    have: Services, file: RequestFile, person: models.Asker | None
) -> models.SubjectRequestOpened:
    footage = [one.document() for one in have.subjects.footage(file.id)]
    who = None if person is None else person.model_dump()
    document = {**file.document(have.clock.now_us()), "person": who, "footage": footage}
    return _made(models.SubjectRequestOpened, document)


def _hold(one: Listed) -> models.HoldInForce:
    return _made(models.HoldInForce, one.document())


def _find(have: Services, session: Session, request: str) -> RequestFile:
    found = have.subjects.get(request)
    if not shows_all(have, session, found.cameras):
        raise DutyUnknown(f"There is no request {request}.", "See the list of requests.")
    return found


def _find_hold(have: Services, session: Session, number: int) -> Hold:
    for one in have.holding.list():
        if one.hold.id == number and have.gate.shows(session, one.hold.camera):
            return one.hold
    raise DutyUnknown(f"There is no hold {number} in force.", "See the list of holds.")
