"""What a view looks like in a few numbers: where its edges are, how strong, how sharp.

It describes a place, at 64 x 36 samples, and nobody in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SMALL = (64, 36)
_BLOCKS = (8, 6)
_AROUND = (9, 9)
_NOISE = 1.5  # grey levels; a block that varies less shows nothing to know it by
_ALIKE = 0.4  # correlation from which a block still shows what it showed
_FEW = 4  # blocks with fewer than these textured, nothing can be said
_ENOUGH_FINE = 0.25  # of the textured blocks: fewer may be those of somebody who stood there
_FINE = 4.0  # grey levels, squared; less is noise
_FAINT = 0.1  # of their learned strength
_DARKEST = 12.0  # grey levels; a little under the black of limited range

Floats = NDArray[np.float32]


@dataclass(slots=True)
class Signature:
    """One picture's, or the mean over many.

    Attributes:
        high: small picture without its coarse brightness, rows x columns.
        low: that coarse brightness.
        energy: mean square of ``high``, a block each.
        fine: mean square of how brightness bends from sample to sample along the rows of the
            picture as given, a block each.
        brightness: mean, grey levels.
    """

    high: Floats
    low: Floats
    energy: Floats
    fine: Floats
    brightness: float

    @property
    def textured(self) -> NDArray[np.bool_]:
        """Blocks with something in them."""
        return self.energy > _NOISE**2

    def learn(self, newest: Signature, share: float) -> Signature:
        """Moved towards ``newest`` by a share of the way, 0 to 1.

        What passes through leaves little behind: in the mean its edges cancel out, and
        fine detail that comes counts less than fine detail that goes.
        """
        high = self.high + share * (newest.high - self.high)
        comes = newest.fine > self.fine
        return Signature(
            high,
            self.low + share * (newest.low - self.low),
            _by_block(high * high),
            self.fine
            + share * np.where(comes, 0.25, 1.0).astype(np.float32) * (newest.fine - self.fine),
            self.brightness + share * (newest.brightness - self.brightness),
        )


def signature(luma: NDArray[np.uint8]) -> Signature:
    """Of a small luma picture, rows x columns, 64 x 36 or larger."""
    small = cv2.resize(luma, _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.blur(small, _AROUND)
    high = small - low
    # An edge keeps the sum of its steps when it is blurred; how they change it does not keep.
    full = luma.astype(np.float32)
    bends = full[:, 2:] + full[:, :-2] - 2 * full[:, 1:-1]
    return Signature(
        high,
        np.asarray(low, dtype=np.float32),
        _by_block(high * high),
        _by_block(bends * bends),
        float(small.mean()),
    )


def kept(learned: Signature, now: Signature) -> float:
    """Share of the learned view's blocks that still show the same edges, 0 to 1.

    Brighter or darker makes no difference.  1.0 where the learned view has hardly an edge.
    """
    count = np.count_nonzero(learned.textured)
    return float(np.count_nonzero(_alike(learned, now)) / count) if count >= _FEW else 1.0


def coarse_match(learned: Signature, now: Signature) -> float:
    """Correlation of the coarse brightness, -1 to 1; 0 where either has none."""
    mine, other = learned.low - learned.low.mean(), now.low - now.low.mean()
    norm = float(np.sqrt(np.vdot(mine, mine) * np.vdot(other, other)))
    return float(np.vdot(mine, other)) / norm if norm > 1e-3 else 0.0


def strength(learned: Signature, now: Signature) -> float:
    """How strong the edges that are still there are, as far as darkness does not explain it."""
    alike = _alike(learned, now)
    if np.count_nonzero(alike) < _FEW:
        return 1.0
    gain = float(np.median(_gain(learned, now)[alike]))
    light = max(now.brightness - _DARKEST, 1.0) / max(learned.brightness - _DARKEST, 1.0)
    return gain / min(light, 1.0)


def sharpness(learned: Signature, now: Signature) -> float:
    """Fine detail of the learned edges that are still there; 1 as learned, 0 all gone."""
    gain = _gain(learned, now)
    there = learned.textured & (gain > _FAINT) & (learned.fine > _FINE)
    enough = max(_FEW, _ENOUGH_FINE * np.count_nonzero(learned.textured))
    if np.count_nonzero(there) < enough:
        return 1.0
    ratio = np.sqrt(now.fine[there] / learned.fine[there]) / gain[there]
    return float(np.median(ratio))


def _alike(learned: Signature, now: Signature) -> NDArray[np.bool_]:
    """The textured blocks that show the same edges, strong or faint."""
    together = _by_block(learned.high * now.high)
    alike = together > _ALIKE * np.sqrt(learned.energy * now.energy + 1e-6)
    return np.asarray(alike & learned.textured)


def _gain(learned: Signature, now: Signature) -> Floats:
    """How strongly each block shows the learned edges; what else is in it does not count."""
    together = _by_block(learned.high * now.high)
    return np.asarray(together / np.maximum(learned.energy, 1e-6), dtype=np.float32)


def _by_block(values: Floats) -> Floats:
    return np.asarray(cv2.resize(values, _BLOCKS, interpolation=cv2.INTER_AREA), dtype=np.float32)
