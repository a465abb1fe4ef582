"""``scrim retention``, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.retention.world import DAY_US, RetentionWorld

from scrim.cli.main import run
from scrim.clock import SystemClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose gate has a period that is long past its time, and a young one."""
    world = RetentionWorld(tmp_path / "data", begun_us=SystemClock().now_us() - 100 * DAY_US)
    world.record("gate", 1, world.clock.us, 2)
    world.at(SystemClock().now_us() - 1_000_000)
    world.record("gate", 2, world.clock.us - 31_000_000, 2)
    world.close()
    return tmp_path / "data"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["retention", *words]) == code
    out, err = capsys.readouterr()
    return out + err


def test_show_says_how_long_and_which_rule(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "show", "--data", str(folder))
    assert "retention.sealed_days" in text
    assert "30 d" in text
    assert "Nothing was ever swept here" in text


def test_plan_counts_and_sweep_erases_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(folder), "--json"]
    plan = json.loads(said(capsys, "plan", "gate", *words))
    sealed = plan["cameras"][0]["sides"][0]
    assert (sealed["over"], sealed["segments"], sealed["soon"]) == (2, 4, 0)
    swept = json.loads(said(capsys, "sweep", *words))
    assert (swept["segments"], swept["keys"]) == (4, 1)
    plan = json.loads(said(capsys, "plan", "gate", "--days", "31", *words))
    sealed = plan["cameras"][0]["sides"][0]
    assert (sealed["over"], sealed["segments"], sealed["soon"]) == (0, 2, 2)
    assert plan["last_sweep"]["objects"] == 4


def test_set_needs_a_reason_and_shows_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--data", str(folder)]
    text = said(capsys, "set", "gate", "--sealed-days", "7", *here, code=14)
    assert "--reason" in text
    text = said(capsys, "set", "gate", "--sealed-days", "7", "--reason", "A school.", *here)
    assert "at most 7 d (camera.sealed)" in text
    assert "A school." in said(capsys, "show", "gate", *here)
    assert "retention.sealed_days" in said(capsys, "set", "gate", "--default", *here)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["set", "gate"], 14),
        (["set", "gate", "--default", "--sealed-days", "3"], 14),
        (["set", "moon", "--sealed-days", "3", "--reason", "Dark."], 5),
        (["set", "gate", "--sealed-days", "0", "--reason", "None."], 2),
        (["show", "moon"], 5),
        (["plan", "--days", "0"], 2),
    ],
)
def test_mistakes_are_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    text = said(capsys, *words, "--data", str(folder), code=code)
    assert "Traceback" not in text


def test_a_clock_that_jumped_is_believed_when_a_person_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = RetentionWorld(tmp_path / "data", begun_us=SystemClock().now_us() - 100 * DAY_US)
    world.at(world.clock.us + DAY_US)
    world.close()
    here = ["--data", str(tmp_path / "data")]
    # whatever the ledger's first entries say, the last one is months ago
    assert "confirm-clock" in said(capsys, "sweep", *here, code=14)
    assert "next sweep goes by it" in said(capsys, "confirm-clock", *here)
    assert "Erased 0 segments" in said(capsys, "sweep", *here)


def test_set_waits_for_a_second_person_by_default(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRIM_ACCESS__FOUR_EYES")
    here = ["--data", str(folder)]
    words = ["set", "gate", "--sealed-days", "7", "--reason", "A school."]
    assert "nothing has changed yet" in said(capsys, *words, *here)
    assert "camera.sealed" not in said(capsys, "show", "gate", *here)
