"""Whether what is not masked looks as good as after a plain transcode.

A faster encoder could simply give worse pictures.  So the luma of both outputs is held
against the input, outside the masks, as PSNR and as SSIM (Wang et al., 2004: Gaussian
window, sigma 1.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log10

import cv2
import numpy as np
from bench.redaction import coverage, stream
from bench.redaction.material import Clip
from bench.redaction.subject import Shown
from numpy.typing import NDArray

_EVERY = 10  # frames
_MARGIN = 12  # pixels around masks that are left out, since encoding smears their edges
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def compared(
    clip: Clip, streams: dict[str, bytes], shown: Sequence[Shown]
) -> dict[str, dict[str, float]]:
    """PSNR (dB) and SSIM of each stream against the clip, where nothing is masked."""
    size = (clip.width, clip.height)
    sums = {name: [0.0, 0.0] for name in streams}
    pixels = 0
    readers = [stream.pictures(data) for data in streams.values()]
    for number, (clear, *outs) in enumerate(zip(stream.pictures_in(clip.path), *readers)):  # noqa: B905
        if number % _EVERY:
            continue
        open_ = ~grown(coverage.drawn(shown[number].masks, size), _MARGIN)
        if not open_.any():
            continue
        luma = stream.planes_of(clear)[0]
        pixels += int(open_.sum())
        for name, out in zip(streams, outs, strict=True):
            other = stream.planes_of(out)[0][: clip.height, : clip.width]
            off = luma.astype(np.float32) - other
            sums[name][0] += float((off * off)[open_].sum(dtype=np.float64))
            sums[name][1] += float(ssim(luma, other)[open_].sum(dtype=np.float64))
    many = max(pixels, 1)
    return {
        name: {"psnr": round(_psnr(error / many), 2), "ssim": round(same / many, 4)}
        for name, (error, same) in sums.items()
    }


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Structural similarity around each pixel of two pictures of one size, -1 to 1."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    mean_x, mean_y = _blurred(x), _blurred(y)
    vary_x = _blurred(x * x) - mean_x * mean_x
    vary_y = _blurred(y * y) - mean_y * mean_y
    both = _blurred(x * y) - mean_x * mean_y
    over = (2 * mean_x * mean_y + _C1) * (2 * both + _C2)
    under = (mean_x * mean_x + mean_y * mean_y + _C1) * (vary_x + vary_y + _C2)
    return np.asarray(over / under, np.float32)


def grown(part: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """``part`` of a picture and all within ``by`` pixels of it."""
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return np.asarray(cv2.dilate(part.astype(np.uint8), kernel), np.bool_)


def _blurred(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)


def _psnr(error: float) -> float:
    return 10 * log10(255 * 255 / error) if error > 0 else inf
