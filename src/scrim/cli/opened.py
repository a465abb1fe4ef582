"""A deployment, open for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrim.fleet.deployment import Deployment


@contextmanager
def opened(data: Path) -> Iterator[Deployment]:
    """The deployment in a data folder, let go of at the end.

    Raises:
        DataFolderError: missing, newer, or not writable.
        SettingsError: its ``scrim.toml`` or the environment is wrong.
    """
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        yield deployment
    finally:
        deployment.close()
