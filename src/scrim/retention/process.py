"""The sweeper's process: one sweep after the other, until told to stop.

It is a process of its own, so that a million objects to erase keep neither the server
nor the supervisor from their work, and it is nicer than the recorders.  Killed at any
moment, the next one goes on where it was.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

from scrim.cases.forgetting import forget
from scrim.cases.room import Room
from scrim.clock import SystemClock, to_text
from scrim.errors import ScrimError
from scrim.ledger import Ledger
from scrim.papers.applied import Applied
from scrim.papers.under import PacksOfPapers
from scrim.retention.limits import Papers
from scrim.retention.sweep import Sweep, Swept
from scrim.settings import load
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore

_NICE: Final = 10


class Sweeper:
    """Sweeps a data folder on a timer.

    Args:
        data: the folder.
        papers: which packs a camera is under; by default as the folder's database says.
        say: called with one line for the log.

    Raises:
        DataFolderError, SettingsError: it does not start.
    """

    def __init__(
        self, data: Path, papers: Papers | None = None, say: Callable[[str], None] | None = None
    ) -> None:
        folder = DataFolder.open(data)
        everything = load(data)
        settings = everything.retention
        self._every_s = settings.sweep_seconds
        self._say = say or _line
        self._stopping = threading.Event()
        engine = connect(folder.database)
        ledger, clock = Ledger(engine), SystemClock()
        packs = everything.norms.packs_folder
        objects = ObjectStore.in_folder(folder.objects)
        papers = papers or PacksOfPapers(
            Applied(engine, ledger, clock, packs and folder.path / packs)
        )
        room = Room(engine, ledger, objects, clock, everything)
        self._sweep = Sweep(
            engine,
            ledger,
            objects,
            clock,
            settings,
            papers,
            stopping=self._stopping.is_set,
            forget=partial(forget, room),
        )
        self._told: dict[str, str] = {}

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit code."""
        with suppress(OSError):
            os.nice(_NICE)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._asked_to_stop)
        while not self._stopping.is_set():
            self.once()
            self._stopping.wait(self._every_s)
        return 0

    def once(self) -> Swept | None:
        """One sweep; what keeps it from its work is said once, and tried again."""
        try:
            swept = self._sweep.run()
        except ScrimError as error:
            self._tell("", str(error))
            return None
        self._tell("", swept.warning)
        for camera in [name for name in self._told if name and name not in swept.troubles]:
            del self._told[camera]
        for camera, trouble in swept.troubles.items():
            self._tell(camera, f"{camera} is left as it is: {trouble}")
        if swept.texts:
            self._say(f"erased the words of {swept.texts} cases")
        if swept.segments or swept.keys or swept.manifests:
            self._say(
                f"erased {swept.segments} segments of {swept.cameras} cameras, the key parts of "
                f"{swept.keys} periods and {swept.manifests} manifests"
            )
        return swept

    def _tell(self, what: str, text: str) -> None:
        if self._told.get(what, "") != text:
            self._told[what] = text
            self._say(text or "sweeping again")

    def _asked_to_stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping.set()


def _line(line: str) -> None:
    """One JSON log line on standard error."""
    text = {"at": to_text(SystemClock().now_us()), "from": "retention", "event": line}
    sys.stderr.write(json.dumps(text) + "\n")
    sys.stderr.flush()
