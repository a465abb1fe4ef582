"""The queue before masking: bounded, and it never breaks a decoder's order."""

from __future__ import annotations

from fractions import Fraction

from scrim.camera.packet import ClearPacket, Gap, GapCause
from scrim.record.backlog import Backlog, Broken, Picture
from scrim.record.segments import Slot


def picture(at_us: int, *, key: bool = False, size: int = 10) -> Picture:
    packet = ClearPacket(b"x" * size, at_us, at_us, 0, key, None, Fraction(1, 90_000))
    return Picture(Slot(1, 1), packet)


def test_when_full_it_skips_to_a_key_frame_and_says_so() -> None:
    gaps: list[Gap] = []
    backlog = Backlog(1_000_000, 2_000_000, gaps.append)
    for i in range(100):  # four seconds; nobody takes anything
        backlog.put(picture(i * 40_000, key=i % 25 == 0))
    held = len(backlog)
    assert held == 51
    assert [g.cause for g in gaps] == [GapCause.OVERLOADED]
    while backlog.get(0) is not None:
        pass
    backlog.put(picture(4_000_000))  # not a key frame: still left out
    assert len(backlog) == 0
    backlog.put(picture(4_040_000, key=True))
    first, second = backlog.get(0), backlog.get(0)
    assert isinstance(first, Broken)
    assert isinstance(second, Picture)
    assert second.packet.is_key
    assert gaps[-1].until_us == 4_040_000
    assert gaps[-1].since_us == gaps[0].since_us
    assert backlog.skipped == 100 - held + 1


def test_bytes_are_bounded_whatever_the_times() -> None:
    backlog = Backlog(1000, 1 << 40, lambda gap: None)
    for i in range(100):
        backlog.put(picture(i, size=100))
    assert len(backlog) <= 11


def test_closing_lets_the_taker_finish() -> None:
    backlog = Backlog(1000, 1000, lambda gap: None)
    backlog.put(picture(0, key=True))
    backlog.close()
    before = backlog.done
    assert isinstance(backlog.get(0), Picture)
    assert (before, backlog.done) == (False, True)
    assert backlog.get(1.0) is None
