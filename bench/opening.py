"""Opening: an hour of a camera, a custodian's 360 periods, and memory whatever the interval.

Processor time on one core.  An hour is opened as an officer opens it: manifests, hashes
of what came and of what is inside, age, files written.  It stands beside stock ``age -d``
over the same sealed segments, one process each as a shell would, and beside bare
ChaCha20-Poly1305 over the same bytes, the least that any opening must do.  Sealing is in
the bench ``sealing``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from tests.sim.case_world import Server, World, checked, random_clear

from scrim.opening.session import Opening, Wanted
from scrim.vault.answer import Answer
from scrim.vault.receiving import open_periods

SEGMENT_BYTES = 2_000_000
"""Four seconds of a 4 Mbit/s camera."""
SECONDS = 4
A_PERIOD = 150
"""Segments in ten minutes."""
CHUNK = 65536


def _spent(act: Callable[[], object]) -> float:
    """Processor seconds of ``act`` and of the processes that it starts."""
    before = _cpu()
    act()
    return _cpu() - before


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _camera(minutes: int, folder: Path) -> World:
    """One camera; its segments are the same bytes, which age seals differently each time."""
    folder.mkdir()
    world = World(sealed=_Files(folder))
    clear = random_clear(SEGMENT_BYTES)
    for period in range(minutes // 10):
        segments = range(period * A_PERIOD, (period + 1) * A_PERIOD)
        world.record("bench", period + 1, segments, clear=clear, seconds=SECONDS)
    return world


def _open(world: World, out: Path, *, native: bool) -> float:
    request = world.request()
    answers = [world.approval(at, request) for at in (0, 1)]
    package = world.package(request, answers)
    server = Server(world, world.sealed)

    def act() -> None:
        found = checked(world, package)
        opening = Opening(server, found, world.once.secret, out, request.created_us)
        wanted = Wanted.all_of(found, native=native, joined=False, viewing=False)
        done = opening.run(wanted)
        assert not done.findings
        assert done.segments == len(world.sealed)

    return _spent(act)


def _hour(folder: Path) -> dict[str, object]:
    world = _camera(60, folder / "sealed")
    checks = _open(world, folder / "checks", native=False)
    files = _open(world, folder / "files", native=True)
    shutil.rmtree(folder / "files")
    data = os.urandom(SEGMENT_BYTES)
    cipher, nonce = ChaCha20Poly1305(os.urandom(32)), bytes(12)
    sealed = [
        cipher.encrypt(nonce, data[at : at + CHUNK], None) for at in range(0, len(data), CHUNK)
    ]
    bare = _spent(
        lambda: [
            cipher.decrypt(nonce, chunk, None) for _ in range(len(world.sealed)) for chunk in sealed
        ]
    )
    figures: dict[str, object] = {
        "segments": len(world.sealed),
        "gigabytes": round(len(world.sealed) * SEGMENT_BYTES / 1e9, 2),
        "seconds": {"value": round(files, 2), "limit": 20, "better": "lower"},
        "seconds_without_writing_files": round(checks, 2),
        "seconds_bare_chacha20poly1305": round(bare, 2),
        "times_bare_chacha20poly1305": round(checks / bare, 2),
    }
    if shutil.which("age"):
        stock = _stock_age(world, folder)
        figures["seconds_stock_age"] = round(stock, 2)
        figures["times_stock_age"] = round(files / stock, 2)
    return figures


def _stock_age(world: World, folder: Path, sample: int = 90) -> float:
    """``age -d`` over some of the hour's segments, reckoned up to all of them."""
    request = world.request()
    answers = [world.approval(at, request) for at in (0, 1)]
    first = next(open_periods(request, answers, world.documents, world.once.secret))
    assert first.identity is not None
    stock = folder / "stock"
    stock.mkdir()
    key = stock / "key.txt"
    key.write_text(first.identity + "\n")
    names = []
    for number in range(sample):
        names.append(stock / f"{number}.age")
        names[-1].write_bytes(world.sealed["bench", number])

    def act() -> None:
        for name in names:
            out = str(name.with_suffix(".mp4"))
            subprocess.run(["age", "-d", "-i", str(key), "-o", out, str(name)], check=True)

    return _spent(act) * len(world.sealed) / sample


def _approving(n: int, k: int) -> dict[str, object]:
    world = World(n=n, k=k)
    clear = random_clear(100)
    for camera in range(10):
        for period in range(36):
            world.record(f"camera-{camera}", period + 1, [period], clear=clear)
    request = world.request()
    package = world.package(request)
    answers = []
    reading = _spent(lambda: checked(world, package))
    approving = _spent(lambda: answers.append(world.approval(0, request)))
    answers.extend(world.approval(at, request) for at in range(1, k))
    combining = _spent(
        lambda: list(open_periods(request, answers, world.documents, world.once.secret))
    )
    assert len(Answer.of(answers[0]).parts) == 360
    return {
        "periods": 360,
        "seconds": {"value": round(approving + reading, 2), "limit": 5, "better": "lower"},
        "of_these_reading_the_package": round(reading, 2),
        "answer_megabytes": round(len(answers[0].to_bytes()) / 1e6, 2),
        "officer_combines_in_seconds": round(combining, 2),
    }


def _peak(minutes: int) -> int:
    """Peak memory in MB of a process that opens so many minutes."""
    command = [sys.executable, "-m", "bench.opening", str(minutes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def _measure_peak(minutes: int) -> int:
    """In a child: make the sealed objects on disk, then open them and look."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = _camera(minutes, folder / "sealed")
        _open(world, folder / "out", native=False)
    # not getrusage: its peak is the parent's at the moment of the fork, if that was higher
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("this system does not say how much memory was used")


class _Files(dict[tuple[str, int], bytes]):
    """Sealed objects that lie on the disk and look like a dictionary of bytes."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __getitem__(self, key: tuple[str, int]) -> bytes:
        return (self._folder / f"{key[0]}-{key[1]}").read_bytes()

    def __setitem__(self, key: tuple[str, int], data: bytes) -> None:
        (self._folder / f"{key[0]}-{key[1]}").write_bytes(data)
        super().__setitem__(key, b"")


def run() -> dict[str, object]:
    """All figures."""
    with tempfile.TemporaryDirectory() as name:
        hour = _hour(Path(name))
    ten, sixty = _peak(10), _peak(60)
    return {
        "hour_of_4_mbit_s": hour,
        "approve_360_periods": {"n3_k2": _approving(3, 2), "n9_k5": _approving(9, 5)},
        "peak_memory": {
            "mb_10_minutes": ten,
            "mb_60_minutes": sixty,
            "times_60_over_10": {"value": round(sixty / ten, 2), "limit": 1.15, "better": "lower"},
        },
    }


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(_measure_peak(int(sys.argv[1])))
    else:
        began = time.monotonic()
        print(json.dumps(run(), indent=2), f"\n{time.monotonic() - began:.0f} s")
