"""One camera's segments as one fragmented MP4: the camera's packets, none decoded or changed.

Rules:

1. Packets keep their distance in time, gaps and all: zero is the first segment's beginning.
2. Where the codec, its parameters or the picture's size change, a new file begins
   (``gate-2.mp4``): one description cannot fit both.
3. One segment is in memory at a time.
4. A file is written as ``.part`` and named when it is whole.  What joins is made from the
   native files and can be made again, so it is not resumed but begun anew.
"""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType
from typing import Final

import av

from scrim.errors import SealBroken, StoreError
from scrim.opening.plan import Segment

_OPTIONS: Final = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}


class Joined:
    """Writes ``NAME-1.mp4``, ``NAME-2.mp4`` … for one camera; a context manager.

    Args:
        folder: where; it is there.
        name: the camera.

    Attributes:
        files: those that are whole, in order.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._output: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._kind: tuple[object, ...] = ()
        self._origin_us = 0
        self._last_dts = -1
        self.files: list[Path] = []

    def __enter__(self) -> Joined:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(whole=kind is None)

    def add(self, segment: Segment, data: bytes) -> None:
        """The next segment.

        Raises:
            SealBroken: it is no video, or MP4 does not take its codec.
            StoreError: the file cannot be written.
        """
        try:
            with av.open(io.BytesIO(data), "r") as source:
                video = source.streams.video[0]
                self._begin_if_new(segment, video)
                self._copy(source, video, segment.start_us)
        except (av.FFmpegError, IndexError, ValueError) as error:
            raise SealBroken(
                f"{segment.label.capitalize()} cannot be joined: {type(error).__name__}.",
                "Use its file as it was recorded; it is not changed.",
            ) from None
        except OSError as error:
            raise StoreError(
                f"{self._part} cannot be written: {error.strerror}.", "Free some space."
            ) from error

    @property
    def _part(self) -> Path:
        return self._folder / f"{self._name}-{len(self.files) + 1}.mp4.part"

    def _begin_if_new(self, segment: Segment, video: av.VideoStream) -> None:
        context = video.codec_context
        kind = (context.name, context.width, context.height, context.extradata, video.time_base)
        if self._output is not None and kind == self._kind:
            return
        self._end(whole=True)
        self._part.unlink(missing_ok=True)
        self._output = av.open(str(self._part), "w", format="mp4", options=_OPTIONS)
        self._stream = self._output.add_stream_from_template(video, opaque=True)
        self._kind, self._origin_us, self._last_dts = kind, segment.start_us, -1

    def _copy(
        self, source: av.container.InputContainer, video: av.VideoStream, start_us: int
    ) -> None:
        assert self._output is not None
        assert self._stream is not None
        base = video.time_base
        assert base is not None
        shift = round((start_us - self._origin_us) / 1_000_000 / base)
        first: int | None = None
        for packet in source.demux(video):
            if packet.dts is None:  # the demuxer's mark of the end
                continue
            if first is None:  # masked segments do not count from zero
                first = packet.dts
                shift -= first
            # clocks that were set back must not put a packet before one that is written
            dts = max(packet.dts + shift, self._last_dts + 1)
            packet.pts = max((packet.pts if packet.pts is not None else packet.dts) + shift, dts)
            packet.dts = self._last_dts = dts
            packet.stream = self._stream
            self._output.mux(packet)

    def _end(self, *, whole: bool) -> None:
        if self._output is None:
            return
        part = self._part
        self._output.close()
        self._output = self._stream = None
        if whole:
            path = part.with_suffix("")
            part.chmod(0o600)
            part.replace(path)
            self.files.append(path)
        else:
            part.unlink(missing_ok=True)
