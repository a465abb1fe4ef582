"""Sound of an RTSP camera: only where it is asked for, and beside its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rtsp.camera import RtspCamera, Watcher, require_server
from tests.unit.camera.clips import write_frames

from scrim.camera.packet import ClearPacket, ClearSound, GapCause, StreamStarted

pytestmark = pytest.mark.rtsp


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_server()
    return write_frames(tmp_path_factory.mktemp("frames") / "h264", "libx264")


@pytest.fixture
def camera(frames: Path, request: pytest.FixtureRequest) -> Iterator[RtspCamera]:
    """A camera with a microphone; ``param``: what else the server is told."""
    more = getattr(request, "param", ())
    made = RtspCamera("--mount", f"live=h264:{frames}", "--sound", *more).start()
    yield made
    made.kill()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_sound_lies_beside_the_pictures(camera: RtspCamera, transport: str) -> None:
    watcher = Watcher("rtsp", camera.address("live"), sound=True, transport=transport)
    watcher.wait(lambda it: len(it.packets()) >= 75 and len(it.sounds()) >= 100)
    watcher.close()
    started = watcher.events[0]
    assert isinstance(started, StreamStarted)
    assert started.sound is not None
    assert (started.sound.codec, started.sound.sample_rate) == ("pcm_alaw", 8000)
    pieces = watcher.sounds()
    times = [piece.captured_us for piece in pieces]
    assert times == sorted(set(times))
    # as long as the pictures that came meanwhile, and not later or earlier than they are
    heard_us = sum(piece.duration_us for piece in pieces)
    assert sum(len(piece.data) for piece in pieces) == heard_us * 8000 // 1_000_000
    seen = watcher.packets()
    seen_us = seen[-1].captured_us - seen[0].captured_us
    assert abs(heard_us - seen_us) < 700_000
    assert abs(times[-1] - seen[-1].captured_us) < 700_000


def test_it_is_not_even_asked_for_where_it_may_not_be_recorded(camera: RtspCamera) -> None:
    watcher = Watcher("rtsp", camera.address("live"))
    watcher.wait(lambda it: len(it.packets()) >= 50)
    watcher.close()
    started = watcher.events[0]
    assert isinstance(started, StreamStarted)
    assert started.sound is None
    assert watcher.sounds() == []


@pytest.mark.parametrize("camera", [("--pictures", "40")], indirect=True)
def test_a_camera_that_is_only_heard_has_stalled(camera: RtspCamera) -> None:
    watcher = Watcher("rtsp", camera.address("live"), sound=True, stall_s="4")
    watcher.wait_gaps(1)
    watcher.close()
    (gap, *_) = watcher.gaps()
    assert gap.cause is GapCause.STALLED
    until = watcher.events.index(gap)  # it connects again, and the camera begins anew
    last = next(e for e in reversed(watcher.events[:until]) if isinstance(e, ClearPacket))
    heard = next(e for e in reversed(watcher.events[:until]) if isinstance(e, ClearSound))
    assert heard.captured_us - last.captured_us > 500_000  # it was heard all the while
