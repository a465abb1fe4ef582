"""One 720p camera's recorder: memory over time, latency, and what sealing and ledger cost.

Runs the real recorder (source, sealing, ledger, masking, encoding, live messages), and
the supervisor's heads and checkpoints, in this process on the generated demo street, at
its own pace of 25 frames a second.

``SCRIM_BENCH_SECONDS`` (default 90) says for how long; 1800 for the half hour that
the flatness of memory is judged by.  ``CAMERA`` as a file measures that instead.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from scrim.camera import open_source
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.fleet.heads import Heads
from scrim.live.wire import Message, Part
from scrim.record.camera_recorder import CameraRecorder, Surroundings
from scrim.record.catalogue import Catalogue
from scrim.redact import CenterFace, default_model
from scrim.store.objects import ObjectStore

_MB = 1024 * 1024
_WARM_S = 20.0  # imports, model, the first period: not what "flat" is about
_HEADS_EVERY = 3  # seconds, as settings.ledger.heads_seconds
_MINT_SHARE = 0.15 / 600  # a period's key takes 0.15 s (bench/sealing.py) every ten minutes


def run() -> dict[str, object]:
    """Figures for ``make bench``."""
    seconds = float(os.environ.get("SCRIM_BENCH_SECONDS", "90"))
    with tempfile.TemporaryDirectory(prefix="scrim-bench-") as scratch:
        given = os.environ.get("CAMERA")
        clip = Path(given) if given else Path(scratch) / "street.mp4"
        if not given:
            _draw_elsewhere(clip)
        return _measure(Path(scratch) / "data", clip, seconds)


def _draw_elsewhere(clip: Path) -> None:
    """In another process, so that its memory is not counted here."""
    code = "import pathlib, sys; from scrim.camera.demo import write_demo_clip; "
    code += "write_demo_clip(pathlib.Path(sys.argv[1]), lambda done, total: None)"
    subprocess.run([sys.executable, "-c", code, str(clip)], check=True)


def _measure(path: Path, clip: Path, seconds: float) -> dict[str, object]:
    deployment = Deployment.create(path)
    folder, engine, clock = deployment.folder, deployment.engine, deployment.clock
    cameras = Cameras(engine, deployment.ledger, clock)
    cameras.add("bench", "file", str(clip), options={"loop": True})
    heads = Heads(engine, deployment.ledger, clock)
    latencies: list[tuple[int, int]] = []

    def send(message: Message) -> None:
        if isinstance(message, Part):
            now_us = clock.now_us()
            oldest = now_us - message.start_us
            latencies.append((oldest, oldest - message.duration_us))

    catalogue = Catalogue(engine, deployment.ledger, ObjectStore.in_folder(folder.objects))
    around = Surroundings(
        settings=deployment.settings,
        catalogue=catalogue,
        custodians=deployment.make_demo_custodians(),
        clock=clock,
        detector=lambda: CenterFace(default_model()),
        send=send,
        report=print,
    )
    source = open_source("file", str(clip), {"loop": True})
    recorder = CameraRecorder(catalogue.camera("bench"), around, source=source)
    thread = threading.Thread(target=recorder.run)
    process = psutil.Process()
    thread.start()
    began, memory = time.monotonic(), []
    time.sleep(min(_WARM_S, seconds / 3))
    cpu, writer_cpu, mark = _cpu(process), _writer_cpu(), time.monotonic()
    of_supervisor = 0.0
    while time.monotonic() - began < seconds:
        time.sleep(1.0)
        memory.append(process.memory_info().rss / _MB)
        if len(memory) % _HEADS_EVERY == 0:  # what the supervisor does, for this one camera
            before = time.thread_time()
            heads.publish()
            deployment.publish_checkpoint()
            of_supervisor += time.thread_time() - before
    spent = time.monotonic() - mark
    all_cpu = _cpu(process) - cpu
    of_writer = _writer_cpu() - writer_cpu + of_supervisor + spent * _MINT_SHARE
    status = recorder.status()
    recorder.stop()
    thread.join()
    deployment.close()
    tenth = max(1, len(memory) // 10)
    grown = statistics.median(memory[-tenth:]) - statistics.median(memory[:tenth])
    oldest = [first / 1000 for first, _ in latencies[5:]]
    newest = [last / 1000 for _, last in latencies[5:]]
    return {
        "seconds": round(seconds),
        "frames_per_second": status.frames_per_second,
        "dropped": status.dropped,
        "memory_mb": {
            "value": round(max(memory), 1),
            "low": round(min(memory), 1),
            "high": round(max(memory), 1),
            "limit": 400,
            "better": "lower",
        },
        "memory_growth_mb_per_hour": round(grown / spent * 3600, 1),
        "latency_ms": {
            "of the oldest frame in a part, median": round(statistics.median(oldest)),
            "of the oldest frame in a part, 95th percentile": {
                "value": round(statistics.quantiles(oldest, n=20)[-1]),
                "limit": 1500,
                "better": "lower",
            },
            "of the newest frame in a part, median": round(statistics.median(newest)),
        },
        "processor": {
            "cores used": round(all_cpu / spent, 3),
            "sealing, storing and ledger, share of the camera's": {
                "value": round(of_writer / all_cpu, 4),
                "limit": 0.03,
                "better": "lower",
            },
        },
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def _writer_cpu() -> float:
    """Processor seconds of the thread that seals, stores and writes entries."""
    for thread in threading.enumerate():
        if thread.name.startswith("write-") and thread.ident is not None:
            return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return 0.0
