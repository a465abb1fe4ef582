"""Cases: asking, answering, reading, closing.  Papers go through as they were signed."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request, Response

from scrim.access import Role
from scrim.api import case_models as models
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import CameraId
from scrim.api.services import Have, person_of
from scrim.cases.case import State
from scrim.cases.draft import Draft
from scrim.cases.file import CaseFile

doors = router("cases")

LONGEST_REQUEST: Final = 16 * 1024 * 1024
"""Bytes: a request of 100,000 periods."""

LONGEST_ANSWER: Final = 32 * 1024 * 1024
"""Bytes: parts of some thousand periods; 360 periods of 9 custodians are 3 MB."""

_OFFICER: Final = opens_to(Role.OFFICER)
_READERS: Final = opens_to(Role.OFFICER, Role.CUSTODIAN)
_STATEMENT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A scrim-statement-v1 in canonical JSON (docs/ref/formats/case.md)",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_PAPER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}}
}

Case = Annotated[str, Path(pattern=r"^case-[a-z2-7]{8}$")]


async def _raw(request: Request) -> bytes:
    return await request.body()


Statement = Annotated[bytes, Depends(_raw)]


@doors.get("/api/purposes", openapi_extra=_OFFICER)
def list_purposes(
    have: Have,
    camera: Annotated[list[CameraId], Query(min_length=1, max_length=100)],
) -> models.Offers:
    """For what originals of all these cameras may be opened, and what is asked before."""
    limits = have.cases.limits
    return models.Offers(
        offers=[
            models.Offer(
                purpose=one.purpose,
                title=one.title,
                questions=[
                    models.AskedBefore(
                        id=wanted.question.id, asks=wanted.question.asks, asked_by=wanted.by()
                    )
                    for wanted in one.questions
                ],
            )
            for one in have.cases.offers(sorted(set(camera)))
        ],
        longest_hours=limits.longest_hours,
        longest_days=limits.longest_days,
    )


@doors.post("/api/cases", status_code=201, openapi_extra=_OFFICER)
def draft_case(body: models.DraftRequest, session: SignedIn, have: Have) -> models.Drafted:
    """Judge what an officer asks for, and answer with what they are to sign."""
    asked = Draft.from_document(body.model_dump())
    file = have.cases.draft(person_of(have, session), asked)
    return models.Drafted(case=file.id, state=file.state.value, body=dict(file.body))


@doors.post(
    "/api/cases/{case}/request",
    openapi_extra=opens_to(Role.OFFICER, body=LONGEST_REQUEST) | _STATEMENT,
)
def request_case(case: Case, data: Statement, session: SignedIn, have: Have) -> models.Case:
    """Hand in the signed request; the same one again changes nothing."""
    return _case(have.cases.request(person_of(have, session), case, data))


@doors.get("/api/cases", openapi_extra=_READERS)
def list_cases(
    session: SignedIn, have: Have, state: Annotated[models.StateName | None, Query()] = None
) -> list[models.CaseSummary]:
    """An officer's own cases, or those that a custodian is asked about; the newest first."""
    wanted = None if state is None else State(state)
    files = have.cases.list(person_of(have, session), wanted)
    return [models.CaseSummary(**_summary(file)) for file in files]


@doors.get("/api/cases/{case}", openapi_extra=_READERS)
def get_case(case: Case, session: SignedIn, have: Have) -> models.Case:
    """One case, without anybody's parts."""
    return _case(have.cases.get(person_of(have, session), case))


@doors.get(
    "/api/cases/{case}/package",
    response_class=Response,
    responses=_PAPER,
    openapi_extra=_READERS,
)
def get_package(case: Case, session: SignedIn, have: Have) -> Response:
    """What a device needs to judge, answer or open: a ``scrim-package-v1``."""
    return _paper(have.cases.package(person_of(have, session), case))


@doors.get(
    "/api/cases/{case}/record",
    response_class=Response,
    responses=_PAPER,
    openapi_extra=_OFFICER,
)
def get_record(case: Case, session: SignedIn, have: Have) -> Response:
    """Receipts of all of the case's entries and of its periods, and their checkpoint."""
    return _paper(have.cases.record(person_of(have, session), case))


@doors.post(
    "/api/cases/{case}/answers",
    openapi_extra=opens_to(Role.CUSTODIAN, body=LONGEST_ANSWER) | _STATEMENT,
)
def answer_case(case: Case, data: Statement, session: SignedIn, have: Have) -> models.Case:
    """Keep a custodian's signed answer; the same one again changes nothing."""
    return _case(have.cases.answer(person_of(have, session), case, data))


@doors.post("/api/cases/{case}/close", openapi_extra=_OFFICER)
def close_case(case: Case, body: models.CloseRequest, session: SignedIn, have: Have) -> models.Case:
    """End a case: its sealed parts are erased and its hold is lifted."""
    return _case(have.cases.close(person_of(have, session), case, body.reason))


@doors.get(
    "/api/custodians/{sha256}",
    response_class=Response,
    responses=_PAPER,
    openapi_extra=_READERS,
)
def get_custodians(sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], have: Have) -> Response:
    """A set of custodians that is or was in force, by the hash that the ledger has of it."""
    return _paper(have.cases.custodians(sha256))


def _paper(data: bytes) -> Response:
    return Response(data, media_type="application/json")


def _summary(file: CaseFile) -> dict[str, Any]:
    return {
        "case": file.id,
        "state": file.state.value,
        "kind": file.kind,
        "officer": file.officer,
        "purpose": file.body["purpose"],
        "cameras": list(file.cameras),
        "since_us": file.since_us,
        "until_us": file.until_us,
        "drafted_us": file.drafted_us,
        "requested_us": file.requested_us,
        "decided_us": file.decided_us,
        "opened_us": file.opened_us,
        "ended_us": file.ended_us,
        "expires_us": file.expires_us,
        "request_sha256": file.request_sha256,
        "rule": file.rule,
        "reason": file.reason,
    }


def _case(file: CaseFile) -> models.Case:
    answers = [
        models.GivenAnswer(
            custodian=answer.custodian,
            verifier=answer.verifier,
            decision=answer.decision,
            reason=answer.reason,
            sha256=answer.sha256,
            decided_us=answer.decided_us,
            kept_us=answer.kept_us,
        )
        for answer in file.answers
    ]
    asked = [
        models.Asked(
            k=lock.k,
            custodians=sorted(lock.holders),
            periods=len(lock.documents),
            instead=[
                models.Instead(k=other.k, custodians=sorted(other.holders)) for other in lock.others
            ],
        )
        for lock in file.locks
    ]
    return models.Case(
        **_summary(file),
        body=dict(file.body),
        request=None if file.statement is None else json.loads(file.statement),
        asked=asked,
        answers=answers,
        entries=list(file.entries),
        erased_us=file.erased_us,
    )
