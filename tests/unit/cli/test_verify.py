import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.fleet import Deployment
from scrim.ledger import SigningKey

Scrim = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = Deployment.create(tmp_path / "data")
    made.set_custodians(made.make_demo_custodians())
    made.publish_checkpoint()
    made.close()
    return tmp_path / "data"


def test_all_holds(scrim: Scrim, data: Path) -> None:
    done = scrim("verify", data)
    assert done.code == 0
    assert done.out.startswith("All holds: 1 entries")
    found = json.loads(scrim("verify", data, "--json").out)
    assert found["holds"] is True
    assert found["checked"]["entries"] == 1


def test_a_finding_is_a_line_and_exit_code_1(scrim: Scrim, data: Path) -> None:
    (data / "objects" / "stray").write_text("x")
    done = scrim("verify", data)
    assert done.code == 1
    assert done.out.splitlines()[0].startswith("object-orphaned  stray: ")
    done = scrim("verify", data, "--json", "--quick")
    assert done.code == 1
    (finding,) = [
        item for item in json.loads(done.out)["findings"] if item["severity"] == "problem"
    ]
    assert finding["kind"] == "object-orphaned"


def test_a_key_by_file_or_text_and_a_remembered_checkpoint(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    key = data / "keys/ledger.pub"
    kept = tmp_path / "monday.txt"
    kept.write_text((data / "checkpoint").read_text())
    assert scrim("verify", data, "--key", key, "--checkpoint", kept).code == 0
    assert scrim("verify", data, "--key", key.read_text()).code == 0
    other = SigningKey.generate("scrim.local/ledger").verifier().to_text()
    assert scrim("verify", data, "--key", other).code == 1
    assert scrim("verify", data, "--key", tmp_path / "none").code == 8
    assert scrim("verify", data, "--key", "no+key").code == 8
    assert scrim("verify", data, "--checkpoint", tmp_path / "none").code == 8
