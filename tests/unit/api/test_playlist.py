"""The playlists, line by line."""

from __future__ import annotations

import re

from scrim.api import playlist
from scrim.api.playlist import Live, LivePart, LiveSegment
from scrim.clock import SECOND
from scrim.store.timeline import MaskedSegment

T = 1_795_331_600 * SECOND  # 2026-11-22T07:13:20Z


def segment(number: int, *, parts: int = 5, done: bool = True, disc: bool = False) -> LiveSegment:
    return LiveSegment(
        uri=f"live-{number}.m4s",
        map_uri="init-2-1.mp4" if disc or number > 4 else "init-1-1.mp4",
        start_us=T + number * 2 * SECOND,
        duration_us=parts * 400_000,
        parts=tuple(
            LivePart(f"live-{number}-{index}.m4s", 400_000, index == 0) for index in range(parts)
        ),
        done=done,
        discontinuity=disc,
    )


def test_live_playlist_lists_parts_near_the_edge_and_hints_at_the_next() -> None:
    state = Live(
        target_seconds=2,
        part_target_us=400_000,
        media_sequence=1,
        discontinuity_sequence=3,
        segments=(
            segment(1),
            segment(2),
            segment(3),
            segment(4, disc=True),
            segment(5, parts=2, done=False),
        ),
        hint="live-5-2.m4s",
    )
    assert playlist.live(state) == (
        """\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.2,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-1-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:22.000Z
#EXTINF:2,
live-1.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:24.000Z
#EXT-X-PART:DURATION=0.4,URI="live-2-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="live-2-1.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-2-2.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-2-3.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-2-4.m4s"
#EXTINF:2,
live-2.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:26.000Z
#EXT-X-PART:DURATION=0.4,URI="live-3-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="live-3-1.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-3-2.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-3-3.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-3-4.m4s"
#EXTINF:2,
live-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-2-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:28.000Z
#EXT-X-PART:DURATION=0.4,URI="live-4-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="live-4-1.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-4-2.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-4-3.m4s"
#EXT-X-PART:DURATION=0.4,URI="live-4-4.m4s"
#EXTINF:2,
live-4.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:30.000Z
#EXT-X-PART:DURATION=0.4,URI="live-5-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="live-5-1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="live-5-2.m4s"
"""
    )


def test_plain_playlist_has_whole_segments_only() -> None:
    state = Live(
        target_seconds=2,
        part_target_us=400_000,
        media_sequence=3,
        discontinuity_sequence=0,
        segments=(segment(3), segment(4, disc=True), segment(5, parts=2, done=False)),
        hint="live-5-2.m4s",
    )
    assert playlist.plain(state) == (
        """\
#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-1-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:26.000Z
#EXTINF:2,
live-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-2-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:28.000Z
#EXTINF:2,
live-4.m4s
"""
    )


def stored(
    number: int, since: float, until: float, epoch: int = 1, init: str = ""
) -> MaskedSegment:
    return MaskedSegment(
        segment=number,
        epoch=epoch,
        start_us=T + int(since * SECOND),
        end_us=T + int(until * SECOND),
        key=f"masked/demo/{number}.mp4",
        size=1000 + number,
        init_size=700,
        origin_us=T,
        codec="avc1.64001f",
        width=1280,
        height=720,
        init=init,
    )


def test_a_head_of_equal_length_with_other_parameters_is_another_map() -> None:
    """A camera's parameter sets stand in it, and may change where nothing else does."""
    text = playlist.recorded(
        [stored(1, 0, 2, init="a"), stored(2, 2, 4, init="a"), stored(3, 4, 6, init="b")]
    )
    assert re.findall(r'MAP:URI="recorded-(\d)', text) == ["1", "3"]
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1


def test_recorded_playlist_takes_the_head_of_each_object_as_its_map() -> None:
    text = playlist.recorded(
        [
            stored(7, 0, 2),
            stored(8, 2.04, 4.5),
            stored(11, 9, 11.04),  # a hole
            stored(12, 11.04, 13, epoch=2),  # the recorder has started again
        ]
    )
    assert text == (
        """\
#EXTM3U
#EXT-X-VERSION:6
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="recorded-7.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:20.000Z
#EXTINF:2,
#EXT-X-BYTERANGE:307@700
recorded-7.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:22.040Z
#EXTINF:2.46,
#EXT-X-BYTERANGE:308@700
recorded-8.mp4
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:29.000Z
#EXTINF:2.04,
#EXT-X-BYTERANGE:311@700
recorded-11.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="recorded-12.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:31.040Z
#EXTINF:1.96,
#EXT-X-BYTERANGE:312@700
recorded-12.mp4
#EXT-X-ENDLIST
"""
    )


def test_durations_are_exact_decimals_and_round_half_up_for_the_target() -> None:
    assert [playlist.seconds(us) for us in (0, 1, 400_000, 2_000_000, 2_040_000)] == [
        "0",
        "0.000001",
        "0.4",
        "2",
        "2.04",
    ]
    assert [playlist.rounded(us) for us in (1, 1_499_999, 1_500_000, 2_040_000)] == [1, 1, 2, 2]
