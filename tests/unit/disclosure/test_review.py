"""Nothing goes out before a second person has looked at every frame that may be weak."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import CASE, REQUEST, Clock, Made, signer

from scrim.canonical import Json
from scrim.disclosure import weakness
from scrim.disclosure.agreement import check_film
from scrim.disclosure.boxes import Box
from scrim.disclosure.draw import draw
from scrim.disclosure.masks import Covered, FrameMasks, How, MaskList, Reason
from scrim.disclosure.release import Recipient, release
from scrim.disclosure.review import Review
from scrim.disclosure.session import ReviewSession
from scrim.disclosure.weakness import weak_frames
from scrim.errors import DisclosureRefused, LedgerUnavailable, ScrimError
from scrim.ledger.commitment import holds
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

NAME = Recipient("Chan Tai Man", "none", "Their own pictures, as asked.")


class Desk:
    """A server that puts exports on record, or cannot."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.exports: list[tuple[str, str, str, int, str, str]] = []

    def log_export(
        self,
        case: str,
        kind: str,
        sha256: str,
        size: int,
        recipient: str,
        organisation: str,
        why: str,
    ) -> int:
        if self.broken:
            raise LedgerUnavailable("The ledger cannot be written.")
        assert why
        self.exports.append((case, kind, sha256, size, recipient, organisation))
        return 41 + len(self.exports)


def session(made: Made, who: Signer | None = None) -> ReviewSession:
    return ReviewSession(made.folder, who or made.second, made.registered, Clock())


def step_through(one: ReviewSession) -> None:
    for frame in one.weak:
        one.picture(frame.index)
        one.look(frame.index)


def reviewed(made: Made) -> Statement:
    one = session(made)
    step_through(one)
    return one.conclude(passed=True)


def let_out(made: Made, target: Path, desk: Desk | None = None) -> Statement:
    return release(
        made.folder,
        target,
        NAME,
        signer=made.maker,
        registered=made.registered,
        exports=desk or Desk(),
        clock=Clock(),
    )


def sign_review(made: Made, who: Signer, **changes: object) -> None:
    """A review that the tool would not have made."""
    whole = {
        "case": CASE,
        "masks_sha256": made.folder.made().sha256,
        "film_sha256": session(made)._film_sha256,
        "looked": tuple(sorted(frame.index for frame in weak_frames(made.masks))),
        "passed": True,
        "reason": "",
        "reviewed_us": 1,
    }
    review = Review(**{**whole, **changes})  # type: ignore[arg-type]
    made.folder.keep_review(Statement.sign(review.body(), who))


def refused(made: Made, tmp_path: Path, says: str) -> None:
    desk, target = Desk(), tmp_path / "out.mp4"
    with pytest.raises(ScrimError, match=says):
        let_out(made, target, desk)
    assert not target.exists()
    assert not desk.exports
    assert not list(made.folder.path.glob("release-*"))


def test_reviewed_by_a_second_person_it_goes_out(made: Made, tmp_path: Path) -> None:
    review = reviewed(made)
    desk = Desk()
    record = let_out(made, tmp_path / "out.mp4", desk)
    assert (tmp_path / "out.mp4").read_bytes() == made.folder.film.read_bytes()
    assert record.body["review_sha256"] == review.sha256
    assert record.body["request"] == REQUEST
    assert record.body["entry"] == 42
    kept = Statement.parse((made.folder.path / "release-1.json").read_bytes())
    assert kept.body["recipient"] == {"name": "Chan Tai Man", "organisation": "none"}


def test_the_ledger_gets_a_commitment_and_no_name(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    desk = Desk()
    record = let_out(made, tmp_path / "out.mp4", desk)
    ((case, kind, _, size, commitment, organisation),) = desk.exports
    assert organisation == "none"
    assert (case, kind, size) == (CASE, "disclosure", made.folder.film.stat().st_size)
    assert "Chan" not in json.dumps(desk.exports)
    assert holds(commitment, NAME.text(), bytes.fromhex(str(record.body["salt"])))


def test_without_the_ledger_nothing_goes_out(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    with pytest.raises(LedgerUnavailable):
        let_out(made, tmp_path / "out.mp4", Desk(broken=True))
    assert [path.name for path in tmp_path.iterdir()] == ["disclosure"]
    assert not list(made.folder.path.glob("release-*"))


def test_without_a_review_nothing_goes_out(made: Made, tmp_path: Path) -> None:
    refused(made, tmp_path, r"no review\.json")


def test_nobody_reviews_their_own(made: Made, tmp_path: Path) -> None:
    with pytest.raises(DisclosureRefused, match="Who made"):
        session(made, made.maker)
    sign_review(made, made.maker)
    refused(made, tmp_path, "Who made")


def test_a_key_that_is_not_registered_reviews_nothing(made: Made, tmp_path: Path) -> None:
    stranger = signer()
    with pytest.raises(DisclosureRefused, match="not registered"):
        session(made, stranger)
    sign_review(made, stranger)
    refused(made, tmp_path, "not registered")


def test_a_list_changed_after_the_review_goes_nowhere(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    masks = made.masks
    frames = (replace(masks.frames[0], masks=()), *masks.frames[1:])
    body = replace(masks, frames=frames).body()
    made.folder.keep_made(Statement.sign(body, made.maker))
    refused(made, tmp_path, "another list")


def test_a_list_changed_without_its_key_is_no_list(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    text = made.folder.masks.read_text()
    made.folder.masks.write_text(text.replace('"other-person"', '"uncertain"', 1))
    refused(made, tmp_path, "signature")


def test_a_film_changed_after_the_review_goes_nowhere(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    data = bytearray(made.folder.film.read_bytes())
    data[len(data) // 2] ^= 1
    made.folder.film.write_bytes(data)
    refused(made, tmp_path, "not the one that was reviewed")


def test_a_film_changed_during_the_review_is_not_passed(made: Made) -> None:
    one = session(made)
    step_through(one)
    with made.folder.film.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(DisclosureRefused, match="changed while"):
        one.conclude(passed=True)
    assert not made.folder.review.exists()


@pytest.mark.parametrize("drop", ["a head", "a person", "the cover", "everything", "a frame"])
def test_a_film_without_its_masks_is_not_even_reviewed(made: Made, drop: str) -> None:
    """The maker signs one list and draws the film from another."""
    masks = made.masks
    n = len(masks.frames) // 2
    kept = {
        "a head": [mask for mask in masks.frames[n].masks if mask.reason is not Reason.FACE],
        "a person": [
            mask for mask in masks.frames[n].masks if mask.reason is not Reason.OTHER_PERSON
        ],
        "the cover": [mask for mask in masks.frames[n].masks if mask.how is not How.DRAWN],
        "everything": [],
        "a frame": list(masks.frames[n].masks),
    }[drop]
    if drop == "a head":  # heads lie in the masks of bodies here, so take these away, too
        kept = [mask for mask in kept if mask.reason is not Reason.OTHER_PERSON]
    frame = replace(masks.frames[n], masks=tuple(kept))
    frames = (*masks.frames[:n], frame, *masks.frames[n + 1 :])
    draw(made.source, replace(masks, frames=frames[drop == "a frame" :]), made.folder.film)
    with pytest.raises(DisclosureRefused, match="not the one that its list"):
        session(made)


def test_a_film_is_held_against_zones_and_frames_covered_whole(made: Made) -> None:
    zones = ("gate: 0.1,0.1 0.3,0.1 0.3,0.4 0.1,0.4",)
    first = made.masks.frames[:4]
    whole = replace(first[1], whole="damage", shown=None, masks=())
    plain = replace(made.masks, frames=first)
    strict = replace(plain, zones=zones, frames=(first[0], whole, *first[2:]))
    draw(made.source, strict, made.folder.film)
    check_film(made.folder.film, strict)
    check_film(made.folder.film, plain)
    for missing in (replace(strict, zones=()), replace(strict, frames=first)):
        draw(made.source, missing, made.folder.film)
        with pytest.raises(DisclosureRefused, match="a mask is missing"):
            check_film(made.folder.film, strict)


def test_what_is_no_film_is_not_reviewed(made: Made) -> None:
    made.folder.film.write_bytes(b"text")
    with pytest.raises(DisclosureRefused, match="cannot be read"):
        session(made)


def test_a_review_of_other_frames_lets_nothing_out(made: Made, tmp_path: Path) -> None:
    wanted = {frame.index for frame in weak_frames(made.masks)}
    others = {frame.index for frame in made.masks.frames} - wanted
    assert others
    sign_review(made, made.second, looked=tuple(sorted(others)))
    refused(made, tmp_path, "had to be looked at")
    sign_review(made, made.second, looked=tuple(sorted(wanted))[1:])
    refused(made, tmp_path, "1 of the frames")


def test_a_review_of_another_case_lets_nothing_out(made: Made, tmp_path: Path) -> None:
    sign_review(made, made.second, case="case-zzzz2345")
    refused(made, tmp_path, "another list")


def test_a_refusal_is_kept_and_lets_nothing_out(made: Made, tmp_path: Path) -> None:
    one = session(made)
    with pytest.raises(DisclosureRefused, match="no reason"):
        one.conclude(passed=False, reason="  ")
    one.conclude(passed=False, reason="A face can be seen in the window.")
    refused(made, tmp_path, "A face can be seen in the window")


def test_who_releases_is_registered(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    with pytest.raises(DisclosureRefused, match="releases"):
        release(
            made.folder,
            tmp_path / "out.mp4",
            NAME,
            signer=signer(),
            registered=made.registered,
            exports=Desk(),
            clock=Clock(),
        )


def test_nothing_is_overwritten(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    (tmp_path / "out.mp4").write_bytes(b"mine")
    with pytest.raises(DisclosureRefused, match="there already"):
        let_out(made, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"mine"


def test_each_recipient_has_a_record(made: Made, tmp_path: Path) -> None:
    reviewed(made)
    let_out(made, tmp_path / "one.mp4")
    let_out(made, tmp_path / "two.mp4")
    assert sorted(path.name for path in made.folder.path.glob("release-*")) == [
        "release-1.json",
        "release-2.json",
    ]


@pytest.mark.parametrize(("name", "organisation"), [("", "none"), ("A", " "), ("A\n", "none")])
def test_a_recipient_has_a_name_and_an_organisation(name: str, organisation: str) -> None:
    with pytest.raises(DisclosureRefused, match="recipient"):
        Recipient(name, organisation, "Their own pictures.")


def test_a_statement_of_another_kind_is_no_review(made: Made, tmp_path: Path) -> None:
    made.folder.keep_review(Statement.sign(made.masks.body(), made.second))
    refused(made, tmp_path, "not a review")
    for change in ({"looked": [2, 1]}, {"looked": ["1"]}, {"passed": 1}, {"more": 1}):
        reviewed(made)
        body: dict[str, Json] = {**made.folder.reviewed().body, **change}
        made.folder.keep_review(Statement.sign(body, made.second))
        refused(made, tmp_path, "not a review")


def test_a_frame_is_looked_at_when_it_was_on_show(made: Made) -> None:
    one = session(made)
    first = one.weak[0].index
    with pytest.raises(DisclosureRefused, match="not on show"):
        one.look(first)
    with pytest.raises(DisclosureRefused, match="no frame"):
        one.picture(10_000)
    one.picture(first)
    one.look(first)
    assert first not in one.left
    with pytest.raises(DisclosureRefused, match="left to look at"):
        one.conclude(passed=True)


def test_a_review_is_given_once(made: Made) -> None:
    one = session(made)
    one.conclude(passed=False, reason="No.")
    with pytest.raises(DisclosureRefused, match="already"):
        one.conclude(passed=False, reason="Yes.")


def test_the_pictures_are_those_of_the_film_that_goes_out(made: Made) -> None:
    one = session(made)
    film = scene.pictures(made.folder.film)
    first = made.masks.frames[0].index
    for frame in made.masks.frames[:: max(1, len(film) // 7)]:
        image = cv2.imdecode(np.frombuffer(one.picture(frame.index), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert np.array_equal(image, film[frame.index - first])


def entry(n: int, **changes: object) -> FrameMasks:
    """A frame in which nothing is weak, with what a test wants changed."""
    far = Covered(Box(400, 100, 60, 160), False, Reason.OTHER_PERSON, How.DETECTED)
    plain = FrameMasks(n, n, 1, n * 40_000, (far,), Box(100, 100, 60, 160))
    return replace(plain, **changes)  # type: ignore[arg-type]


def of(made: Made, *frames: FrameMasks) -> MaskList:
    return replace(made.masks, frames=frames)


def test_the_weakest_come_first(made: Made) -> None:
    found = weak_frames(made.masks)
    assert [frame.weight for frame in found] == sorted((f.weight for f in found), reverse=True)
    assert all(frame.why for frame in found)


def test_a_long_calm_film_is_looked_at_once_a_second(made: Made) -> None:
    found = weak_frames(of(made, *(entry(n) for n in range(100))))
    assert sorted(frame.index for frame in found) == [0, 25, 50, 75, 99]


def test_of_a_long_weak_run_every_twelfth_is_looked_at(made: Made) -> None:
    frames = [entry(n, guessed=10 <= n < 60) for n in range(100)]
    found = {f.index for f in weak_frames(of(made, *frames)) if weakness.GUESSED in f.why}
    assert found >= {10, 22, 34, 46, 58, 59}
    assert len(found) < 12


FAR = Box(400, 100, 60, 160)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"masks": ()}, weakness.GONE),
        ({"masks": ()}, weakness.ALONE),
        ({"shown": None}, weakness.TURN),
        ({"guessed": True}, weakness.GUESSED),
        ({"rung": 2}, weakness.UNSURE),
        (
            {"masks": (Covered(FAR, False, Reason.OTHER_PERSON, How.HELD),)},
            weakness.HELD,
        ),
        (
            {"masks": (Covered(Box(430, 100, 60, 160), False, Reason.OTHER_PERSON, How.DETECTED),)},
            weakness.FAST,
        ),
        (
            {
                "masks": (
                    Covered(FAR, False, Reason.OTHER_PERSON, How.DETECTED),
                    Covered(Box(150, 90, 60, 160), False, Reason.OTHER_PERSON, How.DETECTED),
                )
            },
            weakness.NEAR,
        ),
    ],
)
def test_each_weakness_is_found(made: Made, change: dict[str, object], why: str) -> None:
    frames = [entry(n, **(change if n == 10 else {})) for n in range(20)]
    found = {frame.index: frame.why for frame in weak_frames(of(made, *frames))}
    assert why in found[10]
    assert why not in found.get(5, ())


def test_a_frame_covered_whole_is_not_weak(made: Made) -> None:
    frames = [
        entry(n, **({"whole": "damage", "shown": None, "masks": ()} if n == 10 else {}))
        for n in range(20)
    ]
    assert 10 not in {frame.index for frame in weak_frames(of(made, *frames))}
