"""The masked side of a camera that mostly sees nobody: passed, encoded, and passed again."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select
from tests.sim.coded import units
from tests.sim.street import (
    AHEAD_US,
    SIDE,
    Street,
    draw,
    draw_empty,
    encoded,
    recorder_of,
    square,
)

from scrim.camera.packet import (
    ClearPacket,
    Gap,
    GapCause,
    SourceEnded,
    SourceEvent,
    StreamInfo,
    StreamStarted,
)
from scrim.live.wire import Init, Part
from scrim.record.camera_recorder import CameraRecorder
from scrim.record.encode import MaskedEncoder
from scrim.settings import Encoding, Redaction, Settings
from scrim.store import schema
from scrim.store.database import reading

PERSON = range(130, 170)  # pictures with somebody in them; 100 and 150 are key pictures


def seen(index: int) -> av.VideoFrame:
    return draw(index) if index in PERSON else draw_empty(index)


def stream(
    street: Street, count: int, drawn: Callable[[int], av.VideoFrame], **how: int
) -> tuple[StreamInfo, list[ClearPacket]]:
    start_us = how.pop("start_us", street.clock.now_us() + AHEAD_US)
    return encoded(count, start_us=start_us, gop=50, picture=drawn, **how)


def record(street: Street, events: Sequence[object], **around: object) -> CameraRecorder:
    recorder = recorder_of(street, events, **around)  # type: ignore[arg-type]
    recorder.run()
    return recorder


def rows(street: Street) -> list[dict[str, Any]]:
    table = schema.segment
    with reading(street.engine) as connection:
        found = connection.execute(
            select(table.c.record).where(table.c.side == "masked").order_by(table.c.segment)
        ).all()
    return [json.loads(row.record) for row in found]


def lumas(data: bytes) -> list[NDArray[Any]]:
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(video=0))
    assert not any(frame.is_corrupt for frame in frames)
    return [luma_of(frame) for frame in frames]


def luma_of(frame: av.VideoFrame) -> NDArray[Any]:
    return np.asarray(frame.to_ndarray())[: frame.height]


def stored(street: Street) -> list[NDArray[Any]]:
    """The luma of every stored picture; each segment is decoded alone."""
    return [one for row in rows(street) for one in lumas(street.objects.get(row["key"]))]


def shows_the_square(luma: NDArray[Any], index: int) -> bool:
    x, y = square(index)
    return bool(luma[y : y + SIDE, x : x + SIDE].max() > 150)


def test_an_empty_street_is_passed_and_what_comes_is_masked(street: Street) -> None:
    info, packets = stream(street, 300, seen)
    record(street, [StreamStarted(info), *packets, SourceEnded()])
    found = rows(street)
    assert [r["frames"] for r in found] == [50] * 6
    passed = [r["passed"] for r in found]
    assert passed[0] == 0
    assert passed[1] == 50
    assert 0 < passed[2] <= 30  # up to where the masks begin, in the middle of the GOP
    assert passed[3] == 0
    assert passed[5] == 50  # masks are held a while, and then a second has to be clear
    for row in found:
        assert row["passed"] <= row["clear"]
    pictures = stored(street)
    assert len(pictures) == 300
    for index in PERSON:
        assert not shows_the_square(pictures[index], index), index
    assert shows_the_square(luma_of(seen(140)), 140)


def test_passed_pictures_are_the_cameras_own_to_the_sample(street: Street) -> None:
    info, packets = stream(street, 150, draw_empty)
    record(street, [StreamStarted(info), *packets, SourceEnded()])
    assert [r["passed"] for r in rows(street)] == [0, 50, 50]
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [f for p in packets for f in decoder.decode(av.Packet(p.data))] + decoder.decode(None)
    for luma, frame in zip(stored(street)[50:], frames[50:], strict=True):
        assert np.array_equal(luma, luma_of(frame))


def test_no_key_picture_shows_anybody_wherever_decoding_starts(street: Street) -> None:
    """A viewer may come in at any key frame, and gets nothing but what was covered."""
    info, packets = stream(street, 300, seen)
    settings = Settings(redaction=Redaction(look_seconds=0.44))
    record(street, [StreamStarted(info), *packets, SourceEnded()], settings=settings)
    (init,) = [m for m in street.sent if isinstance(m, Init)]
    parts = [m for m in street.sent if isinstance(m, Part)]
    for first, part in enumerate(parts):
        if part.independent:
            payload = init.payload + b"".join(p.payload for p in parts[first:])
            for index, luma in enumerate(lumas(payload), first * 10):
                assert index not in PERSON or not shows_the_square(luma, index)
    # and inside of parts: each key sample with all that follow
    whole = init.payload + b"".join(p.payload for p in parts)
    with av.open(io.BytesIO(whole), "r") as container:
        extradata = container.streams.video[0].codec_context.extradata
        samples = [p for p in container.demux(video=0) if p.size]
    keys = [index for index, sample in enumerate(samples) if sample.is_keyframe]
    assert any(index % 10 for index in keys)  # where it changed in the middle of a part
    for first in keys:
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = extradata
        decoder.thread_count = 1
        shown = [f for s in samples[first:] for f in decoder.decode(av.Packet(bytes(s)))]
        for index, frame in enumerate(shown + decoder.decode(None), first):
            assert not frame.is_corrupt
            luma = luma_of(frame)
            assert index not in PERSON or not shows_the_square(luma, index)


def test_only_pictures_and_two_pairs_of_parameters_leave(street: Street) -> None:
    info, packets = stream(street, 150, draw_empty)
    record(street, [StreamStarted(info), *packets, SourceEnded()])
    for row in rows(street):
        with av.open(io.BytesIO(street.objects.get(row["key"])), "r") as container:
            extradata = bytes(container.streams.video[0].codec_context.extradata or b"")
            assert len(extradata) < 100
            for packet in container.demux(video=0):
                data = bytes(packet)
                while data:
                    size = int.from_bytes(data[:4], "big")
                    assert data[4] & 31 in (1, 5)
                    data = data[4 + size :]


def test_the_setting_turns_it_off(street: Street) -> None:
    info, packets = stream(street, 150, draw_empty)
    settings = Settings(encoding=Encoding(pass_through=False))
    record(street, [StreamStarted(info), *packets, SourceEnded()], settings=settings)
    assert [r["passed"] for r in rows(street)] == [0, 0, 0]


def test_late_frames_that_can_be_passed_are_not_left_out(street: Street) -> None:
    """What is left out when it is late saves encoding; passing has nothing to save."""
    start_us = street.clock.now_us() - AHEAD_US
    info, packets = stream(street, 200, draw_empty, start_us=start_us)
    recorder = record(street, [StreamStarted(info), *packets, SourceEnded()])
    found = rows(street)
    assert found[0]["frames"] < 15
    assert [(r["frames"], r["passed"]) for r in found[1:]] == [(50, 50)] * 3
    assert recorder.status().dropped == 50 - found[0]["frames"]


def test_somebody_who_comes_while_it_is_late_is_masked(street: Street) -> None:
    start_us = street.clock.now_us() - AHEAD_US
    info, packets = stream(street, 300, seen, start_us=start_us)
    record(street, [StreamStarted(info), *packets, SourceEnded()])
    found = rows(street)
    assert found[1]["passed"] == 50
    assert 0 < found[2]["passed"] <= 30
    assert found[2]["frames"] < 50
    (init,) = [m for m in street.sent if isinstance(m, Init)]
    for row in found:
        with av.open(io.BytesIO(street.objects.get(row["key"])), "r") as container:
            for frame in container.decode(video=0):
                assert not frame.is_corrupt
                at_us = init.origin_us + round((frame.pts or 0) * 1_000_000 / 90_000)
                index = round((at_us - start_us) / 40_000)
                luma = luma_of(frame)
                assert index not in PERSON or not shows_the_square(luma, index)


def gap_at(packet: ClearPacket, cause: GapCause) -> list[SourceEvent]:
    return [
        Gap(packet.captured_us - 40_000, None, cause),
        Gap(packet.captured_us - 40_000, packet.captured_us, cause),
    ]


def test_nothing_is_passed_over_a_gap(street: Street) -> None:
    info, packets = stream(street, 300, draw_empty)
    lost = gap_at(packets[120], GapCause.PACKETS_LOST)
    record(street, [StreamStarted(info), *packets[:110], *lost, *packets[120:], SourceEnded()])
    by_start = {r["start_us"]: r for r in rows(street)}
    assert by_start[packets[100].captured_us]["passed"] == 10
    assert by_start[packets[150].captured_us]["passed"] == 0  # not yet a second without a gap
    assert by_start[packets[200].captured_us]["passed"] == 50


def test_a_damaged_picture_ends_it(street: Street) -> None:
    info, packets = stream(street, 450, draw_empty)
    (unit,) = units(packets[120].data)
    broken = packets[120]
    damaged = ClearPacket(
        data=b"\0\0\0\1" + unit[: len(unit) // 3] + bytes(range(200)) * 2,
        captured_us=broken.captured_us,
        decode_us=broken.decode_us,
        duration_us=broken.duration_us,
        is_key=False,
        camera_pts=broken.camera_pts,
        camera_time_base=broken.camera_time_base,
    )
    record(street, [StreamStarted(info), *packets[:120], damaged, *packets[121:], SourceEnded()])
    found = rows(street)
    assert found[1]["passed"] == 50
    assert found[2]["passed"] <= 20
    assert found[2]["blanked"] >= 30
    # masks are wide for three seconds of calm, and nothing is passed on that rung
    assert [r["passed"] for r in found[3:5]] == [0, 0]
    assert [r["passed"] for r in found[6:]] == [50, 50, 50]


def test_after_a_fault_everything_begins_anew(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = MaskedEncoder.stamp
    count = itertools.count()

    def faulty(self: MaskedEncoder, *given: Any, **named: Any) -> int:
        if next(count) == 120:
            raise MemoryError
        return stamp(self, *given, **named)

    monkeypatch.setattr(MaskedEncoder, "stamp", faulty)
    info, packets = stream(street, 300, draw_empty)
    record(street, [StreamStarted(info), *packets, SourceEnded()])
    found = {r["segment"]: r for r in rows(street)}
    assert 2 not in found
    assert [found[s]["passed"] for s in (0, 1, 3, 4, 5)] == [0, 50, 0, 50, 50]
    assert found[1]["init"] == found[5]["init"]  # the same camera, the same parameters
    assert len([m for m in street.sent if isinstance(m, Init)]) == 2


def test_a_new_stream_has_its_own_parameters(street: Street) -> None:
    info, packets = stream(street, 150, draw_empty)
    after_us = packets[-1].captured_us + 40_000
    other, later = stream(street, 150, draw_empty, start_us=after_us, fps=50)
    record(street, [StreamStarted(info), *packets, StreamStarted(other), *later, SourceEnded()])
    found = rows(street)
    assert [r["passed"] for r in found[:3]] == [0, 50, 50]
    assert sum(r["passed"] for r in found[3:]) >= 50
    assert len({r["init"] for r in found}) == 2
    assert len(stored(street)) == 300
