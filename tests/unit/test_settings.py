"""Settings that are wrong stop the start with a sentence that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrim.errors import SettingsError
from scrim.policy import Cover, Policy, Style
from scrim.settings import load


def in_file(folder: Path, text: str) -> Path:
    (folder / "scrim.toml").write_text(f"[redaction]\n{text}\n", encoding="utf-8")
    return folder


def test_faces_are_covered_solid_where_nothing_is_said(tmp_path: Path) -> None:
    assert load(tmp_path).redaction.policy == Policy()


@pytest.mark.parametrize(
    "cover", ['"plates,persons"', '" persons , plates"', '["plates", "persons"]']
)
def test_cover_is_a_list_or_words_with_commas_and_has_faces_in_it(
    tmp_path: Path, cover: str
) -> None:
    redaction = load(in_file(tmp_path, f'cover = {cover}\nstyle = "silhouette"')).redaction
    assert redaction.cover == "faces,persons,plates"
    assert redaction.policy == Policy(
        frozenset({Cover.FACES, Cover.PERSONS, Cover.PLATES}), style=Style.SILHOUETTE
    )


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIM_REDACTION__COVER", "vehicles")
    monkeypatch.setenv("SCRIM_REDACTION__STYLE", "mosaic")
    redaction = load(in_file(tmp_path, 'cover = "persons"')).redaction
    assert (redaction.cover, redaction.style) == ("faces,vehicles", Style.MOSAIC)


@pytest.mark.parametrize(
    ("line", "key", "allowed"),
    [
        ('style = "blur"', "redaction.style", "silhouette"),
        ('cover = "cats"', "redaction.cover", "faces, persons, plates and vehicles"),
        ('cover = ""', "redaction.cover", "faces, persons, plates and vehicles"),
        ("cover = []", "redaction.cover", "faces, persons, plates and vehicles"),
        ("cover = [1]", "redaction.cover", "faces, persons, plates and vehicles"),
        ("cover = 7", "redaction.cover", "faces, persons, plates and vehicles"),
    ],
)
def test_a_wrong_policy_is_named_with_what_is_allowed(
    tmp_path: Path, line: str, key: str, allowed: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(in_file(tmp_path, line))
    assert key in str(refused.value)
    assert allowed in str(refused.value)
