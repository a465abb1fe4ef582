"""FFmpeg's log lines, for the one thread that reads a connection.

FFmpeg notices lost RTP packets and says so in its log only.  Its lines hold
addresses with passwords: they are looked at here and shown nowhere.
"""

from __future__ import annotations

import logging
from types import TracebackType

import av


def _silence() -> None:
    """Send what FFmpeg says outside a capture nowhere."""
    logger = logging.getLogger("libav")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    av.logging.set_skip_repeated(False)
    av.logging.set_level(av.logging.WARNING)


class ReaderLog:
    """Collects the warnings of FFmpeg on this thread while it is entered."""

    def __enter__(self) -> ReaderLog:
        _silence()
        self._capture = av.logging.Capture(local=True)
        self._lines = self._capture.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._capture.__exit__(None, None, None)

    def taken(self) -> list[str]:
        """The lines since the last call."""
        if not self._lines:
            return []
        lines = [message for _level, _name, message in self._lines]
        self._lines.clear()
        return lines
