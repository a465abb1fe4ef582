"""A data folder with recordings of any age, written as the recorder writes them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, select, update
from tests.unit.cases.world import NOW_US, SEGMENT_US, SetClock

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.fleet.cameras import Cameras
from scrim.ledger import Act, Entry, Ledger, SigningKey
from scrim.ledger.checkpoint import publish
from scrim.norms.limits import Limits, Situation
from scrim.norms.pack import Pack
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.retention import Papers, Retention, Sweep, Swept
from scrim.retention.limits import SideName
from scrim.retention.own import OwnLimit
from scrim.retention.setting import set_own
from scrim.settings import RetentionSettings
from scrim.store import keys, schema
from scrim.store.custodians import put_in_force
from scrim.store.database import connect, reading, writing
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity
from scrim.vault.document import document_digest
from scrim.vault.mint import mint
from scrim.vault.period import PeriodKey

IDENTITIES = {f"court-{n}": new_identity() for n in (1, 2, 3)}
CUSTODIANS = CustodianSet(
    2,
    tuple(Custodian(name, one.recipient, one.verifier) for name, one in IDENTITIES.items()),
)


class Packs:
    """Which packs cameras are under, in tests."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[Sequence[Pack], Situation]] = {}

    def under(self, _connection: object, camera: str) -> tuple[Sequence[Pack], Situation]:
        return self.of.get(camera, ((), Situation()))


class RetentionWorld:
    """A real data folder, a clock that is set, and cameras ``gate`` and ``yard``.

    ``begun_us`` is when it was made: the ledger follows time from there on, step by step, and
    where it jumped nothing is erased.
    """

    def __init__(
        self,
        path: Path,
        cameras: Sequence[str] = ("gate", "yard"),
        begun_us: int = NOW_US,
    ) -> None:
        self.folder = DataFolder.create(path)
        self.engine: Engine = connect(self.folder.database)
        self.clock = SetClock()
        self.clock.us = begun_us
        self.ledger = Ledger(self.engine)
        self.key = SigningKey.generate("scrim.local/ledger")
        self.key.write(self.folder.keys / "ledger.key")
        self.objects = ObjectStore.in_folder(self.folder.objects)
        self.catalogue = Catalogue(self.engine, self.ledger, self.objects)
        self.cameras = Cameras(self.engine, self.ledger, self.clock)
        self.settings = RetentionSettings()
        self.packs = Packs()
        with writing(self.engine) as connection:
            put_in_force(connection, CUSTODIANS, self.clock.now_us())
        for camera in cameras:
            self.cameras.add(camera, "file", "/nowhere.mp4")
            self.catalogue.begin_epoch(camera, self.clock.now_us())
        self._numbers = dict.fromkeys(cameras, 0)

    def close(self) -> None:
        self.engine.dispose()

    def record(
        self,
        camera: str,
        period: int,
        since_us: int,
        segments: int = 3,
        *,
        masked: bool = True,
        closed: bool = True,
        state: str = "stored",
        length_us: int = SEGMENT_US,
    ) -> list[str]:
        """A period of segments one after the other; the keys of its objects."""
        asked: dict[str, Json] = {
            "camera": camera,
            "epoch": 1,
            "period": period,
            "opened_us": since_us,
            "custodians": CUSTODIANS.document(),
        }
        document = mint(canonical(asked))
        place = PeriodId(camera, 1, period)
        self.catalogue.open_period(place, PeriodKey(document, document_digest(document), "age1"))
        found = []
        for number in range(segments):
            segment = self._numbers[camera]
            self._numbers[camera] += 1
            start_us = since_us + number * length_us
            sides = ("sealed", "masked") if masked else ("sealed",)
            found += [
                self._segment(place, segment, side, start_us, length_us, state) for side in sides
            ]
        if closed:
            self.catalogue.close_period(place, since_us + segments * length_us, "recorder")
        return found

    def _segment(
        self, place: PeriodId, segment: int, side: str, start_us: int, length_us: int, state: str
    ) -> str:
        data = f"{place.camera} {segment} {side}".encode() * 20
        if side == "sealed":  # what `scrim verify` looks for in a sealed object's head
            data = PeriodKey(b"", "", _RECIPIENT).seal(data)
        make = keys.sealed_key if side == "sealed" else keys.masked_key
        key = make(place.camera, place.epoch, place.period, segment)
        record: dict[str, Json] = {
            "side": side,
            "segment": segment,
            "start_us": start_us,
            "end_us": start_us + length_us,
            "key": key,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        self.catalogue.begin_segment(place, record)
        if state == "stored":
            self.objects.put(key, data)
            self.catalogue.finish_segment(place.camera, segment, side, "stored")
        return key

    def say(
        self, papers: Papers, side: SideName, own: OwnLimit | None, camera: str = "gate"
    ) -> Limits:
        """Say how long a camera is kept, under such packs."""
        retention = Retention(self.settings, papers)
        with in_ledger(self.engine) as connection:
            return set_own(
                connection,
                self.ledger,
                self.clock.now_us(),
                retention,
                camera,
                side,
                own,
                secrets.token_bytes(16),
            )

    def sweep(self) -> Swept:
        """Once, now."""
        return self.sweeper().run()

    def sweeper(self, batch: int = 500) -> Sweep:
        return Sweep(
            self.engine,
            self.ledger,
            self.objects,
            self.clock,
            self.settings,
            self.packs,
            batch=batch,
            gentle=False,
        )

    def at(self, us: int) -> None:
        """The time is now that, and the ledger has followed it there step by step."""
        while self.clock.us < us:
            self.clock.us = min(us, self.clock.us + 20 * 3600 * 1_000_000)
            self.tick()

    def tick(self) -> None:
        self.ledger.append(
            Entry(
                act=Act.SIGNED_IN,
                at_us=self.clock.us,
                who="operator",
                authority="operator",
                reason="operation",
            )
        )

    def entries(self, act: Act) -> list[Entry]:
        bodies = self.ledger.entries(0, self.ledger.size())
        found = [Entry.parse(body) for _, body in bodies]
        return [entry for entry in found if entry.act is act]

    def names(self) -> set[str]:
        """Keys of all objects."""
        return {key for key, _ in self.objects.list("")}

    def states(self) -> list[str]:
        with reading(self.engine) as connection:
            return sorted(connection.execute(select(schema.segment.c.state)).scalars())

    def silence(self, camera: str, alive_us: int) -> None:
        """The camera's recorder was last heard then."""
        with writing(self.engine) as connection:
            connection.execute(
                update(schema.camera).where(schema.camera.c.id == camera).values(alive_us=alive_us)
            )

    def publish(self) -> None:
        publish(self.ledger, self.key, self.engine, self.folder.checkpoint)


_RECIPIENT = new_identity().recipient
START_US = NOW_US
DAY_US = 86_400 * 1_000_000
