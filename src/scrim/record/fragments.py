"""The redacted side's container: CMAF chunks for low-latency HLS.

Each part is written by FFmpeg's own MP4 muxer with ``frag_discont``, which keeps
the absolute decode time in ``tfdt``; its ``ftyp`` and ``moov`` are cut off and kept
once as the initialisation segment.  A stored segment is initialisation segment
plus its parts: a file any player opens.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import av

from scrim.errors import RedactionError

_FLAGS = "empty_moov+default_base_moof+frag_custom+frag_discont+skip_trailer+cmaf"


class Fragmenter:
    """Turns packets of one encoder into CMAF chunks.

    Args:
        extradata: the encoder's parameter sets, Annex B.
        first_key: its first packet, a key frame.

    Attributes:
        init: the initialisation segment, ``ftyp`` and ``moov``; empty until the
            first part is made.
    """

    def __init__(self, extradata: bytes, first_key: bytes) -> None:
        self._template = av.open(io.BytesIO(extradata + first_key), format="h264")
        self._parts = 0
        self.init = b""

    def part(self, packets: Sequence[av.Packet[av.VideoStream]]) -> bytes:
        """``moof`` and ``mdat`` of these packets, in decode order."""
        self._parts += 1
        buffer = io.BytesIO()
        options = {"movflags": _FLAGS, "fragment_index": str(self._parts)}
        with av.open(buffer, "w", format="mp4", options=options) as output:
            target = output.add_stream_from_template(self._template.streams.video[0])
            target.time_base = packets[0].time_base
            for packet in packets:
                packet.stream = target
                output.mux(packet)
        data = buffer.getvalue()
        head = _header_length(data)
        if not self.init:
            self.init = data[:head]
        return data[head:]

    def close(self) -> None:
        """Let go of FFmpeg's objects."""
        self._template.close()


def _header_length(data: bytes) -> int:
    """Bytes before the first ``moof`` box."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] == b"moof":
            return position
        if size < 8:
            break
        position += size
    raise RedactionError(
        "The MP4 muxer wrote no fragment.", "Run 'scrim doctor' to check the video library."
    )
