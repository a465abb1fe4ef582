"""Norms: what came of the rules in force, with their citations and the facts behind."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Literal

from fastapi import Query

from scrim.access import Role, Session
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import CameraNorm, NormOutcome, NormRule, Norms
from scrim.api.routes.duties import READERS
from scrim.api.services import Have, Services
from scrim.duties.board import Ruled, Stood
from scrim.errors import DutyUnknown
from scrim.norms import NOT_ADVICE

Status = Literal["met", "due", "breached", "not-applicable"]

doors = router("norms")


@doors.get("/api/norms", openapi_extra=opens_to(Role.OPERATOR, Role.PRIVACY_OFFICER, Role.AUDITOR))
def list_norms(
    session: SignedIn,
    have: Have,
    camera: Annotated[str | None, Query(max_length=40)] = None,
    rule: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[list[Status] | None, Query(max_length=4)] = None,
    past: bool = False,
    most: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Norms:
    """Every rule in force, its outcomes counted; those that are due or breached, or as asked.

    Of a camera or a rule all outcomes are given; with ``past`` also those that are so no more.
    Outcomes of requests, filings and breaches are for those who may list these, and where roles
    are limited to some cameras or sites, so are outcomes.
    """
    asked = camera is not None or rule is not None
    trouble = have.norms.trouble()
    everything = session.scope.everywhere and session.role in READERS
    stood = have.norms.stood(
        statuses=status or ([] if asked else ["due", "breached"]),
        rule=rule,
        scope=None if camera is None else "camera",
        subject=camera,
        with_past=past,
        most=most if everything else None,
    )
    shown = (one for one in stood if everything or _is_for(session, have, one))
    return Norms(
        not_advice=NOT_ADVICE,
        checked_us=have.norms.checked_us(),
        trouble=None if trouble is None else trouble.why,
        rules=[_rule(one) for one in have.norms.rules()],
        outcomes=[_outcome(one) for one in islice(shown, most)],
    )


def _is_for(session: Session, have: Services, one: Stood) -> bool:
    """Whether somebody may see an outcome: it is of nothing that they could not list."""
    match one.scope:
        case "camera":
            return have.gate.shows(session, one.subject)
        case "site":
            return session.scope.everywhere or one.subject in session.scope.sites
        case "deployment":
            return True
    return session.role in READERS and _is_within(session, have, one)


def _is_within(session: Session, have: Services, one: Stood) -> bool:
    if session.scope.everywhere:
        return True
    try:
        match one.scope:
            case "request":
                cameras = have.subjects.get(one.subject).cameras
            case "breach":
                cameras = have.breaches.get(one.subject).cameras
            case _:
                camera = have.filings.get(one.subject).camera
                cameras = () if camera is None else (camera,)
    except DutyUnknown:  # forgotten since
        return False
    return all(have.gate.shows(session, camera) for camera in cameras)


def of_cameras(have: Have) -> dict[str, list[CameraNorm]]:
    """What is not met of each camera; notes are left to the page of all rules."""
    rules = {one.id: one.rule for one in have.norms.rules()}
    found: dict[str, list[CameraNorm]] = {}
    for camera, outcomes in have.norms.of_cameras().items():
        for one in outcomes:
            rule = rules.get(one.rule)
            if rule is None or rule.severity == "note":
                continue
            found.setdefault(camera, []).append(
                CameraNorm(
                    rule=one.rule,
                    status="due" if one.status == "due" else "breached",
                    due_us=one.due_us,
                    unverified=rule.unverified,
                    citation=rule.citation,
                    sentence=rule.sentence,
                )
            )
    return found


def _rule(one: Ruled) -> NormRule:
    rule = one.rule
    return NormRule(
        pack=one.pack,
        rule=one.id,
        scope="" if rule is None else rule.scope.value,
        sentence=None if rule is None else rule.sentence,
        citation=None if rule is None else rule.citation,
        unverified=None if rule is None else rule.unverified,
        severity=None if rule is None else rule.severity.value,
        remedy=None if rule is None else rule.remedy,
        met=one.counts.get("met", 0),
        due=one.counts.get("due", 0),
        breached=one.counts.get("breached", 0),
        not_applicable=one.counts.get("not-applicable", 0),
    )


def _outcome(one: Stood) -> NormOutcome:
    return NormOutcome.model_validate(
        {name: getattr(one, name) for name in Stood.__slots__}, strict=False
    )
