"""What the console reads: session, deployment, cameras, timeline, ledger, metrics."""

from __future__ import annotations

import asyncio
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update
from tests.unit.api.served import NOW_US, Served, init, status, until

from scrim.canonical import canonical
from scrim.clock import SECOND
from scrim.ledger import merkle
from scrim.store import schema
from scrim.store.database import writing

T = NOW_US - 100 * SECOND


async def test_the_session_says_until_when(served: Served) -> None:
    async with served.client() as client:
        answer = await client.get("/api/session")
        nobody: dict[str, object] = {
            "signed_in": False,
            "expires_us": None,
            "role": None,
            "roles": [],
            "person": None,
            "way": None,
        }
        assert answer.json() == nobody
    async with served.signed_in() as client:
        answer = await client.get("/api/session")
        assert answer.json() == {
            "signed_in": True,
            "expires_us": NOW_US + 12 * 3600 * SECOND,
            "role": "operator",
            "roles": ["engineer", "operator"],
            "person": None,
            "way": "link",
        }
        await client.delete("/api/session")
        assert "scrim_session" not in client.cookies


async def test_a_link_signs_in_once(served: Served) -> None:
    token = served.services.sign_in.new_link()
    async with served.client() as first, served.client() as second:
        assert (await first.post("/api/session", json={"token": token})).status_code == 204
        answer = await second.post("/api/session", json={"token": token})
        assert answer.status_code == 403
        assert token not in answer.text


async def test_failed_sign_ins_wait_and_too_many_are_turned_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
            await over.wait()

    served.services.slowdown.seconds = 0.3
    async with served.client() as client:
        with monkeypatch.context() as slowly:
            slowly.setattr("scrim.api.slowdown.anyio.sleep", wait)
            guesses = [
                asyncio.create_task(client.post("/api/session", json={"token": f"guess {n}"}))
                for n in range(40)
            ]
            turned_away = 40 - 16
            await until(lambda: sum(one.done() for one in guesses) == turned_away)
            over.set()
            answers = await asyncio.gather(*guesses)
        codes = [answer.status_code for answer in answers]
        assert (codes.count(403), codes.count(429)) == (16, turned_away)
        assert len(waits) >= 16
        assert set(waits) >= {0.3}
        served.services.slowdown.seconds = 0.0
        answer = await client.post(
            "/api/session", json={"token": served.services.sign_in.new_link()}
        )
        assert answer.status_code == 204, "what failed before does not keep anybody out"


async def test_what_was_sent_is_not_repeated_in_a_problem(served: Served) -> None:
    async with served.client() as client:
        answer = await client.post("/api/session", json={"token": ["a-secret"]})
        assert answer.status_code == 422
        assert "a-secret" not in answer.text


async def test_the_deployment(served: Served) -> None:
    async with served.signed_in() as client:
        answer = (await client.get("/api/system")).json()
        assert answer["custodians"] is None
        assert answer["demo_custodians"] is False
        assert answer["time_us"] == NOW_US
        assert answer["ledger"]["size"] == 1
        assert answer["ledger"]["root"] == served.services.ledger.root().hex()
        with writing(served.services.engine) as connection:
            connection.execute(
                insert(schema.custodian_set).values(
                    document=json.dumps({"k": 2, "custodians": [{}, {}, {}]}),
                    since_us=NOW_US,
                    demo=1,
                )
            )
            connection.execute(
                insert(schema.checkpoint).values(size=1, note="…", signed_us=NOW_US - 5)
            )
        answer = (await client.get("/api/system")).json()
        assert answer["custodians"] == {"k": 2, "n": 3}
        assert answer["demo_custodians"] is True
        assert answer["ledger"]["checkpoint_us"] == NOW_US - 5


async def test_cameras_with_their_status_and_without_their_source(served: Served) -> None:
    async with served.signed_in() as client, served.recorder() as recorder:
        (camera,) = (await client.get("/api/cameras")).json()
        assert camera["status"]["state"] == "offline"
        assert camera["status"]["at_us"] is None
        await recorder.send(init(), status())
        await until(lambda: served.hub.status("demo").state != "offline")
        answer = await client.get("/api/cameras")
        assert answer.json() == [
            {
                "id": "demo",
                "name": "Demo street",
                "kind": "rtsp",
                "policy": {"cover": ["faces"], "style": "solid", "zones": []},
                "warnings": [],
                "site": "default",
                "purpose": None,
                "waits": [],
                "expiring": [],
                "norms": [],
                "status": {
                    "state": "masked",
                    "reason": "",
                    "frames_per_second": 25.0,
                    "latency_ms": 730,
                    "dropped": 3,
                    "width": 1280,
                    "height": 720,
                    "sealed_until_us": NOW_US,
                    "masked_until_us": NOW_US - SECOND,
                    "rung": "wide",
                    "rung_reason": "this machine is loaded",
                    "live_opening_until_us": NOW_US + SECOND,
                    "sound": False,
                    "at_us": NOW_US,
                },
            }
        ]


async def test_a_camera_says_what_is_covered_and_what_is_weak_about_it(served: Served) -> None:
    policy = {"cover": ["plates"], "style": "mosaic", "zones": ["gate: 10%,20% 40%,20% 40%,50%"]}
    with writing(served.services.engine) as connection:
        connection.execute(update(schema.camera).values(policy=canonical(policy).decode()))
    async with served.signed_in() as client:
        (camera,) = (await client.get("/api/cameras")).json()
    assert camera["policy"] == {
        "cover": ["faces", "plates"],
        "style": "mosaic",
        "zones": [{"name": "gate", "points": [[0.1, 0.2], [0.4, 0.2], [0.4, 0.5]]}],
    }
    assert len(camera["warnings"]) == 2
    assert any("weaker" in warning for warning in camera["warnings"])


async def test_a_timeline_has_merged_spans_and_gaps(served: Served) -> None:
    for number in range(5):
        served.store(number, T + number * 2 * SECOND, T + (number + 1) * 2 * SECOND)
    served.store(9, T + 20 * SECOND, T + 22 * SECOND)
    with writing(served.services.engine) as connection:
        connection.execute(
            insert(schema.gap).values(
                camera="demo",
                side="both",
                since_us=T + 10 * SECOND,
                until_us=T + 20 * SECOND,
                cause="source-lost",
                detail="the camera did not answer",
            )
        )
    async with served.signed_in() as client:
        address = "/api/cameras/demo/timeline"
        answer = await client.get(
            address, params={"since_us": T + SECOND, "until_us": T + 21 * SECOND}
        )
        assert answer.json() == {
            "spans": [
                {"since_us": T + SECOND, "until_us": T + 10 * SECOND},
                {"since_us": T + 20 * SECOND, "until_us": T + 21 * SECOND},
            ],
            "gaps": [
                {
                    "since_us": T + 10 * SECOND,
                    "until_us": T + 20 * SECOND,
                    "cause": "source-lost",
                    "detail": "the camera did not answer",
                    "side": "both",
                }
            ],
            "erased": [],
        }
        for since, until, code in ((T, T, 400), (0, NOW_US, 400), (-1, 5, 422)):
            params = {"since_us": since, "until_us": until}
            assert (await client.get(address, params=params)).status_code == code
        params = {"since_us": T, "until_us": NOW_US}
        answer = await client.get("/api/cameras/nowhere/timeline", params=params)
        assert answer.status_code == 404


async def test_a_proof_from_the_api_holds(served: Served) -> None:
    async with served.signed_in() as client:
        body = {"camera": "demo", "mode": "live", "reason": "audit"}
        for _ in range(6):
            await client.post("/api/views", json=body)
        page = (await client.get("/api/ledger/entries", params={"start": 2, "count": 3})).json()
        assert page["size"] == 7
        assert [entry["index"] for entry in page["entries"]] == [2, 3, 4]
        assert page["entries"][0]["body"]["act"] == "viewed"
        proof = (await client.get("/api/ledger/proof", params={"index": 4, "size": 7})).json()
        merkle.verify_inclusion(
            4,
            7,
            bytes.fromhex(proof["leaf"]),
            [bytes.fromhex(step) for step in proof["hashes"]],
            bytes.fromhex(proof["root"]),
        )
        ((_, raw),) = served.services.ledger.entries(4, 5)
        assert proof["leaf"] == merkle.leaf_hash(raw).hex()
        for index, size in ((7, 7), (0, 8), (3, 2)):
            answer = await client.get("/api/ledger/proof", params={"index": index, "size": size})
            assert answer.status_code == 400
        beyond = await client.get("/api/ledger/entries", params={"start": 100})
        assert beyond.json() == {"size": 7, "entries": []}


async def test_the_ledger_continues_what_was_seen_of_it(served: Served) -> None:
    async with served.signed_in() as client:
        body = {"camera": "demo", "mode": "live", "reason": "audit"}
        for _ in range(5):
            await client.post("/api/views", json=body)
        ledger = served.services.ledger
        size = ledger.size()
        for old in range(1, size + 1):
            found = await client.get("/api/ledger/consistency", params={"old": old, "new": size})
            proof = [bytes.fromhex(step) for step in found.json()["hashes"]]
            merkle.verify_consistency(old, size, proof, ledger.root(old), ledger.root(size))
        for old, new in ((size, size - 1), (1, size + 1)):
            answer = await client.get("/api/ledger/consistency", params={"old": old, "new": new})
            assert answer.status_code == 400


async def test_the_checkpoint_is_handed_out_as_it_is(served: Served) -> None:
    async with served.signed_in() as client:
        assert (await client.get("/api/ledger/checkpoint")).status_code == 404
        note = "scrim.local/ledger\n1\nAAAA\n\n— scrim.local/ledger AAAA\n"
        served.services.folder.checkpoint.write_text(note, encoding="utf-8")
        answer = await client.get("/api/ledger/checkpoint")
        assert answer.text == note
        assert answer.headers["content-type"].startswith("text/plain")


async def test_metrics_are_prometheus_text(served: Served) -> None:
    async with served.client() as client, served.recorder() as recorder:
        await recorder.send(init(), status(state="blanked"))
        await until(lambda: served.hub.status("demo").state == "blanked")
        answer = await client.get("/metrics")
    values = {
        (sample.name, sample.labels.get("state") or sample.labels.get("side")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert values["scrim_frames_per_second", None] == 25
    assert values["scrim_latency_seconds", None] == 0.73
    assert values["scrim_frames_dropped_total", None] == 3
    assert values["scrim_camera_state", "blanked"] == 1
    assert values["scrim_camera_state", "masked"] == 0
    assert values["scrim_camera_rung", None] == 2
    assert values["scrim_camera_rung_changes_total", None] == 2
    assert values["scrim_stored_until_seconds", "sealed"] == NOW_US / SECOND
    assert values["scrim_ledger_entries", None] == 0
