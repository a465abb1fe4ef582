"""Which font has which letter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

# font, and the encoding whose letters it has
SIMPLIFIED: Final = ("STSong-Light", "gbk")
TRADITIONAL: Final = ("MSung-Light", "big5")


def breaks_anywhere(text: str) -> bool:
    """Whether a line may end after any letter: there are Chinese ones."""
    return any(ord(letter) > 0x2E7F for letter in text)


def markup(text: str, language: str) -> str:
    """The text as a paragraph's markup, each letter in a font that has it."""
    parts = []
    for font, letters in _runs(text, language):
        said = escape(letters).replace("\n", "<br/>")
        parts.append(said if font is None else f'<font name="{font}">{said}</font>')
    return "".join(parts)


def _runs(text: str, language: str) -> Iterator[tuple[str | None, str]]:
    """Stretches of one font; ``None`` for the paragraph's own."""
    chosen = [font_of(letter, language) for letter in text]
    pairs: list[tuple[str | None, str]] = [
        (font, letter) if font != "" else (None, "?")
        for font, letter in zip(chosen, text, strict=True)
    ]
    for font, run in groupby(pairs, key=lambda pair: pair[0]):
        yield font, "".join(letter for _, letter in run)


@cache
def font_of(letter: str, language: str) -> str | None:
    """Its font; ``None`` for Helvetica, empty for none."""
    if letter == "\n" or (letter.isprintable() and _has("cp1252", letter)):
        return None
    fonts = [SIMPLIFIED, TRADITIONAL]
    if language == "zh-Hant":
        fonts.reverse()
    return next((name for name, encoding in fonts if _has(encoding, letter)), "")


def _has(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
