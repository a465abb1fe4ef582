"""A camera's recorder under a live opening: what the officer can open, and what not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pyrage
import pytest
from sqlalchemy import select
from tests.sim.street import Street, recorder_of
from tests.unit.record.test_openings import ORIGIN, asked, papers
from tests.unit.vault.live_papers import PEOPLE, SET
from tests.unit.vault.papers import ONCE

from scrim.audit.report import Kind
from scrim.audit.verify import verify_folder
from scrim.camera.packet import ClearPacket, SourceEnded, SourceEvent
from scrim.ledger import Act, Entry
from scrim.store import schema
from scrim.store.database import reading
from scrim.vault.ageheader import stanza_types
from scrim.vault.document import PeriodDocument
from scrim.vault.opening import combine, open_part, open_segment

SEGMENT = 50  # pictures


class FilmClock:
    """Shows when the newest picture was taken."""

    def __init__(self, start_us: int) -> None:
        self.us = start_us

    def now_us(self) -> int:
        return self.us


def sealed(street: Street) -> list[dict[str, Any]]:
    table = schema.segment
    with reading(street.engine) as connection:
        found = connection.execute(
            select(table.c.record).where(table.c.side == "sealed").order_by(table.c.segment)
        ).scalars()
        return [json.loads(record) for record in found]


def opens(data: bytes, identity: str) -> bool:
    try:
        pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.DecryptError:
        return False
    return True


@pytest.fixture
def recorded(street: Street) -> Street:
    """Five segments; papers come in the second, and the window ends in the fourth."""
    start_us = street.clock.now_us()
    clock = FilmClock(start_us)
    started, *packets = street.events(5 * SEGMENT, start_us=start_us, gop=SEGMENT)
    films = [packet for packet in packets if isinstance(packet, ClearPacket)]
    until_us = films[3 * SEGMENT + 20].captured_us
    request = asked(
        start_us, until_us=until_us, created_us=start_us - 1, expires_us=start_us + 10**12
    )

    def sealed_before(at: int) -> None:
        deadline = time.monotonic() + 60
        while (recorder.status().sealed_until_us or 0) < films[at - 1].captured_us:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    acts: dict[int, Callable[[], None]] = {
        SEGMENT + 20: lambda: recorder.openings.consider([papers(request)]),
        # what was inside is sealed before the clock goes on
        3 * SEGMENT + 10: lambda: sealed_before(3 * SEGMENT),
        4 * SEGMENT + 5: lambda: recorder.openings.consider([papers(request)]),
    }
    given: list[SourceEvent | Callable[[], None]] = [started]
    for number, packet in enumerate(films):
        given.append(lambda packet=packet: setattr(clock, "us", packet.captured_us))  # type: ignore[misc]
        if number in acts:
            given.append(acts[number])
        given.append(packet)
    recorder = recorder_of(
        street, [*given, SourceEnded()], custodians=SET, clock=clock, deployment=ORIGIN
    )
    recorder.run()
    return street


def test_the_officer_opens_what_came_inside_the_window_and_nothing_else(recorded: Street) -> None:
    records = sealed(recorded)
    data = [recorded.objects.get(record["key"]) for record in records]
    assert [opens(one, ONCE.secret) for one in data] == [False, False, True, False, False]
    assert [len(record.get("live", ())) for record in records] == [0, 0, 1, 0, 0]
    assert [len(stanza_types(one)) for one in data] == [1, 1, 2, 1, 1]


def test_k_custodians_open_all_of_it_as_ever(recorded: Street) -> None:
    records = sealed(recorded)
    document = recorded.objects.get("period/street/000001/000001.open.json")
    parts = PeriodDocument.parse(document).parts
    identity = combine(
        document,
        [open_part(parts[name], PEOPLE[name].secret, document) for name in ("court", "privacy")],
    )
    for record in records:
        assert open_segment(recorded.objects.get(record["key"]), identity)


def test_the_ledger_says_it_first_and_an_auditor_finds_all_in_order(recorded: Street) -> None:
    ledger = recorded.ledger
    entries = [Entry.parse(body) for _, body in ledger.entries(0, ledger.size())]
    acts = [entry.act for entry in entries]
    assert acts.count(Act.LIVE_OPENED) == acts.count(Act.LIVE_ENDED) == 1
    assert acts.index(Act.LIVE_OPENED) < acts.index(Act.LIVE_ENDED) < acts.index(Act.PERIOD_CLOSED)
    (live,) = (record["live"] for record in sealed(recorded) if "live" in record)
    assert live == [entries[acts.index(Act.LIVE_OPENED)].facts["request"]]
    assert live_findings(recorded) == []


def test_the_masked_side_knows_nothing_of_it(recorded: Street) -> None:
    table = schema.segment
    with reading(recorded.engine) as connection:
        masked = connection.execute(
            select(table.c.record).where(table.c.side == "masked").order_by(table.c.segment)
        ).scalars()
        records = [json.loads(record) for record in masked]
    assert len(records) == 5
    assert not any("live" in record for record in records)


LIVE_KINDS = (Kind.LIVE_UNLOGGED, Kind.SEAL_RECIPIENTS)


def live_findings(street: Street) -> list[Kind]:
    found = verify_folder(street.folder.path).problems
    return [kind for kind in (Kind(one.kind) for one in found) if kind in LIVE_KINDS]
