"""Running pip, npm and the like: progress while they work, a sentence when they fail."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_EVERY_S = 10.0  # between two lines where the output is no terminal
_KEPT_LINES = 12


class SetupError(Exception):
    """What happened and what to do, in one sentence or two."""


class Progress:
    """One line about a step: rewritten on a terminal, a new one now and then elsewhere."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = time.monotonic()
        self._told = 0.0
        self._terminal = sys.stdout.isatty()
        self._note = ""
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._tick, daemon=True)
        print(f"{title} …", end="" if self._terminal else "\n", flush=True)
        self._told = time.monotonic()
        self._beat.start()

    def note(self, text: str) -> None:
        """Say how far it is."""
        self._note = text

    def done(self, text: str = "done") -> None:
        """End the line."""
        self._over.set()
        self._beat.join()
        self._write(f"{text} ({time.monotonic() - self._began:.0f} s)")
        if self._terminal:
            print(flush=True)

    def broken(self) -> None:
        """End the line; the sentence follows elsewhere."""
        self._over.set()
        self._beat.join()
        if self._terminal:
            print(flush=True)

    def _tick(self) -> None:
        while not self._over.wait(0.5):
            if self._terminal or time.monotonic() - self._told >= _EVERY_S:
                spent = f"{time.monotonic() - self._began:.0f} s"
                self._write(f"{self._note} ({spent})" if self._note else f"({spent})")

    def _write(self, text: str) -> None:
        if self._terminal:
            print(f"\r\x1b[K{self._title} … {text}", end="", flush=True)
        else:
            print(f"{self._title} … {text}", flush=True)
        self._told = time.monotonic()


# What pip and npm say, and what it means to somebody who only wants to start Scrim.
_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"No space left on device|ENOSPC",
        "The disk is full. Free about 2 GB, then run the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        (
            "A download is not the file that was pinned, so it was not used. Run the same command "
            "again; if it stays so, ask whoever runs your package mirror."
        ),
    ),
    (
        (
            r"NewConnectionError|NameResolutionError|ConnectTimeout|Temporary failure in name"
            r"|Network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT"
        ),
        (
            "The package index cannot be reached. Check the network (and PIP_INDEX_URL, "
            "HTTPS_PROXY or npm's settings where a mirror is used), then run the same command "
            "again."
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT",
        (
            "The certificate of the package index is not trusted here. Where a proxy puts its "
            "own in between, name its certificate in PIP_CERT and NODE_EXTRA_CA_CERTS."
        ),
    ),
    (
        r"npm error code EUSAGE",
        (
            "web/package-lock.json does not fit web/package.json. Clone again, or after a "
            "change of yours: npm install in web/."
        ),
    ),
    (
        r"No matching distribution found|Could not find a version",
        (
            "The package index has no ready-made build of a package for this machine, or was not "
            "reached. Check the network; Python has to be 3.11, 3.12 or 3.13, on Linux or macOS, "
            "x86-64 or arm64: make run PYTHON=python3.12"
        ),
    ),
    (r"Permission denied|EACCES", "A file cannot be written. Clone into a folder of your own."),
)


def run(
    command: Sequence[str | Path],
    progress: Progress,
    log: Path,
    *,
    cwd: Path,
    env: Mapping[str, str],
    heard: Callable[[str], str | None] | None = None,
) -> None:
    """Run a child to its end; what it says goes to the log.

    Args:
        command: program and arguments.
        progress: gets what ``heard`` makes of a line.
        log: file for everything the child says.
        cwd: where it runs.
        env: its whole environment.
        heard: from a line of output to a note for the progress line.

    Raises:
        SetupError: it did not start, or ended with another code than 0.
    """
    lines: list[str] = []
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            log.open("w", encoding="utf-8") as file,
            subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as child,
        ):
            assert child.stdout is not None
            for line in child.stdout:
                file.write(line)
                lines.append(line.rstrip())
                note = heard(line) if heard else None
                if note:
                    progress.note(note)
    except OSError as error:
        progress.broken()
        raise SetupError(f"{command[0]} does not start: {error.strerror}.") from None
    if child.returncode:
        progress.broken()
        raise SetupError(_meaning("\n".join(lines), lines[-_KEPT_LINES:], log))


def _meaning(said: str, last: list[str], log: Path) -> str:
    for pattern, sentence in _MEANINGS:
        if re.search(pattern, said):
            return f"{sentence} (Everything it said: {log})"
    shown = "\n".join(f"    {line}" for line in last)
    return f"{shown}\nThis step failed, as the lines above say. (Everything it said: {log})"
