"""``scrim disclosure``: each step, and each mistake in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import CASE, Clock, eyes, pick_left

from scrim.cli import disclosure
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.register import registered
from scrim.disclosure.session import ReviewSession
from scrim.disclosure.words import cover_of, picks, time_of
from scrim.errors import DisclosureRefused, SettingsError
from scrim.vault.custodian import Identity, new_identity, write_identity

Scrim = Callable[..., Any]

POINT = f"{pick_left().x / 10_000},{pick_left().y / 10_000}"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.write(tmp_path_factory.mktemp("film") / "opened.mp4", frames=100)


@pytest.fixture(autouse=True)
def _no_plates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cascades see plates in drawn windows."""
    monkeypatch.setattr(disclosure, "_eyes", eyes)


def people(path: Path, *who: Identity, retired: bool = False) -> Path:
    listed = [
        {"id": f"officer-{n}", "verifier": one.verifier, "retired_us": 1 if retired else None}
        for n, one in enumerate(who)
    ]
    path.write_text(json.dumps(listed))
    return path


def test_from_the_tracks_to_a_film_that_can_be_made_again(
    scrim: Scrim, original: Path, tmp_path: Path
) -> None:
    maker, second = new_identity(), new_identity()
    write_identity(tmp_path / "me.txt", maker)
    listed = scrim(
        "disclosure", "tracks", original, "--at", "2.8", "--picture", tmp_path / "p.png", "--json"
    )
    assert listed.code == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    tracks = json.loads(listed.out)
    left = next(
        one for one in tracks if float(one["point"].split(",")[0]) < 0.3 and not one["guessed"]
    )
    made = scrim(
        "disclosure", "make", original, tmp_path / "out", "--case", CASE,
        "--as", tmp_path / "me.txt", "--at", "2.8", "--point", left["point"],
        "--cover", "80%,0%,20%,20%@0-60",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert "A second person has to look" in made.err
    once_more = scrim(
        "disclosure", "again", original, tmp_path / "out", "--out", tmp_path / "a.mp4"
    )
    assert (once_more.code, once_more.out.strip()) == (0, "It is the same film, to the byte.")

    folder = DisclosureFolder(tmp_path / "out")
    register = people(tmp_path / "people.json", maker, second)
    own = scrim(
        "disclosure", "review", folder.path, "--as", tmp_path / "me.txt", "--people", register
    )
    assert own.code == 12
    assert "cannot review" in own.err

    session = ReviewSession(folder, second.signer, registered([register]), Clock())
    for frame in session.weak:
        session.picture(frame.index)
        session.look(frame.index)
    session.conclude(passed=True)
    unreachable = scrim(
        "disclosure", "release", folder.path, "--out", tmp_path / "send.mp4", "--name", "A",
        "--organisation", "none", "--why", "Asked.", "--as", tmp_path / "me.txt",
        "--people", register, "--server", "http://127.0.0.1:9",
    )  # fmt: skip
    assert unreachable.code != 0
    assert not (tmp_path / "send.mp4").exists()


def test_a_film_made_again_that_is_another_is_said(
    scrim: Scrim, original: Path, tmp_path: Path
) -> None:
    write_identity(tmp_path / "me.txt", new_identity())
    made = scrim(
        "disclosure", "make", original, tmp_path / "out", "--case", CASE,
        "--as", tmp_path / "me.txt", "--at", "2.8", "--point", POINT,
    )  # fmt: skip
    assert made.code == 0, made.err
    with (tmp_path / "out" / "film.mp4").open("ab") as film:
        film.write(b"\0")
    once_more = scrim(
        "disclosure", "again", original, tmp_path / "out", "--out", tmp_path / "a.mp4"
    )
    assert once_more.code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--at", "2.8", "--point", "0.5,0.02"], "nobody"),
        (["--at", "99", "--point", "0.1,0.5"], "no picture at"),
        (["--at", "soon", "--point", "0.1,0.5"], "not a time"),
        (["--at", "2.8", "--point", "0.1"], "not 2 shares"),
        (["--at", "2.8", "--point", "0.1,1.5"], "not 2 shares"),
        (["--at", "2.8", "--at", "3", "--point", "0.1,0.5"], "2 times and 1 points"),
        (["--at", "2.8", "--point", "0.1,0.5", "--cover", "0.9,0,0.2,0.2"], "outside"),
        (["--at", "2.8", "--point", "0.1,0.5", "--cover", "0,0,0.2,0.2@5-2"], "ends before"),
        (["--at", "2.8", "--point", "0.1,0.5", "--case", "CASE 1"], "not a case's id"),
        (["--at", "2.8", "--point", "0.1,0.5", "--request", "x"], "not a SHA-256"),
    ],
)
def test_each_mistake_is_one_sentence_and_leaves_nothing(
    scrim: Scrim, original: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    write_identity(tmp_path / "me.txt", new_identity())
    outcome = scrim(
        "disclosure", "make", original, tmp_path / "out", "--case", CASE,
        "--as", tmp_path / "me.txt", *arguments,
    )  # fmt: skip
    assert outcome.code in (3, 12)
    assert says in outcome.err
    assert outcome.err.strip().count("\n") == 0
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_left_as_it_is(
    scrim: Scrim, original: Path, tmp_path: Path
) -> None:
    write_identity(tmp_path / "me.txt", new_identity())
    outcome = scrim(
        "disclosure", "make", original, tmp_path, "--case", CASE, "--as", tmp_path / "me.txt",
        "--at", "2.8", "--point", "0.1,0.5",
    )  # fmt: skip
    assert (outcome.code, [p.name for p in tmp_path.iterdir()]) == (9, ["me.txt"])


@pytest.mark.parametrize(
    "text", ["", "7", "{}", "[7]", '[{"id": "a"}]', '[{"verifier": "scrimsig1x"}]', "[" * 9000]
)
def test_what_is_no_register_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(text)
    with pytest.raises(DisclosureRefused, match="register of people"):
        registered([file])


def test_who_is_retired_is_not_in_the_register(tmp_path: Path) -> None:
    one, other = new_identity(), new_identity()
    files = [
        people(tmp_path / "now.json", one),
        people(tmp_path / "gone.json", other, retired=True),
    ]
    assert registered(files) == {one.verifier}
    with pytest.raises(DisclosureRefused, match="cannot be read"):
        registered([tmp_path / "nowhere"])


def test_times_points_and_covers_are_read_as_people_write_them() -> None:
    assert time_of("1:02.5") == 62_500_000
    assert [(one.at_us, one.x, one.y) for one in picks(["3"], ["40%,0.6"])] == [
        (3_000_000, 4000, 6000)
    ]
    assert cover_of("0.1,20%,0.3,0.1@2-").since_us == 2_000_000
    assert cover_of("0.1,20%,0.3,0.1@-2").until_us == 2_000_000
    with pytest.raises(SettingsError, match="span"):
        cover_of("0.1,0.2,0.3,0.1@5")
