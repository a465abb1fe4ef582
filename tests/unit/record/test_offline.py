"""Every frame of the input is in the output, at its time; a mistake costs one sentence."""

from __future__ import annotations

import errno
import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import SettingsError, SourceMissing, SourceNotVideo, StoreError, StoreFull
from scrim.record.offline import redact_file
from scrim.redact import Detection, Policy, Zone
from scrim.redact.mask import FILL

TIMES = [0, 33, 100, 101, 180, 260, 300, 420, 421, 500, 700, 733]


class Corner:
    """Finds a face in the upper left quarter of whatever it is shown."""

    input_size = (320, 192)

    def detect(self, _image: NDArray[np.uint8]) -> list[Detection]:
        return [Detection(40, 40, 80, 50, 0.9)]


class Broken:
    input_size = (320, 192)

    def detect(self, _image: NDArray[np.uint8]) -> list[Detection]:
        raise RuntimeError


def clip(
    path: Path,
    *,
    size: tuple[int, int] = (320, 192),
    form: str = "yuv420p",
    codec: str = "libx264",
    sound: bool = False,
    times: list[int] = TIMES,
) -> Path:
    rng = np.random.default_rng(1)
    image = np.kron(
        rng.integers(90, 255, (size[1] // 8 + 1, size[0] // 8 + 1, 3), np.uint8),
        np.ones((8, 8, 1), np.uint8),
    )[: size[1], : size[0]]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, 25)
        stream.width, stream.height = size
        stream.pix_fmt = form
        stream.time_base = Fraction(1, 1000)
        stream.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("aac", 44100) if sound else None
        for at in times:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame = frame.reformat(format=form)
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if audio is not None:
            hum = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            hum.sample_rate, hum.pts = 44100, 0
            container.mux(audio.encode(hum))
            container.mux(audio.encode(None))
    return path


def pictures(path: Path) -> list[tuple[Fraction, NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        assert track.time_base is not None
        return [
            (frame.pts * track.time_base, np.asarray(frame.to_ndarray()[: frame.height]))
            for frame in container.decode(track)
            if frame.pts is not None
        ]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("source", ["in.mkv", "in.mp4"])
def test_count_and_time_stamps_are_kept_and_sound_is_not(
    tmp_path: Path, source: str, suffix: str
) -> None:
    path = clip(tmp_path / source, sound=True)
    out = tmp_path / f"out{suffix}"
    result = redact_file(path, out, detector=Corner())
    before, after = pictures(path), pictures(out)
    assert [time for time, _ in after] == [time for time, _ in before]
    assert len(after) == result.frames == len(TIMES)
    assert result.sound == 1
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize(
    ("size", "form", "codec"),
    [
        ((320, 192), "yuv420p", "libx264"),
        ((320, 192), "yuv420p10le", "libx264"),
        ((320, 192), "yuv422p", "libx264"),
        ((321, 193), "yuv444p", "libx264"),
        ((320, 192), "yuvj420p", "mjpeg"),
        ((161, 97), "bgr0", "ffv1"),
        ((160, 96), "gray", "ffv1"),
    ],
)
def test_odd_and_rare_pictures_are_masked_where_the_face_is(
    tmp_path: Path, size: tuple[int, int], form: str, codec: str
) -> None:
    path = clip(tmp_path / "in.mkv", size=size, form=form, codec=codec)
    redact_file(path, tmp_path / "out.mp4", detector=Corner(), report=tmp_path / "r.json")
    across, down = size[0] / 320, size[1] / 192
    shown = pictures(tmp_path / "out.mp4")
    assert len(shown) == len(TIMES)
    for _, luma in shown:
        assert luma.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2)
        face = luma[round(40 * down) : round(90 * down), round(40 * across) : round(120 * across)]
        assert (np.abs(face.astype(int) - FILL[0]) < 8).mean() > 0.98
        assert luma[-8:, -8:].mean() > 70, "what is not masked is shown"


def test_the_report_lists_each_frame_and_its_masks(tmp_path: Path) -> None:
    path = clip(tmp_path / "in.mkv")
    redact_file(path, tmp_path / "out.mp4", detector=Corner(), report=tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    assert list(report) == ["input", "size", "frames", "summary"]
    assert report["input"] == "in.mkv"
    assert report["size"] == [320, 192]
    assert [frame["index"] for frame in report["frames"]] == list(range(len(TIMES)))
    assert [frame["time"] for frame in report["frames"]] == [t / 1000 for t in TIMES]
    for frame in report["frames"]:
        assert frame["state"] == "masked"
        (mask,) = frame["masks"]
        assert set(mask) == {"x", "y", "w", "h", "oval", "kind", "track", "source"}
        assert mask["x"] <= 40
        assert mask["y"] <= 40
        assert mask["x"] + mask["w"] >= 120
        assert mask["source"] in {"detected", "propagated", "held"}
    assert report["summary"]["frames"] == report["summary"]["masked"] == len(TIMES)
    assert report["summary"]["sound_dropped"] is False


def test_a_broken_detector_gives_a_file_without_a_clear_sample(tmp_path: Path) -> None:
    path = clip(tmp_path / "in.mkv")
    result = redact_file(path, tmp_path / "out.mp4", detector=Broken())
    assert result.blanked == len(TIMES)
    assert result.blanked_because == {"the detector raised RuntimeError": len(TIMES)}
    for _, luma in pictures(tmp_path / "out.mp4"):
        assert np.abs(luma.astype(int) - FILL[0]).max() <= 2


def test_a_cut_off_input_gives_what_decodes_and_says_so(tmp_path: Path) -> None:
    path = clip(tmp_path / "in.mkv", times=list(range(0, 8000, 40)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    expected = len(pictures(path))
    result = redact_file(path, tmp_path / "out.mp4", detector=Corner())
    assert result.cut_off
    assert 20 < expected <= result.frames == len(pictures(tmp_path / "out.mp4"))


def test_a_whole_input_is_not_called_cut_off(tmp_path: Path) -> None:
    for name in ("in.mkv", "in.mp4"):
        assert not redact_file(
            clip(tmp_path / name, sound=True), tmp_path / "out.mp4", detector=Corner()
        ).cut_off


def test_a_phone_video_comes_out_upright(tmp_path: Path) -> None:
    path = clip(tmp_path / "in.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # the matrix of a version 0 track header
    one = 0x10000
    matrix = (0, one, 0, -one & 0xFFFFFFFF, 0, 0, 192 * one, 0, 0x40000000)
    data[at : at + 36] = b"".join(n.to_bytes(4, "big") for n in matrix)
    path.write_bytes(bytes(data))
    with av.open(str(path)) as container:
        rotation = next(iter(container.decode(video=0))).rotation
    assert rotation == -90
    redact_file(path, tmp_path / "out.mp4", detector=Corner(), report=tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["size"] == [192, 320]
    (_, stored), (_, shown) = pictures(path)[0], pictures(tmp_path / "out.mp4")[0]
    turned = np.rot90(stored, -1)
    assert shown.shape == turned.shape == (320, 192)
    assert np.abs(shown[220:].astype(int) - turned[220:].astype(int)).mean() < 8


def refused(source: Path, output: Path, report: Path | None = None) -> Any:
    before = sorted(output.parent.iterdir()) if output.parent.is_dir() else None
    with pytest.raises((SettingsError, SourceMissing, SourceNotVideo, StoreError)) as caught:
        redact_file(source, output, detector=Corner(), report=report)
    if before is not None:
        assert sorted(output.parent.iterdir()) == before, "nothing is left behind"
    return caught.value


def test_each_mistake_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    good = clip(tmp_path / "in.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a video at all\n" * 100)
    (tmp_path / "no-index.mp4").write_bytes(good.read_bytes()[:3000])
    sound = tmp_path / "sound.mkv"
    with av.open(str(sound), "w") as container:
        audio = container.add_stream("aac", 44100)
        hum = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        hum.sample_rate, hum.pts = 44100, 0
        container.mux(audio.encode(hum))
        container.mux(audio.encode(None))
    assert isinstance(refused(tmp_path / "gone.mp4", out), SourceMissing)
    for name, word in [
        ("empty.mp4", "empty"),
        ("text.mp4", "not a video"),
        ("no-index.mp4", "cut off"),
        ("sound.mkv", "no video"),
    ]:
        error = refused(tmp_path / name, out)
        assert isinstance(error, SourceNotVideo)
        assert word in error.message
        assert error.remedy
    assert "folder" in refused(tmp_path, out).message
    assert isinstance(refused(good, good), SettingsError)
    assert isinstance(refused(good, tmp_path / "out.avi"), SettingsError)
    assert isinstance(refused(good, out, good), SettingsError)
    assert isinstance(refused(good, tmp_path / "nowhere" / "out.mp4"), StoreError)
    (tmp_path / "link.mp4").symlink_to(good)
    assert isinstance(refused(good, tmp_path / "link.mp4"), SettingsError)


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = clip(tmp_path / "in.mp4")
    really = Path.open

    def closed(path: Path, *args: Any, **options: Any) -> Any:
        if path.suffix == ".part":  # root may write anywhere, so a folder's mode is no test
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, *args, **options)

    monkeypatch.setattr(Path, "open", closed)
    error = refused(good, tmp_path / "out.mp4")
    assert "cannot be written" in error.message


def test_a_full_disk_is_named_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = clip(tmp_path / "in.mp4")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert isinstance(refused(good, tmp_path / "out.mp4", tmp_path / "r.json"), StoreFull)


def test_an_output_that_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    good = clip(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    out.write_bytes(b"old")
    (tmp_path / "text.mp4").write_text("not a video")
    refused(tmp_path / "text.mp4", out)
    assert out.read_bytes() == b"old"
    redact_file(good, out, detector=Corner())
    assert len(pictures(out)) == len(TIMES)


def test_zones_are_burnt_in_and_in_the_report(tmp_path: Path) -> None:
    source, output = clip(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    policy = Policy(zones=(Zone.parse("right: 0.5,0 1,0 1,1 0.5,1"),))
    redact_file(source, output, detector=Corner(), policy=policy, report=tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert len(report["frames"]) == len(TIMES)
    for frame in report["frames"]:
        zone, *faces = frame["masks"]
        assert (zone["kind"], zone["source"], zone["x"] + zone["w"]) == ("zone", "fixed", 320)
        assert zone["x"] <= 160
        assert {face["kind"] for face in faces} == {"face"}
    assert report["summary"]["tracks"] == 1
    with av.open(str(output), "r") as film:
        for picture in film.decode(video=0):
            right = picture.to_ndarray(format="yuv420p")[:192, 160:320].astype(int)
            assert np.abs(right - FILL[0]).max() <= 3
