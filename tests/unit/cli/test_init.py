import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrim.fleet import Deployment
from scrim.vault.custodian import new_identity
from scrim.vault.signing import new_seed

Scrim = Callable[..., Any]


def pairs(count: int = 3) -> list[str]:
    found = []
    for number in range(count):
        found += ["--custodian", f"office-{number}={new_identity().card}"]
    return found


def test_init_prints_the_ledgers_key_and_says_to_keep_it_elsewhere(
    scrim: Scrim, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    done = scrim("init", "--data", data, "--k", 2, *pairs())
    assert done.code == 0
    assert (data / "keys/ledger.pub").read_text().strip() in done.out
    assert "any 2 of 3 can open" in done.out
    assert "elsewhere" in done.err
    assert stat.S_IMODE((data / "keys/ledger.key").stat().st_mode) == 0o600
    assert (data / "checkpoint").exists()
    assert scrim("verify", data).code == 0


def test_without_custodians_it_says_what_to_do(scrim: Scrim, tmp_path: Path) -> None:
    done = scrim("init", tmp_path / "data")
    assert done.code == 0
    assert "scrim custodian new" in done.err


def test_custodians_can_be_set_later_and_again_changes_nothing(
    scrim: Scrim, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    named = ["--k", 2, *pairs()]
    assert scrim("init", data).code == 0
    assert scrim("init", data, *named).code == 0
    before = Deployment.open(data)
    size = before.ledger.size()
    assert scrim("init", data, *named).code == 0
    assert before.ledger.size() == size == 2, "what four eyes are here, and who they are"
    before.close()


def test_demo_custodians_are_loud(scrim: Scrim, tmp_path: Path) -> None:
    done = scrim("init", tmp_path / "data", "--demo")
    assert done.code == 0
    assert "THEY PROTECT NOBODY" in done.err


def test_wrong_custodians(scrim: Scrim, tmp_path: Path) -> None:
    data = tmp_path / "data"
    secret = new_identity().secret
    assert scrim("init", data, "--k", 1, "--custodian", secret).code == 7
    done = scrim("init", data, "--k", 1, "--custodian", f"a={secret}")
    assert done.code == 7
    assert secret not in done.err
    seed = new_seed()
    done = scrim("init", data, "--k", 1, "--custodian", f"a={new_identity().recipient}/{seed}")
    assert done.code == 7
    assert seed not in done.err
    assert scrim("init", data, "--k", 3, *pairs(2)).code == 7
    assert scrim("init", data, *pairs(2)).code == 2
    assert scrim("init", data, "--demo", *pairs(2)).code == 2
    assert not data.exists()


def test_a_recipient_alone_is_refused_with_what_to_do(scrim: Scrim, tmp_path: Path) -> None:
    bare = f"court={new_identity().recipient}"
    done = scrim("init", tmp_path / "data", "--k", 1, "--custodian", bare)
    assert done.code == 7
    assert "scrim custodian show FILE" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_what_is_shown_is_the_fingerprint_that_the_custodian_reads_aloud(
    scrim: Scrim, tmp_path: Path
) -> None:
    one = new_identity()
    done = scrim("init", tmp_path / "data", "--k", 1, "--custodian", f"court={one.card}")
    assert f"court  {one.fingerprint}" in done.out
    in_force = Deployment.open(tmp_path / "data")
    assert [c.card for c in in_force.custodians().custodians] == [one.card]  # type: ignore[union-attr]
    in_force.close()


def test_a_folder_of_something_else(scrim: Scrim, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    done = scrim("init", tmp_path)
    assert done.code == 4
    assert len(done.err.splitlines()) == 1
