"""A bundle's files, from a folder or from a ZIP, read without believing either.

Rules:

1. Names stay inside (:func:`scrim.evidence.layout.is_safe`), each once; no link, no device.
2. A ZIP holds its files as they are, uncompressed.  What it says it holds is
   no more than the file itself, so nothing grows while it is read.
3. A ZIP has one form (:func:`write_zip`): names in order, one date, no comments.
   :func:`is_as_written` compares every byte outside the files with that form.
4. Nothing is unpacked.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import struct
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

from scrim.errors import BundleBroken
from scrim.evidence.layout import is_safe
from scrim.vault.fields import LARGEST_DOCUMENT

MOST_FILES: Final = 250_000
CHUNK: Final = 1 << 20

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_LOCAL: Final = struct.Struct("<4s22xHH")
_REMEDY: Final = "Do not unpack it; ask for it again from who made it."


class Source(ABC):
    """The files of a bundle by name."""

    @abstractmethod
    def sizes(self) -> Mapping[str, int]:
        """Every file's name and size in bytes, in the order of names."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The file's bytes; the caller closes it.

        Raises:
            BundleBroken: it cannot be read.
        """

    def read(self, name: str) -> bytes:
        """The whole of a document, 64 MiB at most.

        Raises:
            BundleBroken: it is not there, larger, or cannot be read.
        """
        size = self.sizes().get(name)
        if size is None:
            raise BundleBroken(f"{name} is missing.", _REMEDY)
        if size > LARGEST_DOCUMENT:
            raise BundleBroken(f"{name} is larger than {LARGEST_DOCUMENT} bytes.", _REMEDY)
        with self.open(name) as file:
            return file.read(LARGEST_DOCUMENT + 1)


class Folder(Source):
    """A bundle as a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes = dict(sorted(_walk(path)))
        _check_names(list(self._sizes))

    def sizes(self) -> Mapping[str, int]:
        return self._sizes

    def open(self, name: str) -> BinaryIO:
        try:
            # a link put there since is not followed either
            handle = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            return os.fdopen(handle, "rb")
        except OSError as error:
            raise _unreadable(name, error) from error


class Zip(Source):
    """A bundle as one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                found = archive.infolist()
        except OSError as error:
            raise _unreadable(str(path), error) from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise BundleBroken(f"{path} is neither a bundle's folder nor its ZIP.", _REMEDY) from (
                error
            )
        _check_names([info.filename for info in found])
        for info in found:
            _check_stored(info)
        self._infos = {info.filename: info for info in sorted(found, key=lambda i: i.filename)}
        self._sizes = {name: info.file_size for name, info in self._infos.items()}
        if sum(self._sizes.values()) > path.stat().st_size:
            raise BundleBroken("The ZIP says that it holds more than it is long.", _REMEDY)

    def sizes(self) -> Mapping[str, int]:
        return self._sizes

    def open(self, name: str) -> BinaryIO:
        info = self._infos[name]
        try:
            file = self._path.open("rb")
            try:
                file.seek(info.header_offset)
                magic, name_size, extra_size = _LOCAL.unpack(file.read(_LOCAL.size))
            except (struct.error, OSError):
                file.close()
                raise
        except (struct.error, OSError) as error:
            raise _unreadable(name, error) from error
        if magic != b"PK\x03\x04":
            file.close()
            raise BundleBroken(f"{name} does not begin where the ZIP says.", _REMEDY)
        start = info.header_offset + _LOCAL.size + name_size + extra_size
        return cast("BinaryIO", io.BufferedReader(_Window(file, start, info.file_size), CHUNK))

    def is_as_written(self) -> bool:
        """Whether every byte is the one that :func:`write_zip` writes for these files."""
        with self._path.open("rb") as file:
            same = _Same(file)
            write_zip(self, same)
            return same.so_far and not file.read(1)


def open_bundle(path: Path) -> Source:
    """The bundle at ``path``.

    Raises:
        BundleBroken: there is none, or one that is not safe to read.
    """
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise BundleBroken(f"There is no bundle at {path}.", "Check the path.")
    return Zip(path)


def write_zip(source: Source, sink: BinaryIO | io.RawIOBase) -> None:
    """Write the files as one ZIP: the same files give the same bytes, everywhere.

    ``sink`` is written from its beginning to its end, and never read or rewound.
    """
    with zipfile.ZipFile(cast("BinaryIO", _Forward(sink)), "w") as archive:
        for name, size in source.sizes().items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3  # Unix, wherever it is made
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.file_size = size
            with source.open(name) as file, archive.open(info, "w") as target:
                shutil.copyfileobj(file, target, CHUNK)


class _Forward(io.RawIOBase):
    """A sink that only goes forward, so that the ZIP's form depends on nothing else."""

    def __init__(self, sink: BinaryIO | io.RawIOBase) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]
        self._sink.write(chunk)
        return len(chunk)


class _Same(io.RawIOBase):
    """Compares what is written to it with a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.so_far = True

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]
        self.so_far = self._file.read(len(chunk)) == chunk and self.so_far
        return len(chunk)


class _Window(io.RawIOBase):
    """``size`` bytes of a file from ``start`` on, as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        self._file.seek(self._start + self._at)
        got = self._file.read(max(0, min(len(view), self._size - self._at)))
        view[: len(got)] = got
        self._at += len(got)
        return len(got)

    def close(self) -> None:
        self._file.close()
        super().close()


def _walk(top: Path) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    waiting = [top]
    try:
        while waiting:
            with os.scandir(waiting.pop()) as items:
                for item in items:
                    if item.is_symlink() or not (item.is_dir() or item.is_file()):
                        raise BundleBroken(f"{item.name} is a link or a device.", _REMEDY)
                    if item.is_dir():
                        waiting.append(Path(item.path))
                    else:
                        name = Path(item.path).relative_to(top).as_posix()
                        found.append((name, item.stat().st_size))
            if len(found) > MOST_FILES:
                raise BundleBroken(f"It has more than {MOST_FILES} files.", _REMEDY)
    except OSError as error:
        raise _unreadable(str(top), error) from error
    return found


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MOST_FILES:
        raise BundleBroken(f"It has more than {MOST_FILES} files.", _REMEDY)
    for name in names:
        if not is_safe(name):
            raise BundleBroken(f"A file is named {name[:80]!r}, which no bundle has.", _REMEDY)
    if len({name.casefold() for name in names}) != len(names):
        raise BundleBroken("Two files have one name.", _REMEDY)


def _check_stored(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if (
        info.compress_type != zipfile.ZIP_STORED
        or info.compress_size != info.file_size
        or info.flag_bits & 0x1  # encrypted
        or kind not in (0, stat.S_IFREG)
    ):
        raise BundleBroken(
            f"{info.filename} is compressed, encrypted or a link in the ZIP; no bundle's is.",
            _REMEDY,
        )


def _unreadable(name: str, error: Exception) -> BundleBroken:
    reason = getattr(error, "strerror", None) or "it is cut off"
    return BundleBroken(f"{name} cannot be read: {reason}.", "Check the disk and permissions.")
