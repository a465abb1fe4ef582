"""What the list says is drawn, nothing under a mask goes out, and the same comes out again."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import CASE, SCREEN, Clock, Made, eyes, pick_left, signer
from tests.unit.disclosure.test_tracks import head, made_up, outline

from scrim.canonical import canonical
from scrim.disclosure.boxes import Box, common
from scrim.disclosure.compose import Cover, compose
from scrim.disclosure.draw import draw
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.make import Order, again, listed, make
from scrim.disclosure.masks import How, MaskList, Reason
from scrim.disclosure.tracks import Pick, tracks
from scrim.disclosure.watch import Film
from scrim.errors import DisclosureRefused, ScrimError, SettingsError, StoreFull, TrackUnclear
from scrim.redact import Cover as Kind
from scrim.redact.mask import FILL, samples
from scrim.vault.statement import Statement


def test_one_is_shown_and_the_other_never(made: Made) -> None:
    originals, out = scene.pictures(made.source), scene.pictures(made.folder.film)
    masks = made.masks
    assert len(out) == len(masks.frames)
    shown = 0
    for frame, picture in zip(masks.frames, out, strict=True):
        original = originals[frame.index]
        other, chosen = scene.face(1, frame.index), scene.face(0, frame.index)
        if other is not None:
            x, y, w, h = other
            face = picture[y : y + h, x : x + w].astype(int)
            assert abs(face - 28).max() < 40, f"frame {frame.index}"  # FILL as BGR, coded
        if chosen is not None and frame.shown is not None:
            x, y, w, h = chosen
            apart = picture[y : y + h, x : x + w].astype(int) - original[y : y + h, x : x + w]
            shown += int(abs(apart).mean() < 12)
    assert shown > 20


def test_what_is_shown_is_inside_what_the_list_says(made: Made) -> None:
    for frame in made.masks.frames:
        if frame.shown is None:
            continue
        assert common(frame.shown, Box(0, 0, *scene.SIZE)) == frame.shown
        kept = [mask for mask in frame.masks if mask.reason is Reason.UNCERTAIN]
        assert all(not common(mask.box, frame.shown).area for mask in kept)


def test_there_is_no_sound_and_nothing_beside_the_pictures(made: Made) -> None:
    with av.open(str(made.source)) as container:
        assert container.streams.audio
    with av.open(str(made.folder.film)) as container:
        assert len(container.streams) == 1
        assert container.streams.video
        assert set(container.metadata) <= {
            "major_brand", "minor_version", "compatible_brands", "encoder",
        }  # fmt: skip


def test_the_film_begins_and_ends_with_the_chosen_one(made: Made) -> None:
    frames = made.masks.frames
    assert frames[0].shown is not None
    assert frames[-1].shown is not None
    with av.open(str(made.folder.film)) as container:
        first = next(container.decode(video=0))
        assert first.pts == 0


def test_the_same_original_and_list_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    drawn = again(made.source, made.folder.made(), tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == made.folder.film.read_bytes()
    assert drawn.sha256 == hashlib.sha256(made.folder.film.read_bytes()).hexdigest()
    assert drawn.sound == 1


def test_what_lies_under_masks_changes_no_byte(made: Made, tmp_path: Path) -> None:
    """Two originals without loss, different under masks only: one and the same film."""
    masks = replace(made.masks, frames=made.masks.frames[:16])
    frames = {frame.index: frame for frame in masks.frames}
    length = masks.frames[-1].index + 2
    chance = np.random.default_rng(5)

    def scribble(number: int, picture: scene.Picture) -> None:
        frame = frames.get(number)
        if frame is None:  # no frame that is left out has any influence
            picture[:] = chance.integers(0, 255, picture.shape, dtype=np.uint8)
            return
        for mask in frame.masks:
            box = mask.box.clipped(scene.SIZE)
            if not box.area or mask.oval:
                continue
            # whole chroma samples, as drawn; what a decoder gives for the rest is the same
            left, top = box.x + box.x % 2, box.y + box.y % 2
            right, bottom = box.right - box.right % 2, box.bottom - box.bottom % 2
            part = picture[top:bottom, left:right]
            part[:] = chance.integers(0, 255, part.shape, dtype=np.uint8)

    films = []
    for name, change in (("one", lambda _n, _p: None), ("other", scribble)):
        source = scene.write(tmp_path / f"{name}.mkv", frames=length, codec="ffv1", change=change)
        base = av.open(str(source)).streams.video[0].time_base
        assert base is not None
        these = replace(
            masks,
            source_sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
            time_base=base,
            frames=tuple(
                replace(frame, pts=round(frame.index / (scene.FPS * base)))
                for frame in masks.frames
            ),
        )
        draw(source, these, tmp_path / f"{name}.mp4")
        films.append((tmp_path / f"{name}.mp4").read_bytes())
    assert (tmp_path / "one.mkv").read_bytes() != (tmp_path / "other.mkv").read_bytes()
    assert films[0] == films[1]


def test_every_mask_has_a_reason_and_what_is_drawn_by_hand_is_there(made: Made) -> None:
    for frame in made.masks.frames:
        by_hand = [mask for mask in frame.masks if mask.how is How.DRAWN]
        assert [mask.box for mask in by_hand] == [SCREEN.pixels(scene.SIZE)]
        assert by_hand[0].reason is Reason.SCREEN
    reasons = {mask.reason for frame in made.masks.frames for mask in frame.masks}
    assert reasons >= {Reason.FACE, Reason.OTHER_PERSON, Reason.SCREEN}


def test_the_film_is_masked_as_strictly_as_can_be(film: Film) -> None:
    assert film.policy.cover == frozenset(Kind)


def test_a_mask_over_the_chosen_one_wins() -> None:
    """A child beside them, say."""
    film = made_up(*([outline(100), head(115, 1), outline(150, w=20, h=40)] for _ in range(4)))
    chosen = next(track for track in tracks(film) if track.places[0].box.w == 60)
    for frame in compose(film, [chosen]):
        assert frame.shown == Box(100, 100, 60, 160)
        assert [mask.box for mask in frame.masks] == [Box(150, 100, 20, 40)]


def test_what_covers_nobody_for_sure_is_called_uncertain() -> None:
    film = made_up(*[[outline(100), outline(300, w=200, h=90)]] * 3)
    chosen = tracks(film)[0]
    assert {mask.reason for frame in compose(film, [chosen]) for mask in frame.masks} == {
        Reason.UNCERTAIN
    }


def test_a_frame_covered_whole_between_two_choices_stays_so() -> None:
    film = made_up(*[[outline(100)]] * 7, whole=(3,))
    order = Order(CASE, "", (Pick(0, 2000, 5000), Pick(6 * 40_000, 2000, 5000)))
    frames = listed(film, order, 0).frames
    assert [frame.whole != "" for frame in frames] == [False] * 3 + [True] + [False] * 3
    assert frames[3].shown is None


def test_two_people_at_one_time_are_refused() -> None:
    film = made_up(*[[outline(100), outline(300)]] * 4)
    order = Order(CASE, "", (Pick(0, 2000, 5000), Pick(0, 5000, 5000)))
    with pytest.raises(TrackUnclear, match="same time"):
        listed(film, order, 0)


def test_covers_are_for_a_time_and_inside_the_picture() -> None:
    cover = Cover(Box(0, 0, 3333, 5000), since_us=40_000, until_us=80_000)
    assert [cover.at(n * 40_000) for n in range(4)] == [False, True, False, False]
    assert cover.pixels((100, 50)) == Box(0, 0, 34, 25)
    for box in (Box(-1, 0, 5, 5), Box(9000, 0, 2000, 5), Box(0, 0, 0, 5)):
        with pytest.raises(SettingsError):
            Cover(box)
    with pytest.raises(SettingsError):
        Cover(Box(0, 0, 10, 10), since_us=5, until_us=5)


def test_the_list_is_read_as_it_was_written(made: Made) -> None:
    statement = made.folder.made()
    masks = MaskList.of(statement)
    assert canonical(masks.body()) == canonical(statement.body)
    assert masks.case == CASE
    assert masks.picks == ((pick_left().at_us, pick_left().x, pick_left().y),)


@pytest.mark.parametrize(
    "change",
    [
        {"case": "CASE"},
        {"request": "x"},
        {"frames": []},
        {"zones": [7]},
        {"zones": ["gate"]},
        {"picks": [[1, 2]]},
        {"made_us": -1},
        {"more": 1},
        {"source": {"sha256": "0" * 64, "width": 0, "height": 1, "time_base": [1, 25]}},
        {"source": {"sha256": "0" * 64, "width": 9, "height": 1, "time_base": [1, 0]}},
    ],
    ids=str,
)
def test_a_list_that_makes_no_sense_is_refused(made: Made, change: dict[str, object]) -> None:
    body = {**made.folder.made().body, **change}
    with pytest.raises(DisclosureRefused, match="not a mask list"):
        MaskList.of(Statement.sign(body, signer()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"masks": [{"box": [0, 0, 0, 5], "oval": False, "reason": "face", "how": "held"}]},
        {"masks": [{"box": [0, 0, 5, 5], "oval": False, "reason": "friend", "how": "held"}]},
        {"masks": [{"box": [0, 0, 5, 5], "oval": False, "reason": "face", "how": "guess"}]},
        {"masks": [{"box": [0, 0, 5, 1 << 30], "oval": False, "reason": "face", "how": "held"}]},
        {"index": 7_000},
        {"pts": 0},
        {"whole": "damage"},
        {"shown": [1, 2, 3]},
    ],
    ids=str,
)
def test_a_frame_that_makes_no_sense_is_refused(made: Made, change: dict[str, object]) -> None:
    body = made.masks.body()
    frames = list(body["frames"])  # type: ignore[arg-type]
    frames[3] = {**frames[3], **change}  # type: ignore[dict-item]
    with pytest.raises(DisclosureRefused, match="not a mask list"):
        MaskList.of(Statement.sign({**body, "frames": frames}, signer()))


def test_another_original_is_refused_and_nothing_is_left(made: Made, tmp_path: Path) -> None:
    other = scene.write(tmp_path / "other.mp4", frames=60)
    with pytest.raises(DisclosureRefused, match="not the film"):
        draw(other, made.masks, tmp_path / "out.mp4")
    sha256 = hashlib.sha256(other.read_bytes()).hexdigest()
    with pytest.raises(DisclosureRefused, match="does not fit"):
        draw(other, replace(made.masks, source_sha256=sha256), tmp_path / "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disclosure", "other.mp4"]


def test_a_list_of_pictures_of_another_size_is_refused(made: Made, tmp_path: Path) -> None:
    with pytest.raises(DisclosureRefused, match="another size"):
        draw(made.source, replace(made.masks, size=(320, 180)), tmp_path / "out.mp4")


def test_a_source_that_is_missing_is_named(made: Made, tmp_path: Path) -> None:
    with pytest.raises(ScrimError, match="cannot be read"):
        draw(tmp_path / "nowhere.mp4", made.masks, tmp_path / "out.mp4")


def test_a_mask_is_the_colour_of_masks(made: Made) -> None:
    x, y, w, h = SCREEN.pixels(scene.SIZE)
    with av.open(str(made.folder.film)) as container:
        for frame in container.decode(video=0):
            covered = samples(frame.planes[0])[y + 4 : y + h - 4, x + 4 : x + w - 4]
            assert abs(covered.astype(int) - FILL[0]).max() < 6


def test_a_disk_that_fills_up_leaves_nothing_behind(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    order = Order(CASE, "", (pick_left(),))
    folder = DisclosureFolder(tmp_path / "disclosure")
    with pytest.raises(StoreFull):
        make(source, folder, order, eyes=eyes(), signer=signer(), clock=Clock())
    assert not list(tmp_path.iterdir())
