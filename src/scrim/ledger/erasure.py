"""The words of an ``erased`` entry: which segments went, and the proof.

A run is segments of one period and side with numbers that follow each other; its proof
is the SHA-256 over the sorted hashes of their objects.  Whoever still has a manifest, or an
object, can show that it was among them; from the proof alone nothing can be learnt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_RUN: Final = re.compile(
    r"(?P<epoch>\d{1,18}):(?P<period>\d{1,18}):(?P<first>\d{1,18}):(?P<last>\d{1,18})"
    r":(?P<sha256>[0-9a-f]{64})"
)
_PERIOD: Final = re.compile(r"(?P<epoch>\d{1,18}):(?P<period>\d{1,18})")


@dataclass(frozen=True, slots=True)
class Run:
    """Segments ``first`` to ``last`` of a period, both included."""

    epoch: int
    period: int
    first: int
    last: int
    sha256: str

    @property
    def count(self) -> int:
        """How many segments."""
        return self.last - self.first + 1

    def word(self) -> str:
        """``epoch:period:first:last:sha256``."""
        return f"{self.epoch}:{self.period}:{self.first}:{self.last}:{self.sha256}"

    @classmethod
    def parse(cls, word: str) -> Self:
        """Read one.

        Raises:
            ValueError: it is none.
        """
        found = _RUN.fullmatch(word)
        if found is None or int(found["first"]) > int(found["last"]):
            raise ValueError(f"{word!r} is no run of segments")
        epoch, period, first, last = (
            int(found[name]) for name in ("epoch", "period", "first", "last")
        )
        return cls(epoch, period, first, last, found["sha256"])


def period_of(word: str) -> tuple[int, int]:
    """Epoch and period of ``epoch:period``.

    Raises:
        ValueError: it is no period.
    """
    found = _PERIOD.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no period")
    return int(found["epoch"]), int(found["period"])


def proof(hashes: Iterable[str]) -> str:
    """SHA-256 over sorted hashes, each as 64 digits and a line feed, in hexadecimal."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(hashes)).encode()).hexdigest()
