"""Invariant 10: ``kill -9`` at any moment loses at most the segment being written.

``scrim up`` runs with a camera while recorder, server, both, and the supervisor
itself are killed at random moments.  Afterwards the folder has to hold: what was
stored is there and verifies, what is missing stands in a gap, and no number was
used twice.

``SCRIM_CRASHES`` says how many kills (12).  ``SCRIM_CRASHES_SEED`` makes other choices
(1 makes the usual ones), though never the same to the microsecond.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.sim.recorder import deployment_in, write_clip
from tests.sim.supervised import Scrim, entries, holes, rows, supervised, verify

KILLS = int(os.environ.get("SCRIM_CRASHES", "12"))
SEED = int(os.environ.get("SCRIM_CRASHES_SEED", "1"))
SETTINGS = {
    "SCRIM_RECORDER__SEGMENT_SECONDS": "1",
    "SCRIM_RECORDER__PERIOD_SECONDS": "6",
    "SCRIM_LEDGER__HEADS_SECONDS": "0.5",
}
SEGMENT_US = 1_000_000
FRAME_US = 40_000
SLOW_US = 1_500_000  # what any machine may add between capture and store
LATE_US = {"sealed": 0, "masked": 2_000_000}  # the masked side is later by design

RECORDER, SERVER = "scrim.record", "scrim.api"


@dataclass
class Kill:
    """What was killed, when (UTC, microseconds), and what was stored before.

    Attributes:
        over_us: when it was gone; a recorder whose parent was killed stops by itself, in good
            order.
    """

    what: str
    at_us: int
    stored: frozenset[tuple[int, str]]
    over_us: int = 0

    def is_over(self, left: list[psutil.Process]) -> bool:
        """Wait for what it left, and note the time; false if that does not end."""
        alive = psutil.wait_procs(left, timeout=120)[1]
        self.over_us = time.time_ns() // 1000 + FRAME_US
        return not alive


def stored(data: Path) -> dict[tuple[int, str], Any]:
    """The stored segments by number and side."""
    found = {(row.segment, row.side): row for row in rows(data, "segment")}
    return {name: row for name, row in found.items() if row.state == "stored"}


def victims(random_: random.Random) -> Iterator[str]:
    """Each kind as often as the others, in random order."""
    while True:
        round_ = ["recorder", "server", "both", "supervisor"]
        random_.shuffle(round_)
        yield from round_


def kill(scrim: Scrim, what: str, data: Path, random_: random.Random) -> Kill:
    before = frozenset(stored(data))
    made = Kill(what, time.time_ns() // 1000, before)
    if what == "supervisor":
        left = scrim.kill_itself()
        if random_.random() < 0.5:  # started again at once, or once its children are gone
            assert made.is_over(left), "children outlived their parent"
        else:
            threading.Thread(target=made.is_over, args=(left,)).start()
        scrim.start()
    else:
        for module in {"recorder": [RECORDER], "server": [SERVER], "both": [RECORDER, SERVER]}[
            what
        ]:
            scrim.kill(module)
        made.is_over([])
    return made


def goes_on(scrim: Scrim, data: Path) -> None:
    """It records again by itself: both sides get a segment begun after now."""
    now_us = time.time_ns() // 1000

    def back() -> bool:
        fresh = {side for (_, side), row in stored(data).items() if row.start_us >= now_us}
        return fresh == {"sealed", "masked"} and scrim.child(SERVER) is not None

    scrim.wait(back, "a segment of both sides")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Kill]]:
    """A folder after many kills and a stop in good order, and the kills."""
    folder = tmp_path_factory.mktemp("crashes")
    clip, data = folder / "clip.mp4", folder / "data"
    write_clip(clip)
    deployment_in(data, clip).close()
    random_ = random.Random(SEED)
    kills: list[Kill] = []
    with supervised(data, SETTINGS) as scrim:
        goes_on(scrim, data)
        for what in victims(random_):
            time.sleep(random_.uniform(0.0, 2.5))
            kills.append(kill(scrim, what, data, random_))
            if len(kills) == KILLS:
                break
            if random_.random() < 0.75:  # else it is hit again while it starts
                goes_on(scrim, data)
            if len(kills) % 4 == 1:
                code, words = verify(data)
                assert code == 0, f"seed {SEED}, while it ran, after {kills[-1].what}: {words}"
        goes_on(scrim, data)
        while not all(one.over_us for one in kills):
            time.sleep(0.1)
        assert scrim.stop() == 0, "\n".join(scrim.said[-20:])
    return data, kills


def test_invariant_10_the_folder_verifies(crashed: tuple[Path, list[Kill]]) -> None:
    data, kills = crashed
    code, words = verify(data)
    assert code == 0, words
    assert len(kills) == KILLS
    assert not any(row.closed_us is None for row in rows(data, "period"))


def test_invariant_10_what_was_stored_before_a_kill_is_still_there(
    crashed: tuple[Path, list[Kill]],
) -> None:
    data, kills = crashed
    found = stored(data)
    for one in kills:
        assert one.stored <= found.keys(), one
    for row in found.values():
        assert (data / "objects" / row.object_key).is_file()


def test_invariant_10_at_most_the_segment_being_written_is_lost(
    crashed: tuple[Path, list[Kill]],
) -> None:
    data, kills = crashed
    deadly = [one for one in kills if one.what != "server"]
    segments = rows(data, "segment")
    assert {row.state for row in segments} <= {"stored", "lost"}
    for side in ("sealed", "masked"):
        mine = sorted((row for row in segments if row.side == side), key=lambda row: row.segment)
        assert sum(row.state == "lost" for row in mine) <= len(deadly)
        for epoch in {row.epoch for row in mine}:
            numbers = [row.segment for row in mine if row.epoch == epoch]
            missing = set(range(numbers[0], numbers[-1])) - set(numbers)
            assert missing <= left_out(data, side)
            states = [row.state for row in mine if row.epoch == epoch]
            assert "lost" not in states[:-1]  # only the last one a recorder wrote
        gaps = recorder_gaps(data, side)
        for before, one in zip([None, *deadly], deadly, strict=False):
            (since_us, _) = next(gap for gap in gaps if gap[1] >= one.at_us)
            if before is not None and since_us <= before.over_us:
                continue  # hit again before it had stored anything: the gap is the one before
            late_us = one.over_us - since_us
            slow_us = max(SLOW_US, one.over_us - one.at_us + 2 * slowest_us(data, side))
            assert late_us <= 2 * SEGMENT_US + LATE_US[side] + slow_us, (side, one.what, SEED)


def left_out(data: Path, side: str) -> set[int]:
    """Segments of which no picture was masked, since the machine did not keep up: as it said."""
    overloaded = [
        (row.since_us, row.until_us)
        for row in rows(data, "gap")
        if (row.side, row.cause) == (side, "overloaded")
    ]
    return {
        row.segment
        for row in rows(data, "segment")
        if row.side == "sealed"
        and any(since <= row.start_us and row.end_us <= until for since, until in overloaded)
    }


def slowest_us(data: Path, side: str) -> int:
    """The most that this machine, as busy as it is, took from a segment's end to its object."""
    lags: list[int] = []
    for (_, one), row in stored(data).items():
        put_us = (data / "objects" / row.object_key).stat().st_mtime_ns // 1000
        lags += [put_us - row.end_us] if one == side else []
    return max(lags)


def recorder_gaps(data: Path, side: str) -> list[tuple[int, int]]:
    return sorted(
        (row.since_us, row.until_us)
        for row in rows(data, "gap")
        if row.side in (side, "both") and row.cause == "recorder-stopped"
    )


def test_invariant_10_what_is_missing_stands_in_a_gap(crashed: tuple[Path, list[Kill]]) -> None:
    """Stored segments and gaps together leave no hole, on either side, late or not."""
    data, kills = crashed
    for side in ("sealed", "masked"):
        assert holes(data, "street", side, longest_us=FRAME_US) == [], side
        for one in kills:
            if one.what != "server":
                assert any(
                    since_us <= one.over_us and one.at_us <= until_us
                    for since_us, until_us in recorder_gaps(data, side)
                ), one


def test_invariant_10_each_gap_is_in_the_ledger_with_both_ends(
    crashed: tuple[Path, list[Kill]],
) -> None:
    data, _ = crashed
    said = [
        (e["camera"], e["facts"]["side"], e["facts"]["cause"], e["since"], e["until"])
        for e in entries(data)
        if e["act"] == "gap"
    ]
    gaps = rows(data, "gap")
    assert gaps
    for row in gaps:
        assert row.until_us is not None
        name = (row.camera, row.side, row.cause, row.since_us)
        assert (*name, row.until_us) in said
        assert (*name, None) in said


def test_invariant_10_no_number_is_used_twice_and_the_sides_agree(
    crashed: tuple[Path, list[Kill]],
) -> None:
    data, _ = crashed
    found = rows(data, "segment")
    epochs = {row.segment: row.epoch for row in found}
    assert all(row.epoch == epochs[row.segment] for row in found)
    in_order = [epochs[number] for number in sorted(epochs)]
    assert in_order == sorted(in_order)  # numbers only grow, over all epochs
    assert len({row.object_key for row in found}) == len(found)
    sides = stored(data)
    masked = [row for (_, side), row in sides.items() if side == "masked"]
    assert masked
    for row in masked:
        sealed = sides.get((row.segment, "sealed"))
        if sealed is not None:
            assert (sealed.epoch, sealed.period) == (row.epoch, row.period)
            assert sealed.start_us - FRAME_US <= row.start_us <= sealed.end_us
