"""Which segment a piece of sound lands in."""

from __future__ import annotations

from fractions import Fraction

from scrim.camera.packet import ClearPacket, ClearSound, SoundInfo, StreamInfo
from scrim.record.segments import ClearSegment, Segmenter
from scrim.record.sound import LONGEST_WAIT_US, SoundTrack

STREAM = StreamInfo("h264", 320, 240, b"", "yuv420p", Fraction(25))
ALAW = SoundInfo("pcm_alaw", 8000, 1)
MS = 1000


def picture(at_ms: int, *, key: bool = False) -> ClearPacket:
    return ClearPacket(b"p", at_ms * MS, at_ms * MS, 40 * MS, key, None, Fraction(1, 1_000_000))


def piece(at_ms: int) -> ClearSound:
    return ClearSound(at_ms.to_bytes(4), at_ms * MS, 20 * MS)


class Camera:
    """A segmenter and a sound track, driven as a recorder drives them."""

    def __init__(self, sound: SoundInfo | None = ALAW) -> None:
        self.done: list[ClearSegment] = []
        self._sound = sound
        self._segmenter = Segmenter(next_segment=1, target_s=2, longest_s=10, period_s=60)
        self._track = SoundTrack(self.done.append)

    def see(self, at_ms: int, *, key: bool = False) -> None:
        packet = picture(at_ms, key=key)
        if self._segmenter.starts_segment(packet):
            self.cut(packet)
            self._segmenter.open(packet, STREAM, self._sound)
            assert self._segmenter.filling is not None
            self._track.opened(self._segmenter.filling)
        else:
            self._segmenter.add(packet)
        self._track.picture(packet)

    def hear(self, at_ms: int) -> None:
        self._track.hear(piece(at_ms), self._segmenter.filling)

    def cut(self, following: ClearPacket | None = None) -> None:
        segment = self._segmenter.cut()
        if segment is not None:
            self._track.cut(segment, following)

    def heard(self) -> list[list[int]]:
        """Milliseconds of the pieces of each segment that was handed on."""
        return [[one.captured_us // MS for one in segment.sound] for segment in self.done]


def test_late_sound_is_still_in_the_segment_of_its_pictures() -> None:
    camera = Camera()
    camera.see(0, key=True)
    camera.hear(0)
    camera.see(2000, key=True)
    assert camera.heard() == []  # the first segment waits
    camera.hear(1980)
    camera.hear(2000)
    assert camera.heard() == [[0, 1980]]
    camera.cut()
    assert camera.heard() == [[0, 1980], [2000]]


def test_sound_ahead_of_the_pictures_moves_on_to_the_segment_that_it_is_of() -> None:
    camera = Camera()
    camera.see(0, key=True)
    for at in (1960, 2000, 2040):
        camera.hear(at)
    camera.see(2000, key=True)
    camera.cut()
    assert camera.heard() == [[1960], [2000, 2040]]
    sizes = [segment.size for segment in camera.done]
    assert sizes == [1 + 4, 1 + 8]


def test_a_segment_waits_no_longer_than_it_must() -> None:
    camera = Camera()
    camera.see(0, key=True)
    camera.see(2000, key=True)
    camera.see(2000 + LONGEST_WAIT_US // MS)
    assert camera.heard() == []
    camera.see(2040 + LONGEST_WAIT_US // MS)
    assert camera.heard() == [[]]
    camera.hear(1900)  # too late: its segment is sealed
    camera.cut()
    assert camera.heard() == [[], []]


def test_a_hole_is_not_waited_at_and_sound_without_pictures_is_left_out() -> None:
    camera = Camera()
    camera.see(0, key=True)
    camera.hear(20)
    camera.hear(9000)  # the camera's microphone works, and its lens does not
    camera.cut()
    assert camera.heard() == [[20]]
    camera.hear(40)
    camera.see(20_000, key=True)
    camera.hear(19_000)
    camera.cut()
    assert camera.heard() == [[20], []]


def test_sound_from_before_a_time_in_which_nothing_could_be_written_is_left_out() -> None:
    camera = Camera()
    camera.see(0, key=True)
    camera.hear(2040)
    camera.cut(picture(2000, key=True))  # the next segment may not begin yet
    camera.see(9000, key=True)
    camera.cut()
    assert camera.heard() == [[], []]


def test_where_no_sound_is_recorded_nothing_waits() -> None:
    camera = Camera(sound=None)
    camera.see(0, key=True)
    camera.hear(0)
    camera.see(2000, key=True)
    assert camera.heard() == [[]]


def test_segments_are_handed_on_in_their_order() -> None:
    camera = Camera()
    for at in (0, 2000, 4000, 6000):
        camera.see(at, key=True)
    camera.cut()
    assert [segment.slot.segment for segment in camera.done] == [1, 2, 3, 4]
