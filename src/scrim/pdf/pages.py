"""Drawing a document with ``reportlab``, which is slow to load and seldom needed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

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

from scrim.pdf import Block, Code, Line, NewPage
from scrim.pdf.fonts import SIMPLIFIED, TRADITIONAL, breaks_anywhere, markup

_LATIN: Final = "Helvetica"
_BOLD: Final = "Helvetica-Bold"
_WIDTH: Final = A4[0] - 36 * mm


def drawn(title: str, blocks: Iterable[Block], language: str) -> bytes:
    """As :func:`scrim.pdf.to_pdf`."""
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


@cache
def _fonts() -> None:
    for name, _ in (SIMPLIFIED, TRADITIONAL):
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
        wordWrap="CJK" if breaks_anywhere(line.text) else None,
    )
    return Paragraph(markup(line.text, language), style)


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
    return Paragraph(markup(text, language), style)


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
    return sum(2 if breaks_anywhere(letter) else 1 for letter in text)
