"""The live window: what may follow what, and that a playlist never goes back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.api.served import NOW_US, done, init, part

from scrim.api import playlist, window
from scrim.api.window import KEPT, LISTED, Window
from scrim.clock import SECOND


def fill(live: Window, *segments: int, number: int = 1) -> None:
    for segment in segments:
        for index in range(5):
            assert live.add(part(segment, index, number=number))
        assert live.finish(done(segment))


def text(live: Window) -> str:
    state = live.state()
    assert state is not None
    return playlist.live(state)


def test_nothing_is_shown_before_the_first_key_frame() -> None:
    live = Window()
    assert not live.add(part(5, 0)), "no initialisation segment yet"
    assert live.begin(init())
    assert not live.add(part(5, 2)), "the recorder connected in the middle of a segment"
    assert not live.add(part(6, 0, independent=False))
    assert live.state() is None
    fill(live, 7)
    assert "#EXT-X-MEDIA-SEQUENCE:7\n" in text(live)


def test_the_window_is_bounded_and_counts_what_left_it() -> None:
    live = Window()
    live.begin(init())
    fill(live, *range(50))
    state = live.state()
    assert state is not None
    assert len(state.segments) == LISTED
    assert state.media_sequence == 50 - LISTED
    kept = [number for number in range(50) if live.segment(number) is not None]
    assert kept == list(range(50 - KEPT, 50))


def test_bytes_are_bounded_whatever_a_recorder_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "LONGEST_BYTES", 40)
    live = Window()
    live.begin(init())
    for index in range(100):
        live.add(part(1, index))
    assert live.segment(1) is not None, "the segment was ended when it grew too large"
    fill(live, 2, 3)
    assert [n for n in range(4) if live.segment(n) is not None] == [3]


def test_a_missing_part_ends_the_segment_and_the_next_is_a_discontinuity() -> None:
    live = Window()
    live.begin(init())
    fill(live, 1)
    assert live.add(part(2, 0))
    assert live.add(part(2, 1))
    assert not live.add(part(2, 3)), "part 2 never came"
    assert not live.add(part(2, 4))
    fill(live, 3)
    state = live.state()
    assert state is not None
    assert [(s.uri, len(s.parts), s.discontinuity) for s in state.segments] == [
        ("live-1.m4s", 5, False),
        ("live-2.m4s", 2, False),
        ("live-3.m4s", 5, True),
    ]


def test_a_new_epoch_goes_on_counting_after_a_discontinuity() -> None:
    live = Window()
    live.begin(init(epoch=4))
    fill(live, 8, 9)
    assert live.begin(init(epoch=5))
    fill(live, 12)  # 10 and 11 were lost with the old recorder
    state = live.state()
    assert state is not None
    assert (state.media_sequence, state.discontinuity_sequence) == (8, 4)
    assert [s.discontinuity for s in state.segments] == [False, False, True]
    assert state.segments[2].map_uri == "init-5-1.mp4"
    assert live.init(5, 1) == b"init 5 1"
    assert live.init(4, 1) == b"init 4 1", "kept as long as a segment needs it"
    assert not live.begin(init(epoch=4)), "an older recorder has nothing more to say"


def test_a_new_initialisation_segment_is_a_discontinuity_even_without_a_hole() -> None:
    live = Window()
    live.begin(init(number=1))
    fill(live, 1)
    live.begin(init(number=2))
    fill(live, 2, number=2)
    state = live.state()
    assert state is not None
    assert [s.discontinuity for s in state.segments] == [False, True]
    assert state.segments[1].map_uri == "init-1-2.mp4"


def test_a_part_that_comes_twice_is_taken_once() -> None:
    live = Window()
    live.begin(init())
    assert live.add(part(1, 0))
    assert not live.add(part(1, 0))
    assert live.add(part(1, 1))
    live.finish(done(1))
    assert live.segment(1) == b"[1.0][1.1]"


def test_numbers_that_the_recorder_skipped_are_not_skipped_in_the_playlist() -> None:
    live = Window()
    live.begin(init())
    fill(live, 1, 4)
    for last in (LISTED, KEPT + 3):  # out of the playlist, and out of the window
        fill(live, *range(5 if last == LISTED else 5 + LISTED, 5 + last))
        state = live.state()
        assert state is not None
        assert state.media_sequence == last - LISTED + 3, "1 and 4 were the first two"
        assert state.segments[0].uri == f"live-{5 + last - LISTED}.m4s"
        assert state.discontinuity_sequence == 2, "the epoch, and the jump to 4"


def test_a_hole_in_time_is_a_discontinuity() -> None:
    live = Window()
    live.begin(init())
    fill(live, 1)
    late = NOW_US + 4 * SECOND + 600_000
    live.add(part(2, 0, start_us=late))
    state = live.state()
    assert state is not None
    assert state.segments[1].discontinuity


def test_a_segment_number_is_never_taken_twice() -> None:
    live = Window()
    live.begin(init())
    fill(live, 5, 6)
    assert not live.add(part(5, 0))
    assert not live.add(part(6, 0))
    live.clear()
    assert live.state() is None
    assert not live.add(part(6, 0)), "cleared, but not forgotten"
    fill(live, 7)
    assert "#EXT-X-MEDIA-SEQUENCE:7\n" in text(live)


def test_target_durations_follow_what_is_listed() -> None:
    live = Window(target_seconds=2)
    live.begin(init())
    live.add(part(1, 0, duration_us=4_600_000))
    live.finish(done(1))
    assert "#EXT-X-TARGETDURATION:5\n" in text(live)
    assert "PART-TARGET=4.6" in text(live)
    fill(live, *range(2, 2 + LISTED))
    assert "#EXT-X-TARGETDURATION:5\n" in text(live), "may not change"
    assert "PART-TARGET=0.4\n" in text(live)


def test_a_segment_lasts_until_the_next_one_even_where_frames_were_left_out() -> None:
    live = Window()
    live.begin(init())
    for index in range(5):
        live.add(part(1, index, duration_us=360_000))
    live.finish(done(1))
    assert "#EXTINF:2,\nlive-1.m4s" in text(live)
    fill(live, 2)
    state = live.state()
    assert state is not None
    assert not state.segments[1].discontinuity
    # an end that makes no sense is not believed
    live.add(part(3, 0))
    live.finish(done(99))
    live.finish(replace(done(3), end_us=NOW_US + 3600 * SECOND))
    assert "#EXTINF:0.4,\nlive-3.m4s" in text(live)


def test_a_request_waits_for_what_comes_and_refuses_what_cannot() -> None:
    live = Window()
    live.begin(init())
    fill(live, 1, 2)
    live.add(part(3, 0))
    assert live.reached(2, None)
    assert not live.reached(3, None)
    assert live.reached(3, 0)
    assert not live.reached(3, 1)
    assert live.reached(2, 99), "beyond the last part means the first part of the next segment"
    assert live.hint() == (3, 1)
    assert not live.too_far(5, None)
    assert live.too_far(6, None)
    assert not live.too_far(3, 8)
    assert live.too_far(3, 9), "eight parts of 0.4 s are more than three seconds ahead"
    live.finish(done(3))
    assert live.hint() == (4, 0)
    assert not live.reached(3, 1), "the segment ended with one part; wait for the next one"


# --- monotonicity, whatever comes ---


@dataclass
class Seen:
    uri: str
    absolute_discontinuity: int
    parts: tuple[str, ...]
    done: bool


def read(text: str) -> tuple[int, dict[int, Seen], int]:
    """Media sequence, segments by their number and their discontinuities, target duration."""
    sequence = int(re.search(r"MEDIA-SEQUENCE:(\d+)", text).group(1))  # type: ignore[union-attr]
    count = int(re.search(r"DISCONTINUITY-SEQUENCE:(\d+)", text).group(1))  # type: ignore[union-attr]
    target = int(re.search(r"TARGETDURATION:(\d+)", text).group(1))  # type: ignore[union-attr]
    found: dict[int, Seen] = {}
    parts: list[str] = []
    msn = sequence
    for line in text.splitlines():
        if line == "#EXT-X-DISCONTINUITY":
            count += 1
        elif line.startswith("#EXT-X-PART:"):
            parts.append(line)
        elif not line.startswith("#"):
            found[msn] = Seen(line, count, tuple(parts), True)
            msn, parts = msn + 1, []
    if parts:
        found[msn] = Seen("", count, tuple(parts), False)
    return sequence, found, target


@dataclass(frozen=True)
class Step:
    kind: str
    jump: int
    late_us: int
    duration_us: int


STEPS = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(
            ["whole"] * 6
            + ["part"] * 4
            + ["done", "new", "lose", "init", "epoch", "again", "clear"]
        ),
        jump=st.integers(1, 3),
        late_us=st.sampled_from([0, 0, 0, 100_000, 900_000, 7_000_000]),
        duration_us=st.sampled_from([40_000, 400_000, 400_000, 2_900_000]),
    ),
    min_size=20,
    max_size=60,
)


class Recorder:
    """A recorder that does what a step says."""

    def __init__(self, live: Window) -> None:
        self.live = live
        self.epoch, self.number = 3, 1
        self.segment, self.index, self.at_us = 100, 0, NOW_US
        self.begin()

    def begin(self) -> None:
        self.live.begin(init(epoch=self.epoch, number=self.number))

    def do(self, step: Step) -> None:
        match step.kind:
            case "whole":
                for _ in range(5):
                    self.do(replace(step, kind="part"))
                self.do(replace(step, kind="done"))
            case "part":
                message = part(
                    self.segment,
                    self.index,
                    number=self.number,
                    start_us=self.at_us,
                    duration_us=step.duration_us,
                )
                self.live.add(message)
                self.index += 1
                self.at_us += step.duration_us + step.late_us
            case "done":
                self.live.finish(done(self.segment))
                self.next(1)
            case "new":
                self.next(step.jump)
            case "lose":
                self.index += 1
            case "init":
                self.number += 1
                self.next(1)
                self.begin()
            case "epoch":
                self.epoch, self.number = self.epoch + 1, 1
                self.next(step.jump)
                self.begin()
            case "again":
                self.begin()
            case _:
                self.live.clear()

    def next(self, jump: int) -> None:
        self.segment, self.index = self.segment + jump, 0


Playlist = tuple[int, dict[int, Seen], int]


def check_follows(before: Playlist, now: Playlist) -> None:
    assert now[0] >= before[0], "the media sequence fell"
    assert now[2] >= before[2], "the target duration fell"
    for msn in before[1].keys() & now[1].keys():
        old, new = before[1][msn], now[1][msn]
        assert old.absolute_discontinuity == new.absolute_discontinuity
        assert old.uri in ("", new.uri)
        assert new.done or not old.done
        if new.parts:
            assert new.parts[: len(old.parts)] == old.parts


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_playlist_never_takes_anything_back(steps: list[Step]) -> None:
    live = Window()
    recorder = Recorder(live)
    before: Playlist | None = None
    for step in steps:
        recorder.do(step)
        state = live.state()
        if state is None:
            continue
        now = read(playlist.live(state))
        if before is not None:
            check_follows(before, now)
        before = now
        for segment in state.segments:
            assert segment.parts[0].independent
            assert all(part.duration_us <= state.part_target_us for part in segment.parts)
            if segment.done:
                assert playlist.rounded(segment.duration_us) <= state.target_seconds
