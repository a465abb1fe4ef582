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

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final, TypeAlias
from xml.sax.saxutils import escape

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    Flowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

_LATIN: Final = "Helvetica"
_BOLD: Final = "Helvetica-Bold"
# font, and the encoding whose letters it has
_SIMPLIFIED: Final = ("STSong-Light", "gbk")
_TRADITIONAL: Final = ("MSung-Light", "big5")
_WIDTH: Final = A4[0] - 36 * mm


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
    _fonts()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=title,
        author="Scrim",
        producer="Scrim",
        lang=language,
        invariant=1,
    )
    flow: list[Flowable] = []
    for block in blocks:
        flow += _flowables(block, language)
    document.build(flow)
    return out.getvalue()


def all_shown(texts: Iterable[str]) -> bool:
    """Whether every letter of these texts can be shown."""
    return all(_font_of(letter, "en") != "" for text in texts for letter in text)


@cache
def _fonts() -> None:
    for name, _ in (_SIMPLIFIED, _TRADITIONAL):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def _flowables(block: Block, language: str) -> Iterator[Flowable]:
    if isinstance(block, Line):
        yield _paragraph(block, language)
        yield Spacer(1, block.size * 0.35)
    elif isinstance(block, Code):
        yield _square(block)
    elif isinstance(block, NewPage):
        yield PageBreak()
    else:
        rows = [row for row in block.rows if any(row)]
        if rows:
            yield _table(rows, language, head=block.head)
            yield Spacer(1, 8)


def _paragraph(line: Line, language: str) -> Paragraph:
    style = ParagraphStyle(
        "line",
        fontName=_BOLD if line.bold else _LATIN,
        fontSize=line.size,
        leading=line.size * 1.35,
        alignment=1 if line.centred else 0,
        wordWrap="CJK" if _breaks_anywhere(line.text) else None,
    )
    return Paragraph(_markup(line.text, language), style)


def _table(rows: Sequence[Sequence[str]], language: str, *, head: bool) -> Table:
    columns = max(len(row) for row in rows)
    longest = [
        max(6, min(60, max((_width(row[at]) for row in rows if at < len(row)), default=0)))
        for at in range(columns)
    ]
    widths = [_WIDTH * share / sum(longest) for share in longest]
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("GRID", (0, 0), (-1, -1), 0.25, colors.grey),
            *([("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)] if head else []),
        ]
    )
    cells = [
        [_cell(text, language, bold=head and number == 0) for text in row]
        + [""] * (columns - len(row))
        for number, row in enumerate(rows)
    ]
    return Table(cells, colWidths=widths, repeatRows=int(head), style=style)


def _cell(text: str, language: str, *, bold: bool) -> Paragraph:
    style = ParagraphStyle(
        "cell",
        fontName=_BOLD if bold else _LATIN,
        fontSize=8,
        leading=10,
        wordWrap="CJK",  # hashes have no blanks to break at
    )
    return Paragraph(_markup(text, language), style)


def _square(code: Code) -> Drawing:
    made = segno.make(code.text, error="m", micro=False)
    matrix = [list(row) for row in made.matrix]
    quiet = 4  # modules of white that ISO/IEC 18004 asks for around it
    module = code.side * mm / (len(matrix) + 2 * quiet)
    drawing = Drawing(_WIDTH, code.side * mm)
    left = (_WIDTH - code.side * mm) / 2
    for y, row in enumerate(reversed(matrix)):
        for x, dark in enumerate(row):
            if dark:
                at = (left + (x + quiet) * module, (y + quiet) * module)
                drawing.add(Rect(*at, module, module, strokeWidth=0, fillColor=colors.black))
    return drawing


def _width(text: str) -> int:
    """In letters, of which a Chinese one is as wide as two."""
    return sum(2 if _breaks_anywhere(letter) else 1 for letter in text)


def _breaks_anywhere(text: str) -> bool:
    return any(ord(letter) > 0x2E7F for letter in text)


def _markup(text: str, language: str) -> str:
    parts = []
    for font, letters in _runs(text, language):
        said = escape(letters).replace("\n", "<br/>")
        parts.append(said if font is None else f'<font name="{font}">{said}</font>')
    return "".join(parts)


def _runs(text: str, language: str) -> Iterator[tuple[str | None, str]]:
    """Stretches of one font; ``None`` for the paragraph's own."""
    chosen = [_font_of(letter, language) for letter in text]
    pairs: list[tuple[str | None, str]] = [
        (font, letter) if font != "" else (None, "?")
        for font, letter in zip(chosen, text, strict=True)
    ]
    for font, run in groupby(pairs, key=lambda pair: pair[0]):
        yield font, "".join(letter for _, letter in run)


@cache
def _font_of(letter: str, language: str) -> str | None:
    """Its font; ``None`` for Helvetica, empty for none."""
    if letter == "\n" or (letter.isprintable() and _has("cp1252", letter)):
        return None
    fonts = [_SIMPLIFIED, _TRADITIONAL]
    if language == "zh-Hant":
        fonts.reverse()
    return next((name for name, encoding in fonts if _has(encoding, letter)), "")


def _has(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
