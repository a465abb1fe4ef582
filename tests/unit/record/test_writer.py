"""The store fails: nothing is lost that fits, and what does not fit is said."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select
from tests.sim.street import Street

from scrim.camera.packet import Gap, GapCause
from scrim.canonical import Json
from scrim.errors import StoreError, StoreFull
from scrim.record.catalogue import PeriodId
from scrim.record.periods import Periods
from scrim.record.segments import Slot
from scrim.record.writer import GapNews, MaskedSegment, Writer
from scrim.store import schema
from scrim.store.database import reading


def writer_of(street: Street, most_bytes: int = 10_000_000) -> Writer:
    epoch, _ = street.catalogue.begin_epoch("street", 1)
    periods = Periods(street.catalogue, "street", epoch, street.custodians, street.clock)
    periods.ensure(1)
    return Writer(
        street.catalogue,
        periods,
        "street",
        epoch,
        most_bytes=most_bytes,
        clock=street.clock,
        report=street.lines.append,
    )


def segment(number: int, size: int = 1000) -> MaskedSegment:
    start_us = number * 2_000_000
    return MaskedSegment(Slot(number, 1), start_us, start_us + 2_000_000, b"x" * size, {})


def states(street: Street) -> list[tuple[int, str]]:
    table = schema.segment
    with reading(street.engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.segment)).all()
    return [(row.segment, row.state) for row in rows]


def test_a_full_disk_is_tried_again_until_there_is_room(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrim.record.writer._RETRY_S", 0.02)
    writer = writer_of(street)
    put = street.objects.put
    full = True

    def refuse(key: str, data: bytes) -> None:
        if full:
            raise StoreFull("The disk is full.", "Free some space.")
        put(key, data)

    monkeypatch.setattr(street.objects, "put", refuse)
    writer.start()
    writer.offer(segment(0))
    writer.offer(segment(1))
    deadline = time.monotonic() + 60
    while not writer.failing and time.monotonic() < deadline:
        time.sleep(0.01)
    assert writer.failing == "The disk is full."
    assert states(street) == [(0, "writing")]
    full = False
    writer.finish()
    writer.join(60)
    assert states(street) == [(0, "stored"), (1, "stored")]
    assert writer.failing == ""
    assert len([line for line in street.lines if "cannot store" in line]) == 1


def test_what_does_not_fit_becomes_a_gap(street: Street) -> None:
    writer = writer_of(street, most_bytes=2500)
    for number in range(4):
        writer.offer(segment(number))
    writer.start()
    writer.finish()
    writer.join(60)
    assert states(street) == [(0, "stored"), (1, "stored")]
    with reading(street.engine) as connection:
        found = connection.execute(select(schema.gap).order_by(schema.gap.c.since_us)).all()
    assert [(g.cause, g.side, g.since_us, g.until_us) for g in found] == [
        ("store-failed", "masked", 4_000_000, 6_000_000),
        ("store-failed", "masked", 6_000_000, 8_000_000),
    ]


def test_a_gap_is_written_when_it_begins_and_again_when_it_ends(street: Street) -> None:
    writer = writer_of(street)
    writer.offer(GapNews(Gap(5, None, GapCause.STALLED), "both"))
    writer.offer(GapNews(Gap(5, 9, GapCause.STALLED), "both"))
    writer.start()
    writer.finish()
    writer.join(60)
    with reading(street.engine) as connection:
        (found,) = connection.execute(select(schema.gap)).all()
    assert (found.since_us, found.until_us) == (5, 9)


def gaps(street: Street) -> list[tuple[str, str, int, int | None]]:
    with reading(street.engine) as connection:
        found = connection.execute(select(schema.gap).order_by(schema.gap.c.id)).all()
    return [(one.cause, one.side, one.since_us, one.until_us) for one in found]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails at a stop is not tried for long."""
    monkeypatch.setattr("scrim.record.writer._RETRY_S", 0.01)
    monkeypatch.setattr("scrim.record.writer._RETRY_AT_STOP_S", 0.05)


def away(*_: object) -> int:
    raise StoreError("The database is away.", "Wait.")


@pytest.mark.usefixtures("hurried")
def test_invariant_10_what_a_stop_gives_up_is_a_gap_before_anything_later_is_told(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was away for it and came back: no later gap may hide it from recovery."""
    writer = writer_of(street)
    begin = street.catalogue.begin_segment

    def refuse(period: PeriodId, record: dict[str, Json]) -> None:
        if record["segment"] == 0:
            away()
        begin(period, record)

    monkeypatch.setattr(street.catalogue, "begin_segment", refuse)
    writer.offer(segment(0))
    writer.offer(segment(1))
    writer.offer(GapNews(Gap(4_000_000, 5_000_000, GapCause.STALLED), "both"))
    writer.finish()
    writer.start()
    writer.join(60)
    assert states(street) == [(1, "stored")]
    assert gaps(street) == [
        ("store-failed", "masked", 0, 2_000_000),
        ("stalled", "both", 4_000_000, 5_000_000),
    ]
    assert not writer.untold


@pytest.mark.usefixtures("hurried")
def test_a_segment_given_up_half_written_is_told_once(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = writer_of(street)

    def full(_key: str, _data: bytes) -> None:
        raise StoreFull("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(street.objects, "put", full)
        writer.offer(segment(0))
        writer.finish()
        writer.start()
        writer.join(60)
    street.catalogue.settle("street")
    assert states(street) == [(0, "lost")]
    assert gaps(street) == [("recorder-stopped", "masked", 0, 2_000_000)]


@pytest.mark.usefixtures("hurried")
def test_while_what_was_given_up_cannot_be_told_nothing_later_is(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = writer_of(street)
    monkeypatch.setattr(street.catalogue.gaps, "open", away)
    writer.offer(GapNews(Gap(1_000_000, 2_000_000, GapCause.STALLED), "both"))
    writer.offer(segment(1))
    writer.finish()
    writer.start()
    writer.join(60)
    assert (states(street), gaps(street)) == ([], [])
    assert writer.untold
