"""Part 5, with a real recorder process: k signed approvals, one officer, one window."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
from sqlalchemy import insert, select
from tests.sim.recorder import Recorder, deployment_in, recording, write_clip
from tests.unit.vault.live_papers import NAMES, SET, approval, signed
from tests.unit.vault.papers import ONCE, request

from scrim.audit import verify_folder
from scrim.clock import SECOND
from scrim.fleet.deployment import Deployment
from scrim.ledger import Act, Entry
from scrim.live import wire
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.vault.request import Request

WINDOW_US = 20 * SECOND  # the recorder looks for papers every two seconds


def file(made: Deployment, asked: Request) -> None:
    """The papers as the server keeps them once k have approved."""
    with writing(made.engine) as connection:
        connection.execute(
            insert(schema.case_file).values(
                id=asked.case,
                kind="live",
                state="approved",
                salt=bytes(16),
                officer=asked.officer.id,
                recipient=asked.recipient,
                body="{}",
                locks="[]",
                statement=signed(asked),
                request_sha256=asked.sha256,
                drafted_us=0,
                expires_us=asked.expires_us,
                seen_us=0,
            )
        )
        for name in NAMES[: SET.k]:
            connection.execute(
                insert(schema.case_answer).values(
                    case=asked.case,
                    custodian=name,
                    verifier="",
                    decision="approved",
                    reason="",
                    sha256="",
                    decided_us=0,
                    kept_us=0,
                    parts="{}",
                    statement=approval(name, asked),
                )
            )


def ask(made: Deployment, window_us: int) -> Request:
    """A live request for the street's camera from now on, approved and filed."""
    now_us = made.clock.now_us()
    asked = request(
        deployment=made.settings.ledger.origin,
        kind="live",
        periods=(),
        cameras=("street",),
        since_us=now_us,
        until_us=now_us + window_us,
        created_us=now_us,
        expires_us=now_us + window_us + 60 * SECOND,
    )
    file(made, asked)
    return asked


def live_entries(made: Deployment) -> list[Entry]:
    entries = [Entry.parse(body) for _, body in made.ledger.entries(0, made.ledger.size())]
    return [entry for entry in entries if entry.act in (Act.LIVE_OPENED, Act.LIVE_ENDED)]


def statuses(recorder: Recorder) -> list[wire.Status]:
    return [one for one in recorder.live.messages if isinstance(one, wire.Status)]


def test_an_officer_opens_the_window_and_nothing_before_or_after(tmp_path: Path) -> None:
    clip, data = tmp_path / "clip.mp4", tmp_path / "data"
    write_clip(clip)
    made = deployment_in(data, clip)
    made.set_custodians(SET)
    with recording(data) as recorder:
        recorder.wait_for_segments(1)
        asked = ask(made, WINDOW_US)
        recorder.wait_for(lambda _: any(one.live_opening_until_us for one in statuses(recorder)))
        recorder.wait_for(lambda _: statuses(recorder)[-1].live_opening_until_us is None)
        count = sum(isinstance(one, wire.SegmentDone) for one in recorder.live.messages)
        recorder.wait_for_segments(count + 2)
        assert recorder.stop() == 0
    with reading(made.engine) as connection:
        table = schema.segment
        found = connection.execute(
            select(table.c.record).where(table.c.side == "sealed").order_by(table.c.segment)
        ).scalars()
        records = [json.loads(record) for record in found]
    officer = pyrage.x25519.Identity.from_str(ONCE.secret)
    opened = []
    for record in records:
        sealed = (data / "objects" / record["key"]).read_bytes()
        try:
            assert pyrage.decrypt(sealed, [officer])
            opened.append(record)
        except pyrage.DecryptError:
            assert "live" not in record
    assert opened
    assert all(record["live"] == [asked.sha256] for record in opened)
    assert all(record["start_us"] >= asked.since_us for record in opened)
    assert all(record["end_us"] <= asked.until_us for record in opened)
    assert opened[0] is not records[0]
    assert opened[-1] is not records[-1]
    assert [entry.act for entry in live_entries(made)] == [Act.LIVE_OPENED, Act.LIVE_ENDED]
    with reading(made.engine) as connection:
        listed = connection.execute(select(schema.case_entry.c.case)).scalars().all()
    assert listed == [asked.case, asked.case]  # whoever may read the case finds both
    made.close()
    assert verify_folder(data).problems == []


def test_a_recorder_that_is_killed_ends_it_and_checks_anew(tmp_path: Path) -> None:
    clip, data = tmp_path / "clip.mp4", tmp_path / "data"
    write_clip(clip)
    made = deployment_in(data, clip)
    made.set_custodians(SET)
    asked = ask(made, 600 * SECOND)

    def a_segment_for_the_officer(recorder: Recorder) -> None:
        recorder.wait_for(lambda _: any(one.live_opening_until_us for one in statuses(recorder)))
        count = sum(isinstance(one, wire.SegmentDone) for one in recorder.live.messages)
        recorder.wait_for_segments(count + 2)

    with recording(data) as recorder:
        a_segment_for_the_officer(recorder)
        recorder.kill()
    with recording(data) as recorder:
        a_segment_for_the_officer(recorder)
        assert recorder.stop() == 0
    entries = live_entries(made)
    assert [entry.act for entry in entries] == [Act.LIVE_OPENED, Act.LIVE_ENDED] * 2
    assert [entry.epoch for entry in entries] == [1, 1, 2, 2]
    assert {entry.facts["why"] for entry in entries[1::2]} == {"restart"}
    assert {entry.until_us for entry in entries[::2]} == {asked.until_us}
    assert all((entry.until_us or 0) < asked.until_us for entry in entries[1::2])
    made.close()
    assert verify_folder(data).problems == []
