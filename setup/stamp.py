"""Has anything changed since a step was done?

A step's stamp is the SHA-256 of everything it is made from, kept in a file.
A step runs again when the stamp differs or when what it made is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from child import SetupError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """One hash over the words and over the names and contents of the files."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"{len(word)}:{word}".encode())
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT)}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


class Stamp:
    """What a thing was last made from.

    Args:
        path: where the hash is kept.
        made: what the step makes; while it is missing the step is not done.
    """

    def __init__(self, path: Path, made: Path) -> None:
        self._path = path
        self._made = made

    def holds(self, now: str) -> bool:
        """Whether the thing is there and was made from exactly this."""
        try:
            return self._made.exists() and self._path.read_text(encoding="ascii") == now
        except OSError:
            return False

    def lift(self) -> None:
        """Forget it, before the step starts: half a step is no step."""
        self._path.unlink(missing_ok=True)

    def set(self, now: str) -> None:
        """Remember what it was made from, after the step is done."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(now, encoding="ascii")


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the clone, so that two ``make`` do not build over each other."""
    try:
        BUILD.mkdir(exist_ok=True)
        lock = (BUILD / "setup.lock").open("w")
    except OSError as error:
        raise SetupError(
            f"{ROOT} cannot be written ({error.strerror}). Clone into a folder of your own."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is building here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
