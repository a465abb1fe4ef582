"""Masked pictures, live and recorded, only through an open view.

Rules:

- Every request asks for the view again, so that closing it, or signing out, stops
  the media at once.
- A live view reaches this camera's window in memory; a recorded view reaches the
  stored segments that overlap its interval.  Nothing else has an address here.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Header, Query
from fastapi.responses import Response

from scrim.access import Mode, Role, Session, View
from scrim.api import playlist
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.hub import Still
from scrim.api.ranges import byte_range
from scrim.api.refusals import BadRequest, NotFound
from scrim.api.services import Have
from scrim.store.timeline import MaskedSegment

doors = router("media")

PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
SEGMENT_TYPE: Final = "video/mp4"
_WATCHERS: Final = opens_to(Role.OPERATOR, Role.CUSTODIAN)


class _Playlist(Response):
    media_type = PLAYLIST_TYPE


class _Segment(Response):
    media_type = SEGMENT_TYPE


@doors.get("/media/{view}/index.m3u8", response_class=_Playlist, openapi_extra=_WATCHERS)
async def get_playlist(
    view: str,
    session: SignedIn,
    have: Have,
    msn: Annotated[int | None, Query(alias="_HLS_msn", ge=0, le=2**53 - 1)] = None,
    part: Annotated[int | None, Query(alias="_HLS_part", ge=0, le=2**53 - 1)] = None,
) -> Response:
    """The playlist: low-latency HLS for a live view, VOD for a recorded one.

    A live playlist asked for with ``_HLS_msn`` (and ``_HLS_part``) is answered when
    it has that segment (or part).
    """
    watched = await _view(have, view, session)
    still = _still(have, watched, session)
    if watched.mode is Mode.LIVE:
        if msn is None and part is not None:
            raise BadRequest("_HLS_part stands without _HLS_msn.", "Ask for both.")
        return _Playlist(await have.hub.playlist(watched.camera, msn, part, still=still))
    stored = await run_sync(_stored, have, watched)
    return _Playlist(playlist.recorded(stored))


@doors.get("/media/{view}/plain.m3u8", response_class=_Playlist, openapi_extra=_WATCHERS)
async def get_plain_playlist(view: str, session: SignedIn, have: Have) -> Response:
    """A live playlist without parts and without waiting.

    It is some seconds behind, but holds no connection open: for a page with more
    cameras than a browser opens HTTP/1.1 connections.
    """
    watched = await _view(have, view, session, Mode.LIVE)
    still = _still(have, watched, session)
    return _Playlist(await have.hub.playlist(watched.camera, plain=True, still=still))


@doors.get(
    "/media/{view}/init-{epoch:int}-{init:int}.mp4",
    response_class=_Segment,
    openapi_extra=_WATCHERS,
)
async def get_init(view: str, epoch: int, init: int, session: SignedIn, have: Have) -> Response:
    """The initialisation segment of live segments."""
    watched = await _view(have, view, session, Mode.LIVE)
    return _Segment(have.hub.init(watched.camera, epoch, init))


@doors.get("/media/{view}/live-{segment:int}.m4s", response_class=_Segment, openapi_extra=_WATCHERS)
async def get_live_segment(view: str, segment: int, session: SignedIn, have: Have) -> Response:
    """A whole live segment."""
    watched = await _view(have, view, session, Mode.LIVE)
    return _Segment(have.hub.segment(watched.camera, segment))


@doors.get(
    "/media/{view}/live-{segment:int}-{part:int}.m4s",
    response_class=_Segment,
    openapi_extra=_WATCHERS,
)
async def get_live_part(
    view: str, segment: int, part: int, session: SignedIn, have: Have
) -> Response:
    """A part; the one that the playlist hints at is answered as soon as it is there."""
    watched = await _view(have, view, session, Mode.LIVE)
    still = _still(have, watched, session)
    return _Segment(await have.hub.part(watched.camera, segment, part, still=still))


@doors.get(
    "/media/{view}/recorded-{segment:int}.mp4",
    response_class=_Segment,
    openapi_extra=_WATCHERS,
)
def get_recorded_segment(
    view: str,
    segment: int,
    session: SignedIn,
    have: Have,
    wanted: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """A stored masked segment of the view's interval, whole or one byte range of it."""
    watched = _of_mode(have.views.get(view, session), Mode.RECORDED)
    assert watched.since_us is not None
    assert watched.until_us is not None
    stored = have.recordings.masked_segment(
        watched.camera, segment, watched.since_us, watched.until_us
    )
    if stored is None:
        raise NotFound(
            "There is no such segment in this view.", "Open a view of the interval you need."
        )
    headers = {"Accept-Ranges": "bytes"}
    span = byte_range(wanted, stored.size)
    if span is None:
        return _Segment(have.objects.get(stored.key), headers=headers)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    data = have.objects.get_range(stored.key, start, end - start)
    return _Segment(data, 206, headers=headers)


async def _view(have: Have, view: str, session: Session, mode: Mode | None = None) -> View:
    watched = await run_sync(have.views.get, view, session)
    return watched if mode is None else _of_mode(watched, mode)


def _still(have: Have, view: View, session: Session) -> Still:
    """Asks for the view again, which may end while the request waits."""
    return partial(run_sync, have.views.still, view, session)


def _of_mode(view: View, mode: Mode) -> View:
    if view.mode is not mode:
        raise NotFound("This view has no such picture.", "Use the addresses in its playlist.")
    return view


def _stored(have: Have, view: View) -> list[MaskedSegment]:
    assert view.since_us is not None
    assert view.until_us is not None
    found = have.recordings.masked(view.camera, view.since_us, view.until_us)
    if not found:
        raise NotFound(
            "Nothing is recorded in this interval.", "The timeline shows where there is something."
        )
    return found
