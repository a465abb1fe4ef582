"""The ledger, as an auditor's page reads it; everything here can be checked offline."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import PlainTextResponse, Response

from scrim.access import SIGNED_IN, Role
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import Consistency, LedgerEntry, LedgerPage, Proof
from scrim.api.refusals import BadRequest, NotFound
from scrim.api.scopes import check_cameras, check_everywhere
from scrim.api.services import Have
from scrim.cases.extract import Asked, Purpose
from scrim.ledger.merkle import leaf_hash

doors = router("ledger")

Index = Annotated[int, Query(ge=0, le=2**53 - 1)]


@doors.get("/api/ledger/entries", openapi_extra=opens_to(*SIGNED_IN))
def list_entries(
    have: Have, start: Index = 0, count: Annotated[int, Query(ge=1, le=1000)] = 100
) -> LedgerPage:
    """Entries from ``start``, oldest first."""
    size = have.ledger.size()
    stop = min(start + count, size)
    found = have.ledger.entries(start, stop) if start < stop else []
    return LedgerPage(
        size=size,
        entries=[LedgerEntry(index=index, body=json.loads(body)) for index, body in found],
    )


@doors.get(
    "/api/ledger/checkpoint",
    response_class=PlainTextResponse,
    openapi_extra=opens_to(*SIGNED_IN),
)
def get_checkpoint(have: Have) -> str:
    """The newest signed checkpoint (C2SP signed note)."""
    try:
        return have.folder.checkpoint.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(
            "No checkpoint has been signed yet.", "Wait a few seconds after the first start."
        ) from error


@doors.get("/api/ledger/proof", openapi_extra=opens_to(*SIGNED_IN))
def get_proof(index: Index, size: Index, have: Have) -> Proof:
    """That entry ``index`` is in the tree of ``size`` entries."""
    if not index < size <= have.ledger.size():
        raise BadRequest(
            "There is no such entry in a tree of that size.",
            "Ask for index < size, and size no larger than the ledger.",
        )
    ((_, body),) = have.ledger.entries(index, index + 1)
    return Proof(
        index=index,
        size=size,
        leaf=leaf_hash(body).hex(),
        hashes=[step.hex() for step in have.ledger.inclusion_proof(index, size)],
        root=have.ledger.root(size).hex(),
    )


@doors.get(
    "/api/ledger/export",
    response_class=Response,
    responses={200: {"content": {"application/json": {}, "text/csv": {}}}},
    openapi_extra=opens_to(Role.PRIVACY_OFFICER, Role.AUDITOR),
)
def export_ledger(
    since_us: Index,
    until_us: Index,
    purpose: Purpose,
    session: SignedIn,
    have: Have,
    person: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,40}$")] = None,
    camera: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,40}$")] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """All entries of one person or one camera, opened where they can be; itself logged."""
    if camera is None:
        check_everywhere(session)
    else:
        check_cameras(have, session, [camera])
    asked = Asked(since_us, until_us, purpose, person, camera)
    made = have.extracts.make(asked, form, who=session.who(), authority=session.role.value)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    name = f"ledger-{person or camera}.{form}"
    return Response(
        made.data,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@doors.get("/api/ledger/consistency", openapi_extra=opens_to(*SIGNED_IN))
def get_consistency(old: Index, new: Index, have: Have) -> Consistency:
    """That the tree of ``old`` entries is the beginning of the tree of ``new``."""
    if not old <= new <= have.ledger.size():
        raise BadRequest(
            "There are no two such trees.", "Ask for old <= new, and new no larger than the ledger."
        )
    proof = have.ledger.consistency_proof(old, new)
    return Consistency(old=old, new=new, hashes=[step.hex() for step in proof])
