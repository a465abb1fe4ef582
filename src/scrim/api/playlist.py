"""Playlists as text: draft-pantos-hls-rfc8216bis, live with parts and recorded.

Pure functions of values, so that every line can be tested.  Choices:

- ``PART-HOLD-BACK`` is three part targets, the least that the draft recommends: a
  player that stays closer stalls at the first late part.
- Parts are listed for the last three target durations only, as the draft asks.
- Every segment has its ``PROGRAM-DATE-TIME``: the console's timeline shows UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scrim.clock import SECOND, to_text
from scrim.store.timeline import HOLE_US, MaskedSegment

HOLD_BACK_PARTS = 3
HOLD_BACK_TARGETS = 3


@dataclass(frozen=True, slots=True)
class LivePart:
    """A partial segment; ``independent``: it starts with a key frame."""

    uri: str
    duration_us: int
    independent: bool


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment, or the beginning of one.

    Attributes:
        uri: where the whole segment is, once ``done``.
        map_uri: where its initialisation segment is.
        duration_us: how long what is there of it lasts; once ``done``, until the next
            one begins, which may be a little longer than its parts.
        discontinuity: it does not continue the one before.
    """

    uri: str
    map_uri: str
    start_us: int
    duration_us: int
    parts: tuple[LivePart, ...]
    done: bool
    discontinuity: bool


@dataclass(frozen=True, slots=True)
class Live:
    """What a live playlist lists.

    Attributes:
        target_seconds: no segment lasts longer, rounded.
        part_target_us: no part lasts longer.
        media_sequence: number of the first segment.
        discontinuity_sequence: discontinuities before the first segment.
        hint: where the next part will be.
    """

    target_seconds: int
    part_target_us: int
    media_sequence: int
    discontinuity_sequence: int
    segments: tuple[LiveSegment, ...]
    hint: str


def live(state: Live) -> str:
    """The low-latency playlist."""
    target = seconds(state.part_target_us)
    hold_back = (
        f"PART-HOLD-BACK={seconds(HOLD_BACK_PARTS * state.part_target_us)},"
        f"HOLD-BACK={HOLD_BACK_TARGETS * state.target_seconds}"
    )
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{state.target_seconds}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,{hold_back}",
        f"#EXT-X-PART-INF:PART-TARGET={target}",
        *_sequence(state),
    ]
    edge_us = max((segment.start_us + segment.duration_us for segment in state.segments), default=0)
    parts_since_us = edge_us - HOLD_BACK_TARGETS * state.target_seconds * SECOND
    map_uri = ""
    for segment in state.segments:
        lines += _head(segment, map_uri)
        map_uri = segment.map_uri
        if not segment.done or segment.start_us + segment.duration_us > parts_since_us:
            lines += [_part(part) for part in segment.parts]
        if segment.done:
            lines += _body(segment.duration_us, segment.uri)
    lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{state.hint}"')
    return "\n".join(lines) + "\n"


def plain(state: Live) -> str:
    """The same segments without parts, for players that poll."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{state.target_seconds}",
        *_sequence(state),
    ]
    map_uri = ""
    for segment in state.segments:
        if segment.done:
            lines += [*_head(segment, map_uri), *_body(segment.duration_us, segment.uri)]
            map_uri = segment.map_uri
    return "\n".join(lines) + "\n"


def recorded(segments: Sequence[MaskedSegment]) -> str:
    """The VOD playlist of stored masked segments, in order of time.

    Each object is a whole fragmented MP4: its head is named as the initialisation
    segment wherever that may differ from the one before.
    """
    longest_us = max((segment.end_us - segment.start_us for segment in segments), default=SECOND)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXT-X-TARGETDURATION:{rounded(longest_us)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    before: MaskedSegment | None = None
    for segment in segments:
        uri = f"recorded-{segment.segment}.mp4"
        same_head = before is not None and _head_of(before) == _head_of(segment)
        if before is not None and (
            not same_head or abs(segment.start_us - before.end_us) > HOLE_US
        ):
            lines.append("#EXT-X-DISCONTINUITY")
        if not same_head:
            lines.append(f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{segment.init_size}@0"')
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{date_time(segment.start_us)}",
            f"#EXTINF:{seconds(segment.end_us - segment.start_us)},",
            f"#EXT-X-BYTERANGE:{segment.size - segment.init_size}@{segment.init_size}",
            uri,
        ]
        before = segment
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def seconds(us: int) -> str:
    """Microseconds as decimal seconds, without needless noughts: ``0.4``, ``2``."""
    text = f"{us // SECOND}.{us % SECOND:06d}".rstrip("0")
    return text.rstrip(".")


def rounded(us: int) -> int:
    """Whole seconds, half up, at least one: how a duration counts for the target."""
    return max(1, (us + SECOND // 2) // SECOND)


def date_time(us: int) -> str:
    """ISO 8601, UTC, with milliseconds, as players read it."""
    return to_text(us)[:-4] + "Z"


def _sequence(state: Live) -> Iterator[str]:
    yield f"#EXT-X-MEDIA-SEQUENCE:{state.media_sequence}"
    yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{state.discontinuity_sequence}"
    yield "#EXT-X-INDEPENDENT-SEGMENTS"


def _head(segment: LiveSegment, map_uri: str) -> Iterator[str]:
    if segment.discontinuity:
        yield "#EXT-X-DISCONTINUITY"
    if segment.map_uri != map_uri:
        yield f'#EXT-X-MAP:URI="{segment.map_uri}"'
    yield f"#EXT-X-PROGRAM-DATE-TIME:{date_time(segment.start_us)}"


def _body(duration_us: int, uri: str) -> Iterator[str]:
    yield f"#EXTINF:{seconds(duration_us)},"
    yield uri


def _part(part: LivePart) -> str:
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f'#EXT-X-PART:DURATION={seconds(part.duration_us)},URI="{part.uri}"{independent}'


def _head_of(segment: MaskedSegment) -> tuple[object, ...]:
    return (
        segment.epoch,
        segment.init_size,
        segment.origin_us,
        segment.codec,
        segment.width,
        segment.height,
        segment.init,
    )
