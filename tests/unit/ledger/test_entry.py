from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.canonical import Json
from scrim.errors import LedgerBroken
from scrim.ledger import Act, Entry, Operation, commit
from scrim.ledger.entry import LARGEST


def make(**changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "act": Act.VIEWED,
        "at_us": 1_795_000_000_000_000,
        "who": "operator",
        "authority": "operator",
        "reason": "incident-review",
        "camera": "demo",
        "epoch": 3,
        "since_us": 1,
        "until_us": 2,
        "facts": {"mode": "live", "heads": [["demo", 1]], "demo": True, "none": None},
    }
    return Entry(**{**fields, **changes})


def test_the_bytes_are_those_of_the_format_document() -> None:
    entry = Entry(
        Act.PERIOD_OPENED,
        5,
        "recorder",
        "configuration",
        "operation",
        camera="demo",
        epoch=3,
        facts={"period": 1},
    )
    assert entry.body() == (
        b'{"act":"period-opened","at":5,"authority":"configuration","camera":"demo","epoch":3,'
        b'"facts":{"period":1},"op":"collection","reason":"operation","since":null,"until":null,'
        b'"v":1,"who":"recorder"}'
    )


def test_an_entry_is_read_as_it_was_written() -> None:
    for entry in (make(), make(camera=None, epoch=None, since_us=None, until_us=None, facts={})):
        assert Entry.parse(entry.body()) == entry


def test_every_act_is_one_of_the_logged_operations() -> None:
    assert {act.operation for act in Act} <= set(Operation)
    assert Act.VIEWED.operation is Operation.CONSULTATION
    assert Act.PERIOD_OPENED.operation is Operation.COLLECTION
    assert Act.CONFIGURED.operation is Operation.CONFIGURATION


@pytest.mark.parametrize("reason", ["", " ", "Because I can", "because_i_can", "-x", "x--y", None])
def test_every_entry_has_a_reason_that_is_a_code(reason: Any) -> None:
    with pytest.raises(ValueError, match="reason"):
        make(reason=reason)


PERSONAL = [
    "Alice Smith",
    "alice smith",
    "alice@example.org",
    "Alice",
    "+44 20 7946 0958",
    "李明",
    "o'brien",
    "10 Downing Street",
    "alice\nsmith",
    "alice\tsmith",
    "alice\u00a0smith",
    "http://example.org/?name=alice smith",
    "(alice)",
    "alice;bob",
    "alice,bob",
    "alice%20smith",
    "x" * 201,
]


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("field", ["who", "authority", "reason", "camera"])
def test_invariant_6_no_free_text_in_a_field(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=field) as caught:
        make(**{field: text})
    assert text not in str(caught.value)  # nor does it leak into a log


@pytest.mark.parametrize("text", PERSONAL)
def test_invariant_6_no_free_text_in_facts(text: str) -> None:
    for facts in (
        {"note": text},
        {"list": [1, text]},
        {"deep": {"deeper": [text]}},
        {text: 1},
        {"deep": {text: 1}},
    ):
        with pytest.raises(ValueError, match="facts") as caught:
            make(facts=facts)
        assert text not in str(caught.value)


@pytest.mark.parametrize("who", ["alice1", "operator.1", "sha256:abc", "192.168.0.1"])
def test_invariant_6_who_is_a_role_or_a_commitment(who: str) -> None:
    with pytest.raises(ValueError, match="who"):
        make(who=who)


def test_invariant_6_a_name_goes_in_as_a_commitment() -> None:
    commitment, _ = commit("Alice Smith")
    entry = make(who=commitment, authority=commitment, facts={"case": commitment})
    assert b"Alice" not in entry.body()
    assert entry.body().count(commitment.encode()) == 3


@given(st.text(max_size=40))
def test_invariant_6_no_text_with_a_space_a_capital_or_an_at_sign_gets_in(text: str) -> None:
    try:
        body = make(facts={"fact": text}).body()
    except ValueError:
        return
    inside = json.loads(body)["facts"]["fact"]
    assert inside == text
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789._:/+=-" for c in text)


@pytest.mark.parametrize("value", [1.5, b"x", float("nan"), {1, 2}, object(), 2**53, -(2**53)])
def test_a_fact_is_a_whole_number_a_boolean_a_word_or_a_list_of_these(value: Any) -> None:
    with pytest.raises(ValueError, match=r"facts|integer"):
        make(facts={"fact": value})


@pytest.mark.parametrize("field", ["at_us", "epoch", "since_us", "until_us"])
@pytest.mark.parametrize("value", [-1, 1.0, True, "1"])
def test_times_are_whole_numbers(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        make(**{field: value})


def test_facts_cannot_be_changed_afterwards() -> None:
    facts: dict[str, Json] = {"k": 2}
    entry = make(facts=facts)
    before = entry.body()
    facts["k"] = 3
    assert entry.body() == before


def test_facts_are_not_nested_without_end() -> None:
    facts: Any = 1
    for _ in range(6):
        facts = [facts]
    with pytest.raises(ValueError, match="nested"):
        make(facts={"deep": facts})


def test_any_camera_s_id_is_part_of_a_word() -> None:
    for camera in ("-", "a--b", "-a-", "0", "a" * 40):
        head = f"{camera}:3:0:17:{'9f' * 32}"
        assert Entry.parse(make(camera=camera, facts={"heads": [head]}).body()).camera == camera


def test_an_entry_fits_a_tile() -> None:
    make(facts={"heads": ["x" * 200] * 300})
    with pytest.raises(ValueError, match=str(LARGEST)):
        make(facts={"heads": ["x" * 200] * 330})


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1],
        lambda body: body + b" ",
        lambda body: body.replace(b'"v":1', b'"v":2'),
        lambda body: body.replace(b'"op":"consultation"', b'"op":"erasure"'),
        lambda body: body.replace(b'"act":"viewed"', b'"act":"seen"'),
        lambda body: body.replace(b'"who":"operator"', b'"who":"Alice S"'),
        lambda body: body.replace(b'"epoch":3', b'"epoch":3.0'),
        lambda body: body.replace(b'"epoch":3,', b""),
        lambda body: body.replace(b'"epoch":3', b'"epoch":3,"epoch":3'),
        lambda body: body.replace(b'"v":1', b'"u":1,"v":1'),
        lambda body: b"[" + body + b"]",
        lambda _: b"null",
        lambda _: b"\xff\xfe",
        lambda _: b"[" * 100_000,
        lambda _: b"",
    ],
)
def test_what_is_not_an_entry_is_broken(change: Any) -> None:
    body = make().body()
    assert change(body) != body
    with pytest.raises(LedgerBroken):
        Entry.parse(change(body))
