"""pip on the clone's own environment: only what is in a lock, only ready-made, only by hash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from child import Progress, run
from stamp import BUILD, ROOT

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
LOGS = BUILD / "log"

LOCKED = ("--require-hashes", "--only-binary=:all:", "--no-deps")

Heard = Callable[[str], str | None]


def pip(progress: Progress, *words: str | Path, heard: Heard | None = None) -> None:
    """Run pip on the environment, with the pip in it or else with the one beside this Python.

    Args:
        progress: the step's line.
        words: pip's command and arguments.
        heard: from a line of pip's to a note for the progress line.

    Raises:
        SetupError: pip failed.
    """
    own = (PYTHON.parent / "pip").exists()
    command: list[str | Path] = [PYTHON, "-m", "pip"]
    if not own:
        command = [sys.executable, "-m", "pip", "--python", PYTHON]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    run(
        [*command, words[0], "--progress-bar=off", *words[1:]],
        progress,
        LOGS / "pip.log",
        cwd=ROOT,
        env={**os.environ, **quiet},
        heard=heard,
    )


def has_pip() -> bool:
    """Whether the Python that runs this has a pip that can install into another one."""
    try:
        said = subprocess.run(
            [sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"pip (\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= (22, 3)


def counting(total: int) -> Heard:
    """From pip's lines: how many of how many, and which."""
    count = 0

    def heard(line: str) -> str | None:
        nonlocal count
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if found:
            count += 1
            return f"{min(count, total)}/{total} {found[1]}"
        return "putting them in place" if line.startswith("Installing collected") else None

    return heard
