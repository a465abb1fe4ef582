"""The store fails: nothing is lost that fits, and what does not fit is said."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select
from tests.sim.street import Street

from scrim.camera.packet import Gap, GapCause
from scrim.errors import StoreFull
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
