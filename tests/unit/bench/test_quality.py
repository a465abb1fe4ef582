import numpy as np
import pytest
from bench.redaction.quality import grown, ssim
from numpy.typing import NDArray


def _picture() -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    return (rng.integers(0, 2, (64, 80)) * 120 + 60).astype(np.uint8)


def test_the_same_picture_is_wholly_similar() -> None:
    assert ssim(_picture(), _picture()).min() == pytest.approx(1.0)


def test_a_blurred_picture_is_less_similar_than_a_slightly_noisy_one() -> None:
    picture = _picture()
    flat = np.full_like(picture, int(picture.mean()))
    noisy = (picture + np.random.default_rng(6).integers(0, 4, picture.shape)).astype(np.uint8)
    assert ssim(picture, flat).mean() < 0.3 < 0.97 < ssim(picture, noisy).mean()


def test_a_mask_is_grown_to_all_sides_by_as_many_pixels() -> None:
    part = np.zeros((20, 20), np.bool_)
    part[10, 10] = True
    assert grown(part, 3).sum() == 49
