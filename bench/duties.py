"""Duties: facts of 15,000 cameras from a database, all packs over them, and writing it down.

What :mod:`bench.norms` leaves out: reading the facts.  Each camera has papers of its own, 40
segments and a count of people; one in a hundred has a hold, one in fifty a limit of its own.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert

from scrim.clock import SECOND, from_text
from scrim.duties.checks import Checks
from scrim.ledger import Ledger
from scrim.norms.load import shipped
from scrim.papers.applied import Applied
from scrim.settings import Settings
from scrim.store import schema
from scrim.store.database import connect, migrate, writing

CAMERAS = 15_000
SITES = 600
SEGMENTS = 20  # a side
ROUNDS = 3
LIMIT_S = 10.0
NOW = from_text("2026-03-01T00:00:00Z")
DAY_US = 86_400 * SECOND
_BATCH = 20_000


class _Still:
    def now_us(self) -> int:
        return NOW


def run() -> dict[str, object]:
    build = Path(__file__).resolve().parents[1] / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-duties-", dir=build) as name:
        engine = connect(Path(name) / "scrim.db")
        migrate(engine)
        _fill(engine)
        ledger = Ledger(engine)
        applied = Applied(engine, ledger, _Still())
        for pack in shipped():
            if pack != "eu":  # with cn it cannot be in force, so it is tried as well
                applied.apply(pack)
        checks = Checks(engine, ledger, _Still(), Settings(), applied)
        facts = [_seconds(checks.facts) for _ in range(ROUNDS)]
        begun = time.process_time()
        looks = [_seconds(lambda: _count(checks)) for _ in range(ROUNDS)]
        processor = (time.process_time() - begun) / ROUNDS
        outcomes = _count(checks)
        entries = ledger.size()
        first = _seconds(checks.run)
        entries = ledger.size() - entries
        again = [_seconds(checks.run) for _ in range(ROUNDS)]
        engine.dispose()
    return {
        "cameras": CAMERAS,
        "segments": CAMERAS * SEGMENTS * 2,
        "outcomes": outcomes,
        "facts of 15,000 cameras, s": _figure(facts),
        "facts, and all packs over them, s": _figure(looks, limit=LIMIT_S),
        "the same, s of one core (on a busy machine the fairer figure)": round(processor, 2),
        "the first check, all of it written down, s": round(first, 2),
        "entries that it wrote": entries,
        "a check in which nothing changed, s": _figure(again, limit=LIMIT_S),
    }


def _count(checks: Checks) -> int:
    return len(checks.look(packs=shipped()))


def _fill(engine: Engine) -> None:
    chance = random.Random(7)
    sites = [f"s{n}" for n in range(SITES)]
    cameras = [f"c{n}" for n in range(CAMERAS)]
    _put(engine, schema.site, (_site(site) for site in sites))
    _put(engine, schema.camera, (_camera(c, n) for n, c in enumerate(cameras)))
    _put(engine, schema.period, (_period(c) for c in cameras))
    _put(engine, schema.paper, _papers(cameras, sites))
    _put(engine, schema.segment, _segments(cameras, chance))
    counted = ({"camera": c, "hour_us": 0, "tracks": 4, "uncounted": 0} for c in cameras)
    _put(engine, schema.face_count, counted)
    _put(engine, schema.hold, (_hold(c) for c in cameras[::100]))
    _put(engine, schema.retention_limit, (_limit(c) for c in cameras[::50]))


def _put(engine: Engine, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            _write(engine, table, batch)
            batch = []
    if batch:
        _write(engine, table, batch)


def _write(engine: Engine, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    with writing(engine) as connection:
        connection.execute(insert(table), rows)


def _site(site: str) -> dict[str, Any]:
    return {
        "id": site, "name": site, "place": "street", "controller": "City", "contact": "x",
        "zone": "UTC", "language": "en", "country": "HK", "public_access": 1, "labels": "[]",
        "salt": b"x" * 16, "added_us": NOW,
    }  # fmt: skip


def _camera(camera: str, number: int) -> dict[str, Any]:
    return {
        "id": camera, "name": camera, "kind": "rtsp", "source": "rtsps://x/1", "options": "{}",
        "epoch": 1, "next_segment": 0, "added_us": NOW, "policy": "{}",
        "site": f"s{number % SITES}", "purpose": "public-safety", "labels": "[]",
    }  # fmt: skip


def _period(camera: str) -> dict[str, Any]:
    return {
        "camera": camera, "epoch": 1, "period": 0, "opened_us": NOW - 40 * DAY_US,
        "recipient": "x", "document_key": "k", "document_sha256": "", "chain_length": 0,
        "chain_head": "",
    }  # fmt: skip


def _papers(cameras: Sequence[str], sites: Sequence[str]) -> Iterator[dict[str, Any]]:
    kinds: list[tuple[str, str | None, str | None]] = [
        ("purpose", "public-safety", None),
        ("assessment", None, None),
        ("filing", None, "public-security"),
    ]
    for n, camera in enumerate(cameras):
        for kind, purpose, filing in kinds:
            issued = NOW - (1 + n % 50) * DAY_US
            yield _paper(f"{kind}-{camera}", kind, issued, camera, None, purpose, filing)
    for site in sites:
        yield _paper(f"sign-{site}", "sign", NOW - DAY_US, None, site, None, None)


def _paper(
    id_: str, kind: str, issued: int, camera: str | None, site: str | None,
    purpose: str | None, filing: str | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": id_, "kind": kind, "site": site, "camera": camera, "purpose": purpose,
        "filing": filing, "says": "[]", "reference": "x", "issued_us": issued,
        "recorded_us": issued, "recorded_by": "x", "salt": b"x" * 16,
    }  # fmt: skip


def _segments(cameras: Sequence[str], chance: random.Random) -> Iterator[dict[str, Any]]:
    for camera in cameras:
        for n in range(SEGMENTS):
            start = NOW - chance.randrange(31 * DAY_US)
            for side in ("sealed", "masked"):
                yield {
                    "camera": camera, "segment": n, "side": side, "epoch": 1, "period": 0,
                    "start_us": start, "end_us": start + 2 * SECOND, "object_key": "k",
                    "record": "{}", "chain_index": n, "chain_head": "", "state": "stored",
                }  # fmt: skip


def _hold(camera: str) -> dict[str, Any]:
    return {
        "camera": camera, "since_us": NOW - 31 * DAY_US, "until_us": NOW - 29 * DAY_US,
        "reason": "x", "placed_by": "x", "placed_us": NOW,
    }  # fmt: skip


def _limit(camera: str) -> dict[str, Any]:
    return {
        "camera": camera, "side": "masked", "ceiling_s": 30 * 86_400, "floor_s": 0, "reason": "x",
        "salt": b"x" * 16, "set_us": NOW, "entry": 0,
    }  # fmt: skip


def _seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _figure(values: Sequence[float], *, limit: float | None = None) -> dict[str, object]:
    figure: dict[str, object] = {
        "value": round(statistics.median(values), 2),
        "low": round(min(values), 2),
        "high": round(max(values), 2),
    }
    if limit is not None:
        figure |= {"limit": limit, "better": "lower"}
    return figure
