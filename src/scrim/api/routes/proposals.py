"""Proposals: changes that wait for a second person, within whose roles they lie."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from scrim.access import Role, Session
from scrim.access.proposals import Proposal
from scrim.api import models
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.services import Have, Services
from scrim.errors import AccessDenied

doors = router("proposals")

_DECIDERS = opens_to(Role.OPERATOR, Role.ENGINEER, Role.PRIVACY_OFFICER, Role.CUSTODIAN)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]


@doors.get("/api/proposals", openapi_extra=_DECIDERS)
def list_proposals(session: SignedIn, have: Have) -> list[models.Proposal]:
    """The changes that wait, the oldest first."""
    return [
        models.Proposal(
            id=one.id,
            kind=one.kind,
            change=dict(one.change),
            reason=one.reason,
            proposer=one.proposer,
            proposed_us=one.proposed_us,
            expires_us=one.expires_us,
        )
        for one in have.changes.proposals.waiting()
        if _is_theirs(have, session, one)
    ]


@doors.post("/api/proposals/{proposal}/agree", status_code=204, openapi_extra=_DECIDERS)
def agree_proposal(proposal: Id, session: SignedIn, have: Have) -> None:
    """Let the change take effect; not for whoever proposed it, and by no link."""
    _check(have, session, proposal)
    have.changes.agree(proposal, session)
    have.gate.authoriser.reload()


@doors.post("/api/proposals/{proposal}/refuse", status_code=204, openapi_extra=_DECIDERS)
def refuse_proposal(proposal: Id, session: SignedIn, have: Have) -> None:
    """Let the change be."""
    _check(have, session, proposal)
    have.changes.proposals.refuse(proposal, session)


def _is_theirs(have: Services, session: Session, proposal: Proposal) -> bool:
    camera = proposal.change.get("camera")
    if isinstance(camera, str):
        return have.gate.shows(session, camera)
    site = proposal.change.get("site")
    return session.scope.everywhere or (isinstance(site, str) and site in session.scope.sites)


def _check(have: Services, session: Session, proposal: str) -> None:
    for one in have.changes.proposals.list():
        if one.id == proposal and not _is_theirs(have, session, one):
            raise AccessDenied(
                "That change reaches further than your roles do.", "Somebody else has to decide."
            )
