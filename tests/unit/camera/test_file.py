"""Files as cameras: capture times, pace, loops, and what is refused in which words."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from threading import Event

import av
import pytest
from tests.unit.camera.clips import pictures, write_clip, write_sound

from scrim.camera import open_source, probe
from scrim.camera.file import FileSource
from scrim.camera.packet import (
    ClearPacket,
    Gap,
    GapCause,
    SourceEnded,
    SourceEvent,
    StreamStarted,
)
from scrim.camera.timeline import STEP_US
from scrim.errors import CameraError, SourceMissing, SourceNotVideo, SourceRefused

START = 1_700_000_000_000_000
FRAME_US = 40_000


class Fake:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = START
        self.slept = 0

    def now_us(self) -> int:
        return self.now

    def sleep_until(self, utc_us: int, stop: Event) -> None:
        if stop.is_set():
            return
        self.slept += max(utc_us - self.now, 0)
        self.now = max(self.now, utc_us)


def play(path: Path, *, loop: bool = False, paced: bool = True) -> Iterator[SourceEvent]:
    return FileSource(path, loop=loop, paced=paced, pace=Fake()).events(Event())


def packets_of(events: list[SourceEvent]) -> list[ClearPacket]:
    return [event for event in events if isinstance(event, ClearPacket)]


def first_packets(events: Iterator[SourceEvent], count: int) -> list[SourceEvent]:
    found: list[SourceEvent] = []
    for event in events:
        found.append(event)
        count -= isinstance(event, ClearPacket)
        if not count:
            break
    return found


def assert_in_order(packets: list[ClearPacket]) -> None:
    for before, after in pairwise(packets):
        assert after.decode_us >= before.decode_us + STEP_US
    assert all(packet.decode_us <= packet.captured_us for packet in packets)


@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_every_packet_comes_untouched_with_its_capture_time(
    tmp_path: Path, name: str, b_frames: int
) -> None:
    path = write_clip(tmp_path / name, b_frames=b_frames)
    events = list(play(path))
    packets = packets_of(events)
    with av.open(str(path)) as container:
        expected = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert [packet.data for packet in packets] == expected
    assert isinstance(events[0], StreamStarted)
    assert (events[0].stream.codec, events[0].stream.width) == ("h264", 320)
    assert packets[0].is_key
    assert packets[0].captured_us == START
    assert_in_order(packets)
    if not (name == "a.avi" and b_frames):  # AVI has decode times only
        shown = sorted(packet.captured_us - START for packet in packets)
        assert all(abs(at - n * FRAME_US) <= 1000 for n, at in enumerate(shown))


def test_a_file_that_ends_says_so(tmp_path: Path) -> None:
    *_, gap, ended = play(write_clip(tmp_path / "a.mp4", count=10))
    assert isinstance(gap, Gap)
    assert (gap.cause, gap.since_us, gap.until_us) == (GapCause.ENDED, START + 400_000, None)
    assert isinstance(ended, SourceEnded)


def test_a_loop_goes_on_without_a_seam(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", count=10, b_frames=2)
    events = first_packets(play(path, loop=True), 35)
    packets = packets_of(events)
    assert len([event for event in events if isinstance(event, StreamStarted)]) == 1
    assert not [event for event in events if isinstance(event, Gap)]
    shown = sorted(packet.captured_us for packet in packets)
    assert shown[:30] == [START + number * FRAME_US for number in range(30)]
    assert packets[0].data == packets[10].data == packets[20].data
    assert_in_order(packets)


def test_pictures_come_at_their_time_and_never_early(tmp_path: Path) -> None:
    pace = Fake()
    source = FileSource(
        write_clip(tmp_path / "a.mp4", count=26, b_frames=2), loop=False, paced=True, pace=pace
    )
    for event in source.events(Event()):
        if isinstance(event, ClearPacket):
            assert event.captured_us <= pace.now
    assert pace.slept == 25 * FRAME_US


def test_without_pace_nothing_is_waited_for(tmp_path: Path) -> None:
    pace = Fake()
    path = write_clip(tmp_path / "a.mp4", count=10)
    events = list(FileSource(path, loop=False, paced=False, pace=pace).events(Event()))
    assert pace.slept == 0
    assert packets_of(events)[-1].captured_us == START + 9 * FRAME_US


def test_stop_ends_it_between_two_pictures(tmp_path: Path) -> None:
    stop = Event()
    source = FileSource(write_clip(tmp_path / "a.mp4"), loop=True, paced=True, pace=Fake())
    events = source.events(stop)
    first_packets(events, 5)
    stop.set()
    assert len(packets_of(list(events))) <= 1


def test_a_gif_is_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for frame in pictures(64, 48, 8):
            frame.time_base = Fraction(1, 10)
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    events = list(play(path))
    assert isinstance(events[0], StreamStarted)
    assert events[0].stream.codec == "gif"
    assert len(packets_of(events)) == 8
    assert_in_order(packets_of(events))


def test_sound_is_dropped(tmp_path: Path) -> None:
    with_sound = write_clip(tmp_path / "a.mp4", sound=True, count=10)
    without = write_clip(tmp_path / "b.mp4", count=10)
    assert [packet.data for packet in packets_of(list(play(with_sound)))] == [
        packet.data for packet in packets_of(list(play(without)))
    ]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_turns_counter_clockwise(tmp_path: Path, rotation: int) -> None:
    # FFmpeg's display matrix and StreamInfo.rotation agree: a phone's "rotate 90
    # clockwise to see it upright" is 270 here
    path = write_clip(tmp_path / "a.mp4", count=3, rotation=rotation)
    found = probe("file", str(path), {})
    assert found.rotation == rotation
    assert (found.width, found.height) == (320, 240)


def test_a_change_of_size_within_a_file_starts_another_stream(tmp_path: Path) -> None:
    # MPEG-TS files can be joined end to end; so do cameras that are reconfigured
    small = write_clip(tmp_path / "a.ts", count=25)
    large = write_clip(tmp_path / "b.ts", count=25, width=640, height=360)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    events = list(play(joined))
    sizes = [event.stream.width for event in events if isinstance(event, StreamStarted)]
    assert sizes == [320, 640]
    # the second file's stamps start over: told as a jump, and time goes on
    causes = [event.cause for event in events if isinstance(event, Gap)]
    assert GapCause.CLOCK_JUMPED in causes
    packets = packets_of(events)
    assert_in_order(packets)
    assert packets[-1].captured_us - START < 3_000_000


def test_a_loop_over_a_change_tells_both_again(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "a.ts", count=5)
    large = write_clip(tmp_path / "b.ts", count=5, width=640, height=360)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    events = first_packets(play(joined, loop=True), 14)
    sizes = [event.stream.width for event in events if isinstance(event, StreamStarted)]
    assert sizes == [320, 640, 320]


def test_what_can_be_read_of_a_cut_off_file_is_read(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.mkv", count=50).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    events = list(play(path))
    assert 10 < len(packets_of(events)) < 50
    assert isinstance(events[-1], SourceEnded)


def missing(folder: Path) -> Path:
    return folder / "nothing.mp4"


def folder(folder: Path) -> Path:
    return folder


def empty(folder: Path) -> Path:
    (folder / "a.mp4").touch()
    return folder / "a.mp4"


def text(folder: Path) -> Path:
    (folder / "a.txt").write_text("no video at all\n" * 200)
    return folder / "a.txt"


def noise(folder: Path) -> Path:
    # drawn anew, one in 150 would be taken for a film without pictures, or with one
    (folder / "a.mp4").write_bytes(random.Random(1).randbytes(30_000))
    return folder / "a.mp4"


def headless(folder: Path) -> Path:
    whole = write_clip(folder / "whole.mp4").read_bytes()
    (folder / "a.mp4").write_bytes(whole[: len(whole) // 2])
    return folder / "a.mp4"


def pictureless(folder: Path) -> Path:
    whole = write_clip(folder / "whole.mkv").read_bytes()
    (folder / "a.mkv").write_bytes(whole[:700])
    return folder / "a.mkv"


def sound_only(folder: Path) -> Path:
    return write_sound(folder / "a.mp4")


def playlist(folder: Path) -> Path:
    write_clip(folder / "a.ts", count=5)
    (folder / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\na.ts\n")
    return folder / "a.m3u8"


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (missing, SourceMissing, "no file"),
        (folder, SourceMissing, "folder"),
        (empty, SourceNotVideo, "empty"),
        (text, SourceNotVideo, "not a video"),
        (noise, SourceNotVideo, "not a video"),
        (headless, SourceNotVideo, "cut off"),
        (pictureless, SourceNotVideo, "cut off"),
        (sound_only, SourceNotVideo, "sound"),
        (playlist, SourceNotVideo, "list of other files"),
    ],
)
def test_what_is_no_video_is_refused_in_one_sentence(
    tmp_path: Path, make: object, error: type[CameraError], words: str
) -> None:
    assert callable(make)
    path = make(tmp_path)
    with pytest.raises(error, match=words) as caught:
        probe("file", str(path), {})
    assert str(path) in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    with pytest.raises(error, match=words):
        next(iter(open_source("file", str(path), {}).events(Event())))


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", count=3)
    path.chmod(0)
    if os.geteuid():
        with pytest.raises(SourceRefused, match="may not be read"):
            probe("file", str(path), {})
        return
    # the rights of a file mean nothing to root: ask as somebody else
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o011)
    script = (
        "import sys, os\n"
        "from scrim.camera import probe\n"
        "from scrim.camera.file import first_look\n"
        "from scrim.errors import SourceRefused\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n    probe('file', sys.argv[1], {})\n"
        "except SourceRefused as error:\n    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert "may not be read" in done.stdout


def test_a_name_that_looks_like_a_protocol_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(tmp_path / "concat:a.mp4", count=3)
    monkeypatch.chdir(tmp_path)
    assert probe("file", "concat:a.mp4", {}).codec == "h264"


@pytest.mark.parametrize(
    ("options", "words"),
    [({"lop": True}, "lop"), ({"loop": "yes"}, "true or false"), ({"pace": 1}, "true or false")],
)
def test_wrong_options_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(CameraError, match=words):
        open_source("file", "a.mp4", options)  # type: ignore[arg-type]


def test_another_kind_is_refused() -> None:
    with pytest.raises(CameraError, match="onvif"):
        open_source("onvif", "x", {})


def test_the_room_loads_no_ffmpeg_before_it_is_needed() -> None:
    script = "import sys, scrim.camera; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_real_clips_play_through(clips: Path) -> None:
    names = sorted(path for path in clips.iterdir() if path.suffix in (".mp4", ".mkv", ".gif"))
    assert names
    for path in names:
        events = list(play(path, paced=False))
        packets = packets_of(events)
        with av.open(str(path)) as container:
            expected = sum(packet.size > 0 for packet in container.demux(video=0))
        assert len(packets) == expected, path.name
        assert_in_order(packets)
        shown = [packet.captured_us for packet in packets]
        assert len(set(shown)) == len(shown), path.name
        assert not [e for e in events if isinstance(e, Gap) and e.cause is not GapCause.ENDED]
