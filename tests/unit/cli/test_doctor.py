import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.fleet import Deployment
from scrim.redact.model import default_model

Scrim = Callable[..., Any]


def look(scrim: Scrim, data: Path) -> tuple[int, dict[str, Any]]:
    done = scrim("doctor", "--data", data, "--json")
    found = json.loads(done.out)
    assert found["well"] is (done.code == 0)
    return done.code, {check["name"]: check for check in found["checks"]}


@pytest.mark.skipif(
    not default_model().exists(), reason="the face model is not here; `make test` puts it there"
)
def test_the_parts_that_mask_and_encode_work_here(scrim: Scrim, tmp_path: Path) -> None:
    checks = look(scrim, tmp_path / "none")[1]
    for name in ("Python", "Packages", "Face model", "Detector", "H.264 encoder", "Clock"):
        assert checks[name]["holds"], checks[name]


def test_a_key_that_others_can_read_is_a_problem(scrim: Scrim, tmp_path: Path) -> None:
    made = Deployment.create(tmp_path / "data")
    made.set_custodians(made.make_demo_custodians())
    made.close()
    assert look(scrim, tmp_path / "data")[1]["Ledger key"]["holds"]
    (tmp_path / "data/keys/ledger.key").chmod(0o644)
    code, checks = look(scrim, tmp_path / "data")
    assert code == 1
    assert not checks["Ledger key"]["holds"]
    assert "chmod 600" in checks["Ledger key"]["remedy"]
    assert "DEMO" in checks["Custodians"]["found"]


def test_a_wrong_setting_is_a_problem(scrim: Scrim, tmp_path: Path) -> None:
    made = Deployment.create(tmp_path / "data")
    made.close()
    (tmp_path / "data/scrim.toml").write_text("[server]\nport = 99999999\n")
    code, checks = look(scrim, tmp_path / "data")
    assert code == 1
    assert "server.port" in checks["Settings"]["found"]
    assert not checks["Port"]["holds"]
