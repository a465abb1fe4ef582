"""What a custodian may look at to judge a request: the masked recording of it.

Rules:

1. Only the cameras and the interval of a case that asks that custodian,
   and only while answers to it are taken.
2. Whoever is not asked gets the words of a case that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.cases.case import ANSWERABLE
from scrim.cases.file import CaseFile, Glance, find, glance, unknown
from scrim.clock import Clock
from scrim.errors import CaseRefused, CaseUnknown


class Reviews:
    """Answers :class:`scrim.access.Views` about cases."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

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
            CaseUnknown: no case of which this custodian is asked now.
            CaseRefused: another camera, or beyond the interval.
        """
        file = find(connection, case)
        if not file.asks(custodian) or not self._takes_answers(file):
            raise unknown()
        inside = file.since_us <= since_us and until_us <= file.until_us
        if camera not in file.cameras or not inside:
            raise CaseRefused(
                "This case does not ask for that camera at that time.",
                "Look at the cameras and the interval of the request.",
                rule="case-review",
            )
        return {"case": file.commitment, "request": file.request_sha256}

    def is_judged(self, connection: Connection, case: str) -> bool:
        """Whether answers to the case are still taken; whom it asks never changes."""
        try:
            return self._takes_answers(glance(connection, case))
        except CaseUnknown:
            return False

    def _takes_answers(self, file: CaseFile | Glance) -> bool:
        now = max(self._clock.now_us(), file.seen_us)
        return file.state in ANSWERABLE and now < file.expires_us
