"""Sealing: throughput on one core, and what a key period costs to open.

The limit is ChaCha20-Poly1305 from ``cryptography`` (OpenSSL) over the same
bytes in age's 64 KiB chunks, in the same run: what age must do at the least.
Processor time, not time on the wall, so that a busy machine does not show;
the new period's process is counted with its parent.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from scrim.vault import Custodian, CustodianSet, PeriodDocument, PeriodKey
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.opening import combine, open_part, open_segment

SEGMENT_BYTES = 2_000_000
"""Four seconds of a 4 Mbit/s camera."""
CAMERA_BYTES_A_SECOND = 500_000
PERIOD_SECONDS = 600
CHUNK = 65536
ROUNDS = 7


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _median(act: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median processor seconds and wall seconds of ``act``."""
    spent: list[tuple[float, float]] = []
    for _ in range(rounds):
        cpu, wall = _cpu(), time.perf_counter()
        act()
        spent.append((_cpu() - cpu, time.perf_counter() - wall))
    return statistics.median(c for c, _ in spent), statistics.median(w for _, w in spent)


def _custodians(n: int, k: int) -> tuple[CustodianSet, list[Identity]]:
    identities = [new_identity() for _ in range(n)]
    members = (Custodian(f"c{at}", one.recipient) for at, one in enumerate(identities))
    return CustodianSet(k, tuple(members)), identities


def _open(custodians: CustodianSet) -> PeriodKey:
    return PeriodKey.open(camera="bench", epoch=1, period=1, opened_us=0, custodians=custodians)


def _period(n: int, k: int) -> dict[str, float | int]:
    custodians, identities = _custodians(n, k)
    cpu, wall = _median(lambda: _open(custodians))
    key = _open(custodians)
    parts = PeriodDocument.parse(key.document).parts
    chosen = [(parts[f"c{at}"], identities[at].secret) for at in range(k)]
    opened = [open_part(sealed, secret, key.document) for sealed, secret in chosen]
    part_cpu, _ = _median(lambda: open_part(*chosen[0], key.document))
    combine_cpu, _ = _median(lambda: combine(key.document, opened))
    return {
        "open_cpu_ms": round(cpu * 1e3, 1),
        "open_wall_ms": round(wall * 1e3, 1),
        "open_share_of_a_core_percent": round(cpu / PERIOD_SECONDS * 100, 4),
        "document_bytes": len(key.document),
        "open_part_ms": round(part_cpu * 1e3, 2),
        "combine_ms": round(combine_cpu * 1e3, 2),
    }


def run() -> dict[str, object]:
    """Seal and unseal MB/s, the limit in the same run, and the cost of periods."""
    custodians, identities = _custodians(3, 2)
    key = _open(custodians)
    parts = PeriodDocument.parse(key.document).parts
    identity = combine(
        key.document,
        [open_part(parts[f"c{at}"], identities[at].secret, key.document) for at in (0, 1)],
    )
    data = os.urandom(SEGMENT_BYTES)
    cipher = ChaCha20Poly1305(os.urandom(32))
    nonce = bytes(12)
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    times = 20
    whole = SEGMENT_BYTES * times / 1e6

    seal, _ = _median(lambda: [key.seal(data) for _ in range(times)])
    limit, _ = _median(
        lambda: [cipher.encrypt(nonce, chunk, None) for _ in range(times) for chunk in chunks]
    )
    sealed = key.seal(data)
    unseal, _ = _median(lambda: [open_segment(sealed, identity) for _ in range(times)])
    small, _ = _median(lambda: [key.seal(b"") for _ in range(1000)])
    return {
        "segment_bytes": SEGMENT_BYTES,
        "seal_mb_s": {"value": round(whole / seal), "limit": 250, "better": "higher"},
        "chacha20poly1305_mb_s": round(whole / limit),
        "ratio_to_limit": round(limit / seal, 3),
        "unseal_mb_s": round(whole / unseal),
        "fixed_cost_a_segment_us": round(small * 1e3),
        "camera_4_mbit_s_percent_of_a_core": round(
            CAMERA_BYTES_A_SECOND * seal / whole / 1e6 * 100, 3
        ),
        "hour_of_4_mbit_s_unseals_in_s": {
            "value": round(3600 * CAMERA_BYTES_A_SECOND * unseal / whole / 1e6, 2),
            "limit": 20,
            "better": "lower",
        },
        "period_n3_k2": _period(3, 2),
        "period_n9_k5": _period(9, 5),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
