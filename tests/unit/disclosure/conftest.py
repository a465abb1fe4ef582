"""One drawn film, watched once, and one disclosure of it, copied for each test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.disclosure import scene

from scrim.disclosure.boxes import Box
from scrim.disclosure.compose import Cover
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.make import Order, make
from scrim.disclosure.masks import MaskList
from scrim.disclosure.tracks import Pick
from scrim.disclosure.watch import Eyes, Film, watch
from scrim.redact import CenterFace, default_model
from scrim.redact.people import PersonFinder
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer

CASE = "case-abcd2345"
REQUEST = "ab" * 32
MOMENT_US = 70 * 1_000_000 // scene.FPS
"""When the walker from the left is there alone on their side."""
SCREEN = Cover(Box(8000, 0, 2000, 2000))


def eyes() -> Eyes:
    return Eyes(CenterFace(default_model()), people=PersonFinder())


def pick_left(at_us: int = MOMENT_US) -> Pick:
    """Of the walker from the left: in the middle of their face."""
    frame = at_us * scene.FPS // 1_000_000
    box = scene.face(0, frame)
    assert box is not None
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return Pick(at_us, round(x / scene.SIZE[0] * 10_000), round(y / scene.SIZE[1] * 10_000))


class Clock:
    """Stands still."""

    def now_us(self) -> int:
        return 1_800_000_000_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """A disclosure, and the keys of those who deal with it."""

    source: Path
    folder: DisclosureFolder
    maker: Signer
    second: Signer

    @property
    def masks(self) -> MaskList:
        return MaskList.of(self.folder.made())

    @property
    def registered(self) -> set[str]:
        return {self.maker.verifier, self.second.verifier}


def signer() -> Signer:
    return Signer.of_identity(new_identity().secret)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.write(tmp_path_factory.mktemp("film") / "opened.mp4", sound=True)


@pytest.fixture(scope="session")
def film(source: Path) -> Film:
    return watch(source, eyes())


@pytest.fixture(scope="session")
def _made_once(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = Made(
        source,
        DisclosureFolder(tmp_path_factory.mktemp("disclosure") / "once"),
        signer(),
        signer(),
    )
    order = Order(CASE, REQUEST, (pick_left(),), (SCREEN,), detectors=[{"name": "centerface"}])
    make(source, made.folder, order, eyes=eyes(), signer=made.maker, clock=Clock())
    return made


@pytest.fixture
def made(_made_once: Made, tmp_path: Path) -> Made:
    folder = DisclosureFolder(tmp_path / "disclosure")
    shutil.copytree(_made_once.folder.path, folder.path)
    return Made(_made_once.source, folder, _made_once.maker, _made_once.second)
