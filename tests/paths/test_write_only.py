"""Invariant 3, in a real recorder: what it sealed a minute ago it cannot open.

The demo custodians recombine the period's secret, and the recorder's whole memory
is searched for it while it goes on sealing to that very period.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.sim.recorder import deployment_in, recording, write_clip

from scrim.live import wire
from scrim.store.objects import ObjectStore
from scrim.vault.agekeys import secret_of
from scrim.vault.custodian import read_identity
from scrim.vault.document import PeriodDocument
from scrim.vault.opening import combine, open_part, open_segment


def memory_of(pid: int) -> bytes:
    """All readable, writable memory of a process."""
    out = bytearray()
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="ascii", errors="replace")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            span, permissions, *_ = line.split()
            if not permissions.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                out += memory.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue
    return bytes(out)


def test_invariant_3_the_recorders_memory_never_holds_the_periods_secret(
    tmp_path: Path,
) -> None:
    if not Path("/proc/self/mem").exists() or os.geteuid() != 0:
        pytest.skip("needs Linux and root, to read another process's memory: run as root")
    clip, data = tmp_path / "clip.mp4", tmp_path / "data"
    write_clip(clip)
    made = deployment_in(data, clip)
    with recording(data) as recorder:
        recorder.wait_for_segments(1)
        store = ObjectStore.in_folder(data / "objects")
        document = store.get("period/street/000001/000001.open.json")
        period = PeriodDocument.parse(document)
        parts = [
            open_part(
                period.parts[name],
                read_identity(made.folder.demo_custodians / f"{name}.txt").secret,
                document,
            )
            for name in ("demo-1", "demo-2")
        ]
        identity = combine(document, parts)
        secret = bytes(secret_of(identity))
        sealed = next(key for key, _ in store.list("sealed/"))
        assert open_segment(store.get(sealed), identity)  # it is the right secret
        memory = memory_of(recorder.process.pid)
        assert period.recipient.encode() in memory  # the search reads what is there
        assert secret not in memory
        assert secret.hex().encode() not in memory
        assert identity.encode() not in memory
        assert identity.lower().encode() not in memory
        for part in parts:
            for piece in part.pieces.values():
                assert bytes(piece) not in memory
        count = sum(isinstance(m, wire.SegmentDone) for m in recorder.live.messages)
        recorder.wait_for_segments(count + 1)  # and it still seals
    made.close()
