"""Bar charts as SVG, written by hand: two charts are no reason for a dependency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = ("#2b6cb0", "#c05621", "#718096", "#2f855a")
_WIDTH, _HEIGHT = 860, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 70, 60
_LINES = 5


@dataclass(frozen=True, slots=True)
class Bars:
    """One place on the horizontal axis.

    Attributes:
        label: under it.
        values: one for each series; None where there is none.
        limit: drawn as a line across these bars.
    """

    label: str
    values: Sequence[float | None]
    limit: float | None = None


def chart(title: str, series: Sequence[str], places: Sequence[Bars], unit: str = "") -> str:
    """An SVG document: bars side by side at each place, values written above them.

    Args:
        title: above all.
        series: their names, for the key.
        places: from left to right.
        unit: put behind numbers, e.g. `` %``.
    """
    values = [v for place in places for v in (*place.values, place.limit) if v is not None]
    top = _round_up(max(values, default=1.0))
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(places), 1)
    down = _HEIGHT - _TOP - _BOTTOM
    wide = across * 0.8 / max(len(series), 1)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        _text(_LEFT, 22, title, size=15),
    ]
    for n, name in enumerate(series):
        key = _LEFT + n * 150
        out.append(_rectangle(key, 36, 12, 12, _COLOURS[n % len(_COLOURS)]))
        out.append(_text(key + 18, 46, name))
    for line in range(_LINES + 1):
        y = _TOP + down * (1 - line / _LINES)
        out.append(_line(_LEFT, y, _WIDTH - _RIGHT, y, "#e2e8f0"))
        out.append(_text(_LEFT - 6, y + 4, f"{top * line / _LINES:g}{unit}", anchor="end"))
    for n, place in enumerate(places):
        left = _LEFT + n * across + across * 0.1
        for i, value in enumerate(place.values):
            if value is None:
                continue
            x, high = left + i * wide, down * value / top
            out.append(
                _rectangle(x, _TOP + down - high, wide - 2, high, _COLOURS[i % len(_COLOURS)])
            )
            out.append(
                _text(x + wide / 2 - 1, _TOP + down - high - 4, f"{value:.3g}", "middle", size=10)
            )
        if place.limit is not None:
            y = _TOP + down * (1 - place.limit / top)
            out.append(_line(left - 4, y, left + across * 0.8 + 4, y, "#c53030", wide=2))
        for i, part in enumerate(place.label.split("\n")):
            middle = left + across * 0.4
            out.append(_text(middle, _HEIGHT - _BOTTOM + 18 + 14 * i, part, "middle"))
    out.append("</svg>")
    return "\n".join(out) + "\n"


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, ... above a value, so that the axis has plain numbers."""
    step = 1e-4
    while True:
        for factor in (1, 2, 2.5, 5):
            if step * factor >= value:
                return step * factor
        step *= 10


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f' font-family="sans-serif" fill="#1a202c">{escape(text)}</text>'
    )


def _rectangle(x: float, y: float, w: float, h: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0):.1f}" height="{max(h, 0):.1f}"'
        f' fill="{colour}"/>'
    )


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, wide: int = 1) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
        f' stroke="{colour}" stroke-width="{wide}"/>'
    )
