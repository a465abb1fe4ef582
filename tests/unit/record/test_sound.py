"""Sound is in the sealed original where it is recorded, and nowhere where it is not."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import av
import pytest
from tests.unit.camera.clips import encoded_sound, write_clip, write_heard

from scrim.camera import open_source
from scrim.camera.packet import ClearPacket, ClearSound, SoundInfo, StreamStarted
from scrim.record.codec_header import SOUND_IDS
from scrim.record.remux import Remuxed, Remuxer
from scrim.record.segments import ClearSegment, Slot


def sounds(path: Path) -> list[bytes]:
    """The packets of a file's sound track."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def segment_of(path: Path, *, sound: bool = False) -> ClearSegment:
    """What a recorder would seal of a file: one segment of all its packets."""
    source = open_source("file", str(path), {"pace": False}, sound=sound)
    events = list(source.events(threading.Event()))
    started = next(event for event in events if isinstance(event, StreamStarted))
    segment = ClearSegment(Slot(0, 0), started.stream, sound_info=started.sound)
    for event in events:
        if isinstance(event, ClearPacket):
            segment.packets.append(event)
        elif isinstance(event, ClearSound):
            segment.hear(event)
    return segment


def remuxed(segment: ClearSegment) -> Remuxed:
    remuxer = Remuxer()
    try:
        return remuxer.remux(segment)
    finally:
        remuxer.close()


def test_invariant_1_an_original_has_one_track_and_it_is_pictures(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "loud.mp4", sound=True, count=25)
    assert len(sounds(clip)) > 10  # there is some to drop
    made = remuxed(segment_of(clip))
    assert not made.sound
    with av.open(io.BytesIO(made.data), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert len([packet for packet in container.demux(video=0) if packet.size]) == 25


def test_invariant_1_the_same_original_with_sound_and_without(tmp_path: Path) -> None:
    loud = write_clip(tmp_path / "loud.mp4", sound=True, count=10)
    mute = write_clip(tmp_path / "mute.mp4", count=10)
    assert remuxed(segment_of(loud)).data == remuxed(segment_of(mute)).data


ENCODERS = {
    "aac": ("aac", 48_000, "mp4"),
    "opus": ("libopus", 48_000, "mp4"),
    "mp3": ("libmp3lame", 44_100, "mp4"),
    "mp2": ("mp2", 48_000, "mp4"),
    "ac3": ("ac3", 48_000, "mov"),
    "flac": ("flac", 48_000, "nut"),
    "pcm_s16le": ("pcm_s16le", 16_000, "mp4"),
    "pcm_s16be": ("pcm_s16be", 16_000, "mp4"),
    "pcm_alaw": ("pcm_alaw", 8_000, "mov"),
    "pcm_mulaw": ("pcm_mulaw", 8_000, "mov"),
    "adpcm_g722": ("g722", 16_000, "nut"),
}


@pytest.mark.parametrize("codec", sorted(SOUND_IDS))
def test_what_a_camera_sends_is_in_the_original_byte_for_byte(tmp_path: Path, codec: str) -> None:
    encoder, rate, container = ENCODERS[codec]
    info, pieces = encoded_sound(encoder, rate)
    assert info.codec == codec
    segment = segment_of(write_clip(tmp_path / "a.mp4", count=50))
    segment.sound_info = info
    begins = segment.packets[0].captured_us
    for number, data in enumerate(pieces):
        segment.hear(ClearSound(data, begins + number * 20_000, 20_000))
    made = remuxed(segment)
    assert (made.container, made.sound) == (container, True)
    with av.open(io.BytesIO(made.data), "r") as found:
        track = found.streams.audio[0].codec_context
        assert (track.sample_rate, track.channels) == (rate, 1)
        kept = [bytes(packet) for packet in found.demux(audio=0) if packet.size]
    assert b"".join(kept) == b"".join(pieces)
    with av.open(io.BytesIO(made.data), "r") as found:
        assert sum(1 for _ in found.decode(audio=0)) > 15
    with av.open(io.BytesIO(made.data), "r") as found:
        assert sum(1 for _ in found.decode(video=0)) == 50


def test_sound_and_pictures_of_an_original_lie_as_they_were(tmp_path: Path) -> None:
    made = remuxed(segment_of(write_heard(tmp_path / "a.mkv"), sound=True))
    with av.open(io.BytesIO(made.data), "r") as found:
        for packet in found.demux(audio=0):
            if packet.size and packet.pts is not None and packet.time_base is not None:
                number = int.from_bytes(bytes(packet)[:2], "little")
                assert abs(float(packet.pts * packet.time_base) - number * 0.02) < 0.02


def test_sound_that_nothing_takes_costs_no_picture(tmp_path: Path) -> None:
    segment = segment_of(write_clip(tmp_path / "a.mp4", count=10))
    segment.sound_info = SoundInfo("pcm_s16le", 0, 1)  # at no rate at all
    segment.hear(ClearSound(b"x", segment.packets[0].captured_us, 0))
    made = remuxed(segment)
    assert not made.sound
    with av.open(io.BytesIO(made.data), "r") as found:
        assert [stream.type for stream in found.streams] == ["video"]
