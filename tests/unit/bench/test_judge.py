from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.redaction import drawn, judge, material, subject
from bench.redaction.material import DRAWN, Clip, Recipe, Shot

from scrim.redact import ClearFrame, Mask, Policy, RedactedFrame, Source, State
from scrim.redact.mask import Painter

PAINTER = Painter(Policy())

SIZE = (640, 360)
FRAMES = 12


class _Redactor:
    """Does to each frame what it is told, some frames late."""

    def __init__(self, redact: Callable[[ClearFrame], RedactedFrame]) -> None:
        self._redact = redact
        self._held: list[ClearFrame] = []

    def push(self, frame: ClearFrame) -> list[RedactedFrame]:
        self._held.append(frame)
        return [self._redact(self._held.pop(0))] if len(self._held) > 5 else []

    def flush(self) -> list[RedactedFrame]:
        return [self._redact(frame) for frame in self._held]


def _shots() -> Iterator[Shot]:
    return islice(drawn.crowd(SIZE, 7, moving=True), FRAMES)


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clip:
    monkeypatch.setenv("SCRIM_BENCH_CACHE", str(tmp_path))
    material.make(Recipe("c", DRAWN, "crowd", 25, FRAMES, _shots))
    return material.load("c")


def _judged(
    clip: Clip, monkeypatch: pytest.MonkeyPatch, redact: Callable[[ClearFrame], RedactedFrame]
) -> tuple[list[float], dict[str, Any]]:
    monkeypatch.setattr(subject, "make_redactor", lambda *_: _Redactor(redact))
    answer = judge.judged(clip)
    assert answer["frames"] == FRAMES
    return [row[3] for row in answer["samples"]], answer


def _masks(clip: Clip, frame: ClearFrame) -> list[Mask]:
    boxes = [tuple(round(v) for v in face.box) for face in clip.faces[frame.index]]
    return [
        Mask(x - 8, y - 8, w + 16, h + 16, "face", n, Source.DETECTED)
        for n, (x, y, w, h) in enumerate(boxes)
    ]


def test_a_clip_comes_back_as_it_was_kept(clip: Clip) -> None:
    assert (clip.width, clip.height, len(clip.faces)) == (*SIZE, FRAMES)
    assert clip.faces == [faces for _, faces in _shots()]


def test_a_clear_output_is_seen_to_be_clear(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    shares, answer = _judged(clip, monkeypatch, lambda frame: PAINTER.masked(frame, []))
    assert len(shares) > 30
    assert max(shares) < 0.5
    assert answer["masked share"] == 0


def test_masks_over_all_faces_are_seen(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    shares, answer = _judged(
        clip, monkeypatch, lambda frame: PAINTER.masked(frame, _masks(clip, frame))
    )
    assert min(shares) > 0.85
    assert answer["masked share"] > answer["true share"] > 0


def test_one_frame_left_open_is_seen_and_named(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        subject,
        "make_redactor",
        lambda *_: _Redactor(
            lambda frame: PAINTER.masked(frame, [] if frame.index == 7 else _masks(clip, frame))
        ),
    )
    rows = judge.judged(clip)["samples"]
    assert {row[1] for row in rows if row[3] < 0.85} == {7}


def test_masks_that_are_listed_and_not_drawn_do_not_count(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(frame: ClearFrame) -> RedactedFrame:
        out = PAINTER.masked(frame, [])
        out.state, out.masks = State.MASKED, tuple(_masks(clip, frame))
        return out

    shares, answer = _judged(clip, monkeypatch, told)
    assert max(shares) < 0.5
    assert all(row[4] > 0.95 for row in answer["samples"])


def test_a_blanked_frame_is_covered_whole(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    shares, answer = _judged(clip, monkeypatch, lambda frame: PAINTER.blanked(frame, "a test"))
    assert min(shares) > 0.95
    assert answer["blanked"] == answer["masked share"] == FRAMES
