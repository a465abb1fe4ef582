from collections.abc import Iterator
from pathlib import Path

import pytest

from scrim.fleet import Cameras, Deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = Deployment.create(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def cameras(deployment: Deployment) -> Cameras:
    return Cameras(deployment.engine, deployment.ledger, deployment.clock)
