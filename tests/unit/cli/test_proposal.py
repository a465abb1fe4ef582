"""What waits for a second person, as typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.fleet import Deployment
from scrim.norms import load

Scrim = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which changes take two people."""
    monkeypatch.delenv("SCRIM_ACCESS__FOUR_EYES")
    Deployment.create(tmp_path / "data").close()
    return tmp_path / "data"


def waiting(scrim: Scrim, data: Path) -> list[tuple[str, Any]]:
    found = json.loads(scrim("proposal", "list", "--json", "-d", data).out)
    return [(one["kind"], one["change"]) for one in found]


def test_packs_wait_for_a_second_person(scrim: Scrim, data: Path) -> None:
    done = scrim("norms", "apply", "hk", "--site", "default", "-d", data)
    assert "nothing has changed yet" in done.out
    assert "in force" not in done.out
    assert json.loads(scrim("norms", "applied", "--json", "-d", data).out) == []
    ((kind, change),) = waiting(scrim, data)
    assert (kind, change["pack"], change["site"]) == ("apply-pack", "hk", "default")

    deployment = Deployment.open(data)
    deployment.applied().apply("hk")
    deployment.close()
    again = scrim("norms", "apply", "hk", "-d", data)
    assert "is in force for everything" in again.out, "it is there already"
    assert "nothing has changed yet" in scrim("norms", "remove", "hk", "-d", data).out
    (applied,) = json.loads(scrim("norms", "applied", "--json", "-d", data).out)
    assert (applied["pack"], applied["site"], applied["camera"]) == ("hk", None, None)
    assert len(waiting(scrim, data)) == 2


def test_sound_waits_for_a_second_person_also_of_a_new_camera(scrim: Scrim, data: Path) -> None:
    added = scrim("camera", "add", "gate", "rtsp://192.0.2.7/1", "--sound", "-d", data)
    assert "nothing has changed yet" in added.out
    assert "Enrolled gate" in added.out
    assert "nothing has changed yet" in scrim("camera", "sound", "gate", "--on", "-d", data).out
    shown = json.loads(scrim("camera", "sound", "gate", "--json", "-d", data).out)
    assert shown["asked"] is False
    assert waiting(scrim, data) == [("camera-sound", {"camera": "gate", "on": True})] * 2
    done = scrim("camera", "sound", "gate", "--off", "-d", data)
    assert (done.code, done.err) == (0, "")
    assert "nobody asks for it" in done.out


def test_out_from_under_a_pack_a_camera_waits_for_a_second_person(scrim: Scrim, data: Path) -> None:
    scrim("camera", "add", "gate", "rtsp://192.0.2.7/1", "-d", data)
    scrim("site", "add", "north", "-d", data)
    deployment = Deployment.open(data)
    deployment.applied().apply("hk", site="north")
    deployment.close()
    moved = scrim("camera", "set", "gate", "--site", "north", "--place", "street", "-d", data)
    assert "Changed gate." in moved.out
    back = scrim("camera", "set", "gate", "--site", "default", "-d", data)
    assert "nothing has changed yet" in back.out
    assert "Changed" not in back.out
    ((kind, change),) = waiting(scrim, data)
    assert (kind, change["camera"], change["site"]) == ("camera-placed", "gate", "default")
    assert "Changed the site north." in scrim("site", "set", "north", "--name", "N", "-d", data).out
    assert "Changed the site default." in scrim("site", "add", "default", "-d", data).out


def test_the_hash_of_a_pack_is_that_of_what_is_printed(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    scrim("norms", "apply", "hk", "-d", data)
    ((_, change),) = waiting(scrim, data)
    assert change["sha256"] in scrim("norms", "show", "hk").out
    shipped = Path(load.__file__).parent / "packs" / "hk.yaml"
    other = tmp_path / "hk.yaml"
    other.write_text(shipped.read_text("utf-8").replace("40 calendar days", "44 calendar days"))
    shown = scrim("norms", "show", other).out
    assert "44 calendar days" in shown
    assert change["sha256"] not in shown
