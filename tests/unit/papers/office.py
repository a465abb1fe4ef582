"""A deployment with packs of its own, a clock that stands still, and what is done to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from scrim.access.signin import in_ledger
from scrim.changes.sound import change_sound
from scrim.clock import SECOND, from_text
from scrim.fleet import Cameras, Deployment
from scrim.ledger import Entry
from scrim.norms.pack import Paper as Kind
from scrim.papers.applied import Applied
from scrim.papers.gatekeeper import Gatekeeper
from scrim.papers.paper import PaperRow
from scrim.papers.placing import Placing, Placings
from scrim.papers.register import Draft, PaperRegister
from scrim.papers.sites import Sites
from scrim.store import schema
from scrim.store.database import reading, writing

DAY_US = 86_400 * SECOND
START = from_text("2026-03-01T00:00:00Z")

_PACK = """
format: scrim-pack-v1
id: {id}
title: {id} for tests
edition: "2026-01-01"
facts: 1
language: en
calendar: {{zone: UTC}}
about: A pack for tests.
rules:
{rules}
{rest}
"""
_RULE = """  - id: {id}
    sentence: What {id} says.
    citation: Law of {id}, s.1
    source: {source}
    scope: camera
    check: "true"
    remedy: Do as it says.
"""


def write_pack(folder: Path, id_: str, rules: dict[str, str], rest: str) -> None:
    """A pack whose rules (id to source) say nothing, and whose rest is given."""
    text = "".join(_RULE.format(id=rule, source=source) for rule, source in rules.items())
    (folder / f"{id_}.yaml").write_text(_PACK.format(id=id_, rules=text, rest=rest))


@dataclass
class Hand:
    """A clock that somebody sets."""

    us: int = START

    def now_us(self) -> int:
        return self.us


class Office:
    """A deployment and its desks; pack ``town`` asks for a sign and for a yearly assessment."""

    def __init__(self, folder: Path) -> None:
        self.clock = Hand()
        self.packs = folder / "packs"
        self.packs.mkdir()
        write_pack(
            self.packs,
            "town",
            {"town-1": "read", "town-2": "remembered", "town-3": "read"},
            "requires:\n"
            "  - {rule: town-1, paper: sign}\n"
            "  - {rule: town-2, paper: assessment, valid: {years: 1}, warn: {days: 10}}\n"
            "forbids: [{rule: town-3, places: [toilet, bath-house]}]\n",
        )
        self.deployment = Deployment.create(folder / "data", clock=self.clock)
        here = self.deployment
        self.applied = Applied(here.engine, here.ledger, self.clock, self.packs)
        self.cameras = Cameras(here.engine, here.ledger, self.clock, self.applied)
        self.sites = Sites(here.engine, here.ledger, self.clock, self.applied)
        self.placings = Placings(here.engine, here.ledger, self.clock, self.applied)
        self.papers = PaperRegister(here.engine, here.ledger, self.clock)
        self.gatekeeper = self.new_gatekeeper()

    def new_gatekeeper(self) -> Gatekeeper:
        """One as after a restart."""
        here = self.deployment
        return Gatekeeper(here.engine, here.ledger, self.clock, self.applied)

    def enrol(self, camera: str = "gate", placing: Placing | None = None) -> None:
        """A camera in a street, unless it says otherwise."""
        placing = Placing(place="street") if placing is None else placing
        self.cameras.add(camera, "file", "/a.mp4", placing=placing)

    def ask_sound(self, camera: str, on: bool) -> None:
        """As a change that was agreed to."""
        here = self.deployment
        with in_ledger(here.engine) as connection:
            change_sound(connection, here.ledger, self.clock.us, camera, on)

    def paper(self, kind: Kind, **said: Any) -> PaperRow:
        """A paper on record, issued today unless it says otherwise."""
        said.setdefault("reference", "file 7")
        said.setdefault("issued", "2026-03-01")
        return self.papers.add(Draft(kind=kind, **said))

    def alive(self, camera: str, at_us: int) -> None:
        """As if its recorder had lived until then, and said of a gap that it ended then."""
        with writing(self.deployment.engine) as connection:
            table = schema.camera
            connection.execute(update(table).where(table.c.id == camera).values(alive_us=at_us))
            connection.execute(
                insert(schema.gap).values(
                    camera=camera,
                    side="both",
                    since_us=at_us - SECOND,
                    until_us=at_us,
                    cause="stalled",
                    detail="",
                )
            )

    def gaps(self) -> list[tuple[str, int, int | None]]:
        with reading(self.deployment.engine) as connection:
            query = select(schema.gap).where(schema.gap.c.cause != "stalled")
            rows = connection.execute(query.order_by(schema.gap.c.id)).all()
        # whole seconds: the gate's clock goes on by itself between two looks
        return [
            (row.cause, row.since_us // SECOND, row.until_us and row.until_us // SECOND)
            for row in rows
        ]

    def entries(self) -> list[Entry]:
        ledger = self.deployment.ledger
        return [Entry.parse(body) for _, body in ledger.entries(0, ledger.size())]
