"""The guide to writing a pack says what is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.cli.main import run
from scrim.errors import NormsError
from scrim.norms.wording import PLACES

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/guide/write-a-pack.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """A command line in a folder with the guide's pack and facts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "riverside.yaml").write_text(BLOCKS[0], "utf-8")

    def call(line: str) -> tuple[int, str, str]:
        code = run(line.split()[1:])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def _shown(command: str) -> str:
    found = re.search(rf"```\n\$ ({re.escape(command)}[^\n]*)\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[2]


def test_the_pack_of_the_guide_holds_its_cases(there: Callable[..., Any]) -> None:
    code, out, err = there("scrim norms test riverside.yaml")
    assert (code, out, err) == (0, _shown("scrim norms test riverside.yaml"), "")


def test_the_explanation_of_the_guide_is_the_one_that_is_printed(
    there: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "riverside.yaml").rename(tmp_path / "packs" / "riverside.yaml")
    (tmp_path / "facts.yaml").write_text(BLOCKS[1], "utf-8")
    line = re.search(r"\$ (scrim norms explain [^\n]*)", GUIDE)
    assert line is not None
    _, out, _ = there(line[1])
    assert out == _shown("scrim norms explain")


def test_the_mistake_of_the_guide_is_the_one_that_is_named(
    there: Callable[..., Any], tmp_path: Path
) -> None:
    pack = tmp_path / "riverside.yaml"
    pack.write_text(BLOCKS[0].replace("camera.sealed_ceiling", "camera.ceiling", 1), "utf-8")
    code, _, err = there("scrim norms test riverside.yaml")
    said = re.search(r"error: riverside[^…]*", GUIDE)
    assert said is not None
    assert code == NormsError.exit_code
    assert err.startswith(said[0].strip())


def test_the_reference_names_every_place_of_a_text() -> None:
    page = (ROOT / "docs/ref/formats/norms.md").read_text("utf-8")
    sentence = re.search(r"places `\{name\}`, of these names: (.*?)\. A text", page, re.DOTALL)
    assert sentence is not None
    assert tuple(re.findall(r"`(\w+)`", sentence[1])) == tuple(PLACES)
