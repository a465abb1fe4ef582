"""Part 5 from end to end: an emergency, by the commands, with all of ``scrim up`` running."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.sim.recorder import PATIENCE_S, write_clip
from tests.sim.supervised import Scrim, rows, supervised

from scrim.canonical import canonical
from scrim.cli.main import run
from scrim.clock import SECOND, SystemClock, to_text
from scrim.opening import live

SHORTEST_US = 15 * SECOND
SETTINGS = {
    "SCRIM_RECORDER__SEGMENT_SECONDS": "1",
    "SCRIM_RECORDER__PERIOD_SECONDS": "2",
    "SCRIM_LEDGER__HEADS_SECONDS": "0.5",
}


@dataclass
class House:
    """A deployment that runs, and the machines of an officer and two custodians.

    Attributes:
        took_us: from starting Scrim to its first segment: how slow this machine is just now.
    """

    folder: Path
    scrim: Scrim
    capture: pytest.CaptureFixture[str]
    took_us: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *arguments: object, ends: int | None = 0) -> str:
        self.capture.readouterr()
        code = run([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        assert ends is None or code == ends, said.out + said.err
        return said.out

    def at(self, who: str) -> tuple[object, ...]:
        return (
            *("--server", f"http://127.0.0.1:{self.scrim.port}"),
            *("--as", self.folder / f"{who}.txt", "--known", self.folder / f"known-{who}"),
            *("--ledger-key", self.folder / "ledger.pub"),
        )

    def soon(self, who: str, *arguments: object) -> str:
        """Again until a checkpoint holds what was just written."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.capture.readouterr()
            code = run([*map(str, (*arguments, *self.at(who)))])
            said = self.capture.readouterr()
            if code == 0:
                return said.out
            assert "Ask again in a few seconds" in said.err, said.err
            time.sleep(0.3)
        raise AssertionError("no checkpoint held it")

    def is_recording(self) -> bool:
        return any(row.side == "sealed" for row in rows(self.data, "segment"))


def _fingerprint(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("Fingerprint"))[12:].strip()


def _card(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("Card")).split()[1]


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[House]:
    made = House(tmp_path, Scrim(tmp_path / "data", SETTINGS), capsys)
    write_clip(tmp_path / "clip.mp4")
    people = {
        who: made.run("custodian", "new", "--no-passphrase", "-o", tmp_path / f"{who}.txt")
        for who in ("court", "audit", "officer")
    }
    cards = [f"{who}={_card(people[who])}" for who in ("court", "audit")]
    said = made.run(
        *("init", "--data", made.data, "--k", 2, "--custodian", cards[0], "--custodian", cards[1])
    )
    key = next(line for line in said.splitlines() if line.startswith("Ledger key"))
    (tmp_path / "ledger.pub").write_text(key.split(maxsplit=2)[2])
    made.run(
        *("officer", "register", "officer-9", "--office", "police-south", "--data", made.data),
        *("--card", _card(people["officer"]), "--fingerprint", _fingerprint(people["officer"])),
    )
    made.run("certificate", "officer-9", "--data", made.data, "--out", tmp_path / "officer-9.pem")
    made.run("camera", "add", "street", tmp_path / "clip.mp4", "--loop", "--data", made.data)
    begun = time.monotonic()
    with supervised(made.data, SETTINGS) as made.scrim:
        made.scrim.wait(made.is_recording, "a segment")
        made.scrim.wait(made.scrim.listens, "the server")  # whichever of the two is later
        made.took_us = int((time.monotonic() - begun) * SECOND)
        yield made


def test_a_live_case_from_the_request_to_the_bundle(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GRACE_US", max(4 * SECOND, house.took_us))
    monkeypatch.setattr(live, "POLL_SECONDS", 0.5)
    keys = ("--keys", house.folder / "keys")
    # people decide, and pictures come, within it: a slow machine needs longer
    window_us = max(SHORTEST_US, 4 * house.took_us)
    now_us = SystemClock().now_us()
    said = house.run(
        *("case", "request", *house.at("officer")[:4], *keys, "--live", "--no-passphrase"),
        *("--since", to_text(now_us), "--until", to_text(now_us + window_us)),
        *("--authority", "emergency:Control room 5", "--purpose", "missing-person"),
        *("--camera", "street", "--reason", "A child was last seen at the gate."),
    )
    case = said.split(":")[0]
    for who in ("court", "audit"):
        said = house.soon(who, "custodian", "approve", case, "--yes")
    assert "approved" in said
    out = house.folder / "opened"
    house.soon("officer", "case", "open", case, "--out", out, *keys)
    files = sorted((out / "native/street").iterdir())
    assert files
    until_s = (now_us + window_us) / SECOND
    assert min(file.stat().st_mtime for file in files) < until_s, "it came while it was live"
    assert (out / "viewing/street-1.mp4").exists()

    # exactly what the recorder sealed for this request, and nothing from before or after
    request = json.loads((out / "package.json").read_bytes())["request"]["body"]
    records = {
        row.segment: json.loads(row.record)
        for row in rows(house.data, "segment")
        if row.side == "sealed"
    }
    mine = [number for number, record in records.items() if record.get("live")]
    assert sorted(mine) == [int(file.stem) for file in files]
    assert min(mine) > min(records)
    assert all(records[number]["start_us"] >= request["since_us"] for number in mine)
    assert all(records[number]["end_us"] <= request["until_us"] for number in mine)

    def is_closed() -> bool:
        used = {
            (row.epoch, row.period) for row in rows(house.data, "segment") if "live" in row.record
        }
        closed = {(row.epoch, row.period) for row in rows(house.data, "period") if row.manifest_key}
        return used <= closed

    house.scrim.wait(is_closed, "the end of the last period")
    house.soon("officer", "case", "open", case, "--out", out, *keys)
    report = json.loads((out / "opened.json").read_bytes())
    assert (report["segments"], report["unproven"], report["findings"]) == (len(files), 0, [])

    bundle = house.folder / "bundle"
    house.soon(
        *("officer", "case", "export", case, "--opened", out, "--out", bundle),
        *("--credentials", house.folder / "officer-9.pem", "--for", "The court"),
        *("--organisation", "Court", "--why", "Ordered."),
    )
    check = (
        *("--key", house.folder / "ledger.pub"),
        *("--anchor", house.data / "keys/c2pa-anchor.pem"),
    )
    said = house.run("verify", bundle, *check)
    assert f"{len(files)} originals" in said
    assert list((bundle / "custodians").iterdir()), "the set that was in force comes with it"
    _attacks(house, bundle, check)


def _attacks(house: House, bundle: Path, check: tuple[object, ...]) -> None:
    """What a bundle of a live case must not survive."""
    receipts = json.loads((bundle / "ledger/receipts.json").read_bytes())
    kept = [
        one
        for one in receipts["receipts"]
        if json.loads(base64.b64decode(one["body"]))["act"] != "live-opened"
    ]
    for name, change in (
        ("no-entry", canonical({**receipts, "receipts": kept})),
        ("no-answer", None),
        ("no-period", None),
    ):
        other = house.folder / name
        shutil.copytree(bundle, other)
        if change is not None:
            (other / "ledger/receipts.json").write_bytes(change)
        elif name == "no-answer":
            next(iter(sorted((other / "answers").iterdir()))).unlink()
        else:
            middle = sorted((other / "period/street").rglob("*.open.json"))[1]
            middle.unlink()
            middle.with_name(middle.name.replace(".open", "")).unlink()
        said = house.run("verify", other, *check, ends=1)
        wanted = {
            "no-entry": ("live-unlogged", "entry-missing"),
            "no-answer": ("answers-too-few", "entry-contradicts"),
            "no-period": ("period-missing",),
        }[name]
        for kind in wanted:
            assert kind in said, said
