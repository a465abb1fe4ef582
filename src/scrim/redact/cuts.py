"""Where one scene ends and the next begins, for those who follow what masks cover."""

from __future__ import annotations

import av

from scrim.redact import _sight
from scrim.redact._sight import Sight, Tiny


class CutWatch:
    """Tells cuts by the same measure as :class:`~scrim.redact.redactor.Redactor`."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._sight: Sight | None = None
        self._before: Tiny | None = None

    def push(self, picture: av.VideoFrame) -> bool:
        """Whether ``picture`` shows another scene than the one pushed before it.

        So does the first picture, one of another size, and one that cannot be read.
        """
        size = (picture.width, picture.height)
        if self._sight is None or size != self._size:
            self._size, self._sight, self._before = size, Sight(*size, size), None
        before = self._before
        try:
            self._before = self._sight.tiny(picture)
        except (av.FFmpegError, ValueError):  # a layout the scaler does not know
            self._before = None
        if before is None or self._before is None:
            return True
        return _sight.is_cut(before, self._before)
