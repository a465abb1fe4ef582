"""``scrim norms`` on a deployment: live facts, conflicts, and packs that are not right."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.unit.cli.conftest import Outcome

from scrim.fleet import Cameras, Deployment
from scrim.ledger import Act, Entry
from scrim.norms import NOT_ADVICE
from scrim.store import schema
from scrim.store.database import writing

Scrim = Callable[..., Outcome]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    deployment = Deployment.create(folder)
    cameras = Cameras(deployment.engine, deployment.ledger)
    cameras.add("gate", "file", "/a.mp4")
    cameras.add("yard", "rtsp", "rtsp://u:secret@cam.example/1")
    deployment.close()
    monkeypatch.setenv("SCRIM_DATA", str(folder))
    return folder


def test_without_a_pack_that_is_said(scrim: Scrim, data: Path) -> None:
    done = scrim("norms", "check")
    assert done.code == 0
    assert "No pack is in force" in done.err
    assert NOT_ADVICE in done.err


def test_a_check_shows_outcome_citation_and_what_is_unverified(scrim: Scrim, data: Path) -> None:
    scrim("norms", "apply", "hk")
    done = scrim("norms", "check")
    assert done.code == 1
    lines = [line.split() for line in done.out.splitlines()]
    (line,) = [one for one in done.out.splitlines() if "hk-05 " in one and "camera gate" in one]
    assert line.startswith("breached")
    assert "PDPO (Cap. 486) Schedule 1, DPP1(3)" in line
    assert ["breached", "hk-07", "(unverified)", "camera", "gate"] in [one[:5] for one in lines]
    assert NOT_ADVICE in done.err
    assert "secret" not in done.out + done.err


def test_a_check_writes_nothing(scrim: Scrim, data: Path) -> None:
    scrim("norms", "apply", "hk")
    deployment = Deployment.open(data)
    before = deployment.ledger.size()
    scrim("norms", "check")
    scrim("norms", "explain", "hk-05")
    assert deployment.ledger.size() == before
    deployment.close()


def test_a_check_for_a_program(scrim: Scrim, data: Path) -> None:
    scrim("norms", "apply", "hk")
    done = scrim("norms", "check", "--json", "--camera", "yard")
    said = json.loads(done.out)
    assert said["not_advice"] == NOT_ADVICE
    by_rule = {one["rule"]: one for one in said["outcomes"]}
    assert {one["subject"] for one in said["outcomes"]} == {"yard"}
    assert by_rule["hk-07-link"]["status"] == "breached"
    assert by_rule["hk-07-link"]["unverified"] is True
    assert by_rule["hk-07-link"]["facts"]["camera.link_encrypted"] is False
    assert by_rule["hk-05"]["citation"] == "PDPO (Cap. 486) Schedule 1, DPP1(3)"


def test_a_pack_is_tried_before_it_is_in_force(scrim: Scrim, data: Path) -> None:
    done = scrim("norms", "check", "--pack", "uk", "--camera", "gate", "--json")
    assert {one["pack"] for one in json.loads(done.out)["outcomes"]} == {"uk"}


def test_a_rule_is_explained_by_the_facts_behind_it(scrim: Scrim, data: Path) -> None:
    scrim("norms", "apply", "hk")
    done = scrim("norms", "explain", "hk-05", "--camera", "gate")
    assert done.code == 0
    assert "hk-05 (hk), camera gate: breached" in done.out
    assert "facts.camera.recording = true" in done.out
    assert "facts.camera.sign = false" in done.out
    assert "yard" not in done.out
    assert "To do:" in done.out
    assert NOT_ADVICE in done.err


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("check", "--camera", "nobody"), "No camera 'nobody'", 5),
        (("check", "--pack", "nowhere"), "There is no pack 'nowhere'", 14),
        (("explain", "zz-1"), "No pack in force has a rule 'zz-1'", 14),
        (("check", "--at", "2026-01-01T00:00:00Z"), "checked as it is now", 14),
        (("check", "--camera", "gate", "--facts", "x.yaml"), "of the camera that they are of", 14),
    ],
)
def test_what_cannot_be_checked_is_said(
    scrim: Scrim, data: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    scrim("norms", "apply", "hk")
    done = scrim("norms", *arguments)
    assert said in done.err
    assert done.code == code
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("first", "second"), [("cn", "eu"), ("eu", "cn")])
@pytest.mark.parametrize("scope", [(), ("--camera", "gate"), ("--site", "default")])
def test_cn_01_and_eu_01_cannot_both_be_met_so_the_second_is_refused(
    scrim: Scrim, data: Path, first: str, second: str, scope: tuple[str, ...]
) -> None:
    assert scrim("norms", "apply", first, *scope).code == 0
    done = scrim("norms", "apply", second, *scope)
    assert done.code == 14
    assert "cn-01: at least 30 days" in done.err
    assert "eu-01: at most 72 hours" in done.err
    applied = json.loads(scrim("norms", "applied", "--json").out)
    assert [one["pack"] for one in applied] == [first]
    deployment = Deployment.open(data)
    entries = [Entry.parse(body) for _, body in deployment.ledger.entries(0, 100)]
    deployment.close()
    assert [e.facts["pack"] for e in entries if e.reason == "pack-applied"] == [first]


def test_on_other_cameras_both_may_be_in_force(scrim: Scrim, data: Path) -> None:
    assert scrim("norms", "apply", "cn", "--camera", "gate").code == 0
    assert scrim("norms", "apply", "eu", "--camera", "yard").code == 0


def test_a_file_that_is_not_right_is_told_by_check_and_doctor(scrim: Scrim, data: Path) -> None:
    (data / "scrim.toml").write_text('[norms]\npacks_folder = "packs"\n')
    packs = data / "packs"
    packs.mkdir()
    text = (Path(__file__).parents[3] / "docs/guide/write-a-pack.md").read_text("utf-8")
    pack = text.split("```yaml\n")[1].split("```")[0]
    (packs / "riverside.yaml").write_text(pack)
    assert scrim("norms", "apply", "riverside").code == 0
    (packs / "riverside.yaml").write_text(pack.replace("citation:", "quotation:", 1))
    assert scrim("norms", "apply", "hk").code == 0
    done = scrim("norms", "check")
    assert "The packs in force stay as they were: riverside.yaml" in done.err
    assert "riverside-01" in done.out
    doctor = json.loads(scrim("doctor", "--json").out)
    (found,) = [check for check in doctor["checks"] if check["name"] == "Norm packs"]
    assert not found["holds"]
    assert "riverside.yaml" in found["remedy"]
    (packs / "riverside.yaml").write_text(pack)
    scrim("norms", "apply", "riverside")
    doctor = json.loads(scrim("doctor", "--json").out)
    (found,) = [check for check in doctor["checks"] if check["name"] == "Norm packs"]
    assert found == {"name": "Norm packs", "holds": True, "found": found["found"], "remedy": ""}
    assert "riverside" in found["found"]


def test_a_request_is_named_to_the_operator_and_to_nobody_else(scrim: Scrim, data: Path) -> None:
    scrim("norms", "apply", "baseline")
    deployment = Deployment.open(data)
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(schema.subject_person).values(
                request="req-aaaaaaaa", salt=b"x" * 16, contact="c", description="d"
            )
        )
        connection.execute(
            insert(schema.subject_request).values(
                id="req-aaaaaaaa", kind="access", state="received", language="en",
                cameras="[]", since_us=0, until_us=1, received_us=0, entered_us=0,
                seen_us=0, clocks="[]",
            )
        )  # fmt: skip
    deployment.checks().run()
    entries = [body for _, body in deployment.ledger.entries(0, 1000)]
    deployment.close()
    assert "request req-aaaaaaaa: breached" in scrim("norms", "explain", "base-10").out
    assert not any(b"req-aaaa" in body for body in entries)
    assert any(Entry.parse(body).act is Act.CHECKED for body in entries)
