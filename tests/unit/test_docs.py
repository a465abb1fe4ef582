"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scrim import errors
from scrim.settings import Detector, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _tree(top: type[errors.ScrimError]) -> list[type[errors.ScrimError]]:
    return [top] + [error for child in top.__subclasses__() for error in _tree(child)]


def _of_scrim() -> list[type[errors.ScrimError]]:
    return [error for error in _tree(errors.ScrimError) if error.__module__ == errors.__name__]


def test_exit_codes_are_those_of_the_errors() -> None:
    page = (ROOT / "docs/ref/exit-codes.md").read_text("utf-8")
    listed = {
        name: int(code)
        for code, names in re.findall(r"^\| (\d+) \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert listed == {error.__name__: error.exit_code for error in _of_scrim()}


def test_every_setting_is_in_its_page() -> None:
    page = (ROOT / "docs/ref/settings.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `(\w+\.[\w.]+)` \| `([^`]*)` \|", page, re.MULTILINE))
    settings = Settings.model_construct()
    assert listed == {
        f"{section}.{key}": str(value)
        for section in Settings.model_fields
        for key, value in getattr(settings, section).model_dump().items()
    }


def test_every_key_of_a_detector_is_in_its_page() -> None:
    page = (ROOT / "docs/ref/settings.md").read_text("utf-8")
    heads = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", page, re.MULTILINE)
    listed = {key for head in heads for key in re.findall(r"`(\w+)`", head)}
    assert listed == set(Detector.model_fields)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_the_readme_names_commands_that_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = set(re.findall(r"\bmake ([a-z]+)\b", readme))
    assert {"run", "test"} <= commands
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_every_invariant_names_tests_that_are_there() -> None:
    page = (ROOT / "docs/INVARIANTS.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert named
    for path, function in named:
        text = (ROOT / path).read_text("utf-8")
        assert not function or f"def {function}(" in text, f"{path}::{function}"


def test_every_test_of_an_invariant_is_in_its_page() -> None:
    sections = re.split(
        r"^## (\d+)\.", (ROOT / "docs/INVARIANTS.md").read_text("utf-8"), flags=re.MULTILINE
    )
    pages = dict(zip(map(int, sections[1::2]), sections[2::2], strict=True))
    assert list(pages) == list(range(1, 11))
    for path in (ROOT / "tests").rglob("test_*.py"):
        for number in set(re.findall(r"def test_invariant_(\d+)_", path.read_text("utf-8"))):
            assert f"`{path.relative_to(ROOT)}" in pages[int(number)], (number, path)


def test_records_have_numbers_of_their_own() -> None:
    records = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [path.name[:4] for path in records]
    assert len(set(numbers)) == len(numbers)
    for path in records:
        assert path.read_text("utf-8").startswith(f"# {path.name[:4]}"), path.name
