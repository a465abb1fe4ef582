"""A real recorder process on a small clip, with a server's end of the live socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.live import wire

PATIENCE_S = 150.0  # a wait ends as soon as it can; this is for a slow machine with much to do
FACE_BOX = (120, 56, 64, 76)  # x, y, w, h of the face in :func:`write_clip`'s pictures


def face_in(luma: NDArray[Any]) -> NDArray[Any]:
    """The samples of a picture's luma in the oval from brow to chin and ear to ear."""
    x, y, w, h = FACE_BOX
    rows, columns = np.indices(luma.shape)
    across = (columns + 0.5 - x - 0.5 * w) / (0.36 * w)
    down = (rows + 0.5 - y - 0.56 * h) / (0.42 * h)
    return luma[across**2 + down**2 <= 1]


def may_hide(said: str) -> bool:
    """Whether a recorder said that it covered whole pictures, as it does on a slow machine."""
    words = ("whole frame", "nothing is shown", "changed its rung")
    return any(word in said for word in words)


def write_clip(path: Path, seconds: int = 4, *, gop: int = 25) -> None:
    """A face that stands still in a flickering street: 320x192, 25 frames a second, H.264.

    The face is the drawn street's own (see docs/ref/provenance.md), large enough for
    the detector; the flicker makes packets that cannot be taken for anything else.
    """
    face = cv2.imread(str(files("scrim.camera") / "demo_face.png"))
    x, y, w, h = FACE_BOX
    face = cv2.resize(np.asarray(face), (w, h), interpolation=cv2.INTER_AREA)
    random = np.random.default_rng(7)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        stream.codec_context.gop_size = gop
        stream.options = {"preset": "ultrafast", "crf": "18"}
        for i in range(seconds * 25):
            noise = random.integers(90, 150, (192, 320, 3), dtype=np.uint8)
            picture = cv2.GaussianBlur(noise, (5, 5), 0).astype(np.uint8)
            picture[y : y + h, x : x + w] = face
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def deployment_in(path: Path, clip: Path, camera: str = "street") -> Deployment:
    """A data folder with demo custodians and one looped file camera."""
    made = Deployment.create(path)
    made.set_custodians(made.make_demo_custodians())
    cameras = Cameras(made.engine, made.ledger, made.clock)
    cameras.add(camera, "file", str(clip), options={"loop": True})
    return made


@dataclass
class LiveEnd:
    """Accepts recorders and keeps what they send."""

    path: Path
    messages: list[wire.Message] = field(default_factory=list)

    def start(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(4)
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rb") as stream:
                    self._read(stream)

    def _read(self, stream: object) -> None:
        read: Callable[[int], bytes] = stream.read  # type: ignore[attr-defined]
        with suppress(OSError):
            while len(prefix := read(4)) == 4:
                header = read(wire.header_length(prefix))
                payload = read(wire.payload_length(header))
                self.messages.append(wire.decode(header, payload))


@dataclass
class Recorder:
    """A running ``python -m scrim.record``."""

    process: subprocess.Popen[str]
    live: LiveEnd

    def wait_for(self, done: Callable[[list[wire.Message]], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not done(self.live.messages):
            code = self.process.poll()
            assert code is None, f"the recorder ended with {code}: {self._said()}"
            assert time.monotonic() < deadline, f"nothing in {PATIENCE_S} s"
            time.sleep(0.05)

    def wait_for_segments(self, count: int) -> None:
        self.wait_for(lambda m: sum(isinstance(one, wire.SegmentDone) for one in m) >= count)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def _said(self) -> str:
        return self.process.stderr.read() if self.process.stderr else ""


@contextmanager
def recording(data: Path, camera: str = "street", *options: str) -> Iterator[Recorder]:
    """The recorder process of a camera, ended when the block ends."""
    with tempfile.TemporaryDirectory(prefix="scrim-") as short:
        live = LiveEnd(Path(short) / "live")
        live.start()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "scrim.record", "--data", str(data)),
                *("--camera", camera, "--live-socket", str(live.path), *options),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != "CI"},
        )
        try:
            yield Recorder(process, live)
        finally:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()
            live.close()
