"""What people type: times in a film, points and rectangles in its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scrim.disclosure.boxes import Box
from scrim.disclosure.compose import Cover
from scrim.disclosure.tracks import Pick
from scrim.errors import SettingsError

_NUMBER = r"[0-9]{1,7}(?:\.[0-9]{1,6})?"
_TIME = re.compile(rf"(?:([0-9]{{1,4}}):)?({_NUMBER})")
_SHARE = re.compile(rf"({_NUMBER})(%?)")


def picks(times: Sequence[str], points: Sequence[str]) -> tuple[Pick, ...]:
    """Choices of times such as ``12.5`` and points such as ``0.4,0.6``, one of each.

    Raises:
        SettingsError: one of them cannot be read, or there are not as many of both.
    """
    if len(times) != len(points):
        raise SettingsError(
            f"There are {len(times)} times and {len(points)} points.",
            "Give one --point for each --at.",
        )
    return tuple(
        Pick(time_of(time), *_shares(point, 2)) for time, point in zip(times, points, strict=True)
    )


def cover_of(text: str) -> Cover:
    """A mask drawn by hand: ``0.1,0.2,0.3,0.1`` or ``10%,20%,30%,10%@12-15.5``.

    Raises:
        SettingsError: it cannot be read, or lies outside the picture.
    """
    where, _, when = text.partition("@")
    box = Box(*_shares(where, 4))
    if not when:
        return Cover(box)
    begin, dash, end = when.partition("-")
    if not dash:
        raise SettingsError(f"{when!r} is not a span of time.", "Write @FROM-TO, in seconds.")
    return Cover(
        box,
        since_us=time_of(begin) if begin else 0,
        until_us=time_of(end) if end else None,
    )


def time_of(text: str) -> int:
    """Microseconds of ``12.5`` or ``1:02.5``.

    Raises:
        SettingsError: it cannot be read.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise SettingsError(
            f"{text!r} is not a time in the film.", "Write seconds, such as 12.5, or 1:02.5."
        )
    return round((int(found[1] or 0) * 60 + float(found[2])) * 1_000_000)


def _shares(text: str, count: int) -> tuple[int, ...]:
    """Ten-thousandths of ``0.4,0.6`` or ``40%,60%``."""
    found = [_SHARE.fullmatch(word.strip()) for word in text.split(",")]
    shares = [
        round(float(one[1]) * (100 if one[2] else 10_000)) for one in found if one is not None
    ]
    if len(shares) != count or len(found) != count or any(share > 10_000 for share in shares):
        raise SettingsError(
            f"{text!r} is not {count} shares of the picture.",
            "Write numbers from 0 to 1, or percents, with commas: 0.4,0.6.",
        )
    return tuple(shares)
