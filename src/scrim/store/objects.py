"""Objects: named byte strings that are written once and never changed.

Rules:

- A put is create-only.  A second put under a key is refused, whoever tries.
- When ``put`` returns, the object survives a power cut.  ``obstore`` writes a
  staging file and links it into place but does not flush either to the disk, so
  a store in a folder is flushed here; other stores promise it themselves.
- A process killed inside a put leaves a staging file (``name#1``) and no object.
  No listing shows it; :meth:`ObjectStore.leftovers` finds it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore
from obstore.store import ObjectStore as AnyStore

from scrim.errors import ObjectExists, ObjectMissing, StoreError, StoreFull
from scrim.store import keys

_STAGING: Final = re.compile(r".+#[0-9]+")
_FULL: Final = ("No space left on device", "os error 28", "Disk quota exceeded", "os error 122")
_READ_ONLY: Final = ("Read-only file system", "Permission denied", "os error 30", "os error 13")

Objects: TypeAlias = Iterator[tuple[str, int]]


class ObjectStore:
    """Create-only objects over any ``obstore`` store.

    Keys are ``[a-z0-9._-]`` parts joined by ``/`` (see :mod:`scrim.store.keys`);
    anything else is a ``ValueError``, so that no name can lead out of a folder.
    """

    def __init__(self, store: AnyStore) -> None:
        self._store = store
        self._folder: Path | None = None
        if isinstance(store, LocalStore) and store.prefix is not None:
            self._folder = Path(store.prefix)
        self._flushed: set[Path] = set()

    @classmethod
    def in_folder(cls, path: Path) -> ObjectStore:
        """A store in a folder, which is made if need be.

        Raises:
            StoreError: the folder cannot be made.
        """
        try:
            return cls(LocalStore(path, mkdir=True))
        except (BaseError, OSError) as error:
            _fail(f"The object folder {path} cannot be used", error)

    def put(self, key: str, data: bytes) -> None:
        """Store ``data`` under ``key``; when this returns it is on the disk.

        Raises:
            ObjectExists: something is stored under the key already.
            StoreFull: no room; nothing is stored under the key.
            StoreError: anything else, or the folder cannot be written.
        """
        _check(key)
        try:
            obstore.put(self._store, key, data, mode="create", use_multipart=False)
            self._flush(key)
        except AlreadyExistsError as error:
            raise ObjectExists(
                f"An object is already stored as {key}.",
                "Objects are never overwritten; check the folder with `scrim verify`.",
            ) from error
        except (BaseError, OSError) as error:
            _fail(f"The object {key} could not be stored", error)

    def get(self, key: str) -> bytes:
        """The whole object.

        Raises:
            ObjectMissing: nothing is stored under the key.
            StoreError: it cannot be read.
        """
        _check(key)
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            raise _missing(key) from error
        except (BaseError, OSError) as error:
            _fail(f"The object {key} could not be read", error)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start``; fewer where the object ends before that.

        Raises:
            ObjectMissing: nothing is stored under the key.
            StoreError: it cannot be read, or ``start`` is beyond its end.
        """
        _check(key)
        if start < 0 or length < 0:
            raise ValueError("a range starts at 0 or later and is no shorter than 0")
        if length == 0:
            return b""
        try:
            return bytes(obstore.get_range(self._store, key, start=start, length=length))
        except FileNotFoundError as error:
            raise _missing(key) from error
        except (BaseError, OSError) as error:
            _fail(f"Bytes {start} to {start + length} of {key} could not be read", error)

    def size(self, key: str) -> int:
        """Bytes in the object.

        Raises:
            ObjectMissing: nothing is stored under the key.
            StoreError: it cannot be read.
        """
        _check(key)
        try:
            return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError as error:
            raise _missing(key) from error
        except (BaseError, OSError) as error:
            _fail(f"The object {key} could not be read", error)

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    def list(self, prefix: str) -> Objects:
        """``(key, size)`` of every object below ``prefix`` (whole parts), sorted by key.

        Everything found is listed, also what Scrim would not have stored.

        Raises:
            StoreError: the store cannot be listed.
        """
        found: list[tuple[str, int]] = []
        try:
            for page in obstore.list(self._store, prefix.strip("/") or None):
                found.extend((meta["path"], meta["size"]) for meta in page)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            _fail(f"The objects below {prefix!r} could not be listed", error)
        yield from sorted(found)

    def remove(self, key: str) -> None:
        """Remove the object, if it is there.

        Raises:
            StoreError: it cannot be removed.
        """
        _check(key)
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            _fail(f"The object {key} could not be removed", error)

    def remove_all(self, names: Sequence[str]) -> None:
        """Remove these objects, as far as they are there; then it survives a power cut too.

        Raises:
            StoreError: one cannot be removed; others may be gone.
        """
        for key in names:
            _check(key)
        if self._folder is None:
            for key in names:
                self.remove(key)
            return
        folders = set()
        for key in names:
            path = self._folder / key
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                _fail(f"The object {key} could not be removed", error)
            folders.add(path.parent)
        for folder in folders:
            _fsync(folder, os.O_RDONLY | os.O_DIRECTORY)

    def remove_folder(self, prefix: str) -> None:
        """Remove a folder in which no object is left, with what puts never finished there.

        Where something else is in it, it stays.
        """
        if self._folder is None:
            return
        for name in list(self.leftovers(prefix)):
            self.remove_leftover(name)
        try:
            (self._folder / prefix).rmdir()
        except OSError:  # not there, or not empty: an empty folder says nothing of anybody
            return
        self._flushed.discard(self._folder / prefix)

    def leftovers(self, prefix: str = "") -> Iterator[str]:
        """Staging files of puts that never finished, as paths below the folder, sorted.

        A put that is under way right now has one too: ask only where nothing writes.

        Args:
            prefix: look below this folder only.
        """
        if self._folder is None:
            return
        found = (
            (Path(top) / name).relative_to(self._folder).as_posix()
            for top, _, names in os.walk(self._folder / prefix)
            for name in names
            if _STAGING.fullmatch(name)
        )
        yield from sorted(found)

    def remove_leftover(self, name: str) -> None:
        """Remove one staging file; its object never existed.

        Raises:
            ValueError: not the name of a staging file.
            StoreError: it cannot be removed.
        """
        key, _, number = name.rpartition("#")
        if self._folder is None or not number.isdecimal() or not keys.valid(key):
            raise ValueError(f"{name!r} is not a staging file")
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            _fail(f"The unfinished file {name} could not be removed", error)

    def _flush(self, key: str) -> None:
        if self._folder is None:
            return
        path = self._folder / key
        _fsync(path, os.O_RDONLY)
        _fsync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        # folders that the put may have made: once for each is enough
        folder = path.parent
        while folder != self._folder and folder not in self._flushed:
            self._flushed.add(folder)
            folder = folder.parent
            _fsync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _fsync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check(key: str) -> None:
    if not keys.valid(key):
        raise ValueError(f"{key!r} is not an object key")


def _missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"There is no object {key}.", "Check the folder with `scrim verify`.")


def _fail(what: str, error: Exception) -> NoReturn:
    text = str(error).split("\n", 1)[0]  # obstore adds a page of debugging text
    if any(sign in text for sign in _FULL):
        raise StoreFull(f"{what}: no space is left.", "Free some space on the disk.") from error
    remedy = "See the message above."
    if any(sign in text for sign in _READ_ONLY):
        remedy = "Give the user that runs Scrim the right to write there."
    raise StoreError(f"{what}: {text}.", remedy) from error
