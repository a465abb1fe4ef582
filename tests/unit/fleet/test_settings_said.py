"""Settings are in the ledger before anything goes by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scrim.cli.main import run
from scrim.errors import LedgerUnavailable
from scrim.fleet import Deployment
from scrim.store.database import writing


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Deployment.create(tmp_path / "data").close()
    return tmp_path / "data"


def said(data: Path, toml: str = "") -> list[str]:
    (data / "scrim.toml").write_text(toml)
    deployment = Deployment.open(data)
    try:
        return deployment.say_settings()
    finally:
        deployment.close()


def entries(data: Path) -> list[dict[str, Any]]:
    deployment = Deployment.open(data)
    bodies = [
        json.loads(body) for _, body in deployment.ledger.entries(0, deployment.ledger.size())
    ]
    deployment.close()
    return [body["facts"] for body in bodies if body["reason"] == "settings-changed"]


def test_settings_as_scrim_ships_them_are_nothing_to_say(data: Path) -> None:
    assert said(data) == []
    assert entries(data) == []


def test_invariant_5_a_changed_setting_is_said_once_and_so_is_its_return(data: Path) -> None:
    short = "[retention]\nsealed_days = 7\n[access]\nfour_eyes = false\n"
    assert said(data, short) == ["access", "retention"]
    assert said(data, short) == []
    access, retention = entries(data)
    assert access["values"]["four_eyes"] is False
    assert retention["values"] == {
        "sealed_days": 7,
        "masked_days": 30,
        "sweep_seconds": 60,
        "clock_hours": 24,
    }
    assert said(data) == ["access", "retention"]
    assert entries(data)[-1]["values"]["sealed_days"] == 30
    assert entries(data)[-1]["sha256"] != retention["sha256"]


def test_invariant_6_names_and_addresses_stay_out(data: Path) -> None:
    assert said(data, '[norms]\npublic_url = "https://tai-man.example"\n') == ["norms"]
    assert "tai-man" not in json.dumps(entries(data))


def test_invariant_5_nothing_goes_by_what_the_ledger_does_not_have(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = Deployment.open(data)
    no = "CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with writing(deployment.engine) as connection:
        connection.execute(text(no))
    deployment.close()
    with pytest.raises(LedgerUnavailable):
        said(data, "[retention]\nsealed_days = 1\n")
    assert run(["retention", "sweep", "--data", str(data)]) == 8
    assert "refused" in capsys.readouterr().err
