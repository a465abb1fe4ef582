"""Work done in child processes, each pinned to one core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[2]
_AT_ONCE = 2


def cores() -> list[int]:
    """The cores to work on: two, or the one there is."""
    return sorted(os.sched_getaffinity(0))[-_AT_ONCE:]


def ask_all(what: str, names: Sequence[str]) -> list[Any]:
    """:func:`ask` for each name, as many at once as there are :func:`cores`."""
    free: SimpleQueue[int] = SimpleQueue()
    for core in cores():
        free.put(core)

    def one(name: str) -> Any:
        core = free.get()
        try:
            return ask(what, name, core)
        finally:
            free.put(core)
            print(f"   {what}: {name}", flush=True)

    with ThreadPoolExecutor(len(cores())) as pool:
        return list(pool.map(one, names))


def ask(what: str, name: str, core: int) -> Any:
    """Run one job of :mod:`bench.redaction.child` on ``core`` and give its answer.

    Raises:
        RuntimeError: it failed; what it printed is in the message.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.redaction.child", what, name, str(core)],
        capture_output=True,
        text=True,
        cwd=_REPOSITORY,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{what} {name} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])
