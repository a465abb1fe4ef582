"""Invariant 1 for sound: it is in the sealed original where it may be, and nowhere else.

A real recorder runs on a film whose sound is noise, so that any piece of it would be found
again wherever it went.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from sqlalchemy import select
from tests.sim.recorder import Recorder, recording, write_clip

from scrim.audit.verify import verify_folder
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.ledger import Act, Entry
from scrim.live import wire
from scrim.store import schema
from scrim.store.database import reading
from scrim.store.objects import ObjectStore
from scrim.vault.custodian import read_identity
from scrim.vault.document import PeriodDocument
from scrim.vault.opening import combine, open_part, open_segment

RATE = 16_000
PIECE = RATE // 50  # samples; 20 ms
SLICE = 32  # bytes of noise, which do not come up by chance


def noise(seconds: int) -> bytes:
    random = np.random.default_rng(11)
    return random.integers(-9000, 9000, seconds * RATE, dtype=np.int16).tobytes()


def write_film(path: Path, seconds: int = 4) -> None:
    """The usual film, with noise to be heard."""
    mute = path.with_suffix(".mp4")
    write_clip(mute, seconds)
    heard = noise(seconds)
    with av.open(str(mute)) as source, av.open(str(path), "w", format="matroska") as output:
        pictures = output.add_stream_from_template(source.streams.video[0])
        track = output.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for number in range(seconds * 50):
            piece = heard[number * PIECE * 2 : (number + 1) * PIECE * 2]
            frame = av.AudioFrame(format="s16", layout="mono", samples=PIECE)
            frame.planes[0].update(piece)
            frame.sample_rate, frame.pts = RATE, number * PIECE
            output.mux(track.encode(frame))
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                output.mux(packet)


def deployment_of(data: Path, film: Path, *, asked: bool) -> Deployment:
    made = Deployment.create(data)
    made.set_custodians(made.make_demo_custodians())
    options: dict[str, Any] = {"loop": True} | ({"sound": True} if asked else {})
    Cameras(made.engine, made.ledger, made.clock).add("street", "file", str(film), options=options)
    return made


def originals(made: Deployment) -> list[tuple[dict[str, Any], bytes]]:
    """Each sealed segment's record, and what it holds: the demo's custodians open it."""
    table = schema.segment
    with reading(made.engine) as connection:
        query = select(table.c.record).where(table.c.side == "sealed").order_by(table.c.segment)
        records = [json.loads(record) for record in connection.execute(query).scalars()]
    secrets = {
        path.stem: read_identity(path).secret for path in made.folder.demo_custodians.glob("demo-*")
    }
    found = []
    for record in records:
        period = record["key"].split("/")[3]
        document = ObjectStore.in_folder(made.folder.objects).get(
            f"period/street/000001/{period}.open.json"
        )
        parts = PeriodDocument.parse(document).parts
        identity = combine(
            document, [open_part(parts[name], secrets[name], document) for name in sorted(secrets)]
        )
        found.append(
            (
                record,
                open_segment(
                    ObjectStore.in_folder(made.folder.objects).get(record["key"]), identity
                ),
            )
        )
    return found


def slices(film: Path) -> list[bytes]:
    with av.open(str(film)) as container:
        pieces = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    return [piece[len(piece) // 2 :][:SLICE] for piece in pieces if len(piece) >= 2 * SLICE]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Path, Recorder]]:
    folder = tmp_path_factory.mktemp("sound")
    film, data = folder / "film.mkv", folder / "data"
    write_film(film)
    made = deployment_of(data, film, asked=True)
    with recording(data, "street", "--sound", "street") as recorder:
        recorder.wait_for_segments(3)
        assert recorder.stop() == 0
        yield made, film, recorder
    made.close()


def test_the_original_has_the_cameras_own_sound(run: tuple[Deployment, Path, Recorder]) -> None:
    made, _, _ = run
    heard = b"".join(noise(4) for _ in range(4))
    found = originals(made)
    assert len(found) >= 3
    for record, data in found:
        assert record["sound"] == {
            "codec": "pcm_s16le",
            "rate": RATE,
            "channels": 1,
            "packets": record["sound"]["packets"],
        }
        with av.open(io.BytesIO(data), "r") as container:
            assert [stream.type for stream in container.streams] == ["video", "audio"]
            kept = b"".join(bytes(packet) for packet in container.demux(audio=0))
        assert kept in heard
    seconds = sum(record["end_us"] - record["start_us"] for record, _ in found) / 1_000_000
    samples = sum(record["sound"]["packets"] for record, _ in found) * PIECE
    assert abs(samples / RATE - seconds) < 0.5


def test_invariant_1_no_sound_is_anywhere_else(run: tuple[Deployment, Path, Recorder]) -> None:
    made, film, recorder = run
    needles = slices(film)
    assert len(needles) > 100
    for path in made.folder.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(one in content for one in needles), path
    for message in recorder.live.messages:
        assert not any(one in message.payload for one in needles)
    for key, _ in ObjectStore.in_folder(made.folder.objects).list("masked/"):
        with av.open(
            io.BytesIO(ObjectStore.in_folder(made.folder.objects).get(key)), "r"
        ) as container:
            assert [stream.type for stream in container.streams] == ["video"]
    init = next(one for one in recorder.live.messages if isinstance(one, wire.Init))
    assert init.payload.count(b"trak") == 1


def test_the_ledger_and_the_status_say_that_sound_is_recorded(
    run: tuple[Deployment, Path, Recorder],
) -> None:
    made, _, recorder = run
    entries = [Entry.parse(body) for _, body in made.ledger.entries(0, made.ledger.size())]
    (started,) = (one for one in entries if one.act is Act.CAMERA_STARTED)
    assert started.facts["sound"] == "sealed"
    assert any(isinstance(one, wire.Status) and one.sound for one in recorder.live.messages)
    assert verify_folder(made.folder.path).holds


@pytest.mark.parametrize(("asked", "allowed"), [(True, False), (False, True)])
def test_invariant_1_without_leave_or_without_being_asked_for_it_is_dropped(
    tmp_path: Path, asked: bool, allowed: bool
) -> None:
    film, data = tmp_path / "film.mkv", tmp_path / "data"
    write_film(film)
    made = deployment_of(data, film, asked=asked)
    with recording(data, "street", *(["--sound", "street"] if allowed else [])) as recorder:
        recorder.wait_for_segments(1)
        assert recorder.stop() == 0
    entries = [Entry.parse(body) for _, body in made.ledger.entries(0, made.ledger.size())]
    assert not any("sound" in one.facts for one in entries if one.act is Act.CAMERA_STARTED)
    for record, plain in originals(made):
        assert "sound" not in record
        with av.open(io.BytesIO(plain), "r") as container:
            assert [stream.type for stream in container.streams] == ["video"]
    made.close()
