"""The deployment as a whole."""

from __future__ import annotations

import json

from sqlalchemy import select

from scrim import __version__
from scrim.access import SIGNED_IN
from scrim.api.doors import opens_to, router
from scrim.api.models import Custodians, LedgerState, System
from scrim.api.services import Have
from scrim.store import schema
from scrim.store.database import reading

doors = router("system")


@doors.get("/api/system", openapi_extra=opens_to(*SIGNED_IN))
def get_system(have: Have) -> System:
    """Version, custodians, ledger and the machine's time."""
    sets, points = schema.custodian_set, schema.checkpoint
    with reading(have.engine) as connection:
        newest = connection.execute(select(sets).order_by(sets.c.id.desc()).limit(1)).one_or_none()
        signed_us = connection.execute(
            select(points.c.signed_us).order_by(points.c.size.desc()).limit(1)
        ).scalar_one_or_none()
    custodians = None
    if newest is not None:
        document = json.loads(newest.document)
        custodians = Custodians(k=document["k"], n=len(document["custodians"]))
    size, root = have.ledger.head()
    return System(
        version=__version__,
        demo_custodians=newest is not None and bool(newest.demo),
        custodians=custodians,
        ledger=LedgerState(size=size, root=root.hex(), checkpoint_us=signed_us),
        time_us=have.clock.now_us(),
    )
