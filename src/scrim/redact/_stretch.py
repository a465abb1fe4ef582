"""The pictures between two looks, and where boxes go in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scrim.redact._flow import Path, follow


@dataclass(frozen=True, slots=True)
class Stretch:
    """The pictures between two looks, as flow needs them.

    Attributes:
        luma: gives picture 0, 1, ...
        at: pictures to measure at, from 0 to the last.
        camera: how far the camera has shifted each picture since picture 0, n x 2, x and y
            in the luma's pixels.
        scale: the luma's size over the picture's.
    """

    luma: Callable[[int], NDArray[np.uint8]]
    at: Sequence[int]
    camera: NDArray[np.float64]
    scale: float

    @property
    def last(self) -> int:
        """The picture at the later look."""
        return self.at[-1]

    def follow(self, boxes: NDArray[np.float64]) -> Path:
        """Where boxes (n x 4, of the upright picture) at picture 0 go."""
        return self._followed(self.luma, boxes, self.at, self.camera)

    def follow_back(self, boxes: NDArray[np.float64]) -> Path:
        """Where boxes at the last picture come from; row 0 is the last picture."""
        at = [self.last - i for i in reversed(self.at)]
        camera = self.camera[: self.last + 1][::-1] - self.camera[self.last]
        return self._followed(lambda i: self.luma(self.last - i), boxes, at, camera)

    def until(self, i: int) -> Stretch:
        """The pictures from 0 to the ``i``-th of :attr:`at`."""
        return replace(self, at=self.at[: i + 1])

    def since(self, i: int) -> Stretch:
        """The pictures from the ``i``-th of :attr:`at` on."""
        first = self.at[i]
        luma = self.luma
        return Stretch(
            lambda n: luma(n + first),
            [n - first for n in self.at[i:]],
            self.camera[first:] - self.camera[first],
            self.scale,
        )

    def _followed(
        self,
        luma: Callable[[int], NDArray[np.uint8]],
        boxes: NDArray[np.float64],
        at: Sequence[int],
        camera: NDArray[np.float64],
    ) -> Path:
        path = follow(luma, boxes * self.scale, at, camera)
        return Path(path.boxes / self.scale, path.followed)


def steps(last: int, stride: int) -> list[int]:
    """Pictures to measure at, from 0 to ``last``, evenly and at most ``stride`` apart."""
    count = -(-last // stride)
    return [round(last * n / count) for n in range(count + 1)] if last else [0]
