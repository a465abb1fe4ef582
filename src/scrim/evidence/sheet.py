"""A summary as PDF.

Rules:

1. It loads nothing, and the same summary gives the same bytes with the same ``fpdf2``.
2. It has the letters of Latin-1, which every reader brings.  Where a text has others it shows
   ``?`` and says so at its top; the HTML shows all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from scrim.clock import SECOND
from scrim.evidence.summary import Section, Summary

_OTHER: Final = (
    "A ? in this document can stand for a letter that it cannot show; "
    "summary.html and the signed papers have it."
)


def to_pdf(summary: Summary) -> bytes:
    """A4 pages."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime.fromtimestamp(summary.made_us // SECOND, UTC))
    pdf.set_title(_latin(summary.title))
    pdf.set_producer("Scrim")
    pdf.add_page()
    _line(pdf, summary.title, size=18, style="B")
    if _has_other(summary):
        _line(pdf, _OTHER, size=9, style="I")
    for section in summary.sections:
        pdf.ln(3)
        _line(pdf, section.heading, size=13, style="B")
        if section.text:
            _line(pdf, section.text, size=10)
        _table(pdf, section)
    return bytes(pdf.output())


def _line(pdf: FPDF, text: str, *, size: int, style: str = "") -> None:
    pdf.set_font("Helvetica", style, size)
    pdf.multi_cell(0, size * 0.5, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(pdf: FPDF, section: Section) -> None:
    rows = [row for row in section.table if any(row)]
    if not rows:
        return
    pdf.set_font("Helvetica", "", 8)
    with pdf.table(
        first_row_as_headings=any(section.table[0]), line_height=4, wrapmode="CHAR"
    ) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(_latin(cell))


def _has_other(summary: Summary) -> bool:
    texts = [cell for one in summary.sections for row in one.table for cell in row]
    texts += [one.text for one in summary.sections]
    return any(_latin(text) != text for text in texts)


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
