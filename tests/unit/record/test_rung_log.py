"""The rung's changes are told, and not told to death."""

from __future__ import annotations

from scrim.live.wire import RUNGS
from scrim.record.rung_log import WORDS, RungLog
from scrim.redact import Rung


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_change_is_a_line_with_its_reason() -> None:
    lines: list[str] = []
    log = RungLog(lines.append)
    for rung, reason in [
        (Rung.NORMAL, ""),
        (Rung.WHOLE, "the decoder reported damage"),
        (Rung.WHOLE, "the decoder reported damage"),
        (Rung.WIDE, "it was worse a moment ago"),
        (Rung.NORMAL, ""),
    ]:
        log.note(rung, reason)
    assert lines == [
        "masking went from normal to whole frame: the decoder reported damage",
        "masking went from whole frame to wide masks: it was worse a moment ago",
        "masking went from wide masks to normal",
    ]
    assert (log.rung, log.reason, log.changes) == (Rung.NORMAL, "", 3)


def test_a_camera_that_begins_blank_says_so() -> None:
    lines: list[str] = []
    RungLog(lines.append).note(Rung.WHOLE, "it is late")
    assert lines == ["masking begins with whole frame: it is late"]


def test_a_camera_that_swings_all_day_writes_few_lines() -> None:
    lines: list[str] = []
    clock = _Clock()
    log = RungLog(lines.append, clock)
    for i in range(1000):
        clock.now += 0.3
        log.note(Rung(i % 2 * 4), "")
    assert log.changes == 999
    assert len(lines) < 70
    assert any("more times" in line for line in lines)


def test_the_wire_knows_every_rung_by_its_name_and_number() -> None:
    assert [rung.name.lower() for rung in Rung] == list(RUNGS)
    assert set(WORDS) == set(Rung)
