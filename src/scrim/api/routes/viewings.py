"""Viewings: an officer's logged looks at originals, and the sealed objects behind them.

Rules:

- Every request asks for the viewing again, so that what is sealed stops coming when
  the case ends.
- Nothing here is in the clear: an object is handed on as the recorder sealed it.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header, Path
from fastapi.responses import Response

from scrim.access import Role
from scrim.api import case_models as models
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.ranges import byte_range
from scrim.api.routes.cases import Case
from scrim.api.services import Have, person_of
from scrim.cases.exports import Recipient
from scrim.cases.viewings import Viewing as Looked
from scrim.cases.viewings import ViewingAct

doors = router("viewings")

SEALED_TYPE: Final = "application/octet-stream"
_OFFICER: Final = opens_to(Role.OFFICER)

Viewing = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Camera = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
Number = Annotated[int, Path(ge=0, le=2**53 - 1)]


class _Sealed(Response):
    media_type = SEALED_TYPE


@doors.post("/api/cases/{case}/viewings", status_code=201, openapi_extra=_OFFICER)
def open_viewing(
    case: Case, body: models.ViewingRequest, session: SignedIn, have: Have
) -> models.Viewing:
    """Log a look at originals, then say which sealed segments it may fetch."""
    viewing = have.cases.view(
        person_of(have, session),
        case,
        ViewingAct(body.act),
        body.cameras,
        body.since_us,
        body.until_us,
    )
    return _viewing(viewing)


@doors.get("/api/viewings/{viewing}", openapi_extra=_OFFICER)
def get_viewing(viewing: Viewing, session: SignedIn, have: Have) -> models.Viewing:
    """The same look again, with what a live opening has brought since."""
    return _viewing(have.cases.viewing(person_of(have, session), viewing))


@doors.get(
    "/api/viewings/{viewing}/periods/{camera}/{epoch}/{period}/document",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    openapi_extra=_OFFICER,
)
def get_document(
    viewing: Viewing, camera: Camera, epoch: Number, period: Number, session: SignedIn, have: Have
) -> Response:
    """The document of a period of the viewing."""
    key = have.cases.document(person_of(have, session), viewing, camera, epoch, period)
    return Response(have.objects.get(key), media_type="application/json")


@doors.get(
    "/api/viewings/{viewing}/periods/{camera}/{epoch}/{period}/manifest",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    openapi_extra=_OFFICER,
)
def get_manifest(
    viewing: Viewing, camera: Camera, epoch: Number, period: Number, session: SignedIn, have: Have
) -> Response:
    """The manifest of a closed period of the viewing."""
    key = have.cases.manifest(person_of(have, session), viewing, camera, epoch, period)
    return Response(have.objects.get(key), media_type="application/json")


@doors.get(
    "/api/viewings/{viewing}/sealed/{camera}/{segment}",
    response_class=_Sealed,
    openapi_extra=_OFFICER,
)
def get_sealed(
    viewing: Viewing,
    camera: Camera,
    segment: Number,
    session: SignedIn,
    have: Have,
    wanted: Annotated[str | None, Header(alias="Range")] = None,
    only_if: Annotated[str | None, Header(alias="If-Range")] = None,
) -> Response:
    """A sealed segment of the viewing, whole or one byte range of it."""
    key = have.cases.sealed(person_of(have, session), viewing, camera, segment)
    size = have.objects.size(key)
    mark = f'"{key.replace("/", "-")}"'  # what is stored under a key never changes
    headers = {"Accept-Ranges": "bytes", "ETag": mark}
    span = byte_range(wanted, size) if only_if in (None, mark) else None
    if span is None:
        return _Sealed(have.objects.get(key), headers=headers)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return _Sealed(have.objects.get_range(key, start, end - start), 206, headers=headers)


def _viewing(viewing: Looked) -> models.Viewing:
    return models.Viewing(
        viewing=viewing.id,
        segments=[
            models.SealedSegment(
                camera=one.camera,
                epoch=one.epoch,
                period=one.period,
                segment=one.segment,
                start_us=one.start_us,
                end_us=one.end_us,
                size=one.size,
                sha256=one.sha256,
                lost=one.lost,
            )
            for one in viewing.segments
        ],
    )


@doors.post("/api/cases/{case}/exports", status_code=201, openapi_extra=_OFFICER)
def log_export(
    case: Case, body: models.ExportRequest, session: SignedIn, have: Have
) -> models.Exported:
    """Log that something leaves the officer's machine, before it does."""
    recipient = Recipient(body.recipient, body.organisation, body.why)
    made = have.cases.export(
        person_of(have, session), case, body.kind, body.sha256, body.size, recipient
    )
    return models.Exported(entry=made.entry)
