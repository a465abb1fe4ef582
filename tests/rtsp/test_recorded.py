"""An RTSP camera, recorded: killed and back, changing size, both sides whole and verified."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from sqlalchemy import select
from tests.rtsp.camera import PATIENCE, RtspCamera, require_server
from tests.sim.recorder import recording
from tests.unit.camera.clips import write_frames

from scrim.audit import verify_folder
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.ledger import Act, Entry
from scrim.store import schema
from scrim.store.database import reading
from scrim.store.objects import ObjectStore
from scrim.vault.custodian import read_identity
from scrim.vault.document import PeriodDocument
from scrim.vault.opening import combine, open_part, open_segment

pytestmark = pytest.mark.rtsp


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_server()
    folder = tmp_path_factory.mktemp("frames")
    write_frames(folder / "small", "libx264")
    write_frames(folder / "large", "libx264", 640, 480)
    write_frames(folder / "mjpeg", "mjpeg")
    return folder


def deployment(path: Path, address: str) -> Deployment:
    made = Deployment.create(path)
    made.set_custodians(made.make_demo_custodians())
    cameras = Cameras(made.engine, made.ledger, made.clock)
    cameras.add("street", "rtsp", address, options=dict(PATIENCE))
    return made


def stored(made: Deployment, side: str) -> list[dict[str, object]]:
    table = schema.segment
    with reading(made.engine) as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.side == side)
            .where(table.c.state == "stored")
            .order_by(table.c.segment)
        ).all()
    return [json.loads(row.record) for row in rows]


def wait(until: Callable[[], object], seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def opened(made: Deployment, row: dict[str, object]) -> int:
    """How many pictures a sealed segment holds, by way of two custodians."""
    store = ObjectStore.in_folder(made.folder.objects)
    key = str(row["key"])
    _, camera, epoch, period, _ = key.split("/")
    document = store.get(f"period/{camera}/{epoch}/{period}.open.json")
    parts = PeriodDocument.parse(document).parts
    identity = combine(
        document,
        [
            open_part(
                parts[name],
                read_identity(made.folder.demo_custodians / f"{name}.txt").secret,
                document,
            )
            for name in ("demo-2", "demo-3")
        ],
    )
    with av.open(io.BytesIO(open_segment(store.get(key), identity)), "r") as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_camera_that_dies_and_comes_back(frames: Path, tmp_path: Path) -> None:
    camera = RtspCamera("--mount", f"live=h264:{frames / 'small'}").start()
    made = deployment(tmp_path / "data", camera.address("live"))
    gaps = schema.gap
    try:
        with recording(made.folder.path) as recorder:
            wait(lambda: stored(made, "masked"))
            camera.kill()
            time.sleep(2)
            camera.start()
            before = len(stored(made, "masked"))
            wait(lambda: len(stored(made, "masked")) > before + 1)
            assert recorder.stop() == 0
    finally:
        camera.kill()
    with reading(made.engine) as connection:
        rows = connection.execute(select(gaps).order_by(gaps.c.id)).all()
    assert all(row.until_us > row.since_us for row in rows)
    slow = {row.cause for row in rows if row.side == "masked"}  # what it left out, and said
    assert slow <= {"overloaded"}
    away = {row.cause for row in rows if row.side != "masked"}
    assert away
    assert away <= {"disconnected", "stalled", "unreachable"}
    told = [Entry.parse(body) for _, body in made.ledger.entries(0, made.ledger.size())]
    assert sum(entry.act is Act.GAP for entry in told) == 2 * len(rows)
    sealed = stored(made, "sealed")
    assert sum(opened(made, row) for row in sealed) == sum(int(str(r["packets"])) for r in sealed)
    both = [r["segment"] for r in stored(made, "masked")]
    assert both == [r["segment"] for r in sealed] or slow
    made.publish_checkpoint()
    made.close()
    assert verify_folder(made.folder.path).problems == []


@pytest.mark.parametrize("mount", ["both", "mjpeg"])
def test_a_change_of_size_and_a_camera_of_jpegs(frames: Path, tmp_path: Path, mount: str) -> None:
    camera = RtspCamera(
        *("--mount", f"both=h264:{frames / 'small'},{frames / 'large'}"),
        *("--mount", f"mjpeg=mjpeg:{frames / 'mjpeg'}"),
    ).start()
    made = deployment(tmp_path / "data", camera.address(mount))
    try:
        with recording(made.folder.path) as recorder:
            wait(lambda: len(stored(made, "masked")) >= 3)
            assert recorder.stop() == 0
    finally:
        camera.kill()
    sealed, masked = stored(made, "sealed"), stored(made, "masked")
    assert all(opened(made, row) == row["packets"] for row in sealed)
    store = ObjectStore.in_folder(made.folder.objects)
    sizes = set()
    for row in masked:
        with av.open(io.BytesIO(store.get(str(row["key"]))), "r") as container:
            pictures = list(container.decode(video=0))
        assert len(pictures) == row["frames"]
        sizes |= {(picture.width, picture.height) for picture in pictures}
    assert len(sizes) == (2 if mount == "both" else 1)
    made.publish_checkpoint()
    made.close()
    assert verify_folder(made.folder.path).problems == []
