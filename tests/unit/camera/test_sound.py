"""Sound of a file: only where it is asked for, and at its place beside the pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from tests.unit.camera.clips import write_clip, write_heard

from scrim.camera import open_source
from scrim.camera.packet import ClearPacket, ClearSound, SourceEvent, StreamStarted
from scrim.errors import CameraError


def play(path: Path, *, sound: bool = True, loop: bool = False) -> Iterator[SourceEvent]:
    options = {"pace": False, "loop": loop, "sound": True}
    return open_source("file", str(path), options, sound=sound).events(Event())


def number(piece: ClearSound) -> int:
    """Which 20 ms it is, by its first sample."""
    return int(struct.unpack_from("<h", piece.data)[0])


def test_without_being_asked_for_it_is_not_read_though_the_camera_was_enrolled_with_it(
    tmp_path: Path,
) -> None:
    clip = write_heard(tmp_path / "a.mkv")
    events = list(play(clip, sound=False))
    assert not [event for event in events if isinstance(event, ClearSound)]
    assert [event.sound for event in events if isinstance(event, StreamStarted)] == [None]


@pytest.mark.parametrize(
    # AVI counts pictures and has no time stamps: a picture's length is as exact as it gets
    ("name", "within_us"),
    [("a.mkv", 20_000), ("a.mov", 20_000), ("a.avi", 45_000)],
)
def test_each_piece_lies_where_it_was_heard(tmp_path: Path, name: str, within_us: int) -> None:
    events = list(play(write_heard(tmp_path / name)))
    (started,) = (event for event in events if isinstance(event, StreamStarted))
    assert started.sound is not None
    assert (started.sound.codec, started.sound.sample_rate) == ("pcm_s16le", 16_000)
    pieces = [event for event in events if isinstance(event, ClearSound)]
    origin = next(event for event in events if isinstance(event, ClearPacket)).captured_us
    assert sum(len(piece.data) for piece in pieces) == 200 * 320 * 2
    for piece in pieces:
        assert abs(piece.captured_us - origin - number(piece) * 20_000) < within_us
    times = [piece.captured_us for piece in pieces]
    assert times == sorted(set(times))


def test_a_loop_goes_on_with_both_side_by_side(tmp_path: Path) -> None:
    clip = write_heard(tmp_path / "a.mkv", count=50)
    heard: list[ClearSound] = []
    origin: int | None = None
    for event in play(clip, loop=True):
        if isinstance(event, ClearPacket):
            origin = event.captured_us if origin is None else origin
            if event.captured_us - origin > 5_000_000:
                break
        elif isinstance(event, ClearSound):
            heard.append(event)
    assert origin is not None
    seconds = {round((piece.captured_us - origin) // 1_000_000) for piece in heard}
    assert seconds >= {0, 1, 2, 3, 4}
    for piece in heard:
        into_round = (piece.captured_us - origin) % 2_000_000
        assert min(abs(into_round - number(piece) * 20_000), 2_000_000 - into_round) < 45_000


def test_a_transport_stream_has_its_sound_too(tmp_path: Path) -> None:
    clip = write_heard(tmp_path / "a.ts", "aac", rate=48_000)
    pieces = [event for event in play(clip) if isinstance(event, ClearSound)]
    assert len(pieces) > 80
    assert pieces[-1].captured_us - pieces[0].captured_us > 3_500_000


def test_a_file_without_sound_plays_as_ever(tmp_path: Path) -> None:
    events = list(play(write_clip(tmp_path / "a.mp4", count=10)))
    assert [event.sound for event in events if isinstance(event, StreamStarted)] == [None]
    assert len([event for event in events if isinstance(event, ClearPacket)]) == 10


def test_a_usb_camera_has_no_such_option() -> None:
    with pytest.raises(CameraError, match="no option 'sound'"):
        open_source("usb", "/dev/video0", {"sound": True})
