"""A masking thread that is late: what it leaves out, and what the record says of it."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import av
import pytest
from sqlalchemy import select
from tests.sim.street import Street, recorder_of

from scrim.audit import Kind, Severity, verify_folder
from scrim.camera.packet import Gap, GapCause, SourceEnded, SourceEvent
from scrim.live.wire import Part, SegmentDone
from scrim.record.camera_recorder import CameraRecorder
from scrim.store import schema
from scrim.store.database import reading

LONG_AGO_US = 600_000_000  # so late that no more could be left out


def _records(street: Street, side: str) -> list[dict[str, Any]]:
    table = schema.segment
    with reading(street.engine) as connection:
        found = connection.execute(
            select(table).where(table.c.side == side).order_by(table.c.segment)
        ).all()
    return [json.loads(row.record) for row in found]


def _late(street: Street, count: int, *, gop: int, fps: int = 25) -> list[SourceEvent]:
    start_us = street.clock.now_us() - LONG_AGO_US
    return street.events(count, start_us=start_us, gop=gop, fps=fps)


def _record(street: Street, events: list[SourceEvent]) -> CameraRecorder:
    recorder = recorder_of(street, [*events, SourceEnded()])
    recorder.run()
    return recorder


def _shown(street: Street, record: dict[str, Any]) -> list[int]:
    """Capture times of the pictures in a masked segment."""
    with av.open(io.BytesIO(street.objects.get(record["key"])), "r") as film:
        tick = film.streams.video[0].time_base
        assert tick is not None
        return [
            record["origin_us"] + round((frame.pts or 0) * tick * 1_000_000)
            for frame in film.decode(video=0)
        ]


@pytest.mark.parametrize(
    ("fps", "gop", "count"),
    [(25, 50, 147), (5, 10, 38), (1, 2, 12)],  # the last of them end within a segment
)
def test_invariant_10_a_segment_is_there_from_its_first_picture_to_its_last(
    street: Street, fps: int, gop: int, count: int
) -> None:
    recorder = _record(street, _late(street, count, fps=fps, gop=gop))
    sealed, masked = _records(street, "sealed"), _records(street, "masked")
    step_us = 1_000_000 // fps
    for theirs, ours in zip(sealed, masked, strict=True):
        assert (ours["start_us"], ours["end_us"]) == (theirs["start_us"], theirs["end_us"])
        shown = _shown(street, ours)
        assert len(shown) == ours["frames"]
        assert abs(shown[0] - theirs["start_us"]) < 100, "the first, to a tick of the film"
        assert abs(shown[-1] + step_us - theirs["end_us"]) < 100
        between = [after - before for before, after in itertools.pairwise(shown)]
        assert max(between) <= 250_000 + step_us + 100
        assert ours["frames"] + ours["thinned"] == theirs["packets"], "all are accounted for"
    assert sum(one["thinned"] for one in masked) == recorder.status().dropped
    assert (recorder.status().dropped > 0) == (fps > 1)
    with reading(street.engine) as connection:
        assert connection.execute(select(schema.gap)).all() == []


def test_a_stretch_that_a_gap_ends_is_there_to_its_last_picture(street: Street) -> None:
    events = _late(street, 44, gop=44)
    end_us = events[-1].captured_us + 40_000  # type: ignore[union-attr]
    gap = Gap(end_us, None, GapCause.DISCONNECTED)
    _record(street, [*events, gap])
    (ours,) = _records(street, "masked")
    assert ours["thinned"] > 0
    assert ours["end_us"] == end_us


def test_nothing_is_thinned_in_time(street: Street) -> None:
    _record(street, street.events(60, gop=50))
    assert [one["thinned"] for one in _records(street, "masked")] == [0, 0]


def test_what_is_thinned_plays_live_and_verifies(street: Street) -> None:
    _record(street, _late(street, 147, gop=50))
    parts = [one for one in street.sent if isinstance(one, Part)]
    done = [one for one in street.sent if isinstance(one, SegmentDone)]
    for record, told in zip(_records(street, "masked"), done, strict=True):
        mine = [one for one in parts if one.segment == record["segment"]]
        assert mine[0].independent
        assert [one.part for one in mine] == list(range(len(mine)))
        assert (told.start_us, told.end_us) == (record["start_us"], record["end_us"])
        film = street.objects.get(record["key"])
        assert film[record["init_size"] :] == b"".join(one.payload for one in mine)
    report = verify_folder(street.folder.path)
    problems = [one for one in report.findings if one.severity is Severity.PROBLEM]
    assert {one.kind for one in problems} <= {Kind.KEY_MISSING}, "this ledger is signed by nobody"
    assert report.checked["segments"] == 6
