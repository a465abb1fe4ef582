"""A request from its coming to its end, and what is refused on the way."""

from __future__ import annotations

import json

import pytest
from tests.unit.subjects.world import DAY_US, MINUTE_US, SubjectWorld

from scrim.errors import (
    CameraUnknown,
    CaseUnknown,
    DutyRefused,
    DutyState,
    DutyUnknown,
    LedgerUnavailable,
)
from scrim.norms.fact_table import TABLE
from scrim.norms.facts import Facts, Group
from scrim.store import holds
from scrim.store.database import reading
from scrim.subjects.file import Place


def test_the_whole_way(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask()
    case = world.to_disclosing(request)
    with pytest.raises(DutyState, match="Nothing went out"):
        world.subjects.answer(request, "given", "a film of yourself")
    world.export(case, kind="native")
    with pytest.raises(DutyState, match="Nothing went out"):
        world.subjects.answer(request, "given", "a film of yourself")
    world.export(case)
    done = world.subjects.answer(request, "given", "a film of yourself")
    assert (done.state, done.answer, done.others_masked) == ("answered", "given", True)
    assert world.acts(request) == [
        "subject-received",
        "held",
        "subject-identified",
        "subject-located",
        "subject-disclosing",
        "subject-answered",
        "released",
    ]
    assert world.holding.list() == ()
    with pytest.raises(DutyState, match="answered"):
        world.subjects.withdraw(request)


def test_invariant_6_nothing_of_the_person_is_in_the_ledger(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask()
    world.subjects.identify(request, "passport seen")
    file = world.subjects.get(request)
    world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)], "by the kiosk")
    world.subjects.refuse(request, "others-identified", "somebody else would be known")
    text = b"".join(body for _, body in world.ledger.entries(0, world.ledger.size())).decode()
    for word in (request, "Chan", "umbrella", "passport", "kiosk", "somebody else", "req-"):
        assert word not in text
    # neither when nor where the person was
    assert str(file.since_us) not in text
    entries = [json.loads(body) for _, body in world.ledger.entries(0, world.ledger.size())]
    own = [one for one in entries if one["act"].startswith("subject-") or one["act"] == "held"]
    assert all(one["camera"] is None and one["since"] is None for one in own)


def test_invariant_5_without_the_ledger_nothing_comes_in(
    world: SubjectWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise LedgerUnavailable("away", "")

    monkeypatch.setattr("scrim.ledger.log.Ledger.append_in", away)
    with pytest.raises(LedgerUnavailable):
        world.ask()
    assert world.subjects.list() == ()
    assert world.holding.list() == ()


def test_invariant_5_reading_who_asked_is_in_the_ledger_first(
    world: SubjectWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = world.ask()
    assert "Chan" in world.subjects.person(request, who="privacy-officer").contact
    assert world.acts(request)[-1] == "subject-viewed"

    def away(*_: object) -> None:
        raise LedgerUnavailable("away", "")

    monkeypatch.setattr("scrim.ledger.log.Ledger.append_in", away)
    with pytest.raises(LedgerUnavailable):
        world.subjects.person(request)


def test_the_contact_is_not_where_the_clock_is_read(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    assert "Chan" not in repr(file) + repr(world.subjects.person(request))
    assert "Chan" not in json.dumps(file.document(world.clock.us))


def test_steps_cannot_be_left_out(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    place = Place("gate", file.since_us, file.until_us)
    case = world.case()
    with pytest.raises(DutyState, match="received, so it cannot be located"):
        world.subjects.locate(request, [place])
    world.subjects.identify(request, "known at the desk")
    with pytest.raises(DutyState, match="identified, so it cannot be disclosing"):
        world.subjects.disclose(request, case)
    world.subjects.locate(request, [place])
    with pytest.raises(CaseUnknown):
        world.subjects.disclose(request, "case-zzzzzzzz")
    with pytest.raises(DutyState, match="no case is linked"):
        world.subjects.answer(request, "given", "a film")
    with pytest.raises(DutyUnknown):
        world.subjects.identify("req-nobody99", "x")


def test_a_case_of_other_cameras_is_not_linked(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    world.subjects.identify(request, "known at the desk")
    world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
    case = world.case(cameras=("yard",))
    with pytest.raises(DutyRefused, match="no camera"):
        world.subjects.disclose(request, case)


def test_a_case_of_another_time_is_not_linked(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    world.subjects.identify(request, "known at the desk")
    world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
    case = world.case(since_us=file.until_us)
    with pytest.raises(DutyRefused, match="no camera and time"):
        world.subjects.disclose(request, case)


def test_what_went_out_before_the_request_came_was_not_for_it(world: SubjectWorld) -> None:
    case = world.case(since_us=world.clock.us - 30 * MINUTE_US)
    world.export(case)
    world.clock.us += MINUTE_US
    request = world.ask()
    world.subjects.identify(request, "passport seen")
    file = world.subjects.get(request)
    world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
    world.subjects.disclose(request, case)
    with pytest.raises(DutyState, match="Nothing went out"):
        world.subjects.answer(request, "given", "a film of yourself")
    world.export(case)
    assert world.subjects.answer(request, "given", "a film of yourself").answer == "given"


def test_a_case_that_is_over_is_not_linked(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    world.subjects.identify(request, "known at the desk")
    world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
    case = world.case(state="closed")
    with pytest.raises(DutyState, match="closed"):
        world.subjects.disclose(request, case)


def test_a_place_outside_the_hold_is_held_too(world: SubjectWorld) -> None:
    request = world.ask()
    file = world.subjects.get(request)
    world.subjects.identify(request, "known at the desk")
    before = Place("yard", file.since_us - 60 * MINUTE_US, file.since_us)
    world.subjects.locate(request, [before])
    with reading(world.engine) as connection:
        held = {(one.camera, one.since_us) for one in holds.of_request(connection, request)}
    assert held == {("gate", file.since_us), ("yard", before.since_us)}
    again = world.subjects.locate(request, [Place("gate", file.since_us, file.until_us)])
    assert len(again.places) == 2
    with reading(world.engine) as connection:
        assert len(holds.of_request(connection, request)) == 2


@pytest.mark.parametrize("length", [-1, 0, DAY_US + 1])
def test_a_place_is_an_interval_that_is_past(world: SubjectWorld, length: int) -> None:
    request = world.ask()
    world.subjects.identify(request, "known at the desk")
    start = world.clock.us - 2 * DAY_US
    with pytest.raises(DutyRefused):
        world.subjects.locate(request, [Place("gate", start, start + length)])
    with pytest.raises(DutyRefused):
        world.subjects.locate(request, [Place("gate", world.clock.us - 1, world.clock.us + 1)])
    with pytest.raises(CameraUnknown):
        world.subjects.locate(request, [Place("roof", start, start + 1)])
    with pytest.raises(DutyRefused):
        world.subjects.locate(request, [])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cameras": ()}, "needs a camera"),
        ({"cameras": tuple(f"c{n}" for n in range(51))}, "50 cameras"),
        ({"contact": " "}, "contact"),
        ({"description": ""}, "description"),
        ({"description": "x" * 5000}, "longer"),
        ({"description": "red\x1b[31m"}, "description has control"),
        ({"contact": "a\x00b"}, "contact has control"),
        ({"kind": "wish"}, "kind"),
        ({"language": "tlh"}, "letters"),
        ({"since_us": -1}, "empty"),
        ({"since_us": 2**60}, "empty"),
        ({"since_us": 0}, "31 days"),
        ({"received_us": -1}, "1970"),
        ({"received_us": 1}, "before what it asks for"),
    ],
)
def test_what_cannot_be_asked(world: SubjectWorld, values: dict[str, object], words: str) -> None:
    with pytest.raises(DutyRefused, match=words):
        world.ask(**values)
    assert world.subjects.list() == ()


def test_a_request_about_a_camera_that_never_was(world: SubjectWorld) -> None:
    with pytest.raises(CameraUnknown):
        world.ask(cameras=("gate", "roof"))
    with pytest.raises(DutyRefused, match="future"):
        world.ask(until_us=world.clock.us + 1)


def test_partly_goes_into_the_register_and_needs_reasons(world: SubjectWorld) -> None:
    request = world.ask()
    world.export(world.to_disclosing(request))
    with pytest.raises(DutyRefused, match="reasons"):
        world.subjects.answer(request, "partly", "the first half")
    with pytest.raises(DutyRefused, match="one word"):
        world.subjects.answer(
            request, "partly", "the first half", ground="Other people", reasons="x"
        )
    world.subjects.answer(
        request,
        "partly",
        "the first half",
        ground="others-identified",
        reasons="somebody else fills the picture",
    )
    (line,) = world.subjects.refusals()
    assert (line.request, line.partial, line.ground) == (request, True, "others-identified")


def test_every_fact_of_a_request_is_computed(world: SubjectWorld) -> None:
    request = world.ask()
    names = {fact.name for fact in TABLE if fact.group is Group.REQUEST}
    assert set(world.subjects.facts(request)) == names
    facts = Facts({"request": world.subjects.facts(request)})
    assert facts.value("request", "held") is True
    world.subjects.refuse(request, "not-identified", "nobody said who asks")
    facts = Facts({"request": world.subjects.facts(request)})
    assert facts.value("request", "answered") is True
    assert facts.value("request", "registered") is True
    assert facts.value("request", "reasons_given") is False  # no letter yet


def test_a_withdrawn_request_is_late_for_nobody(world: SubjectWorld) -> None:
    request = world.ask()
    world.subjects.withdraw(request)
    world.clock.us += 400 * DAY_US
    assert world.subjects.tend().late == ()
    assert not world.subjects.get(request).is_late(world.clock.us)
