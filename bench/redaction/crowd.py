"""Crowds: many small people from the clips in one picture, hard on purpose.

Faces are 16 to 120 pixels high, most of them small.  Some people stand, some walk, some
come in at an edge, some are there for four to nine frames only, between two looks; one in
six wears a surgical mask, one in ten stands half behind a post.  Seeds decide all of it,
so a crowd is the same in each run.  Nobody's face is ever enlarged: with few large faces
in the clips of a group, few are large in its crowd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from bench.redaction import window
from bench.redaction.drawn import Noise, counted
from bench.redaction.material import Face, Picture, Shot
from bench.redaction.people import Cut, Person, behind_surgical_mask, half_hidden, people, shrunk
from bench.redaction.sources import there_and_back
from numpy.typing import NDArray

_HEIGHTS = ((16, 20, 9), (20, 40, 11), (40, 80, 5), (80, 120, 2))  # from, to, how many at 1080p
_NOISE = 1.5
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Scene:
    """One stretch without a cut.

    Attributes:
        seed: decides who stands where.
        frames: how long it is.
    """

    seed: int
    frames: int


def crowd(
    size: tuple[int, int],
    group: str,
    scenes: Sequence[Scene],
    ground: Callable[[tuple[int, int], int], Picture],
    moving: bool,
) -> Iterator[Shot]:
    """Scenes one after the other, with a cut between them.

    Args:
        size: width and height of the pictures.
        group: whose people they are.
        scenes: see :class:`Scene`.
        ground: gives the background for a size and a seed.
        moving: under a window that slides (:mod:`bench.redaction.window`).
    """
    first_track = 0
    for scene in scenes:
        whole = window.world(size) if moving else size
        actors = _actors(scene, whole, people(group))
        behind, noise = ground(whole, scene.seed), Noise(size, _NOISE, scene.seed)
        offsets = window.slide(size, scene.seed)
        for number in range(scene.frames):
            left, top = next(offsets) if moving else (0, 0)
            picture = behind[top : top + size[1], left : left + size[0]].copy()
            owner = np.full(picture.shape[:2], -1, np.int16)
            faces = []
            for track, actor in enumerate(actors):
                face = actor.paste(picture, owner, track, number, (left, top))
                if face is not None and window.inside(face.box, size) > 0:
                    faces.append(face)
            yield (
                noise.on(picture),
                [Face(first_track + f.track, f.box, counted(f, owner, size)) for f in faces],
            )
        first_track += len(actors)


class _Actor:
    """Somebody in a scene: where they are and when they are there at all."""

    def __init__(
        self, rng: np.random.Generator, person: Person, height: float, whole: tuple[int, int],
        frames: int,
    ) -> None:  # fmt: skip
        self.cuts = _dressed(
            shrunk(person, height, bool(rng.random() < 0.5), float(rng.uniform(0.8, 1.15))),
            float(rng.random()),
        )
        self.order = [n for n, _ in zip(there_and_back(len(self.cuts)), range(9999), strict=False)]
        self.order = self.order[int(rng.integers(0, len(self.cuts))) :]
        self.frames = (0, frames)
        self.speed = (0.0, 0.0)
        cut = self.cuts[0].opacity.shape
        self.place = (
            float(rng.uniform(0.0, whole[0] - cut[1])),
            float(rng.uniform(0.0, max(1.0, whole[1] - cut[0]))),
        )
        what = rng.random()
        if what < 0.35:  # walks
            speed = float(rng.uniform(0.02, 0.10)) * height * float(rng.choice((-1, 1)))
            self.speed = (speed, float(rng.uniform(-0.2, 0.2)) * abs(speed))
        elif what < 0.50:  # comes in at an edge
            left = bool(rng.random() < 0.5)
            speed = float(rng.uniform(0.05, 0.15)) * height
            began = float(rng.uniform(0, frames / 2)) * speed
            self.place = (-cut[1] - began if left else whole[0] + began, self.place[1])
            self.speed = (speed if left else -speed, 0.0)
        elif what < 0.72:  # there for a moment
            long = int(rng.integers(4, 10))
            start = int(rng.integers(1, max(2, frames - long)))
            self.frames = (start, start + long)

    def at(self, number: int) -> tuple[int, int]:
        """Left and top of the cut-out in the world."""
        return (
            round(self.place[0] + self.speed[0] * number),
            round(self.place[1] + self.speed[1] * number),
        )

    def paste(
        self, picture: Picture, owner: NDArray[np.int16], track: int, number: int,
        corner: tuple[int, int],
    ) -> Face | None:  # fmt: skip
        """Put the cut-out for frame ``number`` into ``picture``; where its face is, or None."""
        if not self.frames[0] <= number < self.frames[1]:
            return None
        cut = self.cuts[self.order[number]]
        x, y = self.at(number)
        x, y = x - corner[0], y - corner[1]
        rows, columns = cut.opacity.shape
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + columns, picture.shape[1]), min(y + rows, picture.shape[0])
        if left < right and top < bottom:
            inside = (slice(top - y, bottom - y), slice(left - x, right - x))
            opacity = cut.opacity[inside]
            part = picture[top:bottom, left:right]
            mixed = part + (cut.colour[inside] - part.astype(np.float32)) * opacity[..., None]
            part[:] = np.clip(mixed, 0, 255)
            owner[top:bottom, left:right][opacity > 0.5] = track
        a, b, w, h = cut.face
        return Face(track, (x + a, y + b, w, h))


def _dressed(cuts: list[Cut], chance: float) -> list[Cut]:
    if chance < 0.17:
        return [behind_surgical_mask(cut) for cut in cuts]
    if chance < 0.27:
        return [half_hidden(cut) for cut in cuts]
    return cuts


def _actors(scene: Scene, whole: tuple[int, int], cast: list[Person]) -> list[_Actor]:
    """The people of a scene, the far ones first, as little before each other as can be."""
    rng = np.random.default_rng(scene.seed)
    share = whole[0] * whole[1] / (1920 * 1080)
    out: list[_Actor] = []
    for low, high, many in _HEIGHTS:
        for _ in range(max(1, round(many * share))):
            height = float(rng.uniform(low, high))
            large = [p for p in cast if p.height >= height] or cast[:1]
            person = large[int(rng.integers(0, len(large)))]
            out.append(_least_crowded(rng, person, height, whole, scene.frames, out))
    return out


def _least_crowded(
    rng: np.random.Generator, person: Person, height: float, whole: tuple[int, int], frames: int,
    others: Sequence[_Actor],
) -> _Actor:  # fmt: skip
    best = _Actor(rng, person, height, whole, frames)
    least = _before(best, others, frames)
    for _ in range(_TRIES):
        if not least:
            break
        best.place, kept = (
            (
                (
                    best.place[0],
                    float(rng.uniform(0, max(1, whole[1] - best.cuts[0].opacity.shape[0]))),
                )
                if not 0 <= best.place[0] < whole[0]
                else (
                    float(rng.uniform(0, whole[0] - best.cuts[0].opacity.shape[1])),
                    float(rng.uniform(0, max(1, whole[1] - best.cuts[0].opacity.shape[0]))),
                )
            ),
            best.place,
        )
        now = _before(best, others, frames)
        if now < least:
            least = now
        else:
            best.place = kept
    return best


def _before(actor: _Actor, others: Sequence[_Actor], frames: int) -> float:
    """Pixels by which ``actor`` stands before or behind others, in a few frames."""
    total = 0.0
    rows, columns = actor.cuts[0].opacity.shape
    for number in range(0, frames, max(1, frames // 5)):
        x, y = actor.at(number)
        for other in others:
            a, b = other.at(number)
            tall, wide = other.cuts[0].opacity.shape
            across = min(x + columns, a + wide) - max(x, a)
            down = min(y + rows, b + tall) - max(y, b)
            total += max(across, 0) * max(down, 0)
    return total
