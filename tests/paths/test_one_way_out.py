"""Invariant 1: no clear pixel leaves the recorder process except sealed.

A real recorder runs on a real clip.  Everything it left behind (every file, every
live message, every line it logged) is searched for the camera's own bytes, and
every picture that can be decoded from it is looked at.
"""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from tests.sim.recorder import (
    FACE_BOX,
    Recorder,
    deployment_in,
    may_hide,
    recording,
    write_clip,
)

from scrim.camera import open_source
from scrim.camera.packet import ClearPacket
from scrim.live import wire
from scrim.redact.mask import FILL, samples
from scrim.store.objects import ObjectStore

SLICE = 48  # bytes; a packet's slice that long does not come up by chance
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Recorder, str]]:
    """A recorder that recorded a few segments and was stopped: data, clip, and what it said."""
    folder = tmp_path_factory.mktemp("egress")
    clip, data = folder / "clip.mp4", folder / "data"
    write_clip(clip)
    deployment_in(data, clip).close()
    with recording(data) as recorder:
        recorder.wait_for_segments(2)
        assert recorder.stop() == 0
        said = recorder.process.stderr.read() if recorder.process.stderr else ""
        yield data, clip, recorder, said


def clear_slices(clip: Path) -> list[bytes]:
    """A slice from the middle of every packet the camera sends."""
    import threading

    source = open_source("file", str(clip), {"pace": False})
    packets = [e for e in source.events(threading.Event()) if isinstance(e, ClearPacket)]
    return [
        p.data[len(p.data) // 2 : len(p.data) // 2 + SLICE]
        for p in packets
        if len(p.data) > 3 * SLICE
    ]


def test_invariant_1_no_file_holds_the_cameras_bytes(
    run: tuple[Path, Path, Recorder, str],
) -> None:
    data, clip, _, _ = run
    slices = clear_slices(clip)
    assert len(slices) > 20
    looked_at = 0
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            looked_at += 1
            assert not any(one in content for one in slices), path
    assert looked_at > 6
    clear = clip.read_bytes()
    assert all(one in clear for one in slices)  # the search itself finds what is there


def test_invariant_1_no_live_message_and_no_log_line_holds_them(
    run: tuple[Path, Path, Recorder, str],
) -> None:
    _, clip, recorder, said = run
    slices = clear_slices(clip)
    for message in recorder.live.messages:
        assert not any(one in message.payload for one in slices)
    for line in said.splitlines():
        assert set(json.loads(line)) == {"at", "from", "event"}


def test_invariant_1_every_egress_is_known(run: tuple[Path, Path, Recorder, str]) -> None:
    """The list of ways out; a new one has to be added here, and looked at below."""
    data, _, recorder, _ = run
    kinds = {type(m) for m in recorder.live.messages}
    assert kinds == {wire.Init, wire.Part, wire.SegmentDone, wire.Status}
    top = {p.name.split("-")[0] for p in (data / "objects").iterdir()}
    assert top == {"sealed", "masked", "period"}
    for path in (data / "objects" / "sealed").rglob("*.*"):
        if path.is_file():
            assert path.read_bytes().startswith(b"age-encryption.org/v1\n")


def test_invariant_1_what_can_be_decoded_is_masked(
    run: tuple[Path, Path, Recorder, str],
) -> None:
    """Stored and live, the face is flat where it stands; the street around it is not."""
    data, _, recorder, said = run
    store = ObjectStore.in_folder(data / "objects")
    stored = [store.get(key) for key, _ in store.list("masked/")]
    init = next(m for m in recorder.live.messages if isinstance(m, wire.Init))
    live = [
        init.payload + m.payload
        for m in recorder.live.messages
        if isinstance(m, wire.Part) and m.independent
    ]
    assert stored
    assert live
    x, y, w, h = FACE_BOX
    street = []
    for data_ in [*stored, *live]:
        with av.open(io.BytesIO(data_), "r") as container:
            assert [s.type for s in container.streams] == ["video"]
            for frame in container.decode(video=0):
                luma = samples(frame.planes[0]).astype(int)
                covered = luma[y + h // 4 : y + h, x + w // 4 : x + 3 * w // 4]  # hair around it
                assert np.abs(covered - FILL[0]).max() < 24
                street.append(luma[:, :40].mean() > 90)
    assert any(street)
    assert all(street) or may_hide(said)


def test_the_recorder_has_no_listening_socket_and_leaves_no_core(tmp_path: Path) -> None:
    clip, data = tmp_path / "clip.mp4", tmp_path / "data"
    write_clip(clip)
    deployment_in(data, clip).close()
    with recording(data) as recorder:
        recorder.wait_for(lambda m: any(isinstance(one, wire.Part) for one in m))
        process = psutil.Process(recorder.process.pid)
        for connection in process.net_connections(kind="all"):
            assert connection.status != psutil.CONN_LISTEN
            assert connection.family == socket.AF_UNIX  # no network at all
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        opened = {Path(f.path) for f in process.open_files()}
        for path in opened:
            inside = path.is_relative_to(data) or path == clip
            assert inside or path.is_relative_to(ROOT) or "site-packages" in str(path), path
