"""``scrim verify BUNDLE`` and ``scrim certificate``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evidence.world import World, flip, make_world

from scrim.cases.people import People
from scrim.evidence.authority import read_anchor, read_chain, verifier_in
from scrim.evidence.build import pack
from scrim.fleet import Deployment
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer

Scrim = Callable[..., Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def bundle(world: World, tmp_path: Path) -> Path:
    return world.bundle(tmp_path / "bundle")


@pytest.fixture
def keys(world: World, tmp_path: Path) -> list[str]:
    (tmp_path / "ledger.pub").write_text(world.log.key.verifier().to_text() + "\n")
    (tmp_path / "anchor.pem").write_bytes(world.authority.anchor_pem())
    return ["--key", str(tmp_path / "ledger.pub"), "--anchor", str(tmp_path / "anchor.pem")]


def test_a_bundle_that_holds(scrim: Scrim, bundle: Path, keys: list[str], tmp_path: Path) -> None:
    done = scrim("verify", bundle, *keys)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("All holds: 26 files")
    assert "5 originals of 3 periods, 2 answers" in done.out
    done = scrim("verify", pack(bundle, tmp_path / "bundle.zip"), "--json", *keys)
    assert done.code == 0
    assert json.loads(done.out)["holds"] is True


def test_without_keys_a_note_says_so(scrim: Scrim, bundle: Path) -> None:
    done = scrim("verify", bundle)
    assert done.code == 0
    assert "note: key-not-pinned" in done.err
    assert "note: anchor-not-pinned" in done.err


def test_after_one_flipped_bit(scrim: Scrim, bundle: Path, keys: list[str], tmp_path: Path) -> None:
    flip(bundle / "original/gate/000001/000000/0000000001.mp4", 500)
    done = scrim("verify", bundle, *keys)
    assert done.code == 1
    assert "original-altered  original/gate/000001/000000/0000000001.mp4: " in done.out
    assert "do not hold" in done.out
    packed = pack(bundle, tmp_path / "bundle.zip")
    flip(packed, 0)
    done = scrim("verify", packed, *keys)
    assert done.code in (1, 12)
    assert "Traceback" not in done.out + done.err


def test_remains_of_a_bundle_are_no_data_folder(scrim: Scrim, bundle: Path) -> None:
    (bundle / "bundle.json").unlink()
    done = scrim("verify", bundle)
    assert done.code == 1
    assert "file-missing  bundle.json" in done.out


def test_what_is_neither(scrim: Scrim, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    assert scrim("verify", tmp_path / "words.txt").code == 12
    (tmp_path / "empty").mkdir()
    assert scrim("verify", tmp_path / "empty").code == 4


def test_options_of_the_other(scrim: Scrim, bundle: Path, tmp_path: Path) -> None:
    assert scrim("verify", bundle, "--quick").code == 2
    Deployment.create(tmp_path / "data").close()
    (tmp_path / "anchor.pem").write_text("x")
    assert scrim("verify", tmp_path / "data", "--anchor", tmp_path / "anchor.pem").code == 2
    assert scrim("verify", bundle, "--anchor", tmp_path / "anchor.pem").code == 12
    assert scrim("verify", bundle, "--anchor", tmp_path / "none.pem").code == 8


def test_an_officer_s_certificate(scrim: Scrim, tmp_path: Path) -> None:
    made = Deployment.create(tmp_path / "data")
    verifier = Signer.of_identity(new_identity().secret).verifier
    People(made.engine, made.ledger, made.clock).register("officer-7", "traffic", verifier)
    made.close()
    file = tmp_path / "officer-7.pem"
    done = scrim("certificate", "officer-7", "--data", tmp_path / "data", "--out", file)
    assert done.code == 0, done.err
    anchor = read_anchor((tmp_path / "data/keys/c2pa-anchor.pem").read_bytes())
    assert verifier_in(read_chain(file.read_bytes()), anchor) == verifier
    again = scrim("certificate", "officer-7", "--data", tmp_path / "data", "--out", file)
    assert again.code == 12
    unknown = scrim("certificate", "officer-8", "--data", tmp_path / "data", "--out", file)
    assert unknown.code == 12
    assert scrim("verify", tmp_path / "data").code == 0
