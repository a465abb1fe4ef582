"""The sweep: a million expired objects on a local folder while a recorder keeps writing.

A folder is filled with expired segments of one size, rows and objects; then three things
are measured in the same run:

- bare ``unlink`` of a share of the same files, in the same order and flushed folder by folder
  as the sweep does it;
- the sweep of all the others, with a process beside it that appends a segment a camera
  every two seconds as the recorder's writer does (row, object, row), and notes how long each
  took; a segment that takes longer than its two seconds is a missed deadline;
- the same writer without a sweep.

``SCRIM_BENCH_OBJECTS`` says how many objects (a million).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from scrim.canonical import Json, canonical
from scrim.clock import SECOND, SystemClock
from scrim.ledger import Ledger
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.retention import Sweep
from scrim.settings import RetentionSettings
from scrim.store import keys, schema
from scrim.store.database import connect, migrate, writing
from scrim.store.objects import ObjectStore

OBJECTS = int(os.environ.get("SCRIM_BENCH_OBJECTS", "1000000"))
BARE = 0.1  # of them
PERIOD = 300  # segments of a period and side: ten minutes of two seconds
SIZE = 256  # bytes; what unlinking costs hardly depends on it
CAMERAS = 8  # of the writer
DEADLINE_S = 2.0
DAY_US = 86_400 * SECOND


def run() -> dict[str, object]:
    build = Path(__file__).resolve().parents[1] / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-retention-", dir=build) as name:
        folder = Path(name)
        engine = connect(folder / "scrim.db")
        migrate(engine)
        alone = _written(folder, lambda: time.sleep(20))
        began = time.monotonic()
        paths = _fill(engine, folder)
        print(f"   filled with {OBJECTS} in {time.monotonic() - began:.0f} s", flush=True)
        bare = _unlink(paths[: int(OBJECTS * BARE)])
        rates: list[tuple[float, float]] = []
        beside = _written(folder, lambda: rates.append(_sweep(engine, folder)))
        left = sum(1 for path in paths if path.exists())
        engine.dispose()
    return {
        "objects": OBJECTS,
        "erased a second, with a writer beside it": _least(rates[0][0], 2000.0),
        "bare unlinks a second, same files": bare,
        "sweep as a share of bare unlinks": rates[0][0] / bare,
        "erased a second of the sweep's own processor time": rates[0][1],
        "objects left": {"value": left, "limit": 0, "better": "lower"},
        "deadlines missed by the writer during the sweep": {
            "value": sum(took > DEADLINE_S for took in beside),
            "limit": 0,
            "better": "lower",
        },
        "segment stored, median ms": {
            "without": _median(alone),
            "beside the sweep": _median(beside),
        },
        "segment stored, longest ms": {
            "without": max(alone) * 1e3,
            "beside the sweep": max(beside) * 1e3,
        },
        "segments stored beside the sweep": len(beside),
    }


def _fill(engine: Engine, folder: Path) -> list[Path]:
    """Expired segments of closed periods, by plain inserts: nobody waits for them."""
    old_us = SystemClock().now_us() - 40 * DAY_US
    data = os.urandom(SIZE)
    sha256 = hashlib.sha256(data).hexdigest()
    _enrol(engine, "old")
    paths: list[Path] = []
    period = 0
    while len(paths) < OBJECTS:
        rows: list[dict[str, object]] = []
        for side in ("sealed", "masked"):
            make = keys.sealed_key if side == "sealed" else keys.masked_key
            for number in range(PERIOD):
                if len(paths) == OBJECTS:
                    break
                segment = period * PERIOD + number
                start_us = old_us + segment * 10
                record: dict[str, Json] = {
                    "side": side,
                    "segment": segment,
                    "start_us": start_us,
                    "end_us": start_us + 10,
                    "key": make("old", 1, period, segment),
                    "size": SIZE,
                    "sha256": sha256,
                }
                path = folder / "objects" / str(record["key"])
                if number == 0:
                    path.parent.mkdir(parents=True)
                path.write_bytes(data)
                paths.append(path)
                rows.append(_row(record, period, len(rows)))
        with writing(engine) as connection:
            connection.execute(insert(schema.period).values(_period("old", period, old_us)))
            connection.execute(insert(schema.segment), rows)
        period += 1
    return paths


def _unlink(paths: list[Path]) -> float:
    """Bare unlinks a second of these files, their folders flushed."""
    began = time.monotonic()
    for start in range(0, len(paths), 500):
        batch = paths[start : start + 500]
        for path in batch:
            path.unlink()
        for parent in {path.parent for path in batch}:
            handle = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(handle)
            os.close(handle)
    return len(paths) / (time.monotonic() - began)


def _sweep(engine: Engine, folder: Path) -> tuple[float, float]:
    """The sweep's objects a second, by the clock and by its own processor time.

    Those that were unlinked already are not counted.
    """
    sweep = Sweep(
        engine,
        Ledger(engine),
        ObjectStore.in_folder(folder / "objects"),
        SystemClock(),
        RetentionSettings(),
    )
    began, worked = time.monotonic(), time.process_time()
    swept = sweep.run()
    seconds, cpu_s = time.monotonic() - began, time.process_time() - worked
    count = swept.segments - int(OBJECTS * BARE)
    return count / seconds, count / cpu_s


def _written(folder: Path, meanwhile: Any) -> list[float]:
    """Seconds that each segment of a writer beside ``meanwhile`` took to be stored."""
    context = multiprocessing.get_context("spawn")
    stop, took = context.Event(), context.Queue()
    writer = context.Process(target=_write, args=(folder, stop, took))
    writer.start()
    took.get()  # it is up
    meanwhile()
    stop.set()
    found: list[float] = took.get()
    writer.join()
    return found


def _write(folder: Path, stop: Event, took: Any) -> None:
    """Each camera a segment every two seconds, row, object, row, as the recorder's writer."""
    engine = connect(folder / "scrim.db")
    objects = ObjectStore.in_folder(folder / "objects")
    catalogue = Catalogue(engine, Ledger(engine), objects)
    epoch = time.time_ns()
    names = [f"new-{number}-{epoch}" for number in range(CAMERAS)]
    for name in names:
        _enrol(engine, name)
        now_us = SystemClock().now_us()
        with writing(engine) as connection:
            open_ = {**_period(name, 0, now_us), "closed_us": None}
            connection.execute(insert(schema.period).values(open_))
    took.put(None)
    data = os.urandom(400_000)
    sha256 = hashlib.sha256(data).hexdigest()
    found: list[float] = []
    segment = 0
    due = time.monotonic()
    while not stop.is_set():
        for name in names:
            key = keys.sealed_key(name, 1, 0, segment)
            now_us = SystemClock().now_us()
            began = time.monotonic()
            catalogue.begin_segment(
                PeriodId(name, 1, 0),
                {
                    "side": "sealed",
                    "segment": segment,
                    "start_us": now_us,
                    "end_us": now_us + 2 * SECOND,
                    "key": key,
                    "size": len(data),
                    "sha256": sha256,
                },
            )
            objects.put(key, data)
            catalogue.finish_segment(name, segment, "sealed", "stored")
            found.append(time.monotonic() - began)
        segment += 1
        due += DEADLINE_S
        stop.wait(max(0.0, due - time.monotonic()))
    took.put(found)


def _enrol(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            insert(schema.camera).values(
                id=name[:40],
                name=name,
                kind="file",
                source="",
                options="{}",
                epoch=1,
                next_segment=0,
                added_us=0,
            )
        )


def _period(camera: str, period: int, opened_us: int) -> dict[str, object]:
    return {
        "camera": camera,
        "epoch": 1,
        "period": period,
        "opened_us": opened_us,
        "closed_us": opened_us + PERIOD,
        "recipient": "age1",
        "document_key": keys.document_key(camera, 1, period),
        "document_sha256": "0" * 64,
        "chain_length": 2 * PERIOD,
        "chain_head": "0" * 64,
        "manifest_key": keys.manifest_key(camera, 1, period),
        "manifest_sha256": "0" * 64,
    }


def _row(record: dict[str, Json], period: int, index: int) -> dict[str, object]:
    return {
        "camera": "old",
        "segment": record["segment"],
        "side": record["side"],
        "epoch": 1,
        "period": period,
        "start_us": record["start_us"],
        "end_us": record["end_us"],
        "object_key": record["key"],
        "record": canonical(record).decode(),
        "chain_index": index,
        "chain_head": "0" * 64,
        "state": "stored",
    }


def _least(value: float, limit: float) -> dict[str, object]:
    return {"value": value, "limit": limit, "better": "higher"}


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] * 1e3
