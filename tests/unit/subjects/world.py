"""A deployment with recordings, packs and requests, and a clock that is set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.unit.retention.world import RetentionWorld

from scrim.canonical import Json, canonical
from scrim.clock import SECOND, from_text
from scrim.norms.limits import Situation
from scrim.norms.load import load_all
from scrim.settings import SubjectSettings
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.subjects.asked import Asked
from scrim.subjects.desk import Subjects
from scrim.subjects.file import Place, person
from scrim.subjects.holding import Holding

MINUTE_US = 60 * SECOND
DAY_US = 86_400 * SECOND


class SubjectWorld(RetentionWorld):
    """Cameras ``gate`` and ``yard``; the packs are said by the test."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.subjects = Subjects(
            self.engine, self.ledger, self.clock, SubjectSettings(), self.packs
        )
        self.holding = Holding(self.engine, self.ledger, self.clock)

    def apply(self, *packs: str, camera: str = "gate") -> None:
        self.packs.of[camera] = (tuple(load_all(None, packs).values()), Situation())

    def set(self, text: str) -> int:
        """The clock stands at that time."""
        self.clock.us = from_text(text)
        return self.clock.us

    def ask(self, **values: Any) -> str:
        """A request for ten minutes that ended a minute ago; its id."""
        now = self.clock.us
        said: dict[str, Any] = {
            "cameras": ("gate",),
            "since_us": now - 11 * MINUTE_US,
            "until_us": now - MINUTE_US,
            "contact": "Chan Tai Man, 2 Queen's Road",
            "description": "a red coat and a yellow umbrella",
        }
        return self.subjects.receive(Asked(**{**said, **values}))[0].id

    def case(
        self,
        *,
        state: str = "open",
        cameras: tuple[str, ...] = ("gate",),
        since_us: int | None = None,
    ) -> str:
        """The row of a case about an hour of these cameras, by default the last one."""
        since_us = self.clock.us - 60 * MINUTE_US if since_us is None else since_us
        body: dict[str, Json] = {
            "cameras": list[Json](cameras),
            "since_us": since_us,
            "until_us": since_us + 60 * MINUTE_US,
        }
        with writing(self.engine) as connection:
            connection.execute(
                insert(schema.case_file).values(
                    id="case-abcd2345",
                    kind="recorded",
                    state=state,
                    salt=b"s" * 16,
                    officer="officer-7",
                    recipient="age1",
                    body=canonical(body).decode(),
                    locks="[]",
                    drafted_us=self.clock.us,
                    expires_us=self.clock.us + DAY_US,
                    seen_us=self.clock.us,
                )
            )
        return "case-abcd2345"

    def export(self, case: str, kind: str = "disclosure") -> None:
        """Something went out through the case."""
        with writing(self.engine) as connection:
            connection.execute(
                insert(schema.case_export).values(
                    case=case,
                    kind=kind,
                    sha256="a" * 64,
                    size=1,
                    recipient="sha256:" + "0" * 64,
                    organisation="none",
                    why="Asked for it.",
                    salt=b"s" * 16,
                    exported_us=self.clock.us,
                    entry=0,
                )
            )

    def to_disclosing(self, request: str) -> str:
        """Identified, found and linked to a case; the case."""
        case = self.case()
        self.subjects.identify(request, "passport seen")
        file = self.subjects.get(request)
        self.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
        self.subjects.disclose(request, case)
        return case

    def acts(self, request: str) -> list[str]:
        """What the ledger says of one request, in order."""
        with reading(self.engine) as connection:
            commitment = person(connection, request).committed(request)
        bodies = [json.loads(body) for _, body in self.ledger.entries(0, self.ledger.size())]
        return [body["act"] for body in bodies if body["facts"].get("subject") == commitment]
