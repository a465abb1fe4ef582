"""``scrim person``, ``token``, ``proposal``, ``ledger export`` and links for people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from scrim.access.policy_files import SHIPPED
from scrim.api.app import services_in
from scrim.api.hub import Hub
from scrim.errors import AccessPolicyInvalid
from scrim.fleet import Cameras, Deployment
from scrim.store import schema
from scrim.store.database import writing
from scrim.vault.custodian import new_identity
from scrim.vault.custodian_set import Custodian, CustodianSet
from scrim.vault.signing import Signer

Scrim = Callable[..., Any]
TIMES = ("--since", "2000-01-01T00:00Z", "--until", "2100-01-01T00:00Z")
WHY = ("--purpose", "lawfulness")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    deployment = Deployment.create(tmp_path / "data")
    identity = new_identity()
    verifier = Signer.of_identity(identity.secret).verifier
    deployment.set_custodians(CustodianSet(1, (Custodian("court", identity.recipient, verifier),)))
    Cameras(deployment.engine, deployment.ledger).add("gate", "file", "none")
    deployment.close()
    return tmp_path / "data"


def test_a_person_comes_changes_and_goes(scrim: Scrim, data: Path) -> None:
    done = scrim(
        "person", "add", "desk-1", "--office", "city", "--role", "operator", "--role", "engineer",
        "--camera", "gate", "--data", data,
    )  # fmt: skip
    assert done.code == 0, done.err
    listed = {
        one["id"]: one for one in json.loads(scrim("person", "list", "--json", "-d", data).out)
    }
    assert listed["desk-1"]["roles"] == ["engineer", "operator"]
    assert listed["desk-1"]["cameras"] == ["gate"]
    assert listed["court"]["roles"] == ["custodian"]
    assert (
        scrim("person", "set", "desk-1", "--role", "operator", "--everywhere", "-d", data).code == 0
    )
    assert "everywhere" in scrim("person", "list", "-d", data).out
    for nothing in ((), ("--everywhere", "--camera", "gate")):
        assert scrim("person", "set", "desk-1", *nothing, "-d", data).code == 12
    assert scrim("person", "retire", "desk-1", "-d", data).code == 0
    assert scrim("person", "retire", "desk-1", "-d", data).code == 12


@pytest.mark.parametrize(
    "roles", [("officer",), ("custodian",), ("king",), ("auditor", "operator"), ("public",)]
)
def test_roles_that_nobody_is_given(scrim: Scrim, data: Path, roles: tuple[str, ...]) -> None:
    options = [word for role in roles for word in ("--role", role)]
    done = scrim("person", "add", "desk-1", "--office", "city", *options, "-d", data)
    assert done.code == 12
    assert done.err.startswith("error: ")
    assert "desk-1" not in scrim("person", "list", "-d", data).out


def test_a_token_is_shown_once(scrim: Scrim, data: Path) -> None:
    made = scrim("token", "new", "monitor", "--role", "engineer", "--days", "9", "-d", data)
    assert made.out.startswith("scrim_")
    listed = scrim("token", "list", "-d", data).out
    assert "monitor" in listed
    assert made.out.strip() not in listed
    assert scrim("token", "end", "monitor", "-d", data).code == 0
    assert "ended" in scrim("token", "list", "-d", data).out
    assert scrim("token", "end", "another", "-d", data).code == 12


def test_changes_wait_for_a_second_person_by_default(
    scrim: Scrim, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRIM_ACCESS__FOUR_EYES")
    done = scrim("camera", "cover", "gate", "--cover", "persons", "--data", data)
    assert done.code == 0
    assert "nothing has changed yet" in done.out
    shown = json.loads(scrim("camera", "cover", "gate", "--json", "-d", data).out)
    assert shown["cover"] == ["faces"]
    (waiting,) = json.loads(scrim("proposal", "list", "--json", "-d", data).out)
    assert waiting["id"] in done.out
    assert (waiting["proposer"], waiting["decision"]) == ("machine", None)
    assert "waits" in scrim("proposal", "list", "-d", data).out

    identity = new_identity()
    other = Custodian("court", identity.recipient, Signer.of_identity(identity.secret).verifier)
    changed = scrim("init", data, "--k", 1, "--custodian", f"court={other.card}")
    assert "nothing has changed yet" in changed.out, "init is no way round"


def test_it_is_said_where_four_eyes_are_off(scrim: Scrim, data: Path) -> None:
    done = scrim("camera", "cover", "gate", "--cover", "persons", "--data", data)
    assert "Four eyes are OFF" in done.err
    assert "OFF" in scrim("proposal", "list", "-d", data).err


def test_an_extract_goes_to_a_new_file(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "gate.csv"
    options = [
        "ledger",
        "export",
        "--camera",
        "gate",
        *TIMES,
        *WHY,
        "--format",
        "csv",
        "--data",
        data,
    ]
    done = scrim(*options, "--out", out)
    assert done.code == 0, done.err
    assert '"configured"' in out.read_text()
    assert scrim(*options, "--out", out).code == 3
    assert scrim(*options, "--out", tmp_path / "no" / "where.csv").code == 3
    document = json.loads(
        scrim("ledger", "export", "--person", "court", *TIMES, *WHY, "-d", data).out
    )
    assert document["format"] == "scrim-extract-v1"
    assert scrim("ledger", "export", "--person", "nobody", *TIMES, *WHY, "-d", data).code == 12
    assert scrim("ledger", "export", *TIMES, *WHY, "-d", data).code == 12
    assert scrim("ledger", "export", "--camera", "gate", *TIMES, "-d", data).code == 2, "no purpose"


def test_policies_are_shown_checked_and_put_in_force(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    own = tmp_path / "policies"
    assert scrim("access", "show", "--out", own, "-d", data).code == 0
    assert scrim("access", "show", "--out", own, "-d", data).code == 3, "nothing is overwritten"
    (own / "95-own.cedar").write_text("permit everything;")
    for command in (("access", "check", own), ("access", "set", own, "-d", data)):
        refused = scrim(*command)
        assert refused.code == 3
        assert "95-own.cedar, line 1," in refused.err
    assert "95-own" not in scrim("access", "show", "-d", data).out
    (own / "95-own.cedar").write_text('@id("own") forbid (principal, action, resource);')
    for command in (("access", "check", own), ("access", "set", own, "-d", data)):
        locked = scrim(*command)
        assert locked.code == 3
        assert "nobody could sign in" in locked.err
    (own / "95-own.cedar").write_text(
        '@id("own") forbid (principal, action == Action::"watch", resource);'
    )
    assert scrim("access", "check", own).code == 0
    assert scrim("access", "set", own, "-d", data).code == 0
    assert '@id("own")' in scrim("access", "show", "-d", data).out
    assert scrim("access", "check", tmp_path / "nowhere").code == 3


@pytest.mark.parametrize(
    "scope", [("--camera", "yard"), ("--site", "No Such"), ("--site", "north")]
)
def test_a_slip_in_a_scope_makes_nobody_anything(
    scrim: Scrim, data: Path, scope: tuple[str, str]
) -> None:
    before = scrim("person", "list", "-d", data).out
    add = ("person", "add", "desk-1", "--office", "city", "--role", "operator")
    refused = scrim(*add, *scope, "-d", data)
    assert refused.code == 12
    assert scope[1] in refused.err
    assert scrim("person", "list", "-d", data).out == before
    token = ("token", "new", "monitor", "--role", "engineer", "--days", "3")
    assert scrim(*token, *scope, "-d", data).code == 12
    assert scrim(*add, "--site", "default", "-d", data).code == 0
    assert scrim("person", "set", "desk-1", *scope, "-d", data).code == 12


@pytest.mark.parametrize(
    ("action", "when"),
    [
        ('in Action::"sign-in-somehow"', "context.exposed"),
        ('== Action::"agree-proposal"', "context.exposed"),
        ('== Action::"agree-proposal"', "context.since_grant > 3600"),
    ],
)
def test_no_policies_that_lock_everybody_out_later(
    scrim: Scrim, tmp_path: Path, action: str, when: str
) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder)
    assert scrim("access", "check", folder).code == 0
    own = f'@id("own") forbid (principal, action {action}, resource) when {{ {when} }};'
    (folder / "95-own.cedar").write_text(own)
    locked = scrim("access", "check", folder)
    assert locked.code == 3
    assert "nobody could sign in" in locked.err


def test_policies_wait_for_a_second_person(
    scrim: Scrim, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRIM_ACCESS__FOUR_EYES")
    own = tmp_path / "policies"
    scrim("access", "show", "--out", own, "-d", data)
    (own / "95-own.cedar").write_text('@id("own") permit (principal, action, resource);')
    assert "nothing has changed yet" in scrim("access", "set", own, "-d", data).out
    assert '@id("own")' not in scrim("access", "show", "-d", data).out


def test_policies_that_this_scrim_cannot_read_stop_the_start(data: Path) -> None:
    deployment = Deployment.open(data)
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(schema.access_policy).values(
                files='{"own.cedar":"permit everything;"}', sha256="0" * 64, since_us=1
            )
        )
    with pytest.raises(AccessPolicyInvalid, match=r"own\.cedar, line 1"):
        services_in(deployment.folder, deployment.settings, Hub())
    deployment.close()
