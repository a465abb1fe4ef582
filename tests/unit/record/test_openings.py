"""Live openings in a recorder: entry first, nothing older, nothing longer, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.sim.street import Street
from tests.unit.vault.live_papers import NAMES, SET, approval, signed
from tests.unit.vault.papers import request

from scrim.clock import SECOND, OnwardClock
from scrim.errors import LedgerUnavailable
from scrim.ledger import Act, Entry
from scrim.ledger.commitment import holds
from scrim.record.openings import Openings
from scrim.record.openings_watch import OpeningsWatch
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.store.live_papers import LivePapers
from scrim.vault.request import LIVE, Request

ORIGIN = "scrim.example/ledger"
START_US = 1_800_000_000 * SECOND
MINUTE = 60 * SECOND
SALT = bytes(range(16))


@dataclass
class Hands:
    """A clock on the wall that anybody can set, and one that nobody can."""

    wall_us: int = START_US
    monotonic_us: int = 0

    def now_us(self) -> int:
        return self.wall_us

    def pass_us(self, us: int) -> None:
        self.wall_us += us
        self.monotonic_us += us

    def onward(self) -> OnwardClock:
        return OnwardClock(self, monotonic_ns=lambda: self.monotonic_us * 1000)


@dataclass
class Place:
    """The openings of the street's camera, and the hands of its clock."""

    street: Street
    hands: Hands = field(default_factory=Hands)
    epoch: int = 1

    def __post_init__(self) -> None:
        self.openings = self.start()

    def start(self) -> Openings:
        """A recorder that starts: nothing is known but what is written down."""
        self.openings = Openings(
            self.street.catalogue.openings,
            "street",
            self.epoch,
            custodians=SET,
            deployment=ORIGIN,
            clock=self.hands.onward(),
            report=self.street.lines.append,
        )
        self.epoch += 1
        return self.openings

    def seals_to(self, ago_us: int = 0) -> list[str]:
        """Who can open a segment of two seconds that ends now (or ended a while ago)."""
        end_us = self.hands.wall_us - ago_us
        return [one.recipient for one in self.openings.over(end_us - 2 * SECOND, end_us)]

    def until(self) -> int | None:
        return self.openings.until_us

    def entries(self) -> list[Entry]:
        ledger = self.street.ledger
        return [Entry.parse(body) for _, body in ledger.entries(0, ledger.size())]


@pytest.fixture
def place(street: Street) -> Place:
    return Place(street)


def asked(since_us: int = START_US, minutes: int = 10, **changes: Any) -> Request:
    return request(
        **{
            "kind": LIVE,
            "periods": (),
            "cameras": ("street",),
            "since_us": since_us,
            "until_us": since_us + minutes * MINUTE,
            "created_us": START_US - MINUTE,
            "expires_us": START_US + 60 * MINUTE,
        }
        | changes
    )


def papers(of: Request, by: tuple[str, ...] = NAMES[:2]) -> LivePapers:
    answers = tuple(approval(name, of) for name in by)
    return LivePapers(of.sha256, signed(of), answers, SALT)


def test_from_the_entry_on_and_nothing_older(place: Place) -> None:
    one = asked()
    place.hands.pass_us(MINUTE)
    assert place.seals_to() == []
    place.openings.consider([papers(one)])
    assert place.seals_to() == []  # it began before
    place.hands.pass_us(SECOND)
    assert place.seals_to() == []
    place.hands.pass_us(SECOND)
    assert place.seals_to() == [one.recipient]
    (entry,) = place.entries()
    assert (entry.act, entry.who, entry.camera) == (Act.LIVE_OPENED, "recorder", "street")
    assert (entry.since_us, entry.until_us) == (START_US + MINUTE, one.until_us)
    assert entry.facts["request"] == one.sha256
    assert len(entry.facts["answers"]) == 2  # type: ignore[arg-type]
    assert holds(str(entry.facts["case"]), one.case, SALT)
    assert place.until() == one.until_us


def test_at_the_windows_end_it_ends_whatever_lies_there(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(10 * MINUTE - 1)
    assert place.seals_to() == [one.recipient]
    place.hands.pass_us(1)
    assert place.seals_to() == []  # before anybody looked
    place.hands.pass_us(SECOND)
    place.openings.consider([papers(one)])
    assert place.seals_to() == []
    assert place.until() is None
    opened, ended = place.entries()
    assert ended.act is Act.LIVE_ENDED
    assert (ended.since_us, ended.until_us) == (opened.since_us, one.until_us)
    assert ended.facts["why"] == "window"
    place.openings.consider([papers(one)])
    assert len(place.entries()) == 2


def test_a_clock_set_back_prolongs_nothing(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(5 * MINUTE)
    assert place.seals_to() == [one.recipient]
    place.hands.wall_us -= 4 * MINUTE
    place.hands.pass_us(5 * MINUTE)  # the window's end by the other clock; 6 minutes by the wall
    assert place.hands.wall_us < one.until_us
    assert place.seals_to() == []
    place.openings.consider([papers(one)])
    assert place.entries()[-1].act is Act.LIVE_ENDED


def test_a_clock_set_back_after_the_end_opens_nothing_again(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(10 * MINUTE)
    place.openings.consider([papers(one)])
    place.hands.wall_us = START_US + MINUTE
    for _ in range(2):  # in the same process, then in one that knows only what is written
        more = papers(one, NAMES)
        place.openings.consider([more])
        place.hands.pass_us(5 * SECOND)
        assert place.seals_to() == []
        place.start()
    assert [entry.act for entry in place.entries()] == [Act.LIVE_OPENED, Act.LIVE_ENDED]


def test_a_clock_set_back_while_the_recorder_is_down_gains_nothing(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    for _ in range(8):
        place.hands.pass_us(MINUTE)
        place.openings.consider([papers(one)])
    place.hands.wall_us = START_US  # killed, and set back by eight minutes
    place.hands.monotonic_us = 0
    place.start()
    place.openings.consider([papers(one)])
    place.hands.pass_us(2 * MINUTE - 1)
    assert place.until() == one.until_us
    place.hands.pass_us(1)
    place.openings.consider([papers(one)])
    assert place.until() is None
    assert place.entries()[-1].facts["why"] == "window"


def test_a_recorder_that_starts_anew_checks_anew(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(MINUTE)
    place.start()  # the one before was killed
    assert place.seals_to() == []
    ended = place.entries()[-1]
    assert (ended.act, ended.facts["why"], ended.epoch) == (Act.LIVE_ENDED, "restart", 1)
    place.openings.consider([papers(one, NAMES[:1])])  # an approval has gone meanwhile
    place.hands.pass_us(MINUTE)
    assert place.seals_to() == []
    place.openings.consider([papers(one)])
    place.hands.pass_us(2 * SECOND)
    assert place.seals_to() == [one.recipient]
    again = place.entries()[-1]
    assert (again.act, again.epoch) == (Act.LIVE_OPENED, 2)
    assert again.until_us == one.until_us


def test_a_recorder_that_stops_in_good_order_says_so(place: Place) -> None:
    place.openings.consider([papers(asked())])
    place.hands.pass_us(MINUTE)
    place.openings.finish()
    assert place.seals_to() == []
    assert place.entries()[-1].until_us == START_US + MINUTE
    place.openings.consider([papers(asked())])  # the watch looks once more
    assert place.until() is None


@pytest.mark.parametrize("way", ["finish", "withdraw"])
def test_it_ends_no_sooner_than_the_last_picture_sealed_under_it(place: Place, way: str) -> None:
    """A picture lasts a little longer than the moment at which it came."""
    place.openings.consider([papers(asked())])
    place.hands.pass_us(MINUTE)
    ahead = 40_000
    assert place.seals_to(ago_us=-ahead)
    if way == "finish":
        place.openings.finish()
    else:
        place.openings.consider([])
    assert place.entries()[-1].until_us == START_US + MINUTE + ahead


def test_without_the_entry_nothing_is_sealed_to_the_officer(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = asked()

    def refuse(*_: object) -> None:
        raise LedgerUnavailable("The ledger cannot be written.")

    with monkeypatch.context() as broken:
        broken.setattr(place.street.ledger, "append_in", refuse)
        with pytest.raises(LedgerUnavailable):
            place.openings.consider([papers(one)])
        place.hands.pass_us(MINUTE)
        assert place.seals_to() == []
    assert rows(place.street) == []
    place.openings.consider([papers(one)])
    place.hands.pass_us(2 * SECOND)
    assert place.seals_to() == [one.recipient]
    assert place.seals_to(ago_us=SECOND) == []  # what was recorded before the entry


def test_an_end_that_cannot_be_written_is_an_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(MINUTE)

    def refuse(*_: object) -> None:
        raise LedgerUnavailable("The ledger cannot be written.")

    with monkeypatch.context() as broken:
        broken.setattr(place.street.ledger, "append_in", refuse)
        for _ in range(2):
            with pytest.raises(LedgerUnavailable):
                place.openings.consider([])
            assert place.seals_to() == []
    place.openings.consider([])
    assert [entry.act for entry in place.entries()] == [Act.LIVE_OPENED, Act.LIVE_ENDED]


def test_papers_taken_away_end_it_for_good(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one)])
    place.hands.pass_us(MINUTE)
    assert place.seals_to() == [one.recipient]
    place.openings.consider([])
    assert place.seals_to() == []
    assert place.entries()[-1].facts["why"] == "withdrawn"
    place.start()
    place.openings.consider([papers(one)])
    place.hands.pass_us(MINUTE)
    assert place.seals_to() == []


def test_a_window_that_begins_later_opens_then(place: Place) -> None:
    one = asked(since_us=START_US + 5 * MINUTE, minutes=5)
    place.openings.consider([papers(one)])
    assert place.until() is None
    place.hands.pass_us(5 * MINUTE)
    place.openings.consider([papers(one)])
    assert place.until() == one.until_us


def test_two_cases_at_once_are_kept_apart(place: Place) -> None:
    one, two = asked(), asked(minutes=5, case="case-zzzz2345", salt="1" * 64)
    place.openings.consider([papers(one), papers(two)])
    place.hands.pass_us(MINUTE)
    assert len(place.seals_to()) == 2
    place.hands.pass_us(5 * MINUTE)
    assert len(place.seals_to()) == 1


Change = Callable[[LivePapers], LivePapers]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: replace(p, answers=p.answers[:1]), "1 of the 2"),
        (lambda p: replace(p, answers=(p.answers[0],) * 2), "1 of the 2"),
        (lambda p: replace(p, request=p.request.replace(b"knocked", b"locked")), "signature"),
        (lambda p: replace(p, request_sha256="0" * 64), "another request"),
        (lambda p: replace(p, request=b"\xff"), "not a statement"),
        (lambda p: replace(p, case_salt=b""), "salt"),
    ],
    ids=["k-1", "twice", "altered", "relabelled", "junk", "salt"],
)
def test_refused_papers_open_nothing_and_are_said_once(
    place: Place, change: Change, says: str
) -> None:
    wrong = change(papers(asked()))
    for _ in range(3):
        place.openings.consider([wrong])
        place.hands.pass_us(5 * SECOND)
        assert place.seals_to() == []
    assert place.entries() == []
    (line,) = place.street.lines
    assert says in line


def test_an_approval_that_comes_later_is_taken(place: Place) -> None:
    one = asked()
    place.openings.consider([papers(one, NAMES[:1])])
    place.openings.consider([papers(one)])
    assert place.until() == one.until_us


def test_another_cameras_papers_open_nothing_here(place: Place) -> None:
    place.openings.consider([papers(asked(cameras=("gate",)))])
    place.hands.pass_us(MINUTE)
    assert place.seals_to() == []


def test_one_camera_that_cannot_write_keeps_no_other_from_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LedgerUnavailable("The ledger cannot be written.")

    broken = Place(place.street)
    monkeypatch.setattr(broken.openings, "consider", refuse)
    one = asked()
    lines: list[str] = []
    watch = OpeningsWatch(lambda: [papers(one)], [broken.openings, place.openings], lines.append)
    watch.look()
    watch.look()
    assert place.until() == one.until_us
    assert len(lines) == 1


def rows(street: Street) -> list[Any]:
    with reading(street.engine) as connection:
        return list(connection.execute(select(schema.live_opening)).all())


def test_what_was_asked_of_a_camera_is_not_opened_of_another_under_its_id(place: Place) -> None:
    one = asked()
    place.hands.pass_us(MINUTE)
    place.openings.consider([papers(one)])
    assert place.until() is not None
    place.openings.finish()
    table = schema.camera
    with writing(place.street.engine) as connection:
        connection.execute(update(table).values(added_us=one.created_us + 1))
    place.start()
    place.openings.consider([papers(one)])
    assert place.until() is None
    assert "enrolled anew" in place.street.lines[-1]
    place.openings.consider([papers(asked(created_us=one.created_us + 1))])
    assert place.until() is not None
