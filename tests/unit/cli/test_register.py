"""The ceremony: custodians and officers are registered by what was read aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.disclosure.register import registered
from scrim.fleet import Cameras, Deployment
from scrim.ledger import Act, Entry
from scrim.store.custodians import custodians_of_camera
from scrim.vault.custodian import new_identity
from scrim.vault.custodian_set import Custodian
from scrim.vault.signing import Signer

Scrim = Callable[..., Any]


def custodian(name: str) -> Custodian:
    identity = new_identity()
    return Custodian(name, identity.recipient, Signer.of_identity(identity.secret).verifier)


def card(member: Custodian) -> str:
    return f"{member.id}={member.card}"


def read_aloud(*members: Custodian) -> list[str]:
    return [
        text
        for member in members
        for text in ("--fingerprint", f"{member.id}={member.fingerprint}")
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Deployment.create(tmp_path / "data").close()
    return tmp_path / "data"


@pytest.fixture
def three() -> list[Custodian]:
    return [custodian(name) for name in ("privacy", "registry", "audit")]


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody sits here and types this."""

    def types(text: str) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("typer.prompt", lambda *_, **__: text)

    return types


def entries(data: Path) -> list[Entry]:
    here = Deployment.open(data)
    found = [Entry.parse(body) for _, body in here.ledger.entries(0, here.ledger.size())]
    here.close()
    return found


def test_a_set_is_in_force_and_in_the_ledger_once_all_have_read_aloud(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    done = scrim(
        "custodian", "set", "--k", 2, *map(card, three), *read_aloud(*three), "--data", data
    )
    assert done.code == 0, done.err
    assert all(member.fingerprint in done.out for member in three)
    entry = next(entry for entry in entries(data) if entry.act is Act.CUSTODIANS_SET)
    assert (entry.facts["k"], entry.facts["n"], entry.facts["group"]) == (2, 3, "everybody")
    listed = json.loads(scrim("custodian", "list", "--json", "--data", data).out)
    assert [member["card"] for member in listed[0]["custodians"]] == [m.card for m in three]


def test_what_custodian_list_prints_says_who_may_review(
    scrim: Scrim, data: Path, three: list[Custodian], tmp_path: Path
) -> None:
    scrim("custodian", "set", "--k", 2, *map(card, three), *read_aloud(*three), "--data", data)
    people = tmp_path / "people.json"
    people.write_text(scrim("custodian", "list", "--json", "--data", data).out)
    assert registered([people]) == {member.verifier for member in three}


def test_nobody_is_registered_by_what_was_sent_alone(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    wrong = custodian("audit")
    for given in (
        [],
        read_aloud(*three[:2]),
        [*read_aloud(*three[:2]), "--fingerprint", f"audit={wrong.fingerprint}"],
        [*read_aloud(*three[:2]), "--fingerprint", "audit="],
    ):
        done = scrim("custodian", "set", "--k", 2, *map(card, three), *given, "--data", data)
        assert done.code == 7
        assert "fingerprint" in done.err
        assert len(done.err.splitlines()) == 1
    assert entries(data) == []


def test_the_last_group_is_typed_by_who_sits_there(
    scrim: Scrim, data: Path, three: list[Custodian], at_terminal: Callable[[str], None]
) -> None:
    one = three[0]
    at_terminal("00000" if not one.fingerprint.endswith("00000") else "11111")
    assert scrim("custodian", "set", "--k", 1, card(one), "--data", data).code == 7
    at_terminal(one.fingerprint.split()[-1])
    assert scrim("custodian", "set", "--k", 1, card(one), "--data", data).code == 0


def test_who_was_confirmed_before_need_not_be_again(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    scrim("custodian", "set", "--k", 1, *map(card, three), *read_aloud(*three), "--data", data)
    again = scrim("custodian", "set", "--k", 2, *map(card, three), "--data", data)
    assert again.code == 0
    assert "any 2 of 3" in again.out
    size = len(entries(data))
    assert scrim("custodian", "set", "--k", 2, *map(card, three), "--data", data).code == 0
    assert len(entries(data)) == size, "nothing changed, so nothing is written"


def test_custodians_come_and_go(scrim: Scrim, data: Path, three: list[Custodian]) -> None:
    scrim("custodian", "set", "--k", 2, *map(card, three), *read_aloud(*three), "--data", data)
    court = custodian("court")
    done = scrim("custodian", "add", card(court), *read_aloud(court), "--data", data)
    assert "any 2 of 4" in done.out
    renewed = custodian("privacy")
    done = scrim("custodian", "add", card(renewed), *read_aloud(renewed), "--data", data)
    assert "any 2 of 4" in done.out
    done = scrim("custodian", "retire", "audit", "--data", data)
    assert "any 2 of 3" in done.out
    here = Deployment.open(data)
    in_force = here.custodians()
    assert in_force is not None
    assert in_force.custodians == (renewed, three[1], court)
    here.close()
    reasons = [entry.reason for entry in entries(data) if entry.act is Act.CUSTODIANS_SET]
    assert reasons == ["custodians-set", "custodian-added", "custodian-added", "custodian-retired"]
    assert scrim("custodian", "retire", "nobody", "--data", data).code == 7
    scrim("custodian", "retire", "court", "--data", data)
    done = scrim("custodian", "retire", "registry", "--data", data)
    assert done.code == 7, "one is left, and two must agree"
    assert "cannot share a key" in done.err


def test_who_lost_their_key_cannot_sign_in_with_it(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    scrim("custodian", "set", "--k", 1, *map(card, three), *read_aloud(*three), "--data", data)
    assert scrim("custodian", "retire", "audit", "--data", data).code == 0
    assert scrim("custodian", "retire", "privacy", "--lost", "--data", data).code == 0
    here = Deployment.open(data)
    retired = {person.id: person.retired_us is not None for person in here.people().list()}
    here.close()
    assert retired == {"privacy": True, "registry": False, "audit": False}
    acts = [entry.act for entry in entries(data)]
    assert Act.PERSON_RETIRED in acts


def test_who_lost_their_key_leaves_every_group(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    for group, k in (("everybody", 1), ("north", 2), ("south", 3)):
        scrim(
            "custodian", "set", "--k", k, "--group", group, *map(card, three),
            *read_aloud(*three), "--data", data,
        )  # fmt: skip
    done = scrim("custodian", "retire", "audit", "--data", data)
    assert "audit stays a custodian of north" in done.err
    done = scrim("custodian", "retire", "privacy", "--lost", "--data", data)
    assert done.code == 0, done.err
    assert "south keeps its set" in done.err
    here = Deployment.open(data)
    found = {}
    for group in ("everybody", "north", "south"):
        set_ = here.custodians(group)
        assert set_ is not None
        found[group] = [one.id for one in set_.custodians]
    here.close()
    assert "privacy" not in found["everybody"] + found["north"]
    assert "privacy" in found["south"]


def test_a_group_of_cameras_has_custodians_of_its_own(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    scrim("custodian", "set", "--k", 2, *map(card, three), *read_aloud(*three), "--data", data)
    port = custodian("port-authority")
    done = scrim(
        *("custodian", "set", "--k", 1, card(port), *read_aloud(port)),
        *("--group", "harbour", "--data", data),
    )
    assert done.code == 0
    listed = scrim("custodian", "list", "--data", data).out
    assert "everybody: any 2 of 3" in listed
    assert "harbour: any 1 of 1" in listed
    here = Deployment.open(data)
    Cameras(here.engine, here.ledger).add("pier", "file", "/nowhere.mp4")
    assert scrim("camera", "group", "pier", "south", "--data", data).code == 7
    assert scrim("camera", "group", "pear", "harbour", "--data", data).code == 5
    assert scrim("camera", "group", "pier", "harbour", "--data", data).code == 0
    assert custodians_of_camera(here.engine, "pier").custodians == (port,)
    here.close()


def test_a_secret_pasted_by_mistake_is_not_repeated(scrim: Scrim, data: Path) -> None:
    secret = new_identity().secret
    for text in (secret, f"audit={secret}", f"audit={secret}/scrimsig1x"):
        done = scrim("custodian", "set", "--k", 1, text, "--data", data)
        assert done.code == 7
        assert secret not in done.err + done.out


def test_an_officer_is_registered_listed_and_retired(scrim: Scrim, data: Path) -> None:
    officer = custodian("officer-7")
    register = ("officer", "register", "officer-7", "--office", "police-north")
    rest = ("--card", officer.card, "--data", data)
    assert scrim(*register, *rest).code == 7, "nobody read anything aloud"
    done = scrim(*register, *rest, "--fingerprint", officer.fingerprint)
    assert done.code == 0, done.err
    assert entries(data)[-1].act is Act.PERSON_REGISTERED
    assert scrim(*register, *rest, "--fingerprint", officer.fingerprint).code == 12
    listed = json.loads(scrim("officer", "list", "--json", "--data", data).out)
    assert [(one["id"], one["verifier"]) for one in listed] == [("officer-7", officer.verifier)]
    assert scrim("officer", "retire", "officer-7", "--data", data).code == 0
    assert "retired" in scrim("officer", "list", "--data", data).out
    assert scrim("officer", "retire", "officer-7", "--data", data).code == 12


def test_an_officer_is_no_custodian_and_a_custodian_no_officer(
    scrim: Scrim, data: Path, three: list[Custodian]
) -> None:
    scrim("custodian", "set", "--k", 2, *map(card, three), *read_aloud(*three), "--data", data)
    both = three[0]
    done = scrim(
        *("officer", "register", "officer-7", "--office", "police"),
        *("--card", both.card, "--data", data),
        *("--fingerprint", Custodian.of_card("officer-7", both.card).fingerprint),
    )
    assert done.code == 12
    other = custodian("officer-8")
    scrim(
        *("officer", "register", "officer-8", "--office", "police"),
        *("--card", other.card, "--data", data, "--fingerprint", other.fingerprint),
    )
    turned = Custodian.of_card("court", other.card)
    done = scrim("custodian", "add", card(turned), *read_aloud(turned), "--data", data)
    assert done.code == 7
    assert scrim("officer", "retire", "privacy", "--data", data).code == 12, "no officer"
