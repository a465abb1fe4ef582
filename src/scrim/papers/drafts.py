"""Drafts filled from the configuration: assessment, record of processing, filings.

Rules:

1. A draft says so, and that it is not legal advice.  What only people can say is a blank that
   names what is asked; it is never made up.
2. Its words are the pack's; where none over the site has such a document, those of the pack
   ``baseline``.
3. The cameras stand in a table, as they are configured, without addresses.
4. The rules that it is made for stand at its end with their citations, unverified ones marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from scrim.errors import PaperRefused
from scrim.norms import NOT_ADVICE
from scrim.norms.pack import Pack
from scrim.norms.wording import PLACES, filled, places
from scrim.papers.particulars import Particulars
from scrim.papers.sign import values_of
from scrim.pdf import Line, Rows, to_pdf

DOCUMENTS: Final = ("assessment", "record", "filing")
_BY: Final = {"en": "DRAFT", "zh-Hant": "草稿", "zh-Hans": "草稿"}
_MEASURES: Final = (
    "Faces and what else is configured are masked in the recorder before a picture leaves it; "
    "where masking is not certain the whole picture is masked. Originals are sealed to keys of "
    "which several custodians hold parts; opening needs them together, for one case, camera and "
    "interval. Every collection, view, release, change and erasure is in an append-only ledger "
    "first. No face templates are stored and nobody is recognised."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, to be written as Markdown, HTML or PDF.

    Attributes:
        title: its first line.
        paragraphs: what follows.
        cameras: a table whose first row names the columns.
        rules: what it is made for, a line each.
        language: of its words.
    """

    title: str
    paragraphs: tuple[str, ...]
    cameras: tuple[tuple[str, ...], ...]
    rules: tuple[str, ...]
    language: str

    def markdown(self) -> str:
        """CommonMark, with a table of GitHub's kind."""
        head, *rows = self.cameras
        table = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
        lines = [f"# {_plain(self.title)}", *map(_plain, self.paragraphs), "\n".join(table)]
        lines.append("\n".join(f"- {_plain(rule)}" for rule in self.rules))
        return "\n\n".join([*(line for line in lines if line), NOT_ADVICE]) + "\n"

    def html(self) -> str:
        """One page that loads nothing."""
        head, *rows = self.cameras
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        table = f"<tr>{cells}</tr>" + "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
        )
        body = "".join(f"<p>{escape(text)}</p>\n" for text in self.paragraphs)
        rules = "".join(f"<li>{escape(rule)}</li>\n" for rule in self.rules)
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<meta charset="utf-8">\n'
            f"<title>{escape(self.title)}</title>\n<h1>{escape(self.title)}</h1>\n{body}"
            f"<table>{table}</table>\n<ul>{rules}</ul>\n<p>{escape(NOT_ADVICE)}</p>\n</html>\n"
        )

    def pdf(self) -> bytes:
        """A4 pages."""
        return to_pdf(
            self.title,
            [
                Line(self.title, 16, bold=True),
                *(Line(text) for text in self.paragraphs),
                Rows(self.cameras),
                *(Line(rule, 8) for rule in self.rules),
                Line(NOT_ADVICE, 8),
            ],
            language=self.language,
        )


def draft(
    document: str,
    of: Particulars,
    baseline: Pack,
    *,
    page: str,
    today: str,
    language: str = "en",
    said: Mapping[str, str] | None = None,
    describe: Callable[[str], Sequence[str]] = lambda _camera: (),
) -> Draft:
    """A draft.

    Args:
        document: ``assessment``, ``record``, or ``filing-public-security`` and its like.
        of: the site, or one camera of it.
        baseline: the pack whose words are taken where no other has them.
        page: address of the public page; may be empty.
        today: the day that stands on it.
        language: where the pack has it in more than one.
        said: what people said, by place of the text.
        describe: what a camera records and covers, for the table.

    Raises:
        PaperRefused: no pack has such a document, or it was said of a place that none has.
    """
    unknown = [name for name in said or {} if name not in PLACES]
    if unknown:
        raise PaperRefused(
            f"No text has a place {unknown[0]!r}.", f"There are {', '.join(PLACES)}."
        )
    pack, language, text = _text(document, of, baseline, language)
    names = ", ".join(one.camera for one in of.cameras)
    values = values_of(of, page, language if language in _BY else "en") | {
        "cameras": names,
        "today": today,
        "configuration": "as in the table below.",
        "measures": _MEASURES,
        **(said or {}),
    }
    blanks = {name: f"[ {PLACES[name]}: ______ ]" for name in places(text) if not values.get(name)}
    title, *rest = filled(text, values | blanks).strip().splitlines()
    rules = of.rules() or [pack.rule(asked.rule) for asked in pack.requires]
    return Draft(
        title=f"{_BY.get(language, 'DRAFT')}: {title}",
        paragraphs=tuple(line.strip() for line in rest if line.strip()),
        cameras=(
            ("Camera", "Place", "Purpose", "Labels", "What is covered, and heard"),
            *(
                (
                    one.camera,
                    one.place,
                    one.purpose or "-",
                    " ".join(sorted(one.labels)) or "-",
                    ", ".join([*describe(one.camera), *_heard(of, one.camera)]) or "-",
                )
                for one in of.cameras
            ),
        ),
        rules=tuple(
            f"{rule.id} ({rule.citation}{', unverified' * rule.unverified}): {rule.sentence}"
            for rule in rules
        ),
        language=language,
    )


def _heard(of: Particulars, camera: str) -> list[str]:
    return ["sound recorded in the originals"] if camera in of.heard else []


def _text(document: str, of: Particulars, baseline: Pack, language: str) -> tuple[Pack, str, str]:
    packs = sorted(of.packs, key=lambda pack: (pack.id == "baseline", pack.id))
    for pack in [*packs, baseline]:
        found = pack.documents.get(document)
        if found:
            taken = language if language in found else next(iter(found))
            return pack, taken, found[taken]
    raise PaperRefused(
        f"No pack over the site {of.site.id} has a document {document!r}.",
        "Put the pack in force that asks for it: `scrim norms apply PACK`.",
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in cells) + " |"


def _plain(text: str) -> str:
    """No letter of it is Markdown's."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#" else letter for letter in text)
