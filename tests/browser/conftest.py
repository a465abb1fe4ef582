"""A real server on a new data folder, a drawn camera, and Chromium looking at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert
from tests.browser.recorder import FakeRecorder, Footage, store_segments
from tests.sim.ports import free_port

from scrim.access import SignIn
from scrim.api.app import CONSOLE
from scrim.clock import SECOND
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.store import schema
from scrim.store.database import writing
from scrim.store.objects import ObjectStore

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        StorageState,
        ViewportSize,
    )
    from tests.browser.case_desk import Served

CAMERA = "street"
RECORDED_SEGMENTS = 20
HOLE = range(8, 11)
"""Segments of the recording that are missing, so that the timeline has a gap to show."""

NO_PLAYWRIGHT = "needs Playwright for Python: pip install playwright, or `make test`"

PATIENCE_S = 120.0
"""How long a page, a server or a process is waited for: a machine that does other things
beside is slow, and a wait that is over costs nothing."""
PATIENCE_MS = PATIENCE_S * 1000

SCREEN: ViewportSize = {"width": 1440, "height": 900}

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class House:
    """A running server with a camera, and what is needed to look at it."""

    deployment: Deployment
    recorded_us: list[int]
    live: Path
    port: int

    def __post_init__(self) -> None:
        self._epoch = 1
        self._segment = RECORDED_SEGMENTS
        self.start_server()
        self.start_recorder()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """A new sign-in link."""
        d = self.deployment
        return f"{self.address}/#sign-in={SignIn(d.engine, d.ledger, d.clock).new_link()}"

    def start_server(self) -> None:
        command = [sys.executable, "-m", "scrim.api", "--data", str(self.deployment.folder.path)]
        command += ["--live-socket", str(self.live), "--port", str(self.port)]
        self._server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until_it_listens(self.port, self._server)

    def start_recorder(self) -> None:
        """A new epoch, and segment numbers that were never used."""
        self._epoch += 1
        self._segment += 1000
        self.recorder = FakeRecorder(self.live, CAMERA, self._epoch, self._segment)
        self.recorder.start()

    def restart_recorder(self) -> None:
        self.recorder.stop()
        self.start_recorder()

    def restart_server(self) -> None:
        """Kill it as a crash would, and start it again in the same place."""
        self._server.kill()
        self._server.wait(PATIENCE_S)
        self.start_server()

    def close(self) -> None:
        self.recorder.stop()
        self._server.terminate()
        self._server.wait(PATIENCE_S)
        self.deployment.close()


@dataclass
class Watched:
    """A page, and everything that went wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once."""
    sync_api = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("needs Chromium: apt install chromium, or any Chrome on the PATH")
    flags = list(_FLAGS)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to start as root with its sandbox
    sync_api.expect.set_options(timeout=PATIENCE_MS)
    with sync_api.sync_playwright() as driver, pytest.MonkeyPatch.context() as patch:
        browser = driver.chromium.launch(executable_path=path, args=flags, timeout=PATIENCE_MS)
        new_context = browser.new_context

        def patient(**options: Any) -> BrowserContext:
            context: BrowserContext = new_context(**options)
            context.set_default_timeout(PATIENCE_MS)
            return context

        patch.setattr(browser, "new_context", patient)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with one live camera, a recording with a gap, and demo custodians."""
    if not (CONSOLE / "index.html").is_file():
        pytest.skip("needs the built console: npm ci && npm run build in web/, or `make run` once")
    deployment = Deployment.create(tmp_path_factory.mktemp("house") / "data")
    deployment.set_custodians(deployment.make_demo_custodians())
    Cameras(deployment.engine, deployment.ledger).add(CAMERA, "file", "none", name="Harbour Street")
    recorded_us = _record(deployment)
    deployment.publish_checkpoint()
    # a Unix socket's path must be short, and pytest's folders are not
    with tempfile.TemporaryDirectory(prefix="scrim-") as short:
        house = House(deployment, recorded_us, Path(short) / "live", free_port())
        yield house
        house.close()


@pytest.fixture(scope="session")
def cookies(chromium: Browser, house: House) -> StorageState:
    """What a browser keeps after it has signed in."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(house.link())
        page.get_by_role("heading", name="Harbour Street").wait_for()
        return context.storage_state()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    """An empty page that takes down every error and every breach of the security policy."""
    with chromium.new_context(viewport=SCREEN) as context:
        yield _watched(context.new_page())


@pytest.fixture
def signed_in(chromium: Browser, house: House, cookies: StorageState) -> Iterator[Watched]:
    """The control room, in a browser that signed in before."""
    with chromium.new_context(viewport=SCREEN, storage_state=cookies) as context:
        watched = _watched(context.new_page())
        watched.page.goto(house.address)
        watched.page.get_by_role("heading", name="Harbour Street").wait_for()
        yield watched


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a sealed recording, custodians and an officer."""
    if not (CONSOLE / "index.html").is_file():
        pytest.skip("needs the built console: npm ci && npm run build in web/, or `make run` once")
    from tests.browser.case_desk import serving  # it needs this module

    with serving(tmp_path_factory.mktemp("cases")) as one:
        yield one


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Callable[[], Watched]]:
    """Gives a new browser, of nobody, each time."""
    contexts: list[BrowserContext] = []

    def new() -> Watched:
        contexts.append(chromium.new_context(viewport=SCREEN))
        return _watched(contexts[-1].new_page())

    yield new
    for context in contexts:
        context.close()


def _watched(page: Page) -> Watched:
    watched = Watched(page)
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        "e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
    )

    def hear(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            watched.complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    return watched


def _record(deployment: Deployment) -> list[int]:
    now = deployment.clock.now_us()
    first = now - (RECORDED_SEGMENTS + 5) * 2 * SECOND
    starts = [first + n * 2 * SECOND for n in range(RECORDED_SEGMENTS) if n not in HOLE]
    store_segments(
        deployment.engine,
        ObjectStore.in_folder(deployment.folder.objects),
        CAMERA,
        Footage(),
        starts,
    )
    _gap(deployment, first + HOLE.start * 2 * SECOND, first + HOLE.stop * 2 * SECOND)
    return starts


def _gap(deployment: Deployment, since_us: int, until_us: int) -> None:
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(schema.gap).values(
                camera=CAMERA,
                side="both",
                since_us=since_us,
                until_us=until_us,
                cause="stalled",
                detail="The camera sent nothing.",
            )
        )


def until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait for a server that was started."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")
