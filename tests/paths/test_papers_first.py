"""Invariant 9 with a real ``scrim up``: no packet is collected before the papers are on record."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sim.recorder import PATIENCE_S, deployment_in, write_clip
from tests.sim.supervised import Scrim, entries, environment, holes, rows, supervised, verify

from scrim.fleet import Deployment
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing
from scrim.papers.register import Draft

RECORDER = "scrim.record"
SETTINGS = {
    "SCRIM_RECORDER__SEGMENT_SECONDS": "1",
    "SCRIM_RECORDER__PERIOD_SECONDS": "6",
    "SCRIM_LEDGER__HEADS_SECONDS": "0.5",
}
COLLECTED = {"camera-started", "period-opened", "period-closed", "heads"}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A camera under the pack ``baseline``, which asks for a purpose and a sign."""
    clip = tmp_path / "clip.mp4"
    write_clip(clip)
    made = deployment_in(tmp_path / "data", clip, "gate")
    made.placings().set("gate", Placing(purpose="public-safety", place="street"))
    made.applied().apply("baseline")
    yield made
    made.close()


def put_on_record(deployment: Deployment, kind: Kind) -> str:
    today = datetime.now(UTC).date().isoformat()
    return deployment.papers().add(Draft(kind, "file 7", today, camera="gate")).id


def collected(data: Path) -> bool:
    """Whether anything of a picture, a key or a start is there."""
    acts = {entry["act"] for entry in entries(data)}
    folders = [data / "objects" / side for side in ("sealed", "masked", "period")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return bool(acts & COLLECTED or rows(data, "segment") or rows(data, "period") or files)


def test_invariant_9_no_packet_is_collected_before_the_papers_are_on_record(
    deployment: Deployment,
) -> None:
    data = deployment.folder.path
    with supervised(data, SETTINGS) as scrim:
        scrim.wait(lambda: any("Sign in with" in line for line in scrim.said), "the server")
        assert any("gate: does not record" in line for line in scrim.said)
        assert not collected(data)
        by_hand(data, scrim)
        put_on_record(deployment, Kind.PURPOSE)
        scrim.wait(
            lambda: sum(entry["act"] == "camera-withheld" for entry in entries(data)) == 2,
            "the gate's answer to half of the papers",
        )
        assert scrim.child(RECORDER) is None
        assert not collected(data)
        sign = put_on_record(deployment, Kind.SIGN)
        scrim.wait(lambda: bool(stored(data)), "a stored segment")
        deployment.papers().revoke(sign, "it fell down")
        scrim.wait(lambda: waiting(data), "the gap of a withheld camera")
        assert scrim.child(RECORDER) is None
        before = stored(data)
        assert scrim.stop() == 0
    assert stored(data) == before
    recorded_us = max(row.recorded_us for row in rows(data, "paper"))
    assert all(row.start_us >= recorded_us for row in rows(data, "segment"))
    acts = [
        entry["act"] if entry["act"] != "configured" else entry["reason"] for entry in entries(data)
    ]
    last_paper = max(at for at, act in enumerate(acts) if act == "paper-recorded")
    assert not COLLECTED & set(acts[:last_paper])
    assert acts.index("camera-admitted") < acts.index("camera-started")
    assert acts.index("paper-revoked") < acts.index("camera-stopped")
    assert holes(data, "gate", "sealed", longest_us=100_000) == []
    code, said = verify(data)
    assert code == 0, said


def by_hand(data: Path, scrim: Scrim) -> None:
    """A recorder that somebody starts past the supervisor stops by itself."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", RECORDER, "--data", str(data), "--camera", "gate"),
            *("--live-socket", str(data / "no-socket")),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment(scrim.settings),
    )
    assert done.returncode == 14, done.stderr
    assert not collected(data)


def stored(data: Path) -> set[tuple[int, str]]:
    return {(row.segment, row.side) for row in rows(data, "segment") if row.state == "stored"}


def waiting(data: Path) -> bool:
    """Whether the camera's last gap lasts, and is of the cause that its papers are missing."""
    gaps = [row for row in rows(data, "gap") if row.until_us is None]
    return [(row.cause, row.side) for row in gaps] == [("papers-missing", "both")] and bool(
        stored(data)
    )
