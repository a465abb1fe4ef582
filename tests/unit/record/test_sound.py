"""No sound is recorded: not in the sealed original, not on the masked side."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import av
from tests.unit.camera.clips import write_clip

from scrim.camera import open_source
from scrim.camera.packet import ClearPacket, StreamStarted
from scrim.record.remux import Remuxer
from scrim.record.segments import ClearSegment, Slot


def sounds(path: Path) -> list[bytes]:
    """The packets of a file's sound track."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def sealed_plain(path: Path) -> bytes:
    """What a recorder would seal of a file: one segment of all its packets."""
    events = list(open_source("file", str(path), {"pace": False}).events(threading.Event()))
    stream = next(event.stream for event in events if isinstance(event, StreamStarted))
    packets = [event for event in events if isinstance(event, ClearPacket)]
    segment = ClearSegment(Slot(0, 0), stream, packets, sum(len(one.data) for one in packets))
    remuxer = Remuxer()
    try:
        return remuxer.remux(segment)[0]
    finally:
        remuxer.close()


def test_invariant_1_an_original_has_one_track_and_it_is_pictures(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "loud.mp4", sound=True, count=25)
    assert len(sounds(clip)) > 10  # there is some to drop
    plain = sealed_plain(clip)
    with av.open(io.BytesIO(plain), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert len([packet for packet in container.demux(video=0) if packet.size]) == 25


def test_invariant_1_the_same_original_with_sound_and_without(tmp_path: Path) -> None:
    loud = write_clip(tmp_path / "loud.mp4", sound=True, count=10)
    mute = write_clip(tmp_path / "mute.mp4", count=10)
    assert sealed_plain(loud) == sealed_plain(mute)
