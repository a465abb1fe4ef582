"""How many were covered, counted without knowing any of them."""

from __future__ import annotations

import av
import pytest
from tests.sim.street import Street, recorder_of

from scrim.camera.packet import SourceEnded
from scrim.record.head_count import HeadCount
from scrim.redact import Detection
from scrim.redact.frames import Mask, RedactedFrame, Source, State
from scrim.store import people_counted
from scrim.store.database import reading


def frame(*tracks: int, kind: str = "face", state: State = State.MASKED) -> RedactedFrame:
    masks = tuple(Mask(0, 0, 8, 8, kind, track, Source.DETECTED) for track in tracks)
    return RedactedFrame(av.VideoFrame(16, 16, "yuv420p"), 0, 0, 0, state, masks)


def test_each_track_counts_where_it_begins() -> None:
    heads = HeadCount()
    heads.see(frame(1, 2))
    heads.see(frame(2, 1))
    assert heads.end() == 2
    heads.see(frame(2))
    heads.see(frame(2, 5))
    assert heads.end() == 1
    assert heads.end() == 0


def test_who_was_lost_for_a_segment_is_counted_again() -> None:
    heads = HeadCount()
    heads.see(frame(1))
    assert heads.end() == 1
    assert heads.end() == 0
    heads.see(frame(1))
    assert heads.end() == 1


def test_a_track_that_is_confirmed_late_counts_all_the_same() -> None:
    heads = HeadCount()
    heads.see(frame(6))
    assert heads.end() == 1
    heads.see(frame(5, 6))
    assert heads.end() == 1


@pytest.mark.parametrize("kind", ["plate", "vehicle", "zone", "moving"])
def test_what_is_no_head_is_not_counted(kind: str) -> None:
    heads = HeadCount()
    heads.see(frame(1, kind=kind))
    assert heads.end() == 0


class Failing:
    input_size = (320, 192)

    def detect(self, image: object) -> list[Detection]:
        raise RuntimeError("broken")


def count(street: Street, **around: object) -> people_counted.Counted:
    events = [*street.events(150, gop=50), SourceEnded()]
    recorder_of(street, events, **around).run()  # type: ignore[arg-type]
    with reading(street.engine) as connection:
        return people_counted.counted(connection)


def test_the_recorder_does_not_count_a_walker_in_each_segment_anew(street: Street) -> None:
    found = count(street)
    assert 1 <= found.tracks < 3  # the drawn walker jumps back to the left once
    assert found.uncounted == 0


def test_the_recorder_says_where_nobody_could_be_counted(street: Street) -> None:
    assert count(street, detector=Failing) == people_counted.Counted(tracks=0, uncounted=3)
