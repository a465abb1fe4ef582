"""``scrim proposal agree`` and ``refuse``, against a server on a port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.api.served import Served
from tests.unit.api.test_client import listening

from scrim.access.proposals import Proposal
from scrim.canonical import Json, digest
from scrim.changes import ACCESS_POLICIES, APPLY_PACK, RETENTION
from scrim.changes.packs import applying
from scrim.changes.retention import retention_change
from scrim.cli.main import run
from scrim.cli.proposed import waiting
from scrim.errors import ServerError
from scrim.opening.connection import Answer
from scrim.retention.own import OwnLimit
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity, write_identity
from scrim.vault.signing import Signer


@dataclass(frozen=True)
class Away:
    """A custodian's own machine."""

    served: Served
    server: str
    identity: Path
    capture: pytest.CaptureFixture[str]

    def proposal(self, command: str, *words: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        at = ("--server", self.server, "--as", str(self.identity))
        code = run(["proposal", command, *words, *at])
        said = self.capture.readouterr()
        return code, said.out, said.err

    def packs(self) -> list[str]:
        return [one.pack for one in self.served.services.changes.applied.list()]


@pytest.fixture
def away(served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Away]:
    identity = new_identity()
    write_identity(tmp_path / "court.txt", identity)
    custodian = Custodian("court", identity.recipient, Signer.of_identity(identity.secret).verifier)
    change: dict[str, Json] = {
        "set": CustodianSet(1, (custodian,)).document(),
        "group": "everybody",
    }
    assert served.services.changes.make("custodians", change, "custodians-set") is None
    with listening(served) as address:
        yield Away(served, address, tmp_path / "court.txt", capsys)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed when something is asked for, the last first."""
    answers: list[str] = []
    monkeypatch.setattr("typer.prompt", lambda *_, **__: answers.pop())
    return answers


def pack(served: Served) -> Proposal:
    changes = served.services.changes
    made = changes.make(APPLY_PACK, applying(changes.applied, "hk"), "pack-applied")
    assert made is not None
    return made


def test_all_of_a_change_is_shown_before_it_is_agreed_to(away: Away, typed: list[str]) -> None:
    made = pack(away.served)
    typed.append("another")
    code, out, err = away.proposal("agree", made.id)
    assert (code, out) == (12, "")
    assert "nothing was agreed to" in err
    assert "apply-pack: a norm pack comes into force" in err
    for shown in (made.id, "machine", "pack: hk", digest(made.change), made.change["sha256"]):
        assert str(shown) in err
    assert away.packs() == []
    typed.append(made.id)
    code, out, err = away.proposal("agree", made.id)
    assert (code, "the change is made" in out) == (0, True), err
    assert away.packs() == ["hk"]
    code, _, err = away.proposal("agree", made.id)
    assert (code, "waits that is yours" in err) == (12, True)


def test_a_script_says_yes_beforehand_and_gets_json(away: Away) -> None:
    made = pack(away.served)
    code, out, _ = away.proposal("agree", made.id, "--yes", "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["id"], told["decision"], told["change"]) == (made.id, "agreed", made.change)
    assert away.packs() == ["hk"]


def test_words_of_whoever_proposed_are_shown_whole_and_move_no_cursor(
    away: Away, typed: list[str]
) -> None:
    changes = away.served.services.changes
    reason = "A school.\x1b[2J" + "x" * 1900 + " The end."
    change = retention_change("demo", {"sealed": OwnLimit(7 * 86_400, 0, reason), "masked": None})
    kept = changes.make(RETENTION, change, "retention-set")
    files = dict(away.served.services.gate.authoriser.in_force.texts)
    files["95-own.cedar"] = '// first\n@id("own")\npermit (principal, action, resource);\n'
    access = changes.make(ACCESS_POLICIES, {"files": files}, "access-policies-changed")
    assert kept is not None
    assert access is not None
    typed += ["no", "no"]
    _, _, err = away.proposal("agree", kept.id)
    assert "\x1b" not in err
    assert "The end." in err
    assert "ceiling_s: 604800 (7 days)" in err
    assert "masked: none" in err
    _, _, err = away.proposal("agree", access.id)
    assert '| @id("own")' in err
    assert "| permit (principal, action, resource);" in err


def test_refusing_is_a_word(away: Away) -> None:
    made = pack(away.served)
    code, out, _ = away.proposal("refuse", made.id)
    assert (code, out) == (0, f"Refused {made.id}.\n")
    assert away.served.services.changes.proposals.waiting() == ()


def test_a_proposal_of_nobody_and_an_officer_who_decides_nothing(
    away: Away, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = away.proposal("agree", "00000000", "--yes")
    assert (code, "No proposal" in err) == (12, True)
    identity = new_identity()
    write_identity(tmp_path / "officer.txt", identity)
    verifier = Signer.of_identity(identity.secret).verifier
    away.served.services.people.register("officer-9", "police", verifier)
    made = pack(away.served)
    other = Away(away.served, away.server, tmp_path / "officer.txt", capsys)
    assert other.proposal("agree", made.id, "--yes")[0] == 11
    assert away.packs() == []


ONE: dict[str, Any] = {
    "id": "3f9a21c0",
    "kind": "apply-pack",
    "reason": "r",
    "proposer": "machine",
    "change": {},
    "proposed_us": 1,
    "expires_us": 2,
}


@pytest.mark.parametrize(
    "answer",
    [
        {"detail": "no list"},
        ["no proposal"],
        [{**ONE, "change": "words"}],
        [{**ONE, "change": {"days": 1.5}}],
        [{**ONE, "proposer": None}],
        [{**ONE, "expires_us": 10**30}],
        [{key: value for key, value in ONE.items() if key != "proposed_us"}],
    ],
)
def test_a_server_that_answers_something_else_is_named(answer: Any) -> None:
    class Odd:
        def get(self, _path: str) -> Answer:
            return Answer(200, {}, json.dumps(answer).encode())

    with pytest.raises(ServerError, match="does not answer as a Scrim does"):
        list(waiting(Odd()))  # type: ignore[arg-type]
