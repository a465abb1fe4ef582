"""Invariant 2: a camera covered, blurred, turned, swapped, or half decoded shows nobody.

While the fault lasts the square is of a brightness that the detector misses and anybody
sees: only the watch over the view keeps it covered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import av
import numpy as np
import pytest
from tests.paths.faults.world import (
    DIM,
    Luma,
    assert_never_seen,
    assert_recovered,
    black,
    blurred,
    is_blank,
    picture,
    place,
    record,
    stored,
    veiled,
)
from tests.sim.street import Street

from scrim.camera.packet import ClearPacket, Gap, GapCause

# a loaded machine masks more than the view asks for, and says so
pytestmark = pytest.mark.usefixtures("never_loaded")

LEARNT, OVER = 75, 125  # pictures until the view is learned, and until the fault is over
TURNED = "the camera was turned, or another one is in its place"


def blind_between(
    scene: Luma, broken: Callable[[int], Luma], after: Luma | None = None
) -> Callable[[int], av.VideoFrame]:
    """Pictures of ``scene``; of ``broken`` while the fault lasts, where the detector is blind."""

    def draw(index: int) -> av.VideoFrame:
        if LEARNT <= index < OVER:
            return picture(broken(index), index, DIM)
        return picture(scene if index < LEARNT or after is None else after, index)

    return draw


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (black, "the camera is covered"),
        (veiled, "the camera is covered"),
        (blurred, "the picture is out of focus"),
    ],
)
def test_invariant_2_a_camera_covered_or_out_of_focus(
    street: Street, change: Callable[[Luma], Luma], reason: str
) -> None:
    scene = place()
    broken = change(scene)
    record(street, street.events(200, picture=blind_between(scene, lambda _: broken)))
    assert_never_seen(street, 200)
    pictures = stored(street)
    assert not any(is_blank(luma) for luma in pictures[:LEARNT])
    assert all(is_blank(luma) for luma in pictures[LEARNT + 5 : OVER])
    assert_recovered(street)
    assert f"masking went from normal to whole frame: {reason}" in street.lines


def test_invariant_2_a_camera_that_is_turned(street: Street) -> None:
    wide = place(1, width=1200)

    def turning(index: int) -> Luma:
        left = min(index - LEARNT, 20) * 40
        return wide[:, left : left + 320]

    draw = blind_between(wide[:, :320], turning, after=wide[:, 800:1120])
    record(street, street.events(210, picture=draw))
    assert_never_seen(street, 210)
    pictures = stored(street)
    assert all(is_blank(luma) for luma in pictures[LEARNT + 20 : LEARNT + 40])
    assert_recovered(street)
    assert any(f"to whole frame: {TURNED}" in line for line in street.lines)


def test_invariant_2_another_camera_in_its_place(street: Street) -> None:
    """After a break another street answers, in which the detector is blind at first."""
    first = street.events(LEARNT, picture=lambda i: picture(place(1), i))
    last = first[-1]
    assert isinstance(last, ClearPacket)
    since_us, until_us = last.captured_us + 40_000, last.captured_us + 5_000_000
    hole = Gap(since_us, None, GapCause.STALLED)
    second = street.events(
        150,
        start_us=until_us,
        picture=lambda i: picture(place(2), i, DIM if i < 25 else 230),
    )
    record(street, [*first, hole, dataclasses.replace(hole, until_us=until_us), *second])
    assert_never_seen(street, 200)
    assert_recovered(street)
    assert any(f"to whole frame: {TURNED}" in line for line in street.lines)


@pytest.mark.parametrize("kind", ["gray", "smeared"])
def test_invariant_2_half_a_picture_that_nobody_called_damaged(street: Street, kind: str) -> None:
    scene = place()

    def broken(_: int) -> Luma:
        out = scene.copy()
        out[120:] = 128 if kind == "gray" else np.broadcast_to(scene[120], out[120:].shape)
        return out

    record(street, street.events(200, picture=blind_between(scene, broken)))
    assert_never_seen(street, 200)
    assert all(is_blank(luma) for luma in stored(street)[LEARNT:OVER])
    assert_recovered(street)
    assert any("to whole frame: part of the picture is missing" in line for line in street.lines)


def test_invariant_2_a_camera_that_keeps_moving_is_not_blank(street: Street) -> None:
    wide = place(1, width=1200)

    def window(index: int) -> Luma:
        return wide[:, index * 4 : index * 4 + 320]

    record(street, street.events(200, picture=lambda i: picture(window(i), i)))
    assert_never_seen(street, 200)
    assert not any(is_blank(luma) for luma in stored(street))
