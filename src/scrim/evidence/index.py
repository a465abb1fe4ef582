"""The index: every file of a bundle, signed by the officer who made it.

Body of a statement, ``scrim-bundle-v1``; docs/ref/formats/bundle.md has the
fields.  Whatever else stands in a bundle is held by its hash here, and the index
by its signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from scrim.canonical import Json
from scrim.errors import StatementInvalid
from scrim.evidence.archive import CHUNK
from scrim.evidence.layout import is_safe
from scrim.vault.fields import Fields
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-bundle-v1"

_FIELDS: Final = frozenset(
    {
        "format",
        "deployment",
        "case",
        "request_sha256",
        "made_us",
        "made_by",
        "tool",
        "content_sha256",
        "files",
    }
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


def stamp(file: BinaryIO) -> Stamp:
    """Read a file to its end, a megabyte at a time."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Stamp(size, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Index:
    """The body of ``bundle.json``.

    Attributes:
        made_by: the officer's id and office, as in the request.
        tool: name and version of what made it.
        content_sha256: of the originals and the viewing copies
            (:func:`scrim.evidence.custody.content`), as the ledger knows the export.
        files: path to size and hash, of every file but the index itself.
    """

    deployment: str
    case: str
    request_sha256: str
    made_us: int
    made_by: tuple[str, str]
    tool: tuple[str, str]
    content_sha256: str
    files: Mapping[str, Stamp]

    def body(self) -> dict[str, Json]:
        """The body that the officer signs."""
        return {
            "format": FORMAT,
            "deployment": self.deployment,
            "case": self.case,
            "request_sha256": self.request_sha256,
            "made_us": self.made_us,
            "made_by": {"id": self.made_by[0], "office": self.made_by[1]},
            "tool": {"name": self.tool[0], "version": self.tool[1]},
            "content_sha256": self.content_sha256,
            "files": [
                {"path": path, "size": found.size, "sha256": found.sha256}
                for path, found in sorted(self.files.items())
            ],
        }

    @classmethod
    def of(cls, statement: Statement) -> Index:
        """The index that ``statement`` signs.

        Raises:
            StatementInvalid: it signs none.
        """
        try:
            return _read(statement.body)
        except ValueError as error:
            raise StatementInvalid(
                f"This is not the index of a bundle: {error}.", "Ask for the bundle again."
            ) from None


def _read(body: object) -> Index:
    fields = Fields(body, _FIELDS)
    fields.is_exactly("format", FORMAT)
    by = Fields(fields.mapping("made_by"), frozenset({"id", "office"}))
    tool = Fields(fields.mapping("tool"), frozenset({"name", "version"}))
    files: dict[str, Stamp] = {}
    last = ""
    for item in fields.items("files"):
        line = Fields(item, frozenset({"path", "size", "sha256"}))
        path = line.text("path")
        if not is_safe(path) or path <= last:
            raise ValueError("a path is not one, or not in order")
        files[path], last = Stamp(line.number("size"), line.sha256("sha256")), path
    return Index(
        fields.text("deployment"),
        fields.text("case"),
        fields.sha256("request_sha256"),
        fields.number("made_us"),
        (by.text("id"), by.text("office")),
        (tool.text("name"), tool.text("version")),
        fields.sha256("content_sha256"),
        files,
    )
