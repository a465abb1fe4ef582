"""A privacy zone: a part of the picture that is always covered.

Rules kept here:

- A :class:`Zone` that cannot be drawn cannot be made: corners outside the picture, edges
  that cross or touch, no area, too few or too many corners are refused with a sentence.
- Corners are whole ten-thousandths of the picture's width and height, so that a zone has
  one spelling, a hash of it means something, and the checks are exact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from scrim.errors import SettingsError

MOST_POINTS: Final = 64

_NAME: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,12})?|\.[0-9]{1,12}")
_UNIT: Final = 10_000
_LONGEST: Final = 4096  # letters; 64 corners need fewer
_REMEDY: Final = 'Write it as "gate: 0.1,0.2 0.4,0.2 0.4,0.5", in fractions of the picture.'

_Point: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Zone:
    """A fixed part of the picture that is always covered.

    Attributes:
        name: for people; a-z, 0-9 and single hyphens between, 40 at most.
        points: the corners (x, y), 3 to 64, in order around it, as fractions of the
            upright picture's width and height; kept to four decimals.

    Raises:
        SettingsError: no such name, or no such polygon; the sentence says why.
    """

    name: str
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise SettingsError(
                f"{_short(self.name)} cannot be a zone's name.",
                "Use 1 to 40 of a-z and 0-9 with single hyphens between, such as back-door.",
            )
        corners = _corners(self.name, self.points)
        _check_shape(self.name, corners)
        points = tuple((x / _UNIT, y / _UNIT) for x, y in corners)
        object.__setattr__(self, "points", points)

    @classmethod
    def parse(cls, text: str) -> Zone:
        """A zone from ``"gate: 0.1,0.2 0.4,0.2 0.4,0.5"``; ``10%`` is the same as ``0.1``.

        Raises:
            SettingsError: the text is not like this, or the zone cannot be.
        """
        if len(text) > _LONGEST:
            raise SettingsError("A zone's text is far too long.", _REMEDY)
        name, colon, rest = text.partition(":")
        if not colon:
            raise SettingsError(f"The zone {_short(text)} has no name.", _REMEDY)
        name = name.strip()
        return cls(name, tuple(_point(name, word) for word in rest.split()))

    def text(self) -> str:
        """The zone's one spelling, which :meth:`parse` reads."""
        corners = " ".join(f"{_fraction(x)},{_fraction(y)}" for x, y in self.points)
        return f"{self.name}: {corners}"


def _point(name: str, word: str) -> tuple[float, float]:
    parts = word.split(",")
    if len(parts) != 2:
        raise _wrong(name, f"has a corner {_short(word)} that is not x,y")
    x, y = (_parsed(name, part) for part in parts)
    return x, y


def _parsed(name: str, word: str) -> float:
    share = word.endswith("%")
    digits = word.removesuffix("%")
    if _NUMBER.fullmatch(digits) is None:
        raise _wrong(name, f"has a corner at {_short(word)}, which is no fraction of the picture")
    return float(digits) / (100 if share else 1)


def _fraction(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _corners(name: str, points: Sequence[Sequence[float]]) -> list[_Point]:
    if len(points) > MOST_POINTS + 1:
        raise _wrong(name, f"has {len(points)} corners, and {MOST_POINTS} are the most")
    corners = []
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y) and 0 <= x <= 1 and 0 <= y <= 1):
            raise _wrong(name, f"has a corner outside the picture ({x:g},{y:g})")
        corners.append((round(x * _UNIT), round(y * _UNIT)))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()  # closed by hand
    return corners


def _check_shape(name: str, corners: list[_Point]) -> None:
    if len(corners) < 3:
        raise _wrong(name, f"has {len(corners)} corners, and a polygon has 3 at least")
    if len(corners) > MOST_POINTS:
        raise _wrong(name, f"has {len(corners)} corners, and {MOST_POINTS} are the most")
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    if sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges) == 0:
        raise _wrong(name, "has no area, or crosses itself")
    if len(set(corners)) < len(corners) or _turns_back(corners) or any(_crossings(edges)):
        raise _wrong(name, "crosses or touches itself")


def _turns_back(corners: list[_Point]) -> bool:
    """Whether an edge lies on the one before it."""
    for i, b in enumerate(corners):
        a, c = corners[i - 1], corners[(i + 1) % len(corners)]
        back = (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0
        if _side(a, b, c) == 0 and back:
            return True
    return False


def _crossings(edges: list[tuple[_Point, _Point]]) -> Iterator[bool]:
    """For each two edges that are no neighbours, whether they share a point."""
    last = len(edges) - 1
    for (i, (a, b)), (j, (c, d)) in combinations(enumerate(edges), 2):
        if j - i > 1 and (i, j) != (0, last):
            yield _meet(a, b, c, d)


def _meet(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] != sides[1] and sides[2] != sides[3]:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _between(*end) for side, end in zip(sides, ends, strict=True))


def _side(a: _Point, b: _Point, c: _Point) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _between(a: _Point, b: _Point, c: _Point) -> bool:
    return all(min(p, q) <= r <= max(p, q) for p, q, r in zip(a, b, c, strict=True))


def _wrong(name: str, what: str) -> SettingsError:
    return SettingsError(f"The zone {_short(name)} {what}.", _REMEDY)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
