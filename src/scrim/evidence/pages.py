"""A summary as HTML and as PDF.

Rules:

1. Neither loads anything: no script, no picture, no font, no address.
2. The same summary gives the same bytes, with the same version of what writes it.
3. The PDF has the letters of Latin-1, which every reader brings.  Where a text has others, it
   shows ``?`` and says so; the HTML shows all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from scrim.clock import SECOND
from scrim.evidence.summary import Section, Summary

_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0}"
    "td,th{border:1px solid #999;padding:.2em .6em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_OTHER: Final = (
    "A ? in this document can stand for a letter that it cannot show; "
    "summary.html and the signed papers have it."
)


def to_html(summary: Summary) -> bytes:
    """One page, UTF-8."""
    title = escape(summary.title)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        *(_section(section) for section in summary.sections),
        "</body></html>\n",
    ]
    return "\n".join(parts).encode()


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


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.heading)}</h2>"]
    if section.text:
        parts.append(f"<p>{escape(section.text)}</p>")
    if section.table:
        head, *rows = section.table
        parts.append("<table>")
        if any(head):
            parts.append(_row(head, "th"))
        parts += [_row(row, "td") for row in rows]
        parts.append("</table>")
    return "\n".join(parts)


def _row(cells: tuple[str, ...], tag: str) -> str:
    inside = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def _line(pdf: FPDF, text: str, *, size: int, style: str = "") -> None:
    pdf.set_font("Helvetica", style, size)  # type: ignore[arg-type]
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
