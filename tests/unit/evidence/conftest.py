"""A world and the bundle that comes of it, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.evidence.world import World, make_world

from scrim.audit.report import Report
from scrim.evidence.verify import verify_bundle

Check = Callable[[Path], Report]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def good(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.bundle(tmp_path_factory.mktemp("good") / "bundle")


@pytest.fixture
def bundle(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "bundle"))


@pytest.fixture(scope="session")
def check(world: World) -> Check:
    def run(path: Path) -> Report:
        return verify_bundle(
            path, key=world.log.key.verifier(), anchor=world.authority.anchor_pem()
        )

    return run
