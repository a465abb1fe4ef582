"""Cameras: how they are, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Path, Query

from scrim.access import SIGNED_IN, Role
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import (
    Camera,
    CameraNorm,
    CameraPolicy,
    CameraStatus,
    Gap,
    Ruled,
    Span,
    Timeline,
    Zone,
)
from scrim.api.refusals import BadRequest
from scrim.api.routes.norms import of_cameras
from scrim.api.services import Have
from scrim.clock import SECOND
from scrim.papers.gate import PLACE_UNSAID
from scrim.papers.gatekeeper import gates
from scrim.policy import Cover, Policy, warnings
from scrim.store.database import reading
from scrim.store.timeline import CameraRow

LONGEST_US = 7 * 24 * 3600 * SECOND

doors = router("cameras")


@doors.get("/api/cameras", openapi_extra=opens_to(*SIGNED_IN))
async def list_cameras(session: SignedIn, have: Have) -> list[Camera]:
    """Every enrolled camera within one's scope, by name."""
    cameras = await run_sync(have.recordings.cameras)
    said = await run_sync(_gates, have)
    norms = await run_sync(of_cameras, have)
    return [
        _camera(have, row, said.get(row.id, {}), norms.get(row.id, []))
        for row in cameras
        if have.gate.shows(session, row.id, row.site)
    ]


@doors.get(
    "/api/cameras/{camera}/timeline",
    openapi_extra=opens_to(Role.OPERATOR, Role.OFFICER, Role.PRIVACY_OFFICER, Role.AUDITOR),
)
def get_timeline(
    camera: Annotated[str, Path(max_length=40)],
    since_us: Annotated[int, Query(ge=0, le=2**53 - 1)],
    until_us: Annotated[int, Query(ge=0, le=2**53 - 1)],
    have: Have,
) -> Timeline:
    """What is recorded in an interval, no more than a week, and what is not."""
    if not 0 < until_us - since_us <= LONGEST_US:
        raise BadRequest("The interval is empty or longer than a week.", "Choose another one.")
    have.recordings.check_camera(camera)
    return Timeline(
        spans=[
            Span(since_us=since, until_us=until)
            for since, until in have.recordings.spans(camera, since_us, until_us)
        ],
        gaps=[
            Gap(
                since_us=gap.since_us,
                until_us=gap.until_us,
                cause=gap.cause,
                detail=gap.detail,
                side=gap.side,
            )
            for gap in have.recordings.gaps(camera, since_us, until_us)
        ],
        erased=[
            Span(since_us=since, until_us=until)
            for since, until in have.recordings.erased(camera, since_us, until_us)
        ],
    )


def _gates(have: Have) -> dict[str, dict[str, Any]]:
    with reading(have.engine) as connection:
        return gates(connection)


def _camera(have: Have, row: CameraRow, gate: Mapping[str, Any], norms: list[CameraNorm]) -> Camera:
    policy = Policy.parse(row.policy, have.policy)
    waits = [Ruled(**one) for one in gate.get("waits", ())]
    return Camera(
        id=row.id,
        name=row.name,
        kind=row.kind,
        policy=CameraPolicy(
            cover=[cover for cover in Cover if cover in policy.cover],
            style=policy.style,
            zones=[Zone(name=zone.name, points=list(zone.points)) for zone in policy.zones],
        ),
        warnings=warnings(policy),
        site=row.site,
        purpose=row.purpose,
        waits=waits,
        expiring=[Ruled(**one) for one in gate.get("warnings", ())],
        norms=norms,
        status=_status(have, row.id, waits),
    )


def _status(have: Have, camera: str, waits: Sequence[Ruled]) -> CameraStatus:
    status = have.hub.status(camera)
    withheld = bool(waits) and status.state == "offline"
    return CameraStatus(
        state="withheld" if withheld else status.state,
        reason=_waiting(camera, waits) if withheld else status.reason,
        frames_per_second=status.frames_per_second,
        latency_ms=status.latency_ms,
        dropped=status.dropped,
        width=status.width,
        height=status.height,
        sealed_until_us=status.sealed_until_us,
        masked_until_us=status.masked_until_us,
        rung=status.rung,
        rung_reason=status.rung_reason,
        live_opening_until_us=status.live_opening_until_us,
        sound=status.sound,
        at_us=status.at_us or None,
    )


def _waiting(camera: str, waits: Sequence[Ruled]) -> str:
    """Which rule waits for what, in a line."""
    said = [f"{_asked(camera, one)} ({one.rule})" for one in waits]
    return f"It does not record before this is on record: {', '.join(said)}."


def _asked(camera: str, one: Ruled) -> str:
    if one.why == PLACE_UNSAID:
        return f"the kind of place, `scrim camera set {camera} --place KIND`"
    return one.filing or one.paper or "another place"
