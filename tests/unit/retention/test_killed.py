"""Invariant 7 under ``kill -9``: a sweeper that dies anywhere is gone on with.

A real process sweeps a real folder and kills itself at the n-th call of one of its
steps; then another sweeps to the end.  Nothing is erased that was not logged, nothing
logged stays, and the folder verifies in between and afterwards.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.audit import verify_folder
from scrim.ledger import Act
from scrim.ledger.erasure import Run
from scrim.store import holds
from scrim.store.database import writing

ROOT = Path(__file__).resolve().parents[3]

# at which call of what it dies, and whether before or after the call
STEPS = {
    "before the entry": ("scrim.ledger.log:Ledger.append_in", 1, "before"),
    "the entry is not committed": ("scrim.ledger.log:Ledger.append_in", 2, "after"),
    "nothing of it is gone": ("scrim.store.objects:ObjectStore.remove_all", 1, "before"),
    "some of it is gone": ("pathlib:Path.unlink", 3, "after"),
    "all of it is gone": ("scrim.store.objects:ObjectStore.remove_all", 1, "after"),
    "rows are settled": ("scrim.retention.clearing:_settle", 2, "after"),
    "no tombstone": ("scrim.retention.clearing:_bury", 1, "before"),
    "a tombstone and a document": ("scrim.store.objects:ObjectStore.put", 1, "after"),
    "buried": ("scrim.retention.clearing:_bury", 1, "after"),
    "manifest and folders": ("scrim.store.objects:ObjectStore.remove_folder", 1, "before"),
    "almost done": ("scrim.retention.clearing:_done", 2, "before"),
}

SWEEP = """
import importlib, os, signal, sys
from pathlib import Path
data, target, number, when, now_us = sys.argv[1:]
module, _, name = target.partition(":")
owner = importlib.import_module(module)
*path, name = name.split(".")
for part in path:
    owner = getattr(owner, part)
calls, real = 0, getattr(owner, name)
def deadly(*arguments, **named):
    global calls
    calls += 1
    if calls == int(number) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*arguments, **named)
    if calls == int(number) and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return result
from scrim.ledger import Ledger
from scrim.retention import Sweep
from scrim.settings import RetentionSettings
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
setattr(owner, name, deadly)
class Now:
    def now_us(self): return int(now_us)
folder = DataFolder.open(Path(data))
engine = connect(folder.database)
Sweep(engine, Ledger(engine), ObjectStore.in_folder(folder.objects), Now(),
      RetentionSettings(), batch=4, gentle=False).run()
"""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[RetentionWorld]:
    """Two periods past their time, one segment of them held, and a young one."""
    world = RetentionWorld(tmp_path / "data", ["gate"])
    world.record("gate", 1, START_US, 3)
    world.record("gate", 2, START_US + DAY_US, 4)
    world.at(START_US + 40 * DAY_US)
    world.record("gate", 3, world.clock.us - DAY_US, 2)
    with writing(world.engine) as connection:
        holds.place(
            connection,
            ["gate"],
            START_US + DAY_US,
            START_US + DAY_US + 1,
            reason="case",
            placed_by="officer",
            now_us=world.clock.us,
        )
    yield world
    world.close()


def swept(world: RetentionWorld, target: str, number: int, when: str) -> int:
    done = subprocess.run(
        [
            *(sys.executable, "-c", SWEEP, str(world.folder.path)),
            *(target, str(number), when, str(world.clock.us)),
        ],
        cwd=ROOT,
        check=False,
        timeout=600,
    )
    return done.returncode


def logged(world: RetentionWorld) -> set[tuple[str, int, int, int]]:
    """Side, epoch, period and number of every segment that an entry calls erased."""
    found = set()
    for entry in world.entries(Act.ERASED):
        words = entry.facts["runs"]
        assert isinstance(words, list)
        for run in (Run.parse(str(word)) for word in words):
            found |= {
                (str(entry.facts["side"]), run.epoch, run.period, number)
                for number in range(run.first, run.last + 1)
            }
    return found


def missing(world: RetentionWorld, before: set[str]) -> set[tuple[str, int, int, int]]:
    """The same of every segment whose object is not there."""
    gone: set[tuple[str, int, int, int]] = set()
    for name in before - world.names():
        if name.startswith("period/"):
            continue
        side, _, epoch, period, file = name.split("/")
        gone.add((side, int(epoch), int(period), int(file.partition(".")[0])))
    return gone


@pytest.mark.parametrize("step", STEPS)
def test_invariant_7_killed_at_any_step_and_gone_on_with(full: RetentionWorld, step: str) -> None:
    before = full.names()
    assert swept(full, *STEPS[step]) == -signal.SIGKILL
    full.publish()
    assert missing(full, before) <= logged(full), "erased and not logged"
    assert [one.line() for one in verify_folder(full.folder.path).problems] == []

    full.sweep()
    assert missing(full, before) == logged(full)
    left = {name for name in full.names() if not name.startswith("period/")}
    assert left == {
        *(f"sealed/gate/000001/000003/{number:010d}.age" for number in (7, 8)),
        *(f"masked/gate/000001/000003/{number:010d}.mp4" for number in (7, 8)),
        "sealed/gate/000001/000002/0000000003.age",  # held
        "masked/gate/000001/000002/0000000003.mp4",
    }
    full.publish()
    report = verify_folder(full.folder.path)
    assert [one.line() for one in report.problems] == []
    assert not [note for note in report.notes if note.kind == "erasing"]
