"""A small deployment and a drawn camera: a gray street with one bright face-like square."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from numpy.typing import NDArray
from sqlalchemy import Engine, insert

from scrim import stopping
from scrim.camera.packet import ClearPacket, SourceEvent, StreamInfo, StreamStarted
from scrim.canonical import canonical
from scrim.clock import SystemClock
from scrim.ledger import Ledger
from scrim.live.wire import Message
from scrim.record.camera_recorder import CameraRecorder, Surroundings
from scrim.record.catalogue import Catalogue
from scrim.record.recovery import StopGap
from scrim.redact import Detection
from scrim.redact.mask import samples
from scrim.settings import Settings, load
from scrim.store import schema
from scrim.store.database import connect, writing
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
from scrim.vault import CustodianSet
from scrim.vault.demo import make_demo_set

FACE = (230, 90, 160)  # Y, U, V of the square that stands for a face
SIDE = 48
PACE_S = 0.01  # a source is slower than masking, unless it can ask how far that is
LONGEST_S = 60.0  # and then it waits for it no longer than that
AHEAD_US = 60_000_000  # captured "later", so that a slow machine does not count as late


@lru_cache
def ground(
    width: int = 320, height: int = 192, left: int = 60, right: int = 120
) -> NDArray[np.uint8]:
    """Luma of the street alone: brighter to the right, with stones and walls to know it by.

    The same in every picture, as a camera that is mounted somewhere has it.
    """
    chance = np.random.default_rng(11)
    stones = np.zeros((height, width))
    for side in (24, 8):
        rough = chance.uniform(-12, 12, (height // side + 2, width // side + 2))
        stones += np.kron(rough, np.ones((side, side)))[:height, :width]
    luma = (np.linspace(left, right, width)[None, :] + stones).astype(np.uint8)
    luma.setflags(write=False)
    return luma


def draw(index: int, width: int = 320, height: int = 192) -> av.VideoFrame:
    """A picture with the square somewhere on its way across."""
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = ground(width, height)
    x, y = square(index, width)
    planes[y : y + SIDE, x : x + SIDE] = FACE[0]
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    for plane, value in ((1, FACE[1]), (2, FACE[2])):
        chroma = samples(frame.planes[plane])
        chroma[y // 2 : (y + SIDE) // 2, x // 2 : (x + SIDE) // 2] = value
    return frame


def square(index: int, width: int = 320) -> tuple[int, int]:
    """Where the square stands in picture ``index`` (even pixels)."""
    return 8 + (index * 2) % (width - SIDE - 16), 64


class SquareDetector:
    """Finds the bright square; the stand-in for a face detector."""

    input_size = (320, 192)

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        rows, columns = np.nonzero(image.max(axis=2) > 190)
        if len(rows) == 0:
            return []
        x, y = float(columns.min()), float(rows.min())
        w, h = float(columns.max()) + 1 - x, float(rows.max()) + 1 - y
        return [Detection(x=x, y=y, w=w, h=h, score=0.9, kind="face")]


def draw_empty(index: int, width: int = 320, height: int = 192) -> av.VideoFrame:
    """The street without the square, and with a camera's noise."""
    noise = np.random.default_rng(index).integers(-3, 4, (height, width))
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = ground(width, height) + noise
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def encoded(
    count: int,
    *,
    start_us: int,
    fps: int = 25,
    gop: int = 25,
    first: int = 0,
    picture: Callable[[int], av.VideoFrame] = draw,
) -> tuple[StreamInfo, list[ClearPacket]]:
    """``count`` pictures from number ``first`` on, as a camera's H.264 packets."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = 320, 192, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 1_000_000), Fraction(fps)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "20"}
    context.flags |= Flags.global_header
    context.gop_size = 1 << 20
    context.thread_count = 1
    step = 1_000_000 // fps
    packets = []
    for i in range(count):
        frame = picture(first + i)
        frame.pts, frame.time_base = start_us + i * step, Fraction(1, 1_000_000)
        frame.pict_type = PictureType.I if i % gop == 0 else PictureType.NONE
        for packet in context.encode(frame):
            captured_us = int(packet.pts or 0)
            packets.append(
                ClearPacket(
                    data=bytes(packet),
                    captured_us=captured_us,
                    decode_us=captured_us,
                    duration_us=step,
                    is_key=bool(packet.is_keyframe),
                    camera_pts=i * 3600,
                    camera_time_base=Fraction(1, 90_000),
                )
            )
    info = StreamInfo("h264", 320, 192, bytes(context.extradata or b""), "yuv420p", Fraction(fps))
    annex_b = [
        ClearPacket(
            data=(info.extradata + p.data) if p.is_key else p.data,
            captured_us=p.captured_us,
            decode_us=p.decode_us,
            duration_us=p.duration_us,
            is_key=p.is_key,
            camera_pts=p.camera_pts,
            camera_time_base=p.camera_time_base,
        )
        for p in packets
    ]
    return info, annex_b


@dataclass
class ListSource:
    """A source that yields given events, then ends; a function in it is called.

    Attributes:
        ready: asked again and again before each event until it says yes.
        pace_s: how far apart they come at least.
    """

    given: Sequence[SourceEvent | Callable[[], None]]
    ready: Callable[[], bool] = lambda: True
    pace_s: float = PACE_S

    def events(self, stop: threading.Event) -> Iterator[SourceEvent]:
        for event in self.given:
            deadline = time.monotonic() + LONGEST_S
            while not (self.ready() or stop.is_set() or time.monotonic() > deadline):
                time.sleep(0.001)
            if stop.is_set():
                return
            if callable(event):
                event()
            else:
                time.sleep(self.pace_s)
                yield event


@dataclass
class Street:
    """A deployment in a folder, with one camera called ``street``."""

    folder: DataFolder
    engine: Engine
    ledger: Ledger
    objects: ObjectStore
    catalogue: Catalogue
    custodians: CustodianSet
    settings: Settings
    clock: SystemClock = field(default_factory=SystemClock)
    sent: list[Message] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def around(self, **changed: object) -> Surroundings:
        values: dict[str, object] = {
            "settings": self.settings,
            "catalogue": self.catalogue,
            "custodians": self.custodians,
            "clock": self.clock,
            "detector": SquareDetector,
            "send": self.sent.append,
            "report": self.lines.append,
        }
        return Surroundings(**(values | changed))  # type: ignore[arg-type]

    def events(
        self,
        count: int,
        *,
        start_us: int | None = None,
        picture: Callable[[int], av.VideoFrame] = draw,
        **how: int,
    ) -> list[SourceEvent]:
        """A stream's start and ``count`` pictures, the first captured in a minute."""
        start_us = self.clock.now_us() + AHEAD_US if start_us is None else start_us
        info, packets = encoded(count, start_us=start_us, picture=picture, **how)
        return [StreamStarted(info), *packets]


def recorder_of(
    street: Street,
    given: Sequence[SourceEvent | Callable[[], None]],
    *,
    stop_gap: StopGap | None = None,
    **around: object,
) -> CameraRecorder:
    """A recorder of ``given`` alone, which come as fast as it masks them and no faster.

    At any other pace a slow machine would have to leave pictures out.
    """
    source = ListSource(given, pace_s=0.0)
    row = street.catalogue.camera("street")
    recorder = CameraRecorder(row, street.around(**around), stop_gap=stop_gap, source=source)
    source.ready = lambda: not len(recorder._backlog) or bool(recorder.failed)
    return recorder


def street_in(path: Path) -> Street:
    """A fresh deployment in a new folder."""
    folder = DataFolder.create(path)
    engine = connect(folder.database)
    ledger = Ledger(engine)
    objects = ObjectStore.in_folder(folder.objects)
    with writing(engine) as connection:
        connection.execute(
            insert(schema.camera).values(
                id="street",
                name="Street",
                kind="file",
                source="none",
                options=canonical({}).decode(),
                epoch=0,
                next_segment=0,
                added_us=0,
            )
        )
    return Street(
        folder,
        engine,
        ledger,
        objects,
        Catalogue(engine, ledger, objects),
        make_demo_set(folder.demo_custodians, 3, 2),
        load(None),
    )


def patient_stops(patch: pytest.MonkeyPatch) -> None:
    """Recorders in this process take their time to stop: a slow machine masks all it took up."""
    for number, name in enumerate(("MASKING_S", "ENDING_S", "WRITING_S"), 6):
        patch.setattr(stopping, name, 10.0 * number)
