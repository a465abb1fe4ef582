"""A summary as HTML: it loads nothing, and the same summary gives the same bytes."""

from __future__ import annotations

from html import escape
from typing import Final

from scrim.evidence.summary import Section, Summary

_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0}"
    "td,th{border:1px solid #999;padding:.2em .6em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


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
