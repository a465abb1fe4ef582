"""The hub over its real socket: what recorders bring, and who waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import struct
from pathlib import Path

import pytest
from tests.unit.api.served import (
    PATIENCE_S,
    FakeRecorder,
    Served,
    SetMonotonic,
    done,
    init,
    part,
    status,
    until,
    whole,
)

from scrim.api.hub import Hub
from scrim.api.refusals import BadRequest, NotFound, NotYet
from scrim.errors import DataFolderBusy, SettingsError
from scrim.live import wire


def message(header: object, payload: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + payload


@pytest.mark.usefixtures("patient_players")
async def test_a_waiting_playlist_is_answered_when_its_part_comes(served: Served) -> None:
    async with served.recorder() as recorder:
        await recorder.send(init(), *whole(1), part(2, 0))
        await served.until("live-2-0.m4s")
        waiting = asyncio.create_task(served.hub.playlist("demo", 2, 1))
        segment = asyncio.create_task(served.hub.playlist("demo", 2))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await recorder.send(part(2, 1))
        assert 'URI="live-2-1.m4s"' in await asyncio.wait_for(waiting, PATIENCE_S)
        await asyncio.sleep(0.05)
        assert not segment.done(), "the whole segment is not there yet"
        await recorder.send(done(2))
        assert "\nlive-2.m4s\n" in await asyncio.wait_for(segment, PATIENCE_S)


@pytest.mark.usefixtures("patient_players")
async def test_the_hinted_part_is_answered_when_it_comes(served: Served) -> None:
    async with served.recorder() as recorder:
        await recorder.send(init(), *whole(1))
        await served.until('PRELOAD-HINT:TYPE=PART,URI="live-2-0.m4s"')
        hinted = asyncio.create_task(served.hub.part("demo", 2, 0))
        await asyncio.sleep(0.05)
        assert not hinted.done()
        await recorder.send(part(2, 0))
        assert await asyncio.wait_for(hinted, PATIENCE_S) == b"[2.0]"
        other = asyncio.create_task(served.hub.part("demo", 2, 1))
        await asyncio.sleep(0.05)
        await recorder.send(done(2))  # the segment ends without it
        with pytest.raises(NotFound):
            await asyncio.wait_for(other, PATIENCE_S)
        with pytest.raises(NotFound):
            await served.hub.part("demo", 7, 0)
        assert served.hub.segment("demo", 1) == b"[1.0][1.1][1.2][1.3][1.4]"
        assert served.hub.init("demo", 1, 1) == b"init 1 1"
        with pytest.raises(NotFound):
            served.hub.init("demo", 1, 2)


async def test_a_request_far_ahead_is_refused_and_one_for_nothing_gives_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrim.api.playlist.HOLD_BACK_TARGETS", 0.02)
    with pytest.raises(NotYet):
        await served.hub.playlist("demo")
    async with served.recorder() as recorder:
        await recorder.send(init(), *whole(1))
        await served.until("live-1.m4s")
        with pytest.raises(BadRequest):
            await served.hub.playlist("demo", 4)
        with pytest.raises(NotYet):
            await served.hub.playlist("demo", 3)
        with pytest.raises(NotYet):
            await served.hub.part("demo", 2, 0)


@pytest.mark.usefixtures("patient_players")
async def test_the_end_of_the_server_lets_nobody_wait(served: Served) -> None:
    waiting = asyncio.create_task(served.hub.playlist("demo"))
    await asyncio.sleep(0.02)
    served.hub.release()
    with pytest.raises(NotYet):
        await asyncio.wait_for(waiting, PATIENCE_S / 2)  # its own limit is longer


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xff\xff\xff", id="a header longer than any"),
        pytest.param(message("text"), id="no object"),
        pytest.param(message({"type": "frame", "size": 0}), id="an unknown type"),
        pytest.param(message({"type": "segment", "size": 0}), id="fields are missing"),
        pytest.param(struct.pack(">I", 16000) + b"[" * 16000, id="nested too deeply"),
        pytest.param(message({"type": "part", "size": 2**40}), id="a payload larger than any"),
        pytest.param(wire.encode(part(2, -1)), id="a number below nought"),
        pytest.param(wire.encode(part(2, 0, duration_us=0)), id="a part without duration"),
        pytest.param(wire.encode(part(2, 0, camera="../x")), id="no camera's id"),
        pytest.param(
            wire.encode(status()).replace(b'"dropped":3', b'"dropped":"'), id="broken text"
        ),
        pytest.param(wire.encode(status()).replace(b'"dropped":3', b'"dropped":!'), id="no JSON"),
        pytest.param(wire.encode(status()).replace(b"25.0", b"NaN "), id="no number"),
        pytest.param(
            wire.encode(status()).replace(b'"state":"masked"', b'"state":"magic!"'), id="no state"
        ),
        pytest.param(
            wire.encode(status()).replace(b'"rung":"wide"', b'"rung":"mast"'), id="no rung"
        ),
        pytest.param(
            message(
                {
                    "type": "segment",
                    "camera": "demo",
                    "segment": "1",
                    "start_us": 1,
                    "end_us": 2,
                    "size": 0,
                }
            ),
            id="a text for a number",
        ),
        pytest.param(
            message(
                {
                    "type": "segment",
                    "camera": "demo",
                    "segment": True,
                    "start_us": 1,
                    "end_us": 2,
                    "size": 0,
                }
            ),
            id="a truth for a number",
        ),
    ],
)
async def test_a_message_that_makes_no_sense_ends_its_own_connection_only(
    served: Served, data: bytes
) -> None:
    async with served.recorder() as good:
        await good.send(init("other"), *whole(1, "other"))
        bad = await FakeRecorder.connect(served.socket)
        await bad.send(init(), *whole(1))
        await served.until("live-1.m4s")
        await bad.send_bytes(data)
        assert await bad.refused()
        await bad.close()
        await good.send(*whole(2, "other"))
        await served.until("live-2.m4s", "other")
        assert "live-1.m4s" in await served.hub.playlist("demo"), "what was good stays"


async def test_a_recorder_that_is_killed_in_the_middle_of_a_message_harms_nothing(
    served: Served,
) -> None:
    async with served.recorder() as recorder:
        await recorder.send(init(), *whole(1))
        await served.until("live-1.m4s")
        await recorder.send_bytes(wire.encode(part(2, 0))[:-3])
        await recorder.close()
        again = await FakeRecorder.connect(served.socket)
        await again.send(init(epoch=2), *whole(3))
        await served.until("live-3.m4s")
        text = await served.hub.playlist("demo")
        assert "live-2" not in text
        assert text.count("#EXT-X-DISCONTINUITY\n") == 1
        assert 'MAP:URI="init-2-1.mp4"' in text
        await again.close()


async def test_only_the_newest_recorder_of_a_camera_counts(served: Served) -> None:
    async with served.recorder() as old:
        await old.send(init(epoch=1), *whole(1), status(epoch=1))
        await served.until("live-1.m4s")
        new = await FakeRecorder.connect(served.socket)
        await new.send(init(epoch=2), *whole(2), status(epoch=2, state="blanked"))
        await served.until("live-2.m4s")
        await old.send(init(epoch=1), *whole(3), status(epoch=1))
        await new.send(*whole(4))
        await served.until("live-4.m4s")
        assert "live-3" not in await served.hub.playlist("demo")
        assert served.hub.status("demo").state == "blanked"
        await new.close()


async def test_a_silent_recorder_is_offline_and_its_last_picture_goes(served: Served) -> None:
    assert served.hub.status("demo").state == "offline"
    async with served.recorder() as recorder:
        await recorder.send(init(), *whole(1), status())
        await served.until("live-1.m4s")
        await until(lambda: served.hub.status("demo").state == "masked")
        served.monotonic.seconds += 5.1
        assert served.hub.status("demo").state == "offline"
        assert served.hub.status("demo").frames_per_second == 0
        assert served.hub.status("demo").rung is None
        served.hub.sweep()
        assert served.hub.segment("demo", 1)
        served.monotonic.seconds += 30
        served.hub.sweep()
        with pytest.raises(NotFound):
            served.hub.segment("demo", 1)


async def test_the_socket_is_this_users_alone_and_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "live"
    async with Hub().listen(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(DataFolderBusy):
            async with Hub().listen(path):
                pass
    assert not path.exists()


async def test_a_socket_left_behind_by_a_killed_server_is_replaced(tmp_path: Path) -> None:
    import socket

    path = tmp_path / "live"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    async with Hub().listen(path):
        recorder = await FakeRecorder.connect(path)
        await recorder.close()


async def test_a_path_that_cannot_be_a_socket_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no live socket"):
        async with Hub().listen(tmp_path / ("x" * 120)):
            pass
    with pytest.raises(SettingsError, match="no live socket"):
        async with Hub().listen(tmp_path / "missing" / "live"):
            pass


async def test_another_user_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served.recorder():
        mine = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: mine + 1)
        other = await FakeRecorder.connect(served.socket)
        assert await other.refused()
        await other.close()


@pytest.mark.usefixtures("patient_players")
async def test_a_request_for_a_camera_nobody_sends_waits_no_longer_than_three_targets() -> None:
    hub = Hub(target_seconds=0, monotonic=SetMonotonic())
    with pytest.raises(NotYet):
        await asyncio.wait_for(hub.playlist("demo"), PATIENCE_S / 2)
