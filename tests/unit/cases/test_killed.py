"""The server killed in each step of a case, and started again: nothing lost, nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import pytest
from tests.unit.cases.world import World

from scrim.cases.case import State

ROOT = Path(__file__).resolve().parents[3]


def plan(world: World) -> str:
    """A drafted case, and everything that will be handed in for it."""
    file = world.cases.draft(world.officer, world.draft())
    signed = world.sign(file)
    asked = file.with_(statement=signed)
    return json.dumps(
        {
            "case": file.id,
            "request": signed.decode(),
            "answers": {
                office.id: world.answer_of(office, asked).decode() for office in world.offices[:2]
            },
        }
    )


def server(world: World, text: str, kill_at: str = "") -> int:
    command = [sys.executable, "-m", "tests.unit.cases.steps", str(world.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(text)
        child.stdin.close()
        for line in child.stdout:
            if line.strip() == kill_at:
                time.sleep(0.003)  # into the step, wherever that is on this machine
                child.kill()
    return child.returncode


@pytest.mark.parametrize("step", ["request", "court-1", "court-2", "view", "close"])
def test_killed_in_a_step_and_taken_up_again(world: World, step: str) -> None:
    text = plan(world)
    case = json.loads(text)["case"]
    server(world, text, step)
    assert server(world, text) == 0
    file = world.cases.get(world.officer, case)
    assert file.state is State.CLOSED
    assert len(file.answers) == 2
    # looking twice is two looks
    assert [act for act, _ in groupby(world.acts(file))] == [
        "case-drafted",
        "case-requested",
        "held",
        "case-answered",
        "case-approved",
        "case-opened",
        "original-viewed",
        "case-closed",
        "released",
        "case-erased",
    ]
    world.cases.expire()
    assert world.cases.get(world.officer, case).scrubbed_us is not None
