"""Documents as PDF: headings, text, tables and a square code, on A4.

Rules:

1. A document loads nothing, and the same one gives the same bytes with the same ``reportlab``.
2. Latin letters are Helvetica's, Chinese ones those of the two fonts that PDF readers bring
   for it (``MSung-Light`` for Traditional, ``STSong-Light`` for Simplified): their glyphs are
   the reader's, so no font file travels with Scrim or with a document.
3. A letter that none of these has is shown as ``?``; :func:`all_shown` says whether there is one.
4. Text is text: what is put in is never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scrim.pdf.fonts import font_of


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph.

    Attributes:
        text: what it says.
        size: points.
        bold: Latin letters only; the Chinese fonts have one weight.
        centred: in the middle.
    """

    text: str
    size: float = 10
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; ``head``: its first row names the columns."""

    rows: Sequence[Sequence[str]]
    head: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of an address, ``side`` millimetres wide."""

    text: str
    side: float = 60


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block: TypeAlias = Line | Rows | Code | NewPage


def to_pdf(title: str, blocks: Iterable[Block], *, language: str = "en") -> bytes:
    """A PDF of some blocks, one below the other.

    Args:
        title: of the file, for readers.
        blocks: what stands in it.
        language: ``zh-Hant`` prefers Traditional letters where both fonts have one.
    """
    from scrim.pdf.pages import drawn

    return drawn(title, blocks, language)


def all_shown(texts: Iterable[str]) -> bool:
    """Whether every letter of these texts can be shown."""
    return all(font_of(letter, "en") != "" for text in texts for letter in text)
