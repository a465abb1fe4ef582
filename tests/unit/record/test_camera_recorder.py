"""One camera, end to end in a process: packets in, sealed and masked segments out."""

from __future__ import annotations

import hashlib
import io
import itertools
import json

import av
import numpy as np
import pytest
from sqlalchemy import select, update
from tests.sim.street import SIDE, Street, ground, recorder_of, square

from scrim.camera.packet import Gap, GapCause, SourceEnded, StreamStarted
from scrim.canonical import Json, canonical, digest
from scrim.errors import LedgerUnavailable
from scrim.ledger import Entry
from scrim.live.wire import Init, Part, SegmentDone
from scrim.record.camera_recorder import CameraRecorder
from scrim.record.encode import MaskedEncoder
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.vault import manifest
from scrim.vault.custodian import read_identity
from scrim.vault.document import PeriodDocument
from scrim.vault.opening import combine, open_part, open_segment


def record(street: Street, events: list[object], **around: object) -> CameraRecorder:
    recorder = recorder_of(street, events, **around)  # type: ignore[arg-type]
    recorder.run()
    return recorder


def rows(street: Street, side: str) -> list[dict[str, object]]:
    table = schema.segment
    with reading(street.engine) as connection:
        found = connection.execute(
            select(table).where(table.c.side == side).order_by(table.c.segment)
        ).all()
    return [json.loads(row.record) | {"state": row.state} for row in found]


def acts(street: Street) -> list[str]:
    return [
        Entry.parse(body).act.value for _, body in street.ledger.entries(0, street.ledger.size())
    ]


def test_both_sides_have_the_same_segments(street: Street) -> None:
    record(street, [*street.events(150, gop=50), SourceEnded()])
    sealed, masked = rows(street, "sealed"), rows(street, "masked")
    assert [r["segment"] for r in sealed] == [0, 1, 2] == [r["segment"] for r in masked]
    assert [r["packets"] for r in sealed] == [50, 50, 50] == [r["frames"] for r in masked]
    assert [r["start_us"] for r in sealed] == [r["start_us"] for r in masked]
    assert {r["state"] for r in sealed + masked} == {"stored"}
    assert acts(street)[:2] == ["camera-started", "period-opened"]
    assert acts(street)[-2:] == ["period-closed", "camera-stopped"]
    assert street.lines == []


def test_sealed_segments_open_with_two_custodians_and_hold_the_cameras_packets(
    street: Street,
) -> None:
    events = street.events(100, gop=50)
    record(street, [*events, SourceEnded()])
    packets = [e for e in events if not isinstance(e, StreamStarted)]
    document = street.objects.get("period/street/000001/000001.open.json")
    opened = PeriodDocument.parse(document)
    parts = []
    for name in ("demo-1", "demo-3"):
        identity = read_identity(street.folder.demo_custodians / f"{name}.txt")
        parts.append(open_part(opened.parts[name], identity.secret, document))
    secret = combine(document, parts)
    seen = []
    for row in rows(street, "sealed"):
        data = street.objects.get(str(row["key"]))
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        plain = open_segment(data, secret)
        assert hashlib.sha256(plain).hexdigest() == row["plain_sha256"]
        with av.open(io.BytesIO(plain), "r") as container:
            seen += list(container.decode(video=0))
    assert len(seen) == len(packets)


def test_masked_segments_play_alone_and_never_show_the_square(street: Street) -> None:
    record(street, [*street.events(100, gop=50), SourceEnded()])
    index = 0
    for row in rows(street, "masked"):
        data = street.objects.get(str(row["key"]))
        with av.open(io.BytesIO(data), "r") as container:
            for frame in container.decode(video=0):
                luma = frame.to_ndarray(format="gray")
                x, y = square(index)
                assert luma[y : y + SIDE, x : x + SIDE].max() < 120, f"frame {index}"
                street_itself = ground()[150:].mean(axis=0)
                assert np.abs(luma[150:].mean(axis=0) - street_itself).max() < 12
                index += 1
    assert index == 100


def test_live_parts_are_the_stored_segments(street: Street) -> None:
    record(street, [*street.events(100, gop=50), SourceEnded()])
    inits = [m for m in street.sent if isinstance(m, Init)]
    parts = [m for m in street.sent if isinstance(m, Part)]
    done = [m for m in street.sent if isinstance(m, SegmentDone)]
    assert len(inits) == 1
    assert [d.segment for d in done] == [0, 1]
    for row in rows(street, "masked"):
        live = [p for p in parts if p.segment == row["segment"]]
        assert [p.part for p in live] == list(range(len(live)))
        assert live[0].independent
        whole = inits[0].payload + b"".join(p.payload for p in live)
        assert whole == street.objects.get(str(row["key"]))
        assert row["init_size"] == len(inits[0].payload)


def test_a_gap_is_a_row_and_two_entries_and_ends_the_segment(street: Street) -> None:
    first = street.events(50, gop=50)
    last = first[-1].captured_us  # type: ignore[union-attr]
    later = street.events(50, gop=50, start_us=last + 5_000_000)
    gap = Gap(last + 40_000, None, GapCause.STALLED, "nothing came")
    ended = Gap(last + 40_000, last + 5_000_000, GapCause.STALLED, "nothing came")
    record(street, [*first, gap, ended, *later, SourceEnded()])
    with reading(street.engine) as connection:
        found = connection.execute(select(schema.gap)).all()
    assert [(g.cause, g.until_us) for g in found if g.cause == "stalled"] == [
        ("stalled", last + 5_000_000)
    ]
    assert acts(street).count("gap") >= 2
    assert [r["packets"] for r in rows(street, "sealed")] == [50, 50]


def test_invariant_5_nothing_is_collected_while_the_ledger_refuses(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No entry for the period, no segment and no picture on either side."""
    working = street.ledger.append_in

    def refuse(connection: object, entry: Entry) -> object:
        if entry.act.value == "period-opened":
            raise LedgerUnavailable("The ledger cannot be written.", "Free some space.")
        return working(connection, entry)  # type: ignore[arg-type]

    monkeypatch.setattr(street.ledger, "append_in", refuse)
    record(street, [*street.events(100, gop=50), SourceEnded()])
    assert rows(street, "sealed") == []
    assert rows(street, "masked") == []
    assert not [m for m in street.sent if isinstance(m, Part | Init)]
    assert any("not recording" in line for line in street.lines)


def test_a_detector_that_fails_blanks_and_never_shows(street: Street) -> None:
    class Failing:
        input_size = (320, 192)

        def detect(self, image: object) -> list[object]:
            raise RuntimeError("broken")

    record(street, [*street.events(50, gop=50), SourceEnded()], detector=Failing)
    (row,) = rows(street, "masked")
    assert (row["frames"], row["blanked"]) == (50, 50)
    with av.open(io.BytesIO(street.objects.get(str(row["key"]))), "r") as container:
        for frame in container.decode(video=0):
            assert frame.to_ndarray(format="gray").std() < 2


def test_the_manifest_names_what_was_recorded(street: Street) -> None:
    record(street, [*street.events(100, gop=50), SourceEnded()])
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert sorted((r["side"], r["segment"]) for r in made.records) == [
        ("masked", 0),
        ("masked", 1),
        ("sealed", 0),
        ("sealed", 1),
    ]
    assert made.closed_by == "recorder"


def gaps(street: Street) -> list[tuple[str, str, int, int | None]]:
    table = schema.gap
    with reading(street.engine) as connection:
        found = connection.execute(select(table).order_by(table.c.id)).all()
    return [(g.side, g.cause, g.since_us, g.until_us) for g in found]


@pytest.mark.parametrize(("at", "lost"), [(60, 1), (50, 1), (0, 0)])  # within one, or its first
def test_what_the_masked_side_lost_by_a_fault_is_a_gap(
    street: Street, monkeypatch: pytest.MonkeyPatch, at: int, lost: int
) -> None:
    encode = MaskedEncoder.encode
    count = itertools.count()

    def faulty(self: MaskedEncoder, *given: object, **named: object) -> object:
        if next(count) == at:
            raise MemoryError
        return encode(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(MaskedEncoder, "encode", faulty)
    record(street, [*street.events(150, gop=50), SourceEnded()])
    sealed = {r["segment"]: r for r in rows(street, "sealed")}
    masked = {r["segment"] for r in rows(street, "masked")}
    assert sealed.keys() - masked == {lost}
    assert gaps(street) == [
        ("masked", "masking-failed", sealed[lost]["start_us"], sealed[lost + 1]["start_us"])
    ]


def test_waiting_for_a_key_frame_after_a_loss_is_a_gap(street: Street) -> None:
    events = street.events(100, gop=100)
    broken_us = events[40].captured_us  # type: ignore[union-attr]
    lost = Gap(broken_us - 40_000, broken_us, GapCause.PACKETS_LOST)
    begun = Gap(broken_us - 40_000, None, GapCause.PACKETS_LOST)
    record(street, [*events[:40], begun, lost, *events[40:], SourceEnded()])
    last_us = events[-1].captured_us + 40_000  # type: ignore[union-attr]
    assert ("masked", "packets-lost", broken_us, last_us) in gaps(street)


def test_the_settings_in_force_are_in_the_ledger(street: Street) -> None:
    record(street, [*street.events(30, gop=30), SourceEnded()])
    started = Entry.parse(next(body for _, body in street.ledger.entries(0, 1)))
    assert started.facts["threshold-permille"] == 200
    assert started.facts["style"] == "solid"
    assert len(str(started.facts["settings"])) == 64


def test_a_cameras_policy_is_drawn_and_in_the_ledger(street: Street) -> None:
    whole: dict[str, Json] = {"zones": ["all: 0,0 1,0 1,1 0,1"], "cover": ["persons"]}
    full: dict[str, Json] = {**whole, "cover": ["faces", "persons"], "style": "solid"}
    with writing(street.engine) as connection:
        connection.execute(update(schema.camera).values(policy=canonical(whole).decode()))
    record(street, [*street.events(30, gop=30), SourceEnded()])
    started = Entry.parse(next(body for _, body in street.ledger.entries(0, 1)))
    assert started.facts["cover"] == ["faces", "persons"]
    assert started.facts["zones"] == 1
    assert started.facts["policy"] == digest(full)
    (segment,) = rows(street, "masked")
    with av.open(io.BytesIO(street.objects.get(str(segment["key"]))), "r") as film:
        pictures = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(pictures) == 30
    assert all(int(picture.max()) - int(picture.min()) <= 2 for picture in pictures)


def test_a_silence_the_source_does_not_mention_is_a_gap(street: Street) -> None:
    first = street.events(50, gop=50)
    end_us = first[-1].captured_us + 40_000  # type: ignore[union-attr]
    later = street.events(50, gop=50, start_us=end_us + 4_000_000)
    record(street, [*first, *later[1:], SourceEnded()])
    assert ("both", "stalled", end_us, end_us + 4_000_000) in gaps(street)
