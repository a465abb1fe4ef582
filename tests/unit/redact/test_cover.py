"""From pieces to masks: which pieces of one track make one mask."""

from __future__ import annotations

import pytest

from scrim.redact import Figure, Source
from scrim.redact._cover import Piece, drawn

SIZE = (640, 360)


def piece(left: float, number: int = 1, kind: str = "face", figure: Figure | None = None) -> Piece:
    """A box of 40 x 50 pixels."""
    return Piece(number, (left, 100.0, left + 40, 150.0), kind, Source.PROPAGATED, figure)


@pytest.mark.parametrize(
    ("away", "masks"),
    [(0, 1), (8, 1), (12, 2), (18, 2), (22, 1), (38, 1), (41, 2)],
    ids=["same", "nearly", "a third", "less than half", "touch", "barely", "apart"],
)
def test_two_ways_half_a_head_apart_are_two_masks_and_else_one(away: int, masks: int) -> None:
    out = drawn([piece(100), piece(100 + away)], SIZE, 1.45)
    assert len(out) == masks
    assert min(mask.x for mask in out) <= 91
    assert max(mask.x + mask.w for mask in out) >= 149 + away


def test_masks_of_others_and_of_other_kinds_are_their_own() -> None:
    figure = Figure(1, 1, b"\1")
    for other in (piece(100, number=2), piece(100, kind="head"), piece(100, figure=figure)):
        assert len(drawn([piece(100), other], SIZE, 1.45)) == 2
