"""Masked pipeline against a plain transcode, on one core, and what the masks miss.

Rules:

- Both sides decode with the same decoder and encode with the same encoder and
  settings; only what lies between differs.  They share a process pinned to one core
  before any library starts a thread, and take turns every 15 frames, so that what
  else runs on the machine meets both alike.  A figure is the median over several
  passes through the clip.
- Processor time counts, all threads together: on one core with nothing beside it
  that is the time that passes, and other work on the machine disturbs it less.
- Start-up (loading the model) is left out of both; files are read from memory.
- Speed is never shown without coverage: faces that the same network finds at the
  picture's own size, with a score of 0.5 or more, in every third frame, and how many of
  them the masks leave open.  It can tell what the shrunk looks and the flow lose;
  it cannot tell what the network never sees.
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
_PASSES = int(os.environ.get("SCRIM_BENCH_PAIRS", "3"))
_TURN = 15  # frames
_COVER_FRAMES = 90
_DEFACE_SHORT, _DEFACE_LONG = 5, 25


def run() -> dict[str, Any]:
    """Measure all clips at both sizes; see :mod:`bench`."""
    cache = Path(os.environ.get("SCRIM_BENCH_CACHE", Path(tempfile.gettempdir()) / "scrim-bench"))
    clips = _prepared(cache)
    figures: dict[str, Any] = {}
    for name, path in clips.items():
        speed, cover = _child("speed", path), _child("cover", path)
        ratios = sorted(speed["ratios"])
        figures[name] = {
            "ratio": {
                "value": round(statistics.median(ratios), 3),
                "low": round(ratios[0], 3),
                "high": round(ratios[-1], 3),
                "limit": 0.70,
                "better": "higher",
            },
            "plain frames a second": round(speed["plain"], 1),
            "masked frames a second": round(speed["masked"], 1),
            "faces checked": cover["faces"],
            "faces under 85 % covered": {
                "value": cover["open"],
                "limit": 0,
                "better": "lower",
            },
            "share of the picture masked": round(cover["masked_share"], 4),
            "the faces' own share of it": round(cover["faces_share"], 4),
        }
        print(f"   {name}: {json.dumps(figures[name])}", flush=True)
    figures["against deface"] = _against_deface(clips, figures)
    return figures


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


def _pinned() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import cv2

    cv2.setNumThreads(1)


def _speed(path: Path) -> dict[str, Any]:
    """Ratios of processor time, one for each pass, and frames a processor second."""
    _pinned()
    import numpy as np

    from scrim.redact import CenterFace

    info, packets = _packets(path)
    detector = CenterFace(_model())
    across, down = detector.size_for(info.width, info.height)
    detector.detect(np.zeros((down, across, 3), np.uint8))
    ratios, best = [], {"plain": 0.0, "masked": 0.0}
    for _ in range(_PASSES):
        sides = {"plain": _Side(info, None), "masked": _Side(info, detector)}
        for start in range(0, len(packets), _TURN):
            for side in sides.values():
                side.take(packets[start : start + _TURN])
        for side in sides.values():
            side.finish()
        ratios.append(sides["plain"].seconds / sides["masked"].seconds)
        for name, side in sides.items():
            assert side.frames == len(packets)
            best[name] = max(best[name], side.frames / side.seconds)
    return {"ratios": ratios, **best}


class _Side:
    """Decode, mask or not, encode; and the processor time that took."""

    def __init__(self, info: Any, detector: Any) -> None:
        from scrim.record.decode import Decoder
        from scrim.record.encode import MaskedEncoder
        from scrim.redact import Redactor

        self._decoder = Decoder(info)
        self._encoder = MaskedEncoder(info.width, info.height, Fraction(_RATE), origin_us=0)
        self._redactor = Redactor(detector) if detector is not None else None
        self.frames = 0
        self.seconds = 0.0

    def take(self, packets: list[Any]) -> None:
        began = time.process_time()
        for packet in packets:
            self._take(self._decoder.decode(packet))
        self.seconds += time.process_time() - began

    def finish(self) -> None:
        began = time.process_time()
        self._take(self._decoder.flush())
        if self._redactor is not None:
            self._encode(self._redactor.flush())
        self._encoder.flush()
        self.seconds += time.process_time() - began

    def _take(self, frames: list[Any]) -> None:
        from scrim.redact import RedactedFrame, State

        for frame in frames:
            if self._redactor is not None:
                self._encode(self._redactor.push(frame))
            else:
                # The encoder takes nothing else; this side masks nothing and keeps nothing.
                bare = (frame.picture, frame.index, frame.captured_us, 0, State.CLEAR, ())
                self._encode([RedactedFrame(*bare)])

    def _encode(self, frames: list[Any]) -> None:
        for frame in frames:
            self._encoder.encode(frame, key=self.frames % 50 == 0)
            self.frames += 1


def _cover(path: Path) -> dict[str, Any]:
    """How many faces the masks leave open, and how much of the picture they take."""
    import av
    import numpy as np

    from scrim.redact import CenterFace, ClearFrame, Redactor
    from scrim.redact.mask import FILL, samples

    faces = _faces(path)
    redactor = Redactor(CenterFace(_model()))
    covered, shares, own = [], [], []

    def judge(ready: list[Any]) -> None:
        for frame in ready:
            luma = samples(frame.picture.planes[0])
            shares.append(sum(mask.w * mask.h for mask in frame.masks) / luma.size)
            for x, y, w, h in faces.get(frame.index, []):
                part = luma[max(0, int(y)) : int(y + h) + 1, max(0, int(x)) : int(x + w) + 1]
                covered.append(float((np.abs(part.astype(int) - FILL[0]) <= 2).mean()))
            if frame.index in faces:
                own.append(sum(w * h for _, _, w, h in faces[frame.index]) / luma.size)

    with av.open(str(path)) as container:
        for index, picture in enumerate(container.decode(video=0)):
            if index >= _COVER_FRAMES:
                break
            judge(redactor.push(ClearFrame(picture, index, index * 1_000_000 // _RATE)))
    judge(redactor.flush())
    return {
        "faces": len(covered),
        "open": sum(share < 0.85 for share in covered),
        "masked_share": statistics.mean(shares),
        "faces_share": statistics.mean(own) if own else 0.0,
    }


def _faces(path: Path) -> dict[int, list[list[float]]]:
    """Faces in every third frame: x, y, w, h in its pixels; found once for each clip."""
    import av

    from scrim.redact import CenterFace

    known = path.with_suffix(".faces.json")
    if not known.exists():
        detector = CenterFace(_model(), threads=2, threshold=0.5)
        found: dict[int, list[list[float]]] = {}
        with av.open(str(path)) as container:
            for index, picture in enumerate(container.decode(video=0)):
                if index >= _COVER_FRAMES:
                    break
                if index % 3 == 0:
                    across, down = (max(32, s // 32 * 32) for s in (picture.width, picture.height))
                    image: Any = picture.reformat(across, down, "bgr24").to_ndarray()
                    x, y = picture.width / across, picture.height / down
                    found[index] = [
                        [d.x * x, d.y * y, d.w * x, d.h * y] for d in detector.detect(image)
                    ]
        known.write_text(json.dumps(found), encoding="utf-8")
    return {int(index): boxes for index, boxes in json.loads(known.read_text()).items()}


def _model() -> Path:
    from scrim.redact import default_model

    return default_model()


def _packets(path: Path) -> tuple[Any, list[Any]]:
    """The stream's description and its packets, read into memory."""
    import av

    from scrim.camera.packet import ClearPacket, StreamInfo

    with av.open(str(path)) as container:
        track = container.streams.video[0]
        context = track.codec_context
        info = StreamInfo(
            "h264",
            context.width,
            context.height,
            bytes(context.extradata or b""),
            "yuv420p",
            Fraction(_RATE),
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
    return info, packets


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
        measure = {"speed": _speed, "cover": _cover}[sys.argv[2]]
        print(json.dumps(measure(Path(sys.argv[3]))))
    else:
        print(json.dumps(run(), indent=2))
