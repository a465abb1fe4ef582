"""Gaps: one for an outage or a run of losses, with cause, start and end."""

from __future__ import annotations

import av

from scrim.camera._failures import NO_ANSWER, STALLED, failure_of
from scrim.camera._losses import Losses
from scrim.camera._outage import Outage
from scrim.camera.packet import Gap, GapCause

REFUSED = failure_of(av.error.HTTPUnauthorizedError(401, "rtsp://user:secret@cam/1"))
HUNG_UP = failure_of(av.error.ConnectionResetError(104, ""), while_reading=True)


def test_an_outage_begins_at_the_last_picture_and_ends_at_the_next() -> None:
    outage = Outage()
    assert list(outage.failed(HUNG_UP, 100, 150)) == [
        Gap(100, None, GapCause.DISCONNECTED, HUNG_UP.detail)
    ]
    assert list(outage.over(900)) == [Gap(100, 900, GapCause.DISCONNECTED, HUNG_UP.detail)]
    assert list(outage.over(950)) == []


def test_failing_again_for_the_same_reason_says_nothing_new() -> None:
    outage = Outage()
    list(outage.failed(STALLED, 100, 150))
    assert list(outage.failed(STALLED, 100, 200)) == []
    assert list(outage.failed(NO_ANSWER, 100, 300)) == []
    assert [gap.until_us for gap in outage.over(400)] == [400]


def test_a_cause_that_tells_more_takes_over_without_a_hole() -> None:
    outage = Outage()
    list(outage.failed(NO_ANSWER, 100, 150))
    gaps = list(outage.failed(REFUSED, 100, 500))
    assert [(gap.since_us, gap.until_us) for gap in gaps] == [(100, 500), (500, None)]
    assert [gap.cause for gap in gaps] == [GapCause.UNREACHABLE, GapCause.REFUSED]


def test_no_word_of_ffmpeg_gets_into_a_failure() -> None:
    assert "secret" not in str(REFUSED.as_error("rtsp://user:***@cam/1"))
    assert "secret" not in REFUSED.detail


def test_a_run_of_losses_is_one_gap() -> None:
    losses = Losses(GapCause.PACKETS_LOST)
    assert losses.damaged(1_000_000, 1_040_000, "x") == [
        Gap(1_000_000, None, GapCause.PACKETS_LOST, "x")
    ]
    assert losses.damaged(1_200_000, 1_240_000, "x") == []
    assert losses.clean(1_500_000) == []
    assert losses.clean(2_300_000) == [Gap(1_000_000, 1_240_000, GapCause.PACKETS_LOST, "x")]
    assert losses.clean(9_000_000) == []
    assert losses.end() == []


def test_a_stream_that_ends_ends_the_run() -> None:
    losses = Losses(GapCause.DAMAGED)
    losses.damaged(5, 3, "x")
    assert losses.end() == [Gap(5, 5, GapCause.DAMAGED, "x")]
