"""``scrim case identity``: the identity of a period, from what was opened already."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sim.case_world import World

from scrim.canonical import canonical
from scrim.cli.main import run
from scrim.vault.custodian import read_identity, write_identity

CASE = "case-abcd2345"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World()
    made.record("gate", 1, range(2))
    request = made.request()
    package = made.package(request, [made.approval(0, request), made.approval(1, request)])
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "package.json").write_bytes(canonical(package))
    (tmp_path / "keys").mkdir(mode=0o700)
    write_identity(tmp_path / "keys" / f"{CASE}.txt", made.once)
    return made


def identity(world: World, folder: Path) -> int:
    key = world.log.key.verifier().to_text()
    return run(
        [
            *("case", "identity", CASE, "--opened", str(folder / "opened")),
            *("--period", "gate/1/1", "--out", str(folder / "period.txt")),
            *("--keys", str(folder / "keys"), "--known", str(folder / "known")),
            *("--ledger-key", key),
        ]
    )


def test_parts_make_the_identity_of_a_period_while_the_case_lasts(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_us = world.request().expires_us - 1
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: now_us)
    assert identity(world, tmp_path) == 0
    made = read_identity(tmp_path / "period.txt")
    assert made.recipient in world.periods[0].document.decode()


@pytest.mark.usefixtures("weak_passphrases")
def test_a_key_with_a_passphrase_asks_for_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "correct horse battery staple"
    file = tmp_path / "keys" / f"{CASE}.txt"
    file.unlink()
    write_identity(file, world.once, passphrase=words)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: words)
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: world.request().created_us)
    assert identity(world, tmp_path) == 0
    assert (tmp_path / "period.txt").exists()


@pytest.mark.parametrize("when", ["expired", "set back"])
def test_after_the_expiry_or_by_a_clock_set_back_there_is_none(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    when: str,
) -> None:
    request = world.request()
    now_us = request.expires_us if when == "expired" else request.created_us - 3_600_000_000
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: now_us)
    assert identity(world, tmp_path) == 12
    assert ("expired" if when == "expired" else "clock") in capsys.readouterr().err
    assert not (tmp_path / "period.txt").exists()
