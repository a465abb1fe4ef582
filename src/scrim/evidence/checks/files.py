"""Is every file there, unchanged, and no other, and who says so?"""

from __future__ import annotations

from collections.abc import Callable

from scrim.errors import BundleBroken, StatementInvalid
from scrim.evidence import layout
from scrim.evidence.archive import Zip
from scrim.evidence.checks.found import Found
from scrim.evidence.custody import content
from scrim.evidence.index import Index, Stamp, stamp
from scrim.evidence.kinds import Kind

_UNPACK = "If another program packed it, unpack it and verify the folder."


class FilesCheck:
    """Reads every byte once, and holds the index against what is there.

    Args:
        progress: called with how many bytes were read.
    """

    def __init__(self, found: Found, progress: Callable[[int], None] = lambda _: None) -> None:
        self._found = found
        self._progress = progress

    def verify(self) -> None:
        found = self._found
        for name in found.source.sizes():
            with found.source.open(name) as file:
                found.stamps[name] = stamp(file)
            found.report.checked["files"] += 1
            found.report.checked["bytes"] += found.stamps[name].size
            self._progress(found.stamps[name].size)
        self._index()
        if found.index is not None:
            self._compare(found.index)
        if isinstance(found.source, Zip) and not found.source.is_as_written():
            found.problem(
                Kind.ARCHIVE_ALTERED,
                "the ZIP",
                "Around the files it has other bytes than Scrim writes.",
                _UNPACK,
            )

    def _index(self) -> None:
        found = self._found
        if not found.there(layout.INDEX):
            found.problem(Kind.FILE_MISSING, layout.INDEX, "The index is gone.")
            return
        try:
            statement = found.statement(layout.INDEX)
            found.index = Index.of(statement)
            found.sealed_by = statement.verifier
        except (StatementInvalid, BundleBroken) as error:
            found.failed(Kind.INDEX_INVALID, layout.INDEX, error)

    def _compare(self, index: Index) -> None:
        found = self._found
        there = found.stamps.keys() - {layout.INDEX}
        for name in sorted(index.files.keys() | there):
            expected, actual = index.files.get(name), found.stamps.get(name)
            if expected is None:
                found.problem(Kind.FILE_ADDED, name, "It is in the bundle and not in its index.")
            elif actual is None:
                found.problem(Kind.FILE_MISSING, name, "The index names it, and it is gone.")
            elif actual != expected:
                found.problem(Kind.FILE_ALTERED, name, _differ(expected, actual))
        if content(index.files)[0] != index.content_sha256:
            found.problem(
                Kind.INDEX_INVALID,
                layout.INDEX,
                "Its hash of the pictures is not that of its files.",
            )


def _differ(expected: Stamp, actual: Stamp) -> str:
    if expected.size != actual.size:
        return f"It has {actual.size} bytes; {expected.size} were signed."
    return f"Its SHA-256 is {actual.sha256}; {expected.sha256} was signed."
