"""Masked pictures through a view: live, and stored ones by byte range."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.unit.api.served import NOW_US, Served, init, whole

from scrim.api.ranges import byte_range
from scrim.api.refusals import RangeRefused
from scrim.clock import SECOND

T = NOW_US - 100 * SECOND
DATA = b"HEAD" + b"0123456789"


async def view(
    client: httpx.AsyncClient, since_us: int | None = None, until_us: int | None = None
) -> str:
    body: dict[str, Any] = {"camera": "demo", "mode": "live", "reason": "demonstration"}
    if since_us is not None:
        body |= {"mode": "recorded", "since_us": since_us, "until_us": until_us}
    answer = await client.post("/api/views", json=body)
    assert answer.status_code == 201, answer.text
    return f"/media/{answer.json()['id']}"


async def test_live_media_are_what_the_recorder_sent(served: Served) -> None:
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(init(), *whole(1), *whole(2))
        await served.until("live-2.m4s")
        base = await view(client)
        playlist = await client.get(f"{base}/index.m3u8")
        assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
        assert playlist.headers["cache-control"] == "no-store"
        for uri in [line for line in playlist.text.splitlines() if not line.startswith("#")]:
            assert (await client.get(f"{base}/{uri}")).status_code == 200
        got = await client.get(f"{base}/live-2.m4s")
        assert got.content == b"[2.0][2.1][2.2][2.3][2.4]"
        assert got.headers["content-type"] == "video/mp4"
        assert (await client.get(f"{base}/live-2-4.m4s")).content == b"[2.4]"
        assert (await client.get(f"{base}/init-1-1.mp4")).content == b"init 1 1"
        plain = await client.get(f"{base}/plain.m3u8")
        assert "EXT-X-PART" not in plain.text
        assert "live-2.m4s" in plain.text
        for query, status in (
            ("_HLS_msn=2", 200),
            ("_HLS_msn=2&_HLS_part=4", 200),
            ("_HLS_msn=99", 400),
            ("_HLS_part=1", 400),
            ("_HLS_msn=x", 422),
            ("_HLS_msn=-1", 422),
        ):
            assert (await client.get(f"{base}/index.m3u8?{query}")).status_code == status, query


async def test_stored_media_are_served_whole_and_by_the_playlists_ranges(served: Served) -> None:
    served.store(7, T, T + 2 * SECOND, data=DATA)
    served.store(8, T + 2 * SECOND, T + 4 * SECOND, data=DATA)
    async with served.signed_in() as client:
        base = await view(client, T, T + 4 * SECOND)
        playlist = (await client.get(f"{base}/index.m3u8")).text
        assert '#EXT-X-MAP:URI="recorded-7.mp4",BYTERANGE="4@0"' in playlist
        assert "#EXT-X-BYTERANGE:10@4\nrecorded-8.mp4" in playlist
        whole_object = await client.get(f"{base}/recorded-7.mp4")
        assert (whole_object.status_code, whole_object.content) == (200, DATA)
        assert whole_object.headers["accept-ranges"] == "bytes"
        head = await client.get(f"{base}/recorded-7.mp4", headers={"Range": "bytes=0-3"})
        assert (head.status_code, head.content) == (206, b"HEAD")
        assert head.headers["content-range"] == "bytes 0-3/14"
        body = await client.get(f"{base}/recorded-8.mp4", headers={"Range": "bytes=4-13"})
        assert (body.status_code, body.content) == (206, b"0123456789")
        beyond = await client.get(f"{base}/recorded-8.mp4", headers={"Range": "bytes=14-"})
        assert beyond.status_code == 416


async def test_a_view_reaches_its_interval_its_camera_and_its_side_only(served: Served) -> None:
    served.store(6, T - 2 * SECOND, T)
    served.store(7, T, T + 2 * SECOND)
    served.store(8, T + 2 * SECOND, T + 4 * SECOND)
    served.store(9, T, T + 2 * SECOND, camera="other")
    served.store(10, T, T + 2 * SECOND, side="sealed")
    served.store(11, T, T + 2 * SECOND, state="writing")
    served.store(12, T, T + 2 * SECOND, state="lost")
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(init(), *whole(1))
        await served.until("live-1.m4s")
        base = await view(client, T + SECOND, T + 2 * SECOND)
        playlist = (await client.get(f"{base}/index.m3u8")).text
        assert [line for line in playlist.splitlines() if not line.startswith("#")] == [
            "recorded-7.mp4"
        ]
        for number in (6, 8, 9, 10, 11, 12, 99):
            assert (await client.get(f"{base}/recorded-{number}.mp4")).status_code == 404, number
        for name in ("live-1.m4s", "live-1-0.m4s", "init-1-1.mp4", "plain.m3u8"):
            assert (await client.get(f"{base}/{name}")).status_code == 404, name
        live = await view(client)
        assert (await client.get(f"{live}/recorded-7.mp4")).status_code == 404


async def test_an_interval_with_nothing_recorded_says_so(served: Served) -> None:
    async with served.signed_in() as client:
        base = await view(client, T, T + SECOND)
        answer = await client.get(f"{base}/index.m3u8")
        assert answer.status_code == 404
        assert "timeline" in answer.json()["remedy"]


async def test_an_object_that_is_gone_is_said_clearly(served: Served) -> None:
    served.store(7, T, T + 2 * SECOND, data=DATA)
    (key,) = [key for key, _ in served.services.objects.list("masked")]
    (served.services.folder.objects / key).unlink()
    async with served.signed_in() as client:
        base = await view(client, T, T + SECOND)
        answer = await client.get(f"{base}/recorded-7.mp4")
        assert answer.status_code == 404
        assert "scrim verify" in answer.json()["remedy"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 100)),
        ("bytes=5-1000", (5, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges_are_read_as_http_says(header: str | None, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_outside_are_refused(header: str) -> None:
    with pytest.raises(RangeRefused):
        byte_range(header, 100)
