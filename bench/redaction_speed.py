"""Masked pipeline against a plain transcode, on one core.

Rules:

- Both sides decode with the same decoder and encode with the same encoder and
  settings; only what lies between differs.  They run in turns, each in a process
  of its own pinned to one core before any library starts a thread, and the figure
  is the median of the ratios of neighbouring runs.
- Processor time counts, all threads together: on one core with nothing beside it
  that is the time that passes, and other work on the machine disturbs it less.
- Start-up (loading the model) is left out of both; files are read from memory.
- ``deface``, where it is installed (``DEFACE=/path/to/deface``), masks a short
  stretch of the same file at its defaults.
- Clips: two people walking towards a moving camera, six faces under a moving
  camera, a street from above.  From ``../shared/clips`` where that is; else the
  generated street, still and moving.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parent.parent
_CLIPS = _REPOSITORY.parent / "shared" / "clips"
_RATE = 25
_FRAMES = 200
_SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
_PAIRS = int(os.environ.get("SCRIM_BENCH_PAIRS", "3"))
_DEFACE_SHORT, _DEFACE_LONG = 5, 25


def run() -> dict[str, Any]:
    """Measure all clips at both sizes; see :mod:`bench`."""
    cache = Path(os.environ.get("SCRIM_BENCH_CACHE", Path(tempfile.gettempdir()) / "scrim-bench"))
    clips = _prepared(cache)
    figures: dict[str, Any] = {}
    for name, path in clips.items():
        runs = [(_child("plain", path), _child("masked", path)) for _ in range(_PAIRS)]
        ratios = sorted(
            masked["frames_per_second"] / plain["frames_per_second"] for plain, masked in runs
        )
        masked_share = runs[0][1]["masked_share"]
        figures[name] = {
            "ratio": {
                "value": round(statistics.median(ratios), 3),
                "low": round(ratios[0], 3),
                "high": round(ratios[-1], 3),
                "limit": 0.70,
                "better": "higher",
            },
            "plain frames a second": _middle(plain["frames_per_second"] for plain, _ in runs),
            "masked frames a second": _middle(masked["frames_per_second"] for _, masked in runs),
            "share of the picture masked": round(masked_share, 4),
        }
        print(f"   {name}: {json.dumps(figures[name])}", flush=True)
    figures["against deface"] = _against_deface(clips, figures)
    return figures


def _middle(values: Iterator[float]) -> float:
    return round(statistics.median(values), 1)


def _child(what: str, path: Path) -> dict[str, Any]:
    out = subprocess.run(
        [sys.executable, __file__, "--child", what, str(path)],
        check=True,
        capture_output=True,
        cwd=_REPOSITORY,
    )
    answer: dict[str, Any] = json.loads(out.stdout)
    return answer


def _against_deface(clips: dict[str, Path], figures: dict[str, Any]) -> dict[str, Any]:
    deface = os.environ.get("DEFACE")
    if not deface:
        return {"left out": "set DEFACE to the deface command of another environment"}
    out: dict[str, Any] = {}
    for name, path in clips.items():
        with tempfile.TemporaryDirectory() as folder:
            seconds = [
                _deface_seconds(deface, path, frames, Path(folder))
                for frames in (_DEFACE_SHORT, _DEFACE_LONG)
            ]
        speed = (_DEFACE_LONG - _DEFACE_SHORT) / (seconds[1] - seconds[0])
        times = figures[name]["masked frames a second"] / speed
        out[name] = {
            "deface frames a processor second": round(speed, 2),
            "times": {"value": round(times, 1), "limit": 20, "better": "higher"},
        }
        print(f"   deface, {name}: {json.dumps(out[name])}", flush=True)
    return out


def _deface_seconds(deface: str, path: Path, frames: int, folder: Path) -> float:
    """Processor seconds for the first ``frames`` frames, start-up included."""
    short = folder / f"{frames}.mp4"
    _cut(path, short, frames)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [deface, str(short), "-o", str(folder / f"{frames}-masked.mp4")],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# What runs in a child: one core, and no library imported before it is pinned.


def _measured(what: str, path: Path) -> dict[str, Any]:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import av
    import cv2

    from scrim.camera.packet import ClearPacket, StreamInfo
    from scrim.record.decode import Decoder
    from scrim.record.encode import MaskedEncoder
    from scrim.redact import (
        CenterFace,
        ClearFrame,
        RedactedFrame,
        Redactor,
        State,
        default_model,
    )

    cv2.setNumThreads(1)
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        context = track.codec_context
        size = (context.width, context.height)
        info = StreamInfo(
            "h264", *size, bytes(context.extradata or b""), "yuv420p", Fraction(_RATE)
        )
        assert track.time_base is not None
        scale = track.time_base * 1_000_000
        packets = [
            ClearPacket(
                bytes(packet),
                round(packet.pts * scale),
                round((packet.dts or 0) * scale),
                0,
                packet.is_keyframe,
                packet.pts,
                track.time_base,
            )
            for packet in container.demux(track)
            if packet.pts is not None and packet.size
        ]
    detector = CenterFace(default_model())
    width, height = detector.size_for(*size)
    import numpy as np

    detector.detect(np.zeros((height, width, 3), np.uint8))

    def plain(frame: ClearFrame) -> list[RedactedFrame]:
        # The encoder takes nothing else; this process masks nothing and keeps nothing.
        return [RedactedFrame(frame.picture, frame.index, frame.captured_us, 0, State.CLEAR, ())]

    redactor = Redactor(detector)
    push: Callable[[ClearFrame], list[RedactedFrame]] = redactor.push if what == "masked" else plain
    decoder = Decoder(info)
    encoder = MaskedEncoder(*size, Fraction(_RATE), origin_us=0)
    frames = area = written = 0

    def encode(ready: list[RedactedFrame]) -> None:
        nonlocal frames, area, written
        for frame in ready:
            for packet in encoder.encode(frame, key=frames % 50 == 0):
                written += packet.size
            frames += 1
            area += sum(mask.w * mask.h for mask in frame.masks)

    began = time.process_time()
    for packet in packets:
        for frame in decoder.decode(packet):
            encode(push(frame))
    for frame in decoder.flush():
        encode(push(frame))
    encode(redactor.flush())
    encoder.flush()
    seconds = time.process_time() - began
    return {
        "frames": frames,
        "frames_per_second": frames / seconds,
        "masked_share": area / (frames * size[0] * size[1]),
        "bytes": written,
    }


# Clips, made once.


def _prepared(cache: Path) -> dict[str, Path]:
    cache.mkdir(parents=True, exist_ok=True)
    out = {}
    for size_name, size in _SIZES.items():
        for name, source in _sources().items():
            path = cache / f"{name.replace(', ', '-').replace(' ', '-')}-{size_name}.mp4"
            if not path.exists():
                print(f"   making {path.name}", flush=True)
                _make(path, size, source)
            out[f"{name}, {size_name}"] = path
    return out


def _sources() -> dict[str, Callable[[tuple[int, int]], Iterator[Any]]]:
    if (_CLIPS / "faces.json").exists():
        return {
            "walking, moving camera": lambda size: _moving(
                size, _there_and_back("face-demographics-walking.gif"), 1.4
            ),
            "crowd, moving camera": lambda size: _moving(size, _crowd(), 1.4),
            "street": lambda size: _still(size, _read("one-by-one-person-detection.mp4", 160)),
        }
    return {
        "drawn street": lambda size: _still(size, _drawn()),
        "drawn street, moving camera": lambda size: _moving(size, _drawn(), 1.4),
    }


def _drawn() -> Iterator[Any]:
    from scrim.camera.demo import write_demo_clip

    path = Path(tempfile.gettempdir()) / "scrim-bench" / "drawn.mp4"
    if not path.exists():
        write_demo_clip(path, lambda _done, _total: None)
    return _decoded(path)


def _read(clip: str, skip: int = 0) -> Iterator[Any]:
    for index, picture in enumerate(_decoded(_CLIPS / clip)):
        if index >= skip:
            yield picture


def _decoded(path: Path) -> Iterator[Any]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="bgr24")


def _there_and_back(clip: str) -> Iterator[Any]:
    pictures = list(_read(clip))
    while True:
        yield from pictures
        yield from pictures[-2:0:-1]


def _crowd() -> Iterator[Any]:
    """Four clips as one picture: six faces and a few hands."""
    import cv2
    import numpy as np

    corners = [
        _there_and_back(clip)
        for clip in (
            "face-demographics-walking.gif",
            "head-pose-face-detection-female-and-male.gif",
            "head-pose-face-detection-male.gif",
            "again.mkv",
        )
    ]
    while True:
        a, b, c, d = (cv2.resize(next(corner), (480, 270)) for corner in corners)
        yield np.vstack([np.hstack([a, b]), np.hstack([c, d])])


def _still(size: tuple[int, int], pictures: Iterator[Any]) -> Iterator[Any]:
    import cv2

    for picture in pictures:
        yield cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)


def _moving(size: tuple[int, int], pictures: Iterator[Any], enlarged: float) -> Iterator[Any]:
    """A window that slides across, 12.8 pixels of 1280 a frame, and turns abruptly."""
    import cv2

    width, height = size
    large = (round(width * enlarged), round(height * enlarged))
    x, y = 0.0, 0.0
    right, down = width / 100, height / 240
    for picture in pictures:
        whole = cv2.resize(picture, large, interpolation=cv2.INTER_CUBIC)
        yield whole[round(y) : round(y) + height, round(x) : round(x) + width]
        x, y = x + right, y + down
        if not 0 <= x <= large[0] - width:
            right, x = -right, min(max(x, 0), large[0] - width)
        if not 0 <= y <= large[1] - height:
            down, y = -down, min(max(y, 0), large[1] - height)


def _make(
    path: Path, size: tuple[int, int], source: Callable[[tuple[int, int]], Iterator[Any]]
) -> None:
    import av
    import numpy as np

    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", _RATE, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for picture, _ in zip(source(size), range(_FRAMES), strict=False):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    part.rename(path)


def _cut(source: Path, target: Path, frames: int) -> None:
    """The first ``frames`` frames as a file, without encoding again."""
    import av

    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        track = reader.streams.video[0]
        copy = writer.add_stream_from_template(track)
        for index, packet in enumerate(reader.demux(track)):
            if index >= frames or packet.dts is None:
                break
            packet.stream = copy
            writer.mux(packet)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(_measured(sys.argv[2], Path(sys.argv[3]))))
    else:
        print(json.dumps(run(), indent=2))
