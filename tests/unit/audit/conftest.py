"""A small data folder, written by the rooms that write real ones, copied for each test."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scrim.audit import Kind, Report, verify_folder
from scrim.camera.packet import Gap, GapCause
from scrim.canonical import Json
from scrim.fleet import Cameras, Deployment
from scrim.fleet.heads import Heads
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.store.keys import masked_key, sealed_key
from scrim.store.objects import ObjectStore
from scrim.vault.period import PeriodKey

SECOND = 1_000_000


class Folder:
    """A data folder and the means to write in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.deployment = Deployment.create(path)
        self.catalogue = Catalogue(
            self.deployment.engine,
            self.deployment.ledger,
            ObjectStore.in_folder(self.deployment.folder.objects),
        )
        here = self.deployment
        self.heads = Heads(here.engine, here.ledger, here.clock)
        self.cameras = Cameras(here.engine, here.ledger, here.clock)

    def publish(self) -> None:
        self.heads.publish()
        self.deployment.publish_checkpoint()

    def open_period(self, period: PeriodId) -> PeriodKey:
        custodians = self.deployment.custodians()
        assert custodians is not None
        key = PeriodKey.open(
            camera=period.camera,
            epoch=period.epoch,
            period=period.period,
            opened_us=period.period * 600 * SECOND,
            custodians=custodians,
        )
        self.catalogue.open_period(period, key)
        return key

    def segment(self, period: PeriodId, key: PeriodKey, number: int, *, state: str) -> None:
        for side in ("sealed", "masked"):
            data = f"{period} {number} {side}".encode() * (number + 1)
            if side == "sealed":
                data = key.seal(data)
            self._one(period, side, number, data, state)

    def _one(self, period: PeriodId, side: str, number: int, data: bytes, state: str) -> None:
        make = sealed_key if side == "sealed" else masked_key
        record: dict[str, Json] = {
            "side": side,
            "segment": number,
            "start_us": number * 2 * SECOND,
            "end_us": (number + 1) * 2 * SECOND,
            "key": make(period.camera, period.epoch, period.period, number),
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        self.catalogue.begin_segment(period, record)
        if state == "stored":
            self.catalogue.objects.put(str(record["key"]), data)
        elif state == "lost":
            since_us, until_us = int(str(record["start_us"])), int(str(record["end_us"]))
            self.catalogue.gaps.write(
                period.camera,
                period.epoch,
                "sealed" if side == "sealed" else "masked",
                Gap(since_us, until_us, GapCause.STORE_FAILED),
            )
        if state in ("stored", "lost"):
            self.catalogue.finish_segment(
                period.camera, number, side, "stored" if state == "stored" else "lost"
            )

    def close(self) -> None:
        self.deployment.close()


GATE_0, GATE_1, YARD_0 = PeriodId("gate", 1, 0), PeriodId("gate", 1, 1), PeriodId("yard", 1, 0)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """gate: one closed period (segment 2 lost) and an open one; yard: one closed period."""
    path = tmp_path_factory.mktemp("written") / "data"
    folder = Folder(path)
    here = folder.deployment
    here.set_custodians(here.make_demo_custodians())
    folder.publish()
    for camera in ("gate", "yard"):
        folder.cameras.add(camera, "file", f"/{camera}.mp4")
        folder.catalogue.begin_epoch(camera, 1)
    gate = folder.open_period(GATE_0)
    yard = folder.open_period(YARD_0)
    for number in range(3):
        folder.segment(GATE_0, gate, number, state="lost" if number == 2 else "stored")
        folder.segment(YARD_0, yard, number, state="stored")
        folder.publish()
    folder.catalogue.close_period(GATE_0, 600 * SECOND, "recorder")
    folder.catalogue.close_period(YARD_0, 600 * SECOND, "recorder")
    gate = folder.open_period(GATE_1)
    folder.segment(GATE_1, gate, 3, state="stored")
    folder.publish()
    folder.close()
    return path


@pytest.fixture
def data(written: Path, tmp_path: Path) -> Path:
    """A fresh copy of the small folder."""
    copy = tmp_path / "data"
    shutil.copytree(written, copy)
    return copy


@pytest.fixture
def again(data: Path) -> Iterator[Folder]:
    """The fresh copy, open for more writing."""
    folder = Folder(data)
    yield folder
    folder.close()


@pytest.fixture
def found(data: Path) -> Callable[..., list[tuple[Kind, str]]]:
    """Verify the copy; (kind, subject) of each problem."""

    def look(**options: object) -> list[tuple[Kind, str]]:
        report: Report = verify_folder(data, **options)  # type: ignore[arg-type]
        return [(Kind(problem.kind), problem.subject) for problem in report.problems]

    return look
