"""The sign at the site, as PDF: who, what for, how long, what one may ask, and a code.

Rules:

1. A sign says controller, contact, purpose and how long; where one of these is not said yet
   there is no sign (``PaperRefused`` or ``NormsError``).
2. Its words are the pack's, and where the pack has none in a language or leaves one of these
   out, Scrim's own; what one may ask for stands on each.
3. The code leads to the deployment's public page, and to nothing that follows anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from scrim.errors import PaperRefused
from scrim.norms.pack import SignText
from scrim.norms.wording import filled, places
from scrim.papers.particulars import Particulars
from scrim.papers.words import LANGUAGES, said
from scrim.pdf import Block, Code, Line, NewPage, to_pdf

_MUST: Final = ("purpose", "kept", "controller", "contact")


def sign(
    of: Particulars,
    page: str,
    languages: Sequence[str] = LANGUAGES,
    more: Mapping[str, str] | None = None,
) -> bytes:
    """The sign, a page for each language.

    Args:
        of: the site.
        page: address of the public page.
        languages: of :data:`scrim.papers.words.LANGUAGES`.
        more: what only people know, by place of the pack's text: ``authority``, ``recipients``.

    Raises:
        PaperRefused: something that a sign says is not said yet; names it.
        NormsError: the pack's text asks for more than is known.
    """
    _check(of, page, languages)
    blocks: list[Block] = []
    for language in languages:
        if blocks:
            blocks.append(NewPage())
        blocks += _page(of, page, language, more or {})
    return to_pdf(f"{of.site.name}: {said('cameras', languages[0])}", blocks, language=languages[0])


def values_of(of: Particulars, page: str, language: str) -> dict[str, str]:
    """What is put into the places of a text."""
    return {
        "controller": of.site.controller,
        "contact": of.site.contact,
        "page": page,
        "purpose": of.purpose(language),
        "legal_basis": of.legal_basis(),
        "recipients": said("recipients", language),
        "kept": of.kept_said(language),
        "site": of.site.name,
    }


def _page(of: Particulars, page: str, language: str, more: Mapping[str, str]) -> Iterator[Block]:
    values = {**values_of(of, page, language), **more}
    found = _text(of, language)
    yield Line(found.heading if found else said("cameras", language), 36, bold=True, centred=True)
    yield Line(of.site.name, 20, centred=True)
    lines = () if found is None else found.lines
    there: set[str] = set()
    for line in lines:
        there.update(places(line))
        yield Line(filled(line, values), 15)
    if of.heard:
        yield Line(said("sound-too", language), 15)
    for name in _MUST:
        if name not in there:
            yield Line(f"{said(name, language)}: {values[name]}", 15)
    if not lines:
        yield Line(said("masked", language), 15)
    yield Line(said("rights", language), 13)
    yield Code(page, 62)
    yield Line(page, 11, centred=True)


def _text(of: Particulars, language: str) -> SignText | None:
    """The first pack's in that language; ``baseline`` only where no other has one."""
    packs = sorted(of.packs, key=lambda pack: (pack.id == "baseline", pack.id))
    return next((pack.signs[language] for pack in packs if language in pack.signs), None)


def _check(of: Particulars, page: str, languages: Sequence[str]) -> None:
    if not of.cameras:
        raise PaperRefused(
            f"The site {of.site.id} has no camera, so a sign would say nothing.",
            "Put one there: `scrim camera set ID --site ...`.",
        )
    missing = [name for name in ("controller", "contact") if not getattr(of.site, name).strip()]
    if missing:
        raise PaperRefused(
            f"A sign says {' and '.join(missing)}, which is not said of the site {of.site.id}.",
            f"Say it with `scrim site set {of.site.id} --{missing[0]} ...`.",
        )
    without = [one.camera for one in of.cameras if not one.purpose]
    if without:
        raise PaperRefused(
            f"A sign says what cameras are for, which is not said of {', '.join(without)}.",
            f"Say it with `scrim camera set {without[0]} --purpose ...`.",
        )
    if not page:
        raise PaperRefused(
            "A sign leads to the public page, and its address is not said.",
            'Put public_url = "https://cctv.example" under [norms] in scrim.toml.',
        )
    for language in languages:
        if language not in LANGUAGES:
            raise PaperRefused(
                f"There are no signs in {language!r}.", f"Take one of {', '.join(LANGUAGES)}."
            )
