"""The server process: its port, its live socket, and uvicorn between them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from anyio.to_thread import run_sync

from scrim import settings as all_settings
from scrim.api.app import create_app, services_in
from scrim.api.guards import LOOPBACK_NAMES, is_address
from scrim.api.hub import Hub
from scrim.api.services import Services
from scrim.errors import AccessPolicyInvalid, StoreError
from scrim.listening import is_loopback, listen
from scrim.store.folder import DataFolder

_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  (recognised, not listened on)

_TEND_SECONDS: Final = 2.0

_log = structlog.get_logger("scrim.api")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen.

    Attributes:
        allow_remote: let ``host`` be one that other machines reach.
        names: further names the server answers to, e.g. those of a proxy in front.
    """

    host: str
    port: int
    allow_remote: bool = False
    names: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def answers_to(self) -> frozenset[str]:
        """The host names that a request may have."""
        own = set() if self.host in _ANY else {self.host.lower()}
        return LOOPBACK_NAMES | own | {name.lower() for name in self.names}

    @property
    def exposed(self) -> bool:
        """Others than this machine reach it, by itself or through a proxy."""
        return not self.loopback or bool(self.answers_to - LOOPBACK_NAMES)

    def bind(self) -> socket.socket:
        """Take the port.

        Raises:
            SettingsError: it would be open to other machines without leave, or the
                host is not this machine's.
            PortTaken: something else listens there.
        """
        listener = listen(self.host, self.port, allow_remote=self.allow_remote)
        listener.setblocking(False)
        return listener


async def serve(data: Path, live_socket: Path, place: Place) -> None:
    """Serve the data folder until the process is told to stop.

    Raises:
        DataFolderError: the folder cannot be used.
        SettingsError: a setting, the host or the live socket's path is wrong.
        PortTaken: something else listens on the port.
    """
    folder = DataFolder.open(data)
    settings = all_settings.load(folder.path)
    hub = Hub(target_seconds=ceil(settings.recorder.segment_seconds))
    services = services_in(folder, settings, hub, names=place.answers_to, exposed=place.exposed)
    app = create_app(services, any_address=not place.loopback)
    with place.bind() as listener:
        server = _Server(
            hub,
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=2,
            ),
        )
        async with hub.listen(live_socket):
            if not place.loopback:
                _log.warning(
                    "open to other machines without encryption: put TLS in front",
                    host=place.host,
                )
            _log.info("listening", host=place.host, port=listener.getsockname()[1])
            tending = asyncio.create_task(_tend(services))
            await server.serve(sockets=[listener])
            tending.cancel()
            await run_sync(services.refused.write)
    services.engine.dispose()


async def _tend(services: Services) -> None:
    """Take up other access policies, and write down what was refused when its hour is over."""
    while True:
        await asyncio.sleep(_TEND_SECONDS)
        try:
            changed = await run_sync(services.gate.authoriser.reload)
        except (AccessPolicyInvalid, StoreError) as error:
            _log.error("access policies stay as they were", error=str(error))
        else:
            if changed:
                sha256 = services.gate.authoriser.in_force.sha256
                _log.info("access policies changed", sha256=sha256)
        await run_sync(partial(services.refused.write, only_if_due=True))


class _Server(uvicorn.Server):
    """uvicorn that ends by returning, so that what was opened around it is closed.

    Its own way is to raise the signal again, which ends the process at once.
    """

    def __init__(self, hub: Hub, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._hub = hub

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self._hub.release()  # requests that wait for a part would hold up the end
        self.should_exit = True


def is_name(text: str) -> bool:
    """Whether it can stand in a request's ``Host``, without a port."""
    letters = text.replace("-", "").replace(".", "")
    return is_address(text) or (letters.isascii() and letters.isalnum())
