from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.api.served import Served, enrol, serve

from scrim.store.folder import DataFolder


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as it is made, to be copied: making one takes a while."""
    path = tmp_path_factory.mktemp("data") / "data"
    DataFolder.create(path)
    return path


@pytest.fixture
def folder(empty_folder: Path, tmp_path: Path) -> DataFolder:
    return DataFolder.open(Path(shutil.copytree(empty_folder, tmp_path / "data")))


@pytest.fixture
def served(folder: DataFolder, tmp_path: Path) -> Iterator[Served]:
    """A server with one enrolled camera, ``demo``, on loopback."""
    (tmp_path / "console").mkdir()
    server = serve(folder, tmp_path / "live", tmp_path / "console")
    enrol(server)
    yield server
    server.services.engine.dispose()


@pytest.fixture
def patient_players(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request for what has not come yet waits until it comes, and not for six seconds."""
    monkeypatch.setattr("scrim.api.playlist.HOLD_BACK_TARGETS", 30)


@pytest.fixture
def serve_otherwise(folder: DataFolder, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Makes servers with other options."""
    made: list[Served] = []

    def make(**options: object) -> Served:
        made.append(serve(folder, tmp_path / "live", tmp_path / "console", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.services.engine.dispose()
