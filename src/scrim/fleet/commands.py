"""How the supervisor starts its children."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Commands(Protocol):
    """The command lines of the children."""

    def server(self) -> Sequence[str]:
        """The API and the console."""

    def recorder(self, cameras: Sequence[str], sound: Sequence[str] = ()) -> Sequence[str]:
        """The recorder of these cameras, by id; ``sound``: those whose sound is recorded."""


@dataclass(frozen=True, slots=True)
class ScrimCommands:
    """Scrim's own server and recorders, with this Python.

    Attributes:
        live_socket: at most 107 bytes, the limit of a Unix socket's path.
    """

    data: Path
    live_socket: Path
    host: str
    port: int
    allow_remote: bool = False

    def server(self) -> list[str]:
        return [
            *(sys.executable, "-m", "scrim.api"),
            *("--data", str(self.data)),
            *("--live-socket", str(self.live_socket)),
            *("--host", self.host),
            *("--port", str(self.port)),
            *(["--allow-remote"] if self.allow_remote else []),
        ]

    def sweeper(self) -> list[str]:
        """What erases recordings whose time is over."""
        return [sys.executable, "-m", "scrim.retention", "--data", str(self.data)]

    def recorder(self, cameras: Sequence[str], sound: Sequence[str] = ()) -> list[str]:
        command = [sys.executable, "-m", "scrim.record", "--data", str(self.data)]
        for camera in cameras:
            command += ["--camera", camera]
        for camera in sound:
            command += ["--sound", camera]
        return [*command, "--live-socket", str(self.live_socket)]
