"""A summary as PDF (:mod:`scrim.pdf`).

Where a text has a letter that it cannot show, there is a ``?``, and it says so at its top;
the HTML shows all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scrim import pdf
from scrim.evidence.summary import Section, Summary
from scrim.pdf import Block, Line, Rows

_OTHER: Final = (
    "A ? in this document can stand for a letter that it cannot show; "
    "summary.html and the signed papers have it."
)


def to_pdf(summary: Summary) -> bytes:
    """A4 pages."""
    blocks: list[Block] = [Line(summary.title, 18, bold=True)]
    if not pdf.all_shown(_texts(summary)):
        blocks.append(Line(_OTHER, 9))
    for section in summary.sections:
        blocks += _section(section)
    return pdf.to_pdf(summary.title, blocks)


def _section(section: Section) -> Iterator[Block]:
    yield Line(section.heading, 13, bold=True)
    if section.text:
        yield Line(section.text)
    if section.table:
        yield Rows(section.table, head=any(section.table[0]))


def _texts(summary: Summary) -> Iterator[str]:
    yield summary.title
    for one in summary.sections:
        yield one.text
        for row in one.table:
            yield from row
