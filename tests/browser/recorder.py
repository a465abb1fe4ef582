"""A recorder's outside without its inside: drawn pictures, real parts, the real wire.

What it draws stands for a masked picture: gray, with a white box that moves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from sqlalchemy import Engine, insert

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.canonical import Json, canonical
from scrim.clock import SECOND
from scrim.live.wire import Init, Part, SegmentDone, Status
from scrim.record.encode import MaskedEncoder, codec_string
from scrim.record.fragments import Fragmenter
from scrim.record.outlet import Outlet
from scrim.record.passage import Passage
from scrim.redact import Policy
from scrim.redact.frames import ClearFrame, Mask, Source
from scrim.redact.mask import Painter
from scrim.store import schema
from scrim.store.database import writing
from scrim.store.keys import masked_key
from scrim.store.objects import ObjectStore

WIDTH, HEIGHT, RATE = 640, 360, 25
GRAY, BOX = 70, 235
SEGMENT_FRAMES, PART_FRAMES = 50, 10
TICK = Fraction(1, 90_000)
FRAME_TICKS = 90_000 // RATE
FRAME_US = SECOND // RATE


@dataclass(frozen=True, slots=True)
class Picture:
    """One encoded picture."""

    data: bytes
    key: bool


def pictures(count: int = SEGMENT_FRAMES) -> tuple[bytes, list[Picture]]:
    """Extradata and ``count`` pictures that begin with a key frame and can be repeated.

    The first half is the camera's own packets, passed; the rest is encoded again, from the
    middle of a part on: a player has to take both, and every change between them.
    """
    camera = _camera()
    extradata, passing = b"", False
    encoder = MaskedEncoder(WIDTH, HEIGHT, Fraction(RATE), origin_us=0)
    stream = StreamInfo("h264", WIDTH, HEIGHT, b"", "yuv420p", Fraction(RATE))
    passage = Passage(stream)
    found: list[Picture] = []
    for index in range(2 * count):  # the first round is what comes before the first passed frame
        us, key = index * FRAME_US, index % count == 0
        frame = _drawn(index % count, count)
        (packet,) = _encoded(camera, frame, index, key)
        passage.arrived(ClearPacket(packet, us, us, FRAME_US, key, None, TICK))
        somebody = index >= count + count // 2
        mask = Mask(0, 0, 16, 16, "face", 1, Source.DETECTED)
        redacted = Painter(Policy()).masked(
            ClearFrame(frame, index, us), [mask] if somebody else []
        )
        passed = passage.take(redacted)
        if passed is not None:
            found.append(Picture(passed.data, passed.key))
        else:
            (made,) = encoder.encode(redacted, key=passing or key)
            found.append(Picture(bytes(made), bool(made.is_keyframe)))
        passing = passed is not None
        extradata = extradata or passage.join(encoder.extradata)
        assert passing == (count <= index < count + count // 2)
    return extradata, found[count:]


def _camera() -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base, context.framerate = TICK, Fraction(RATE)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    context.gop_size, context.thread_count = 1 << 20, 1
    return context


def _encoded(
    context: VideoCodecContext, frame: av.VideoFrame, index: int, key: bool
) -> list[bytes]:
    frame.pts, frame.time_base = index * FRAME_TICKS, TICK
    frame.pict_type = PictureType.I if key else PictureType.NONE
    return [bytes(packet) for packet in context.encode(frame)]


def _drawn(index: int, count: int) -> av.VideoFrame:
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    planes[:HEIGHT] = GRAY
    left = 20 + index * (WIDTH - 140) // count
    planes[130:230, left : left + 100] = BOX
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


class Footage:
    """Segments of the same two seconds over and over, with time going on."""

    def __init__(self) -> None:
        self._extradata, self._pictures = pictures()
        self._fragments = Fragmenter(self._extradata, self._pictures[0].data)

    @property
    def init(self) -> bytes:
        return self._fragments.init

    @property
    def codec(self) -> str:
        return codec_string(self._extradata)

    def parts(self, first_frame: int) -> list[bytes]:
        """The five parts of the segment whose first picture has this number."""
        return [
            self._fragments.part(self._packets(first_frame, at))
            for at in range(0, SEGMENT_FRAMES, PART_FRAMES)
        ]

    def _packets(self, first: int, at: int) -> Sequence[av.Packet[Any]]:
        packets: list[av.Packet[Any]] = []
        for index in range(at, at + PART_FRAMES):
            packet = av.Packet(self._pictures[index].data)
            packet.is_keyframe = self._pictures[index].key
            packet.pts = packet.dts = (first + index) * FRAME_TICKS
            packet.duration, packet.time_base = FRAME_TICKS, TICK
            packets.append(packet)
        return packets


def store_segments(
    engine: Engine, objects: ObjectStore, camera: str, footage: Footage, starts_us: Sequence[int]
) -> None:
    """Puts masked segments into a data folder, as if they had been recorded at those times."""
    footage.parts(0)  # so that there is an initialisation segment
    with writing(engine) as connection:
        connection.execute(
            insert(schema.period).values(
                camera=camera,
                epoch=1,
                period=0,
                opened_us=starts_us[0],
                recipient="age1none",
                document_key=f"period/{camera}/none",
                document_sha256="0" * 64,
                chain_length=len(starts_us),
                chain_head="0" * 64,
            )
        )
        for number, start_us in enumerate(starts_us):
            body = footage.init + b"".join(footage.parts(number * SEGMENT_FRAMES))
            end_us = start_us + SEGMENT_FRAMES * FRAME_US
            key = masked_key(camera, 1, 0, number)
            objects.put(key, body)
            record: dict[str, Json] = {
                "side": "masked", "segment": number, "start_us": start_us, "end_us": end_us,
                "key": key, "size": len(body), "sha256": "0" * 64,
                "init_size": len(footage.init), "origin_us": starts_us[0], "codec": footage.codec,
                "width": WIDTH, "height": HEIGHT, "frames": SEGMENT_FRAMES,
                "masked": SEGMENT_FRAMES, "clear": 0, "blanked": 0, "state": "kept",
            }  # fmt: skip
            connection.execute(
                insert(schema.segment).values(
                    camera=camera,
                    segment=number,
                    side="masked",
                    epoch=1,
                    period=0,
                    start_us=start_us,
                    end_us=end_us,
                    object_key=key,
                    record=canonical(record).decode(),
                    chain_index=number,
                    chain_head="0" * 64,
                    state="stored",
                )
            )


class FakeRecorder(threading.Thread):
    """Sends a camera's parts and status in real time until stopped.

    Attributes:
        status: what the next reports say, beside their times; a test may put another one
            here, and this thread never does.
    """

    def __init__(self, socket_path: Path, camera: str, epoch: int, first_segment: int) -> None:
        super().__init__(name=f"fake-recorder-{camera}", daemon=True)
        self._outlet = Outlet(socket_path)
        self._camera = camera
        self._epoch = epoch
        self._segment = first_segment
        self._over = threading.Event()
        self._footage = Footage()
        self._sealed_until_us: int | None = None
        self.status = Status(
            camera=camera,
            epoch=epoch,
            at_us=0,
            state="masked",
            reason="",
            frames_per_second=float(RATE),
            latency_ms=640,
            dropped=0,
            width=WIDTH,
            height=HEIGHT,
            sealed_until_us=None,
            masked_until_us=None,
        )

    def stop(self) -> None:
        self._over.set()
        self.join(60)
        self._outlet.stop()
        self._outlet.join(60)

    def run(self) -> None:
        self._outlet.start()
        origin_us = time.time_ns() // 1000
        begun = time.monotonic()
        frame = 0
        while not self._over.is_set():
            start_us = origin_us + frame * FRAME_US
            for number, payload in enumerate(self._footage.parts(frame)):
                until = begun + (frame + (number + 1) * PART_FRAMES) / RATE
                if self._over.wait(max(0.0, until - time.monotonic())):
                    return
                if frame == 0 and number == 0:
                    self._announce(origin_us)
                self._outlet.send(
                    Part(
                        camera=self._camera,
                        segment=self._segment,
                        part=number,
                        init=0,
                        start_us=start_us + number * PART_FRAMES * FRAME_US,
                        duration_us=PART_FRAMES * FRAME_US,
                        independent=number == 0,
                        payload=payload,
                    )
                )
                self._report()
            end_us = start_us + SEGMENT_FRAMES * FRAME_US
            self._outlet.send(SegmentDone(self._camera, self._segment, start_us, end_us))
            self._sealed_until_us = end_us
            self._segment += 1
            frame += SEGMENT_FRAMES

    def _announce(self, origin_us: int) -> None:
        self._outlet.send(
            Init(
                camera=self._camera,
                epoch=self._epoch,
                init=0,
                codec=self._footage.codec,
                width=WIDTH,
                height=HEIGHT,
                origin_us=origin_us,
                payload=self._footage.init,
            )
        )

    def _report(self) -> None:
        now_us = time.time_ns() // 1000
        self._outlet.send(replace(self.status, at_us=now_us, sealed_until_us=self._sealed_until_us))
