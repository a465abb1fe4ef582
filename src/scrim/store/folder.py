"""The data folder: everything one Scrim keeps on one machine.

``docs/design/ground-floor.md`` has the layout.  A folder is made once, by
``create``; whoever opens it checks first that this Scrim understands it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect, text

from scrim.errors import (
    DataFolderBusy,
    DataFolderError,
    DataFolderMissing,
    DataFolderNewer,
    DataFolderUnwritable,
    ScrimError,
    StoreError,
    StoreFull,
)
from scrim.store.database import connect, migrate, reading
from scrim.store.files import write_atomically

FORMAT: Final = 1
_LOOK_AGAIN: Final = 0.1
REVISION: Final = "0015"  # the newest migration; a test compares

# what may lie in a folder before Scrim makes it its own
_WELCOME: Final = frozenset({"scrim.toml", "lost+found"})


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder that was checked and may be used.

    Attributes:
        path: absolute.
    """

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "scrim.db"

    @property
    def objects(self) -> Path:
        """The folder of the object store."""
        return self.path / "objects"

    @property
    def keys(self) -> Path:
        """The supervisor's own keys; mode 0700."""
        return self.path / "keys"

    @property
    def checkpoint(self) -> Path:
        """The newest signed checkpoint, once there is one."""
        return self.path / "checkpoint"

    @property
    def demo_custodians(self) -> Path:
        """Identities of demo custodians; not there on a real installation."""
        return self.path / "demo-custodians"

    @classmethod
    def create(cls, path: Path) -> DataFolder:
        """Make a data folder, or finish and update one that Scrim made.

        Raises:
            DataFolderError: something else is in the folder, or it is a file.
            DataFolderNewer: a newer Scrim made it.
            DataFolderUnwritable: it cannot be written.
            StoreFull: no room.
            StoreError: its database is damaged or busy.
        """
        folder = cls(Path(path).absolute())
        try:
            folder.path.mkdir(mode=0o750, parents=True, exist_ok=True)
            if not folder._format.exists():
                folder._refuse_foreign()
            else:
                # it was whole once: a database that is gone is never made anew over
                # recordings and a ledger that somebody may still bring back
                folder._check_format()
                folder._check_database()
            folder._check_writable()
            folder.objects.mkdir(mode=0o750, exist_ok=True)
            folder.keys.mkdir(mode=0o700, exist_ok=True)
            folder.keys.chmod(0o700)
            if not folder.database.exists():
                # cameras' addresses may hold passwords
                folder.database.touch(mode=0o640)
            engine = connect(folder.database)
            try:
                migrate(engine)
            finally:
                engine.dispose()
            write_atomically(folder._format, f"{FORMAT}\n".encode())  # last: only now is it whole
        except FileExistsError as error:
            raise DataFolderError(
                f"{folder.path} is a file.", "Name a folder for the data."
            ) from error
        except OSError as error:
            raise _unusable(folder.path, error) from error
        return folder

    @classmethod
    def open(cls, path: Path, *, write: bool = True) -> DataFolder:
        """A folder that ``create`` made.

        Args:
            path: the folder.
            write: refuse one that cannot be written; ``False`` for those who only read.

        Raises:
            DataFolderMissing: there is none.
            DataFolderNewer: a newer Scrim wrote it.
            DataFolderUnwritable: it cannot be written.
            StoreError: its database is missing or damaged.
        """
        folder = cls(Path(path).absolute())
        try:
            if not folder._format.is_file():
                raise DataFolderMissing(
                    f"There is no Scrim data folder at {folder.path}.",
                    f"Make one with `scrim init {folder.path}`.",
                )
            folder._check_format()
            if write:
                folder._check_writable()
            folder._check_database()
        except OSError as error:
            raise _unusable(folder.path, error) from error
        return folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one supervisor; the lock goes with the process.

        Raises:
            DataFolderBusy: another holds it.
            DataFolderUnwritable: the lock file cannot be made.
        """
        handle = self._lock_file("lock")
        try:
            if not self._takes(handle):
                raise DataFolderBusy(
                    f"Another Scrim already runs on {self.path}.",
                    "Stop it first, or give this one a data folder of its own.",
                )
            yield
        finally:
            os.close(handle)

    @contextmanager
    def tended(
        self, seconds: float = 45.0, waiting: Callable[[], None] = lambda: None
    ) -> Iterator[int]:
        """A descriptor for a supervisor to hand to its children, once those before are gone.

        A supervisor that is killed leaves children that still store what they have.
        A lock on an open file holds until the last process that has it open ends, so
        that as long as one of them lives the next supervisor waits here: two recorders
        of one camera never write side by side.

        Args:
            seconds: how long to wait for them.
            waiting: called once when there is something to wait for.

        Raises:
            DataFolderBusy: one of them does not end.
            DataFolderUnwritable: the lock file cannot be made.
        """
        handle = self._lock_file("children")
        try:
            deadline = time.monotonic() + seconds
            told = False
            while not self._takes(handle):
                if time.monotonic() >= deadline:
                    raise DataFolderBusy(
                        f"A process of a Scrim that was killed still works on {self.path}.",
                        "End it (`ps` shows scrim.record or scrim.api), then start again.",
                    )
                if not told:
                    waiting()
                    told = True
                time.sleep(_LOOK_AGAIN)
            yield handle
        finally:
            os.close(handle)

    def _lock_file(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def _takes(self, handle: int) -> bool:
        """Take the lock; false when somebody else has it."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise _unusable(self.path, error) from error
        return True

    @property
    def _format(self) -> Path:
        return self.path / "format"

    def _refuse_foreign(self) -> None:
        names = {entry.name for entry in self.path.iterdir()} - _WELCOME
        # an interrupted create left parts of the layout and nothing else
        names -= {"objects", "keys", "scrim.db", "scrim.db-wal", "scrim.db-shm", "format.part"}
        if names or any((self.path / "objects").glob("*")):
            what = min(names) if names else "objects"
            raise DataFolderError(
                f"{self.path} is not empty and is no Scrim data folder (it has {what!r}).",
                "Name a folder that is empty or does not exist yet.",
            )

    def _check_format(self) -> None:
        text = self._format.read_bytes()[:32].decode("ascii", "replace").strip()
        if not text.isdecimal():
            raise DataFolderError(
                f"The file {self._format} does not hold a version number.",
                f"Restore it from a copy; this Scrim writes {FORMAT} there.",
            )
        if int(text) > FORMAT:
            raise DataFolderNewer(
                f"{self.path} was written by a newer Scrim (format {text}; "
                f"this one knows {FORMAT}).",
                "Install the Scrim that wrote it, or a newer one.",
            )

    def _check_writable(self) -> None:
        places = [self.path, self.database, self.objects, self.keys]
        for place in places:
            if place.exists() and not os.access(place, os.W_OK):
                raise _unwritable(place)

    def _check_database(self) -> None:
        if not self.database.is_file():
            raise StoreError(
                f"The database {self.database} is missing.",
                "Restore the data folder from a copy.",
            )
        engine = connect(self.database, read_only=True)
        try:
            found = _revision(engine)
        finally:
            engine.dispose()
        if found != REVISION and not (found.isdecimal() and int(found) < int(REVISION)):
            raise DataFolderNewer(
                f"The database in {self.path} was written by a newer Scrim (version {found}).",
                "Install the Scrim that wrote it, or a newer one.",
            )


def _revision(engine: Engine) -> str:
    found = None
    with reading(engine) as connection:
        if inspect(connection).has_table("alembic_version"):
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if not isinstance(found, str):
        raise StoreError(
            "The database has no version, so it is empty or not Scrim's.",
            "Restore the data folder from a copy.",
        )
    return found


def _unwritable(place: Path) -> DataFolderUnwritable:
    return DataFolderUnwritable(
        f"{place} cannot be written.", "Give the user that runs Scrim the right to write there."
    )


def _unusable(folder: Path, error: OSError) -> ScrimError:
    place = Path(error.filename) if isinstance(error.filename, str) else folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"No space is left for {place}.", "Free some space on the disk.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _unwritable(place)
    reason = error.strerror or type(error).__name__
    return DataFolderError(f"{place} cannot be used: {reason}.", "Name another folder.")
