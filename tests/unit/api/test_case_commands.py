"""``scrim case``, against a server on a port."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.api.served import NOW_US, Served
from tests.unit.api.test_client import listening
from tests.unit.cases.world import World

from scrim.cli.main import run
from scrim.clock import SECOND, to_text
from scrim.errors import CustodianInvalid, ServerAway
from scrim.opening.casekeys import CaseKeys
from scrim.opening.client import Client
from scrim.opening.words import digits_of
from scrim.papers.applied import Applied
from scrim.vault.custodian import new_identity, read_identity, write_identity
from scrim.vault.signing import Signer

SINCE = to_text(NOW_US - 3600 * SECOND)
UNTIL = to_text(NOW_US - 3580 * SECOND)
EXPIRES = to_text(NOW_US + 86_400 * SECOND)


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """An officer's machine: a folder, an identity file, a server."""

    folder: Path
    server: str
    capture: pytest.CaptureFixture[str]

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def case(self, command: str, *arguments: object) -> Done:
        self.capture.readouterr()
        at = ("--server", self.server, "--as", self.folder / "officer.txt")
        code = run(["case", command, *map(str, (*at, *arguments))])
        said = self.capture.readouterr()
        return Done(code, said.out, said.err)

    def options(self, **changes: str | None) -> dict[str, str | None]:
        return {
            "purpose": "missing-person",
            "authority": "warrant:Court 12/34",
            "document": str(self.folder / "warrant.pdf"),
            "camera": "gate",
            "since": SINCE,
            "until": UNTIL,
            "reason": "A child was last seen at the gate.",
            "expires": EXPIRES,
            "keys": str(self.keys),
            **changes,
        }

    def request(self, **changes: str | None) -> Done:
        given = self.options(**changes)
        options = [
            text
            for name, value in given.items()
            if value is not None
            for text in (f"--{name}", value)
        ]
        return self.case("request", *options, "--no-passphrase")


@pytest.fixture
def world(served: Served) -> World:
    made = World(served.services.engine, served.services.folder.path)
    made.seal()
    return made


@pytest.fixture
def desk(
    served: Served, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    folder = tmp_path / "officer"
    folder.mkdir()
    identity = new_identity()
    write_identity(folder / "officer.txt", identity)
    (folder / "warrant.pdf").write_bytes(b"a warrant")
    verifier = Signer.of_identity(identity.secret).verifier
    world.people.register("officer-9", "police-south", verifier)
    with listening(served) as address:
        yield Desk(folder, address, capsys)


def name_of(done: Done) -> str:
    assert done.code == 0, done.err
    return done.out.split(":")[0]


def test_from_request_to_close(desk: Desk, world: World) -> None:
    done = desk.request()
    case = name_of(done)
    assert done.out.strip() == f"{case}: requested"
    key = desk.keys / f"{case}.txt"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.keys.stat().st_mode) == 0o700
    file = world.cases.get(world.person("officer-9"), case)
    assert file.body["recipient"] == read_identity(key).recipient
    assert file.body["authority"]["document_sha256"] != ""
    assert "a warrant" not in json.dumps(dict(file.body))
    listed = json.loads(desk.case("list", "--json").out)
    assert [one["case"] for one in listed] == [case]
    shown = desk.case("show", case)
    assert "any 2 of court-1, court-2, court-3" in shown.out
    assert file.request_sha256 is not None
    for said in (done.err, shown.out):  # the same as custodians see
        assert digits_of(file.request_sha256) in said
    world.answer(0, file, "refused")
    world.answer(1, file, "refused")
    assert "No authority for this place." in desk.case("refusals").out
    desk.request(purpose="curiosity")
    assert run(["case", "refusals", "--data", str(world.folder), "--json"]) == 0
    register = json.loads(desk.capture.readouterr().out)
    assert [one["officer"] for one in register] == ["officer-9", "officer-9"]
    assert {one["rule"] for one in register} >= {"purpose-known"}
    other = name_of(desk.request())
    assert desk.case("close", other, "--reason", "", "--keys", desk.keys).code == 12
    assert (desk.keys / f"{other}.txt").exists(), "what could not be closed keeps its key"
    over = desk.case("close", case, "--reason", "x", "--keys", desk.keys)
    assert (over.code, over.out.splitlines()[0]) == (0, f"{case}: refused")
    assert not key.exists(), "nothing is opened with it any more"


def test_what_norms_ask_before_a_release_is_answered(
    desk: Desk, world: World, served: Served
) -> None:
    Applied(world.engine, world.ledger, served.services.clock).apply("hk")
    done = desk.request()
    assert done.code == 12
    assert "hk-04, PDPO (Cap. 486) s.58(2)" in done.err
    asked = ("purpose", "relevance", "consent", "other-source", "prejudice")
    given = [text for one in asked for text in ("--answer", f"{one}=About {one} = this.")]
    options = [
        text
        for name, value in desk.options().items()
        if value is not None
        for text in (f"--{name}", value)
    ]
    for wrong, said in (("consent", "not QUESTION=TEXT"), ("purpose=again", "answered twice")):
        refused = desk.case("request", *options, *given, "--answer", wrong, "--no-passphrase")
        assert refused.code == 12
        assert said in refused.err
    case = name_of(desk.case("request", *options, *given, "--no-passphrase"))
    shown = desk.case("show", case)
    for one in asked:
        assert f"{one}: About {one} = this." in shown.out


@pytest.mark.usefixtures("weak_passphrases")
def test_the_key_is_sealed_unless_one_says_otherwise(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prompt(text: str, **_: Any) -> str:
        asked.append(text)
        return words

    monkeypatch.setattr("typer.prompt", prompt)
    given = {name: value for name, value in desk.options().items() if value is not None}
    options = [text for name, value in given.items() for text in (f"--{name}", value)]
    words = "short"
    done = desk.case("request", *options)
    assert done.code == 7
    assert "fewer than" in done.err
    assert world.cases.list(world.person("officer-9")) == (), "nothing was asked for"
    words = "correct horse battery staple"
    case = name_of(desk.case("request", *options))
    (key,) = desk.keys.iterdir()
    assert key.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert b"AGE-SECRET-KEY" not in key.read_bytes()
    file = world.cases.get(world.person("officer-9"), case)
    keys = CaseKeys(desk.keys)
    assert keys.read(case, lambda: words).recipient == file.body["recipient"]
    for wrong in (None, lambda: "another four words"):
        with pytest.raises(CustodianInvalid):
            keys.read(case, wrong)
    asked.clear()
    world.answer(0, file)
    world.answer(1, file)
    world.checkpoint()
    words = "not the right words"
    done = desk.case("open", case, "--out", desk.folder / "out", "--keys", desk.keys)
    assert done.code == 7, done.err
    assert asked == [f"Passphrase of the key of {case}"]
    assert "original-viewed" not in world.acts(file)
    assert desk.case("close", case, "--reason", "Over.", "--keys", desk.keys).code == 0
    assert not key.exists(), "erasing needs no passphrase"


def test_closing_erases_the_one_time_key(desk: Desk) -> None:
    case = name_of(desk.request())
    done = desk.case("close", case, "--reason", "The child was found.", "--keys", desk.keys)
    assert done.code == 0
    assert "closed" in done.out
    assert list(desk.keys.iterdir()) == []
    again = desk.case("close", case, "--reason", "The child was found.", "--keys", desk.keys)
    assert again.code == 0
    assert "is not in" in again.err


def test_the_key_is_on_the_disk_before_the_request_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> None:
        assert len(list(desk.keys.iterdir())) == 1
        raise ServerAway("The connection to the server was lost.", "Run it again.")

    monkeypatch.setattr(Client, "request", lost)
    done = desk.request()
    assert done.code == 13
    (key,) = desk.keys.iterdir()
    assert key.stem in done.err
    assert read_identity(key).secret


def test_each_case_has_a_key_of_its_own(desk: Desk) -> None:
    first, second = name_of(desk.request()), name_of(desk.request())
    keys = CaseKeys(desk.keys)
    assert keys.read(first).secret != keys.read(second).secret


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"since": "2026-11-22T14:00"}, "time zone"),
        ({"since": "yesterday"}, "not a time"),
        ({"until": "2026-11-22T14:00"}, "time zone"),
        ({"expires": "soon"}, "not a time"),
        ({"authority": "warrant"}, "KIND:REFERENCE"),
        ({"authority": "whim:mine"}, "KIND:REFERENCE"),
        ({"document": "/nowhere/warrant.pdf"}, "cannot be read"),
        ({"document": None}, "document"),
        ({"camera": "nowhere"}, "camera"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"until": SINCE}, "interval"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_leaves_nothing(
    desk: Desk, changed: dict[str, str | None], said: str
) -> None:
    done = desk.request(**changed)
    assert done.code in {7, 12}, done.err
    assert len(done.err.splitlines()) == 1
    assert said in done.err
    assert not desk.keys.exists() or list(desk.keys.iterdir()) == []


def test_a_time_may_be_local_and_an_expiry_a_span(desk: Desk, world: World) -> None:
    done = desk.request(since="2026-11-22T14:13:20+08:00", until="2026-11-22T14:13:40+08:00")
    file = world.cases.get(world.person("officer-9"), name_of(done))
    assert file.since_us == NOW_US - 3600 * SECOND
    assert file.until_us == NOW_US - 3580 * SECOND


def test_a_folder_that_others_can_look_into_is_not_used(desk: Desk) -> None:
    desk.keys.mkdir(mode=0o755)
    done = desk.request()
    assert done.code == 7
    assert "chmod 700" in done.err


def test_the_wrong_person_and_the_wrong_server(desk: Desk) -> None:
    write_identity(desk.folder / "stranger.txt", new_identity())
    done = desk.case("list", "--as", desk.folder / "stranger.txt")
    assert done.code == 11
    assert desk.case("list", "--server", "http://cctv.example").code == 13
    assert desk.case("list", "--server", "nonsense").code == 3
    assert desk.case("show", "case-aaaaaaaa").code == 12
    assert desk.case("show", "../../x").code == 12
    assert desk.case("list", "--state", "nonsense").code == 12


def test_a_key_that_is_not_here_is_said(tmp_path: Path) -> None:
    from scrim.errors import CaseUnknown

    for case in ("case-aaaaaaaa", "../officer"):
        with pytest.raises(CaseUnknown):
            CaseKeys(tmp_path).read(case)
    assert not CaseKeys(tmp_path).erase("case-aaaaaaaa")


def test_refusals_are_of_a_server_or_of_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["case", "refusals"]) == 2
    assert "--data" in capsys.readouterr().err
