"""Stopping while masking is behind: in bounded time, and what was not masked is a gap."""

from __future__ import annotations

import inspect
import json
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select
from tests.sim.street import ListSource, SquareDetector, Street

from scrim import stopping
from scrim.camera.packet import ClearPacket, Gap, GapCause, SourceEnded, SourceEvent
from scrim.canonical import Json
from scrim.errors import StoreError
from scrim.fleet.supervisor import Supervisor
from scrim.ledger import Entry
from scrim.record.camera_recorder import CameraRecorder
from scrim.record.catalogue import PeriodId
from scrim.record.mask_side import MaskSide
from scrim.record.recovery import recover
from scrim.redact import Detection
from scrim.store import schema
from scrim.store.database import reading

PATIENCE_S = 120.0


class Held(SquareDetector):
    """Does not come back from its second look before it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.waits = threading.Event()
        self.looks = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self.looks += 1
        if self.looks == 2:
            self.waits.set()
            self.go.wait(PATIENCE_S)
        return super().detect(image)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go.set()


def _recorder(street: Street, held: Held, events: list[SourceEvent]) -> CameraRecorder:
    """Of a camera that waits for masking, until that waits for the detector."""
    source = ListSource([*events, SourceEnded()], pace_s=0.0)
    row = street.catalogue.camera("street")
    recorder = CameraRecorder(row, street.around(detector=lambda: held), source=source)
    source.ready = lambda: held.waits.is_set() or not len(recorder._backlog)
    return recorder


def _gaps(street: Street) -> list[tuple[str, str, int, int | None]]:
    table = schema.gap
    with reading(street.engine) as connection:
        found = connection.execute(select(table).order_by(table.c.since_us)).all()
    return [(one.side, one.cause, one.since_us, one.until_us) for one in found]


def _spans(street: Street, side: str) -> list[tuple[int, int]]:
    table = schema.segment
    with reading(street.engine) as connection:
        rows = connection.execute(
            select(table).where(table.c.side == side).order_by(table.c.segment)
        ).all()
    assert {row.state for row in rows} <= {"stored"}
    return [(row.start_us, row.end_us) for row in rows]


def _acts(street: Street) -> list[str]:
    return [
        Entry.parse(body).act.value for _, body in street.ledger.entries(0, street.ledger.size())
    ]


def _end_us(events: list[SourceEvent]) -> int:
    return max(one.captured_us + one.duration_us for one in events if isinstance(one, ClearPacket))


def _at(events: list[SourceEvent], picture: int) -> int:
    packet = events[picture + 1]
    assert isinstance(packet, ClearPacket)
    return packet.captured_us


def _times(monkeypatch: pytest.MonkeyPatch, masking_s: float, ending_s: float) -> None:
    monkeypatch.setattr(stopping, "MASKING_S", masking_s)
    monkeypatch.setattr(stopping, "ENDING_S", ending_s)
    monkeypatch.setattr(stopping, "WRITING_S", ending_s + PATIENCE_S)


def test_invariant_10_a_stop_says_what_masking_never_came_to(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs for good; nothing that it gives later leaves after the camera has stopped."""
    _times(monkeypatch, 0.1, 0.2)
    events = street.events(80, gop=25)
    recorder = _recorder(street, held, events)
    recorder.run()
    assert _spans(street, "masked") == []
    whole = ("masked", "recorder-stopped", _at(events, 0), _end_us(events))
    assert _gaps(street) == [whole]
    assert _spans(street, "sealed")[-1][1] == _end_us(events)
    assert _acts(street)[-3:] == ["gap", "gap", "camera-stopped"]
    assert "masking does not end; what it has not masked is said as a gap" in street.lines
    sent = len(street.sent)
    held.go.set()
    recorder._mask.join(PATIENCE_S)
    assert not recorder._mask.is_alive()
    assert len(street.sent) == sent
    assert _spans(street, "masked") == []
    recover(street.engine, street.catalogue, "street", _end_us(events) + 1_000_000)
    assert [one for one in _gaps(street) if one[0] == "masked"] == [whole], "told once"


def test_invariant_10_masking_that_is_slow_shows_what_it_looked_at_and_leaves_the_rest(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    _times(monkeypatch, 0.1, PATIENCE_S)
    end_soon = MaskSide.end_soon

    def told(self: MaskSide) -> None:
        end_soon(self)
        held.go.set()

    monkeypatch.setattr(MaskSide, "end_soon", told)
    events = street.events(80, gop=25)
    _recorder(street, held, events).run()
    ((start_us, end_us),) = _spans(street, "masked")
    assert start_us == _at(events, 0)
    assert end_us < _end_us(events)
    assert _gaps(street) == [("masked", "recorder-stopped", end_us, _end_us(events))]
    assert _acts(street)[-1] == "camera-stopped"


def test_a_gap_among_what_is_left_is_not_told_twice(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    _times(monkeypatch, 0.1, 0.2)
    first = street.events(50, gop=25)
    away_us, back_us = _end_us(first), _end_us(first) + 400_000
    second = street.events(30, gop=25, start_us=back_us)
    gone = Gap(away_us, None, GapCause.DISCONNECTED)
    back = Gap(away_us, back_us, GapCause.DISCONNECTED)
    _recorder(street, held, [*first, gone, back, *second[1:]]).run()
    assert _gaps(street) == [
        ("masked", "recorder-stopped", _at(first, 0), away_us),
        ("both", "disconnected", away_us, back_us),
        ("masked", "recorder-stopped", back_us, _end_us(second)),
    ]


def test_what_masking_can_still_do_is_done_at_a_stop(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No picture is left for the sake of a quick stop."""
    _times(monkeypatch, PATIENCE_S, 2 * PATIENCE_S)
    events = street.events(80, gop=25)
    recorder = _recorder(street, held, events)
    closed = recorder._backlog.close

    def close() -> None:
        closed()
        held.go.set()

    recorder._backlog.close = close  # type: ignore[method-assign]
    recorder.run()
    assert _spans(street, "masked") == _spans(street, "sealed")
    assert _gaps(street) == []


def test_the_time_of_a_stop_counts_from_when_it_was_asked(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that is slow to notice takes of the same time, which is all there is."""
    _times(monkeypatch, PATIENCE_S, 2 * PATIENCE_S)
    recorder = _recorder(street, held, street.events(40, gop=25))
    recorder.stop()
    recorder._stop_at = time.monotonic() - 3 * PATIENCE_S
    asked: list[float | None] = []
    join = recorder._mask.join

    def joined(timeout: float | None = None) -> None:
        asked.append(timeout)
        join(timeout)

    monkeypatch.setattr(recorder._mask, "join", joined)
    recorder.run()
    assert asked[0] is not None
    assert asked[0] <= 1.0


def test_a_recorder_is_through_before_the_supervisor_kills_it() -> None:
    times = [stopping.MASKING_S, stopping.ENDING_S, stopping.WRITING_S, stopping.KILLED_S]
    assert times == sorted(set(times))
    assert stopping.KILLED_S - stopping.WRITING_S >= 2.0, "for the last entries"
    asked = inspect.signature(Supervisor).parameters["stop_seconds"].default
    assert asked == stopping.KILLED_S


def test_the_ledger_says_of_which_side_and_why(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    _times(monkeypatch, 0.1, 0.2)
    _recorder(street, held, street.events(40, gop=25)).run()
    with reading(street.engine) as connection:
        row = connection.execute(select(schema.gap)).one()
    assert row.detail == "sealed, but not masked yet"
    entries = [Entry.parse(body) for _, body in street.ledger.entries(0, street.ledger.size())]
    told = [one.facts for one in entries if one.act.value == "gap"]
    assert json.dumps(told[0], sort_keys=True) == '{"cause": "recorder-stopped", "side": "masked"}'


def test_invariant_10_a_stop_that_could_not_be_told_whole_is_no_good_order(
    street: Street, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the writer gave up is left to the camera's next start, which finds it."""
    monkeypatch.setattr("scrim.record.writer._RETRY_S", 0.01)
    monkeypatch.setattr("scrim.record.writer._RETRY_AT_STOP_S", 0.05)
    held.go.set()
    events = street.events(80, gop=50)
    begin = street.catalogue.begin_segment
    away = StoreError("The database is away.", "Wait.")

    def first_alone(period: PeriodId, record: dict[str, Json]) -> None:
        if (record["side"], record["segment"]) != ("sealed", 0):
            raise away
        begin(period, record)

    def never(*_: object) -> int:
        raise away

    with monkeypatch.context() as patch:
        patch.setattr(street.catalogue, "begin_segment", first_alone)
        patch.setattr(street.catalogue.gaps, "open", never)
        _recorder(street, held, events).run()
    assert "camera-stopped" not in _acts(street)
    assert (_spans(street, "masked"), _gaps(street)) == ([], [])
    recover(street.engine, street.catalogue, "street", _end_us(events) + 1_000_000)
    assert _gaps(street) == [
        ("masked", "recorder-stopped", _at(events, 0), _at(events, 50)),
        ("both", "recorder-stopped", _at(events, 50), None),
    ]
