"""Desks in the browser: people with keys, signed in before a case house's server."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.case_house import CaseHouse, case_house
from tests.browser.conftest import NO_PLAYWRIGHT, PATIENCE_S, Watched, until_it_listens
from tests.sim.ports import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

_LEVEL = """() => {
    const video = document.querySelector('video');
    if (video === null || video.videoWidth === 0 || video.readyState < 2) return -1;
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const drawing = canvas.getContext('2d', {willReadFrequently: true});
    drawing.drawImage(video, 0, 0);
    return drawing.getImageData(5, 5, 1, 1).data[1];
}"""
STORED = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie,
    await indexedDB.databases(), await caches.keys(), history.state, location.href,
])"""


@dataclass
class Served:
    """A case house with a server before it."""

    house: CaseHouse
    address: str
    server: subprocess.Popen[bytes] = field(repr=False)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A new case house, and its server."""
    with case_house(folder) as house, tempfile.TemporaryDirectory(prefix="scrim-") as short:
        port = free_port()
        command = [sys.executable, "-m", "scrim.api", "--data", str(house.deployment.folder.path)]
        command += ["--live-socket", str(Path(short) / "live"), "--port", str(port)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until_it_listens(port, server)
        yield Served(house, f"http://127.0.0.1:{port}", server)
        server.terminate()
        server.wait(PATIENCE_S)


def give_key(page: Page, path: Path, button: str, passphrase: str | None = None) -> None:
    page.locator("input[type=file]").set_input_files(path)
    if passphrase is not None:
        page.get_by_label("Passphrase of this file").fill(passphrase)
    page.get_by_role("button", name=button).click()


def sign_in(page: Page, served: Served, name: str, passphrase: str | None = None) -> None:
    page.goto(served.address)
    page.get_by_role("button", name="I am a case officer or a custodian").click()
    give_key(page, served.house.people.file(name), "Sign in with this key", passphrase)
    expect(page.get_by_role("link", name="Cases", exact=True)).to_be_visible()


def answer(
    desk: Callable[[], Watched], served: Served, name: str, case: str, button: str = "Approve"
) -> None:
    watched = desk()
    page = watched.page
    sign_in(page, served, name)
    page.get_by_role("link", name=case).click()
    if button == "Approve":
        page.get_by_label(f"To approve, type {case}").fill(case)
    else:
        page.get_by_label("Reason").fill("The warrant is for another street.")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_test_id("answers")).to_contain_text(name)
    assert watched.complaints == []
    served.house.deployment.publish_checkpoint()


def approved(desk: Callable[[], Watched], served: Served, key_file: str) -> str:
    """A case that two custodians have approved."""
    case = served.house.request(key_file)
    answer(desk, served, "court", case)
    answer(desk, served, "registry", case)
    return case


def open_case(page: Page, served: Served, case: str, key_file: str) -> None:
    sign_in(page, served, "officer-7")
    page.get_by_role("link", name=case).click()
    give_key(page, served.house.people.file(key_file), "Use this key")
    page.get_by_role("button", name="Look at the originals").click()


def shows(page: Page, level: int) -> None:
    """Waits for a picture whose ground is of that level."""
    page.wait_for_function(f"(wanted) => Math.abs(({_LEVEL})() - wanted) < 40", arg=level)
