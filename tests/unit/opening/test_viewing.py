"""What an officer looks at: native files joined, and the marked copy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.sim.case_world import SECOND_US, START_US, film
from tests.unit.camera.clips import write_heard
from tests.unit.record.test_sound import remuxed, segment_of

from scrim.errors import SealBroken
from scrim.opening import viewing
from scrim.opening.join import Joined
from scrim.opening.plan import Segment
from scrim.opening.viewing import ViewingCopy
from scrim.opening.watermark import Plane, Watermark

MARK = Watermark("case-abcd2345", "officer-7", "gate")


def segment(number: int) -> Segment:
    start_us = START_US + number * 4 * SECOND_US
    return Segment("gate", 1, 1, number, start_us, start_us + 4 * SECOND_US, 0, "")


def packets(data: bytes | Path) -> list[bytes]:
    with av.open(io.BytesIO(data) if isinstance(data, bytes) else str(data), "r") as source:
        return [bytes(packet) for packet in source.demux(video=0) if packet.dts is not None]


def times(path: Path) -> list[float]:
    with av.open(str(path)) as source:
        return [round(frame.time or 0, 3) for frame in source.decode(video=0)]


def original_with_sound(film: Path) -> bytes:
    """A segment as a recorder seals it, with G.711."""
    made = remuxed(segment_of(write_heard(film, "pcm_alaw", rate=8000), sound=True))
    assert (made.container, made.sound) == ("mov", True)
    return made.data


def interrupted(writer: Joined | ViewingCopy) -> None:
    with writer:
        writer.add(segment(0), film("gate", 0))
        raise KeyboardInterrupt


def grey(height: int = 360, width: int = 640, value: int = 120) -> Plane:
    return np.full((height, width), value, np.uint8)


class TestJoined:
    def test_the_packets_are_the_cameras_own_in_order(self, tmp_path: Path) -> None:
        clips = [film("gate", at) for at in range(3)]
        with Joined(tmp_path, "gate") as joined:
            for at, data in enumerate(clips):
                joined.add(segment(at), data)
        (path,) = joined.files
        assert packets(path) == [packet for clip in clips for packet in packets(clip)]
        assert times(path) == [round(at * 0.2, 3) for at in range(60)]

    def test_gaps_stay_gaps(self, tmp_path: Path) -> None:
        with Joined(tmp_path, "gate") as joined:
            for at in (0, 5):
                joined.add(segment(at), film("gate", at))
        found = times(joined.files[0])
        assert found[20] - found[19] == pytest.approx(16.2, abs=0.01)

    def test_sound_stays_in_the_native_file(self, tmp_path: Path) -> None:
        heard = original_with_sound(tmp_path / "camera.mov")
        with Joined(tmp_path, "gate") as joined:
            joined.add(segment(0), heard)
        (path,) = joined.files
        with av.open(str(path)) as found:
            assert [stream.type for stream in found.streams] == ["video"]
        assert packets(path) == packets(heard)

    def test_another_size_begins_another_file(self, tmp_path: Path) -> None:
        with Joined(tmp_path, "gate") as joined:
            joined.add(segment(0), film("gate", 0))
            joined.add(segment(1), film("gate", 1, width=160, height=96))
        assert [path.name for path in joined.files] == ["gate-1.mp4", "gate-2.mp4"]
        assert all(len(packets(path)) == 20 for path in joined.files)

    def test_a_clock_that_was_set_back_breaks_nothing(self, tmp_path: Path) -> None:
        with Joined(tmp_path, "gate") as joined:
            for at in (3, 0):
                joined.add(segment(at), film("gate", at))
        assert len(packets(joined.files[0])) == 40

    def test_what_is_no_video_is_named_and_the_rest_is_joined(self, tmp_path: Path) -> None:
        with Joined(tmp_path, "gate") as joined:
            joined.add(segment(0), film("gate", 0))
            with pytest.raises(SealBroken, match="Segment 1 of camera gate cannot be joined"):
                joined.add(segment(1), b"no video at all")
            joined.add(segment(2), film("gate", 2))
        assert len(packets(joined.files[0])) == 40

    def test_half_a_file_does_not_look_like_one(self, tmp_path: Path) -> None:
        with pytest.raises(KeyboardInterrupt):
            interrupted(Joined(tmp_path, "gate"))
        assert list(tmp_path.iterdir()) == []


class TestWatermark:
    def test_every_part_worth_cutting_out_is_marked(self) -> None:
        luma = grey()
        MARK.draw(luma, START_US)
        rows, columns = 4, 3
        for part in np.array_split(luma, rows):
            for piece in np.array_split(part, columns, axis=1):
                assert np.count_nonzero(piece != 120) > 100

    @pytest.mark.parametrize("value", [0, 60, 127, 128, 200, 255])
    def test_it_shows_on_dark_and_on_bright(self, value: int) -> None:
        luma = grey(value=value)
        rows = MARK.draw(luma, START_US)
        changed = luma[:-rows][luma[:-rows] != value].astype(int)
        assert changed.size > 1000
        assert np.abs(changed - value).min() >= 20

    def test_the_time_is_in_it(self) -> None:
        one, two, later = grey(), grey(), grey()
        MARK.draw(one, START_US)
        rows = MARK.draw(two, START_US + 40_000)
        MARK.draw(later, START_US + SECOND_US)
        assert np.array_equal(one[:-rows], two[:-rows])
        assert not np.array_equal(one[-rows:], two[-rows:])
        assert not np.array_equal(one[:-rows], later[:-rows])

    @pytest.mark.parametrize("size", [(16, 16), (48, 64), (97, 131), (1080, 1920)])
    def test_any_size_is_marked(self, size: tuple[int, int]) -> None:
        luma = grey(*size)
        assert MARK.draw(luma, START_US) <= size[0]
        assert (luma != 120).any()


class TestViewingCopy:
    def test_it_is_mute(self, tmp_path: Path) -> None:
        heard = original_with_sound(tmp_path / "camera.mov")
        with ViewingCopy(tmp_path, "gate", MARK) as copy:
            assert copy.add(segment(0), heard) == 100
        with av.open(str(copy.files[0])) as found:
            assert [stream.type for stream in found.streams] == ["video"]

    def test_pictures_are_marked_and_keep_their_times(self, tmp_path: Path) -> None:
        with ViewingCopy(tmp_path, "gate", MARK) as copy:
            assert [copy.add(segment(at), film("gate", at)) for at in (0, 1, 4)] == [20, 20, 20]
        (path,) = copy.files
        found = times(path)
        assert found[:21] == [round(at * 0.2, 3) for at in range(21)]
        assert found[40] == pytest.approx(16.0, abs=0.01)
        with av.open(str(path)) as source:
            luma: Any = next(source.decode(video=0)).to_ndarray(format="gray")
        assert luma[:-20].std() > 2  # the film itself is even
        assert path.stat().st_mode & 0o077 == 0

    def test_a_new_file_begins_each_hour_and_with_each_size(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(viewing, "LONGEST_FILE_US", 6 * SECOND_US)
        with ViewingCopy(tmp_path, "gate", MARK) as copy:
            for at in range(2):
                copy.add(segment(at), film("gate", at))
            copy.add(segment(2), film("gate", 2, width=160, height=96))
        assert [path.name for path in copy.files] == [f"gate-{at}.mp4" for at in (1, 2, 3)]
        assert [len(times(path)) for path in copy.files] == [30, 10, 20]

    def test_what_does_not_decode_is_named_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        with ViewingCopy(tmp_path, "gate", MARK) as copy:
            with pytest.raises(SealBroken, match="Segment 0 of camera gate does not decode"):
                copy.add(segment(0), b"no video at all")
            assert copy.add(segment(1), film("gate", 1)) == 20
        assert len(copy.files) == 1

    def test_half_a_file_does_not_look_like_one(self, tmp_path: Path) -> None:
        with pytest.raises(KeyboardInterrupt):
            interrupted(ViewingCopy(tmp_path, "gate", MARK))
        assert list(tmp_path.iterdir()) == []
