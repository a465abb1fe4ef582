"""Pictures and detectors the redaction tests share."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.redact import ClearFrame, Detection

MakeFrame = Callable[..., ClearFrame]


def noise(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """A picture with texture to follow, never the colour of a mask."""
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width, 3), np.uint8)
    for block, low, high in ((64, 80, 200), (8, 0, 50)):
        shape = (height // block + 1, width // block + 1, 3)
        small = rng.integers(low, high, shape, dtype=np.uint8)
        image += np.kron(small, np.ones((block, block, 1), np.uint8))[:height, :width]
    return image


@pytest.fixture
def make_frame() -> MakeFrame:
    def make(
        index: int = 0,
        *,
        size: tuple[int, int] = (320, 192),
        seed: int = 0,
        shift: int = 0,
        form: str = "yuv420p",
        damaged: bool = False,
        step_us: int = 40_000,
        change: Callable[[NDArray[np.uint8]], None] | None = None,
    ) -> ClearFrame:
        image = np.roll(noise(*size, seed=seed), shift, axis=1)
        if change is not None:
            image = image.copy()
            change(image)
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        return ClearFrame(
            # one thread: several overwrite each other's samples now and then in 10 bits
            picture.reformat(format=form, threads=1),
            index,
            index * step_us,
            index // 10,
            damaged,
        )

    return make


class Fixed:
    """Answers the same boxes at every look, or whatever the test puts in."""

    input_size = (320, 192)

    def __init__(self, *found: Detection) -> None:
        self.found = list(found)
        self.looks = 0

    def detect(self, _image: NDArray[np.uint8]) -> list[Detection]:
        self.looks += 1
        return list(self.found)


@pytest.fixture
def fixed() -> type[Fixed]:
    return Fixed
