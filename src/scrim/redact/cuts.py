"""Where one scene ends and the next begins, for those who follow what masks cover."""

from __future__ import annotations

import av

from scrim.redact._cuts import Cuts
from scrim.redact._sight import Sight


class CutWatch:
    """Tells cuts by the same measure as :class:`~scrim.redact.redactor.Redactor`."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._sight: Sight | None = None
        self._cuts = Cuts()
        self._known = False  # the picture before could be read, and was of this size

    def push(self, picture: av.VideoFrame) -> bool:
        """Whether ``picture`` shows another scene than the one pushed before it.

        So does the first picture, one of another size, and one that cannot be read.
        """
        size = (picture.width, picture.height)
        if self._sight is None or size != self._size:
            self._size, self._sight, self._known = size, Sight(*size, size), False
        try:
            tiny = self._sight.tiny(picture)
        except (av.FFmpegError, ValueError):  # a layout the scaler does not know
            self._known = False
            return True
        known, self._known = self._known, True
        if not known:
            self._cuts.forget()
        return self._cuts.push(tiny) or not known
