"""How many heads a segment's masks covered that the one before did not: a number and no more.

Rules:

1. Counted is what was covered as a face or a head, by the tracks' numbers, which grow inside one
   camera and mean nothing beyond; only the count leaves.
2. Somebody who was lost for a segment is counted again: the sum over segments is an upper
   bound of the people whose faces were found.
3. A picture that was masked whole says nothing of who was in it, and the count says so.
"""

from __future__ import annotations

from scrim.redact.frames import RedactedFrame, State

_HEADS = frozenset({"face", "head"})


class HeadCount:
    """Counts over one stream."""

    def __init__(self) -> None:
        self._before: frozenset[int] = frozenset()
        self._now: set[int] = set()

    def see(self, frame: RedactedFrame) -> None:
        """Take in a picture, one that is not stored too."""
        if frame.state is not State.BLANKED:
            self._now.update(mask.track for mask in frame.masks if mask.kind in _HEADS)

    def end(self) -> int:
        """How many are new in the segment that ends here."""
        new = len(self._now - self._before)
        self._before, self._now = frozenset(self._now), set()
        return new
