"""USB cameras.  No device is at hand in a test, so a pipe of JPEGs plays the camera."""

from __future__ import annotations

import os
import struct
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.unit.camera.clips import write_frames

from scrim.camera import open_source, probe
from scrim.camera.packet import ClearPacket, Gap, GapCause, SourceEvent, StreamStarted
from scrim.clock import SECOND, SystemClock
from scrim.errors import CameraError, SourceMissing

# a camera that was not opened in time counts as one that does not answer
PATIENT = {"open_timeout_s": 120, "stall_s": 120}


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A pipe into which JPEGs are written at 50 a second, for as long as somebody reads."""
    return piped(tmp_path, 150)[0]


def piped(tmp_path: Path, count: int) -> tuple[Path, Event]:
    """Such a pipe for so many JPEGs at most, and what is set once they are through."""
    data, at, jpegs = write_frames(tmp_path / "frames", "mjpeg", count=10).read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        jpegs.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    path = tmp_path / "video0"
    os.mkfifo(path)
    through = Event()

    def write() -> None:
        pause = Event()
        try:
            with path.open("wb", buffering=0) as pipe:
                for number in range(count):
                    pipe.write(jpegs[number % len(jpegs)])
                    pause.wait(0.02)
        except BrokenPipeError:
            return
        through.set()

    Thread(target=write, daemon=True).start()
    return path, through


def test_pictures_come_as_from_any_live_camera(device: Path) -> None:
    stop, events = Event(), list[SourceEvent]()
    source = open_source("usb", str(device), {"format": "mjpeg", **PATIENT})
    for event in source.events(stop):
        events.append(event)
        if len(events) > 60:
            stop.set()
    first = events[0]
    assert isinstance(first, StreamStarted)
    assert (first.stream.codec, first.stream.width, first.stream.height) == ("mjpeg", 320, 240)
    packets = [event for event in events if isinstance(event, ClearPacket)]
    assert len(packets) >= 50
    assert all(packet.data.startswith(b"\xff\xd8") for packet in packets)
    assert all(a.decode_us < b.decode_us for a, b in pairwise(packets))


class SetBack:
    """The machine's clock, which somebody sets back by an hour at each look."""

    def __init__(self) -> None:
        self._back_us = 0

    def now_us(self) -> int:
        self._back_us += 3600 * SECOND
        return SystemClock().now_us() - self._back_us


def test_a_clock_that_is_set_back_holds_no_picture_up(tmp_path: Path) -> None:
    """The first ones were held until the clock had come to where it was."""
    device, through = piped(tmp_path, 3000)  # a minute of them
    stop = Event()
    source = open_source("usb", str(device), {"format": "mjpeg", **PATIENT}, SetBack())
    assert any(isinstance(event, ClearPacket) for event in source.events(stop))
    assert not through.is_set()


def test_a_device_pulled_out_is_a_gap(device: Path) -> None:
    stop = Event()
    source = open_source("usb", str(device), {"format": "mjpeg", **PATIENT, "stall_s": 1})
    for event in source.events(stop):
        if isinstance(event, Gap):
            assert event.cause in (GapCause.DISCONNECTED, GapCause.STALLED)
            stop.set()
            break
    else:
        pytest.fail("the source ended without a gap")


def test_no_such_device() -> None:
    with pytest.raises(SourceMissing, match="no such device") as caught:
        probe("usb", "/dev/video-none", {}, 120)
    assert "Plug" in caught.value.remedy


def test_a_device_that_comes_later_is_waited_for() -> None:
    stop = Event()
    for event in open_source("usb", "/dev/video-none", {}).events(stop):
        assert isinstance(event, Gap)
        assert event.cause is GapCause.UNREACHABLE
        stop.set()
        break


def test_ffmpegs_internal_pictures_are_not_taken_for_packets() -> None:
    # the lavfi input hands out pointers and no bytes
    with pytest.raises(CameraError, match="no video that can be read"):
        probe("usb", "testsrc=size=320x240:rate=25", {"format": "lavfi"}, 120)


def test_a_device_must_be_named() -> None:
    with pytest.raises(SourceMissing, match="No video device"):
        open_source("usb", "", {})
