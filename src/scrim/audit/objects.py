"""Objects on disk: there, whole and the right ones.

An object whose bytes are not those on record is *swapped* where they are those
of another known object, *truncated* where they are fewer, *altered* otherwise.
Telling swapped needs every record, so such objects are judged at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scrim.audit.claims import Claims
from scrim.audit.evidence import Evidence
from scrim.audit.report import Kind, Report
from scrim.store import keys

_CHUNK: Final = 1024 * 1024
_STAGING: Final = re.compile(r".+#[0-9]+")
_RESTORE: Final = "Restore it from a copy; if there is none it is lost, so tell the auditor."


@dataclass(frozen=True, slots=True)
class _Mismatch:
    key: str
    size: int
    found_size: int
    found_sha256: str | None  # None: not looked at


class ObjectCheck:
    """Looks at objects one by one.

    Args:
        quick: compare sizes only.
    """

    def __init__(self, evidence: Evidence, report: Report, *, quick: bool) -> None:
        self._evidence = evidence
        self._root = evidence.folder.objects
        self._report = report
        self._quick = quick
        self._mismatches: list[_Mismatch] = []

    def check(
        self,
        key: str,
        sha256: str,
        size: int | None = None,
        gone: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Whether the object is there with that hash (and size); says what is wrong.

        Args:
            key: its name.
            sha256: of its bytes, as on record.
            size: the same.
            gone: asked where it is not there, or not there any more: whether that is right.
        """
        path = self._path(key)
        found = self._stat(key, path, gone)
        if found is None:
            return False
        self._report.checked["objects"] += 1
        self._report.checked["bytes"] += found
        if size is not None and found != size:
            seen = None if self._quick else self._hash(key, path, gone)
            if seen is not None or self._quick:
                self._mismatches.append(_Mismatch(key, size, found, seen))
            return False
        if self._quick:
            return True
        seen = self._hash(key, path, gone)
        if seen is None:
            return False
        if seen != sha256:
            self._mismatches.append(_Mismatch(key, found if size is None else size, found, seen))
            return False
        return True

    def there(self, key: str) -> bool:
        """Whether something lies under that name; says nothing."""
        path = self._path(key)
        return path is not None and os.path.lexists(path)

    def whole(self, key: str, sha256: str) -> bool:
        """Whether the object is there with that hash; says nothing."""
        path = self._path(key)
        try:
            return path is not None and path.is_file() and _sha256(path) == sha256
        except OSError:
            return False

    def read(self, key: str) -> bytes | None:
        """The object's bytes, once :meth:`check` has found it right."""
        path = self._path(key)
        try:
            return None if path is None else path.read_bytes()
        except OSError:
            return None

    def head(self, key: str, size: int, gone: Callable[[], bool] = lambda: False) -> bytes | None:
        """The first bytes of an object that :meth:`check` has found right; ``None``: gone since."""
        path = self._path(key)
        try:
            if path is not None:
                with path.open("rb") as file:
                    return file.read(size)
        except OSError as error:
            if not (isinstance(error, FileNotFoundError) and gone()):
                self._unreadable(key, error)
        return None

    def finish(self, claims: Claims) -> None:
        """Judge the objects that were not what they should be."""
        wanted = {miss.found_sha256 for miss in self._mismatches} - {None}
        owners = dict(self._owners(wanted, claims)) if wanted else {}
        for miss in self._mismatches:
            owner = owners.get(miss.found_sha256 or "")
            if owner is not None and owner != miss.key:
                self._report.problem(
                    Kind.OBJECT_SWAPPED, miss.key, f"It holds the bytes of {owner}.", _RESTORE
                )
            elif miss.found_size < miss.size:
                self._report.problem(
                    Kind.OBJECT_TRUNCATED,
                    miss.key,
                    f"It has {miss.found_size} bytes of {miss.size}.",
                    _RESTORE,
                )
            else:
                self._report.problem(
                    Kind.OBJECT_ALTERED, miss.key, "Its bytes are not those on record.", _RESTORE
                )

    def _owners(self, wanted: set[str | None], claims: Claims) -> Iterator[tuple[str, str]]:
        for key, opened in claims.opened.items():
            if opened.document in wanted:
                yield opened.document, keys.document_key(*key)
        for key, closed in claims.closed.items():
            if closed.manifest in wanted:
                yield closed.manifest, keys.manifest_key(*key)
        for row in self._evidence.all_segments():
            try:
                sha256 = json.loads(row.record).get("sha256")
            except (ValueError, AttributeError):  # said already, as a broken chain
                continue
            if sha256 in wanted:
                yield sha256, row.object_key

    def _path(self, key: str) -> Path | None:
        return self._root / key if keys.valid(key) else None

    def _stat(self, key: str, path: Path | None, gone: Callable[[], bool]) -> int | None:
        try:
            found = os.lstat(path) if path is not None else None
        except (FileNotFoundError, NotADirectoryError):
            found = None
        except OSError as error:
            self._unreadable(key, error)
            return None
        if found is None:
            if gone():
                return None
            self._report.problem(Kind.OBJECT_MISSING, key, "It is not there.", _RESTORE)
            return None
        if not stat.S_ISREG(found.st_mode):
            self._report.problem(
                Kind.OBJECT_ALTERED, key, "It is a link or a folder, not a file.", _RESTORE
            )
            return None
        return found.st_size

    def _hash(self, key: str, path: Path | None, gone: Callable[[], bool]) -> str | None:
        assert path is not None
        try:
            return _sha256(path)
        except OSError as error:
            if not (isinstance(error, FileNotFoundError) and gone()):
                self._unreadable(key, error)
            return None

    def _unreadable(self, key: str, error: OSError) -> None:
        self._report.problem(
            Kind.OBJECT_UNREADABLE,
            key,
            f"It cannot be read: {error.strerror}.",
            "Check the disk and the permissions, then run this again.",
        )


def check_orphans(
    evidence: Evidence, report: Report, claims: Claims, progress: Callable[[], None] = lambda: None
) -> None:
    """Find files below ``objects/`` that nothing on record accounts for.

    Each folder is listed before its rows are read, and a row is there before its
    object, so what a running Scrim adds meanwhile is never taken for an orphan.
    """
    for top, _, files in sorted(os.walk(evidence.folder.objects)):
        place = Path(top).relative_to(evidence.folder.objects)
        found = [(place / file).as_posix() for file in sorted(files)]
        known: set[str] = set()
        looked: set[tuple[str, int, int]] = set()
        for key in found:
            progress()
            name = keys.parse(key)
            if _STAGING.fullmatch(key):
                report.note(
                    Kind.STAGING_LEFT,
                    key,
                    "A put is under way, or was cut off by a crash.",
                    "If Scrim does not run, it may be removed.",
                )
            elif name is None:
                _orphan(report, key)
            elif name.kind == "reshare":
                row = evidence.period_now((name.camera, name.epoch, name.period))
                if row is not None and row.parts_state != "kept":
                    # one with an entry is told of with its period
                    logged = claims.reshared.get(row.key, {})
                    if (
                        row.parts_state == "erased"
                        and key not in {keys.reshare_key(*row.key, one) for one in logged}
                        and path_there(evidence, key)
                    ):
                        _found_again(report, key)
                elif key not in evidence.reshares_now():
                    report.note(
                        Kind.STAGING_LEFT,
                        key,
                        "It is being stored, or that was cut off by a crash.",
                        "Store it again; without its entry it counts for nothing.",
                    )
            elif name.segment is None:
                _check_period_file(evidence, report, key, name)
            else:
                period = (name.camera, name.epoch, name.period)
                if period not in looked:
                    looked.add(period)
                    known |= evidence.object_keys(period)
                if key not in known and path_there(evidence, key):
                    _unknown(report, claims, key, name)


def _check_period_file(evidence: Evidence, report: Report, key: str, name: keys.ObjectName) -> None:
    row = evidence.period_now((name.camera, name.epoch, name.period))
    if row is not None and name.kind in _ERASED_WITH:
        if getattr(row, _ERASED_WITH[name.kind]) == "erased" and path_there(evidence, key):
            _found_again(report, key)
            return
        if key in (row.document_key, row.manifest_key):
            return
    if row is not None and name.kind == "tombstone" and row.parts_state != "kept":
        return
    # A document is put before its row, a manifest before its period is marked as
    # closed; a crash in between is mended when the camera starts again.
    if name.kind == "manifest" and row is not None and row.closed_us is None:
        what = "Its period is not marked as closed."
    elif name.kind == "document" and row is None and _is_newest(evidence, name):
        what = "Its period has no row yet."
    else:
        _orphan(report, key)
        return
    report.note(Kind.PERIOD_OPEN, key, what, "The camera's next start puts it right.")


_ERASED_WITH: Final = {"document": "parts_state", "manifest": "rest_state"}


def path_there(evidence: Evidence, key: str) -> bool:
    """Whether it is still there; a sweep may be at work."""
    return os.path.lexists(evidence.folder.objects / key)


def _unknown(report: Report, claims: Claims, key: str, name: keys.ObjectName) -> None:
    erasure = claims.erased.of((name.camera, name.epoch, name.period))
    if name.segment is not None and erasure.covers(name.kind, name.segment):
        _found_again(report, key)
    else:
        _orphan(report, key)


def _found_again(report: Report, key: str) -> None:
    report.problem(
        Kind.ERASED_FOUND,
        key,
        "The ledger says that it was erased, and it is there.",
        "Somebody brought it back, from a copy perhaps; keep it and tell the auditor.",
    )


def _is_newest(evidence: Evidence, name: keys.ObjectName) -> bool:
    snapshot = evidence.snapshot()
    mine = [key for key in snapshot.periods if key[0] == name.camera]
    return all((name.epoch, name.period) > (epoch, number) for _, epoch, number in mine)


def _orphan(report: Report, key: str) -> None:
    report.problem(
        Kind.OBJECT_ORPHANED,
        key,
        "Nothing on record knows it.",
        "Somebody put it there, or removed its record; keep it and tell the auditor.",
    )


def _sha256(path: Path) -> str:
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            seen.update(chunk)
    return seen.hexdigest()
