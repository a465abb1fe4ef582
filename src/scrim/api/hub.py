"""Where recorders bring their masked parts and where playlist requests wait for them.

Rules:

- Recorders connect to a Unix socket that only this user can reach; the peer's user
  is checked once more.
- A message that makes no sense ends its own connection and nothing else.
- The connection that last announced an initialisation segment for a camera is the
  one whose parts count; an older recorder's are ignored.
- Everything runs on one event loop; nothing is locked.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

import structlog

from scrim.api import live_socket
from scrim.api import playlist as playlists
from scrim.api.arrivals import checked
from scrim.api.refusals import BadRequest, NotFound, NotYet
from scrim.api.window import Window
from scrim.live import wire

OFFLINE_SECONDS: Final = 5.0
STALE_SECONDS: Final = 30.0
MOST_CAMERAS: Final = 1024
_SWEEP_SECONDS: Final = 5.0
_NO_PICTURE: Final = "The camera has no live picture now."
_WAIT: Final = "Wait, or see its status."

Still: TypeAlias = Callable[[], Awaitable[object]]

_log = structlog.get_logger("scrim.api.hub")


@dataclass(slots=True)
class _Camera:
    window: Window
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    owner: object = None
    fed_at: float = 0.0
    status: wire.Status | None = None
    reported_at: float = 0.0


class Hub:
    """The live side of the server.

    Args:
        target_seconds: how long segments are meant to be.
        monotonic: seconds that never go back.
    """

    def __init__(
        self, target_seconds: int = 2, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._target = target_seconds
        self._monotonic = monotonic
        self._cameras: dict[str, _Camera] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._ending = False

    @contextlib.asynccontextmanager
    async def listen(self, path: Path) -> AsyncIterator[None]:
        """Take recorders' connections at ``path`` while the block runs.

        Raises:
            DataFolderBusy: somebody listens there already.
            SettingsError: there cannot be a socket at that path.
        """
        server = await asyncio.start_unix_server(self._serve, sock=live_socket.bind(path))
        sweeper = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            server.close()
            for writer in self._writers.copy():
                writer.close()
            await server.wait_closed()
            with contextlib.suppress(FileNotFoundError):
                path.unlink()  # noqa: ASYNC240  (one unlink at the very end)

    # what the routes ask

    def status(self, camera: str) -> wire.Status:
        """How the camera is; ``offline`` when its recorder is silent."""
        known = self._cameras.get(camera)
        if known is None or known.status is None:
            return wire.Status(
                camera=camera,
                epoch=0,
                at_us=0,
                state="offline",
                reason="The recorder has not reported yet.",
                frames_per_second=0.0,
                latency_ms=0,
                dropped=0,
                width=0,
                height=0,
                sealed_until_us=None,
                masked_until_us=None,
            )
        if self._monotonic() - known.reported_at > OFFLINE_SECONDS:
            return replace(
                known.status,
                state="offline",
                reason="The recorder is silent.",
                frames_per_second=0.0,
                rung=None,
                rung_reason="",
            )
        return known.status

    async def playlist(
        self,
        camera: str,
        msn: int | None = None,
        part: int | None = None,
        *,
        plain: bool = False,
        still: Still | None = None,
    ) -> str:
        """The live playlist, as soon as it has what is asked for.

        Args:
            camera: its id.
            msn: the media sequence number of a segment that it must have.
            part: the part of that segment that it must have; else the whole segment.
            plain: without parts.
            still: asked after waiting, whether the answer may still be given; raises
                if not.

        Raises:
            BadRequest: so far ahead that it cannot be meant.
            NotYet: it did not come within three target durations.
        """
        known = self._camera(camera)
        window = known.window
        if msn is not None and window.too_far(msn, part):
            raise BadRequest(
                "The playlist is nowhere near that segment.", "Ask without _HLS_msn first."
            )
        await self._until(known, lambda: _there(window, msn, part), still)
        state = window.state()
        if state is None:  # it was let go of while `still` was asked
            raise NotYet(_NO_PICTURE, _WAIT)
        return playlists.plain(state) if plain else playlists.live(state)

    def init(self, camera: str, epoch: int, init: int) -> bytes:
        """An initialisation segment.

        Raises:
            NotFound: it is not kept.
        """
        return _found(self._camera(camera).window.init(epoch, init))

    def segment(self, camera: str, number: int) -> bytes:
        """A whole segment.

        Raises:
            NotFound: it is not kept, or not whole yet.
        """
        return _found(self._camera(camera).window.segment(number))

    async def part(
        self, camera: str, number: int, part: int, *, still: Still | None = None
    ) -> bytes:
        """A part, as soon as it is there if it is the one that comes next.

        Args:
            camera: its id.
            number: the recorder's number of the segment.
            part: number within the segment.
            still: as for :meth:`playlist`.

        Raises:
            NotFound: it is not kept, or something else came instead.
            NotYet: it did not come within three target durations.
        """
        known = self._camera(camera)
        window = known.window
        await self._until(known, lambda: window.hint() != (number, part), still)
        return _found(window.part(number, part))

    # what recorders bring

    def take(self, message: wire.Message, source: object) -> None:
        """Take one message of a connection.

        Args:
            message: as decoded.
            source: the connection, compared by identity.

        Raises:
            WireError: a field makes no sense.
        """
        checked(message)
        known = self._camera(message.camera)
        if isinstance(message, wire.Status):
            if message.epoch >= known.window.epoch:
                known.status, known.reported_at = message, self._monotonic()
            return
        if isinstance(message, wire.Init):
            if known.window.begin(message):
                known.owner = source
        elif known.owner is not source:
            return
        elif isinstance(message, wire.Part):
            known.window.add(message)
            known.fed_at = self._monotonic()
        else:
            known.window.finish(message)
        _wake(known)

    def sweep(self) -> None:
        """Let go of the pictures of cameras that have been silent for long."""
        now = self._monotonic()
        for known in self._cameras.values():
            if not known.window.empty and now - known.fed_at > STALE_SECONDS:
                known.window.clear()
                _wake(known)

    def release(self) -> None:
        """The server ends: let nobody wait any more."""
        self._ending = True
        for known in self._cameras.values():
            _wake(known)

    def _camera(self, camera: str) -> _Camera:
        if camera not in self._cameras:
            if len(self._cameras) >= MOST_CAMERAS:
                raise wire.WireError("too many cameras")
            self._cameras[camera] = _Camera(Window(self._target))
        return self._cameras[camera]

    async def _until(self, camera: _Camera, holds: Callable[[], bool], still: Still | None) -> None:
        """Wait until ``holds()``, looking again after each change."""
        if holds():
            return
        try:
            async with asyncio.timeout(playlists.HOLD_BACK_TARGETS * camera.window.target_seconds):
                while not holds():
                    if self._ending:
                        raise NotYet("The server is stopping.", _WAIT)
                    await camera.changed.wait()
        except TimeoutError:
            raise NotYet(_NO_PICTURE, _WAIT) from None
        if still is not None:
            await still()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.sweep()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if live_socket.same_user(writer.get_extra_info("socket")):
                await self._read(reader, writer)
            else:
                _log.warning("connection of another user refused")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                _log.warning("a recorder's message was cut off")
        except (wire.WireError, RecursionError) as error:
            _log.warning("a recorder's message makes no sense", why=str(error))
        except ConnectionError:
            _log.info("a recorder's connection broke")
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, source: object) -> None:
        while True:
            header = await reader.readexactly(wire.header_length(await reader.readexactly(4)))
            payload = await reader.readexactly(wire.payload_length(header))
            self.take(wire.decode(header, payload), source)


def _there(window: Window, msn: int | None, part: int | None) -> bool:
    return not window.empty and (msn is None or window.reached(msn, part))


def _found(payload: bytes | None) -> bytes:
    if payload is None:
        raise NotFound("This piece is not kept any more, or never was.", "Reload the playlist.")
    return payload


def _wake(camera: _Camera) -> None:
    camera.changed.set()
    camera.changed = asyncio.Event()
