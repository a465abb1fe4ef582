"""The same shape as a moment ago: numbers for boxes by geometry alone.

A track is a number, a place and how long ago a detector last confirmed it.
It holds no pixels and no description; its number dies with the scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scrim.redact.frames import Source


@dataclass(frozen=True, slots=True)
class Track:
    """A box at one look, in pixels of the upright picture.

    Attributes:
        number: of the track.
        box: left, top, right, bottom.
        kind: as the detector said.
        score: the best a detector ever gave it.
        source: ``DETECTED`` at this look, or ``HELD`` from earlier ones.
        seen: looks that found it.
        missed: looks in a row that did not.
        tentative: found once and faintly; covered only if the next look finds it again.
    """

    number: int
    box: NDArray[np.float64]
    kind: str
    score: float
    source: Source
    seen: int = 1
    missed: int = 0
    tentative: bool = False

    @property
    def patience(self) -> int:
        """Looks in a row that may miss it before it is let go.

        A face turned away for a moment is found again as a rule; a faint box
        found once is more often no face.
        """
        if self.score < 0.3:
            return 1 if self.seen >= 2 else 0
        return 2 if self.seen >= 2 or self.score >= 0.5 else 1


def boxes_of(tracks: Sequence[Track]) -> NDArray[np.float64]:
    """The tracks' boxes, n x 4."""
    return np.array([track.box for track in tracks], dtype=np.float64).reshape(-1, 4)


def match(
    arrived: NDArray[np.float64],
    found: NDArray[np.float64],
    furthest: float = 1.0,
    alike: NDArray[np.bool_] | None = None,
) -> dict[int, int]:
    """Which arrived box each found box continues: ``{found: arrived}``, best pairs first.

    Two boxes can be the same where their middles are closer than the larger of
    their sides, and neither is more than 2.5 times the other.

    Args:
        arrived: n x 4, left, top, right, bottom.
        found: m x 4.
        furthest: how far the middles may be apart, in sides of the larger.
        alike: m x n, which pairs are of one kind; all, where left out.
    """
    if not len(arrived) or not len(found):
        return {}
    middle_a, middle_f = (arrived[:, :2] + arrived[:, 2:]) / 2, (found[:, :2] + found[:, 2:]) / 2
    side_a = np.maximum((arrived[:, 2:] - arrived[:, :2]).max(axis=1), 1e-6)
    side_f = np.maximum((found[:, 2:] - found[:, :2]).max(axis=1), 1e-6)
    away = np.hypot(*np.moveaxis(middle_f[:, None] - middle_a[None], 2, 0))
    larger = np.maximum(side_f[:, None], side_a[None])
    smaller = np.minimum(side_f[:, None], side_a[None])
    cost = np.where(larger > 2.5 * smaller, np.inf, away / larger)
    if alike is not None:
        cost = np.where(alike, cost, np.inf)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for flat in np.argsort(cost, axis=None, kind="stable"):
        f, a = divmod(int(flat), len(arrived))
        if cost[f, a] > furthest:
            break
        if f not in pairs and a not in taken:
            pairs[f] = a
            taken.add(a)
    return pairs
