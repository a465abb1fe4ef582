"""Five cameras that record for a year by a simulated clock, and what became of each object."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy import insert, update
from tests.unit.retention.test_limits import pack
from tests.unit.retention.world import CUSTODIANS, Packs, RetentionWorld

from scrim.canonical import Json, canonical
from scrim.norms.limits import Situation
from scrim.papers.own import DAY_S
from scrim.record.catalogue import PeriodId
from scrim.retention import Sweep
from scrim.retention.limits import SideName
from scrim.retention.own import OwnLimit
from scrim.store import holds, keys, schema
from scrim.store.database import writing
from scrim.store.objects import ObjectStore
from scrim.vault.chain import chain_next
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.mint import mint
from scrim.vault.period import PeriodKey

SECOND: Final = 1_000_000
HOUR_US: Final = 3600 * SECOND
DAY_US: Final = 24 * HOUR_US
SEGMENT_US: Final = 10 * SECOND
EVERY_US: Final = 6 * HOUR_US  # a segment of each camera, the last of four just at a sweep
PERIOD_DAYS: Final = 3
SEGMENTS: Final = 4  # the first day of each period, so that a year is soon over
SWEEP_US: Final = DAY_US


@dataclass(slots=True)
class Thing:
    """One object of a recording, and when it went."""

    camera: str
    side: SideName
    start_us: int
    end_us: int
    put_us: int
    gone_us: int | None = None


@dataclass(slots=True)
class HoldOf:
    """A hold as the simulation placed it."""

    camera: str
    since_us: int
    until_us: int
    case: str
    placed_us: int
    lifted_us: int | None = None

    def holds(self, thing: Thing, at_us: int) -> bool:
        return (
            self.camera == thing.camera
            and self.since_us < thing.end_us
            and self.until_us > thing.start_us
            # what happens at the time of a sweep happens after it
            and self.placed_us < at_us
            and (self.lifted_us is None or at_us <= self.lifted_us)
        )


class QuickStore(ObjectStore):
    """Objects in a folder, not flushed: no power is cut in a simulation."""

    def put(self, key: str, data: bytes) -> None:
        path = self.path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)

    def remove_all(self, names: Sequence[str]) -> None:
        for key in names:
            path = self.path / key
            if path.exists():
                path.unlink()
                self.removed.append(key)

    path: Path
    removed: list[str]


@dataclass(slots=True)
class Rule:
    """Limits of one side of a camera from some time on, days; the test's own account."""

    since_us: int
    ceiling_days: int
    floor_days: int = 0


@dataclass
class Year:
    """The deployment, the simulation's account of it, and its clock."""

    path: Path
    things: dict[str, Thing] = field(default_factory=dict)
    placed: list[HoldOf] = field(default_factory=list)
    sweeps: list[int] = field(default_factory=list)
    rules: dict[tuple[str, str], list[Rule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cameras = ("plain", "short", "exact", "strict", "long")
        self.world = RetentionWorld(self.path, cameras)
        with closing(self.world.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA synchronous = OFF")  # no power is cut here
        self.start_us = self.clock_us
        asked: dict[str, Json] = {
            "camera": "any",
            "epoch": 1,
            "period": 0,
            "opened_us": 0,
            "custodians": CUSTODIANS.document(),
        }
        self.document = PeriodDocument.parse(mint(canonical(asked)))
        store = QuickStore.in_folder(self.world.folder.objects)
        assert isinstance(store, QuickStore)
        store.path, store.removed = self.world.folder.objects, []
        self.store = store
        self.world.objects = store
        self.world.catalogue._objects = store
        self.packs: Packs = self.world.packs
        self.packs.of["exact"] = ((pack("ex", "floor: {days: 30}"),), Situation())
        self.packs.of["strict"] = ((pack("st", "ceiling: {hours: 72}"),), Situation())
        self.packs.of["long"] = ((pack("lo", "floor: {days: 10}"),), Situation())
        for camera in cameras:
            for side in ("sealed", "masked"):
                self.rules[camera, side] = [Rule(0, 30)]
        self.rules["exact", "sealed"] = self.rules["exact", "masked"] = [Rule(0, 30, 30)]
        self.rules["strict", "sealed"] = self.rules["strict", "masked"] = [Rule(0, 3)]
        self.rules["long", "masked"] = [Rule(0, 30, 10)]
        self.say("short", "sealed", 7)
        self.say("long", "sealed", 90, 10)

    @property
    def clock_us(self) -> int:
        return self.world.clock.us

    def say(self, camera: str, side: SideName, days: int, floor_days: int = 0) -> None:
        """Say how long a camera is kept, to Scrim and to the test's account."""
        own = OwnLimit(days * DAY_S, 0, "As the simulation has it.")
        self.world.say(self.packs, side, own, camera)
        self.rules[camera, side].append(Rule(self.clock_us, days, floor_days))

    def record(self, cameras: Sequence[str], day: int) -> None:
        """A period of each camera that ends with that day, written as the recorder does."""
        for camera in cameras:
            first = day + 1 - PERIOD_DAYS
            self._period(camera, day // PERIOD_DAYS, self.start_us + first * DAY_US)

    def _period(self, camera: str, period: int, since_us: int) -> None:
        # minting takes a while, and one set of parts is as good as another here
        document = replace(
            self.document, camera=camera, period=period, opened_us=since_us
        ).to_bytes()
        place = PeriodId(camera, 1, period)
        self.world.catalogue.open_period(
            place, PeriodKey(document, document_digest(document), "age1")
        )
        with writing(self.world.engine) as connection:
            table = schema.period
            row = connection.execute(table.select().where(place.where(table))).one()
            head = row.chain_head
            rows: list[dict[str, object]] = []
            for number in range(SEGMENTS):
                for side in ("sealed", "masked"):
                    record = self._object(place, number, side, since_us + (number + 1) * EVERY_US)
                    head = chain_next(head, record)
                    rows.append(self._row(place, record, len(rows), head))
            connection.execute(insert(schema.segment), rows)
            connection.execute(
                update(table)
                .where(place.where(table))
                .values(chain_length=len(rows), chain_head=head)
            )
        self.world.catalogue.close_period(
            place, since_us + PERIOD_DAYS * DAY_US - HOUR_US, "recorder"
        )

    def _object(self, place: PeriodId, number: int, side: str, start_us: int) -> dict[str, Json]:
        segment = place.period * SEGMENTS + number
        make = keys.sealed_key if side == "sealed" else keys.masked_key
        key = make(place.camera, 1, place.period, segment)
        data = key.encode()
        self.store.put(key, data)
        name: SideName = "sealed" if side == "sealed" else "masked"
        self.things[key] = Thing(place.camera, name, start_us, start_us + SEGMENT_US, self.clock_us)
        return {
            "side": side,
            "segment": segment,
            "start_us": start_us,
            "end_us": start_us + SEGMENT_US,
            "key": key,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }

    def _row(
        self, place: PeriodId, record: dict[str, Json], index: int, head: str
    ) -> dict[str, object]:
        return {
            "camera": place.camera,
            "segment": record["segment"],
            "side": record["side"],
            "epoch": 1,
            "period": place.period,
            "start_us": record["start_us"],
            "end_us": record["end_us"],
            "object_key": record["key"],
            "record": json.dumps(record, sort_keys=True, separators=(",", ":")),
            "chain_index": index,
            "chain_head": head,
            "state": "stored",
        }

    def hold(self, camera: str, since_us: int, until_us: int) -> HoldOf:
        """Hold an interval, as a case or a request of somebody filmed does."""
        case = f"c-{len(self.placed)}"
        with writing(self.world.engine) as connection:
            holds.place(
                connection,
                [camera],
                since_us,
                until_us,
                reason="case" if len(self.placed) % 2 else "subject-request",
                placed_by="officer",
                now_us=self.clock_us,
                case=case,
            )
        placed = HoldOf(camera, since_us, until_us, case, self.clock_us)
        self.placed.append(placed)
        return placed

    def lift(self, hold: HoldOf) -> None:
        with writing(self.world.engine) as connection:
            holds.lift(connection, hold.case, self.clock_us)
        hold.lifted_us = self.clock_us

    def sweep(self) -> None:
        """Once, now; what went is written down with the time."""
        self.store.removed.clear()
        Sweep(
            self.world.engine,
            self.world.ledger,
            self.store,
            self.world.clock,
            self.world.settings,
            self.packs,
            gentle=False,
        ).run()
        self.sweeps.append(self.clock_us)
        for key in self.store.removed:
            if key in self.things:
                assert self.things[key].gone_us is None, f"{key} went twice"
                self.things[key].gone_us = self.clock_us

    def rule(self, thing: Thing, at_us: int) -> Rule:
        """The rule in force for that side of that camera."""
        said = self.rules[thing.camera, thing.side]
        return [rule for rule in said if rule.since_us < at_us][-1]

    def may_go(self, thing: Thing, at_us: int) -> bool:
        """Whether it is over and not held: the test's own reading of the rules."""
        rule = self.rule(thing, at_us)
        return (
            at_us - thing.start_us >= rule.ceiling_days * DAY_US
            and at_us - thing.end_us >= rule.floor_days * DAY_US
            and not any(hold.holds(thing, at_us) for hold in self.placed)
        )
