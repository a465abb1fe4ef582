"""For whoever runs the machine: is it alive, and how does it do."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import PlainTextResponse

from scrim.access import Role
from scrim.api import metrics
from scrim.api.doors import opens_to, router
from scrim.api.services import Have
from scrim.papers.gatekeeper import gates
from scrim.retention.plan import last_sweep
from scrim.store.database import reading

doors = router("operations")


@doors.get("/healthz", response_class=PlainTextResponse, openapi_extra=opens_to(Role.PUBLIC))
def get_health(have: Have) -> str:
    """``ok`` if the database answers."""
    have.ledger.size()
    return "ok\n"


@doors.get("/metrics", response_class=Response, openapi_extra=opens_to(Role.LOCAL))
def get_metrics(have: Have) -> Response:
    """Prometheus text: a line a camera and figure, papers that end, norms, sweep, ledger."""
    cameras = [camera.id for camera in have.recordings.cameras()]
    with reading(have.engine) as connection:
        said = gates(connection)
    statuses = {id_: have.hub.status(id_) for id_ in cameras}
    text = metrics.render(
        statuses,
        have.ledger.size(),
        said,
        have.norms.counts(),
        have.norms.checked_us(),
        last_sweep(have.engine),
    )
    return Response(text, media_type=metrics.MEDIA_TYPE)
