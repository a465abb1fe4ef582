"""The public page: what the cameras of each site do, without signing in.

Rules:

1. It says what signs lead to: purposes, how long, who is responsible, how to ask; in three
   languages.  It says nothing that helps an attacker: no camera's name, state, kind, address
   or exact place, and nobody's name that was not published as controller or contact.
2. It is whole without scripts, and loads nothing: its icon stands in it, too.
3. It is made anew at most every ten seconds a language, however often it is asked for.
"""

from __future__ import annotations

from html import escape
from threading import Lock
from typing import Final
from urllib.parse import quote

from sqlalchemy import Engine

from scrim.clock import SECOND, Clock
from scrim.papers.applied import Applied
from scrim.papers.particulars import Particulars, all_particulars
from scrim.papers.words import LANGUAGES, joined, said
from scrim.store.database import reading

NONCE: Final = "__CSP_NONCE__"
_KEPT_US: Final = 10 * SECOND
_OWN_NAMES: Final = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
_STYLE: Final = (
    "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f23;background:#fff}section{border-top:1px solid #ccc;margin-top:1.5rem}"
    "dt{font-weight:600;margin-top:.6rem}dd{margin:0}nav a{margin-right:1rem}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#15181b}a{color:#8cc8ff}}"
)
# the console's, as in web/src/icon.svg; without one a browser asks for /favicon.ico
_ICON: Final = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#12161c"/>'
    '<path d="M6 7h20v18H6zM10 7v18M14 7v18M18 7v18M22 7v18" fill="none" stroke="#5fb3a8"/>'
    '<circle cx="16" cy="14" r="4" fill="#12161c" stroke="#5fb3a8" stroke-width="2"/></svg>'
)


class PublicPage:
    """Makes the page of a deployment."""

    def __init__(self, engine: Engine, applied: Applied, clock: Clock) -> None:
        self._engine = engine
        self._applied = applied
        self._clock = clock
        self._lock = Lock()
        self._made: dict[str, tuple[int, list[tuple[str, str]]]] = {}

    def html(self, language: str, site: str | None = None) -> str:
        """The page; where ``NONCE`` stands the answer's own is put.

        Args:
            language: of :data:`scrim.papers.words.LANGUAGES`.
            site: only this one; where there is none of that id, all.

        Raises:
            ScrimError: what is in force cannot be read.
        """
        sections = self._sections(language)
        wanted = [text for id_, text in sections if id_ == site] or [text for _, text in sections]
        body = "\n".join(wanted) or f"<p>{escape(said('none', language))}</p>"
        title = escape(said("public", language))
        links = "".join(
            f'<a href="?lang={tag}" lang="{tag}" hreflang="{tag}">{_OWN_NAMES[tag]}</a>'
            for tag in LANGUAGES
            if tag != language
        )
        return (
            f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f'<title>{title}</title>\n<link rel="icon" href="{_ICON}">\n'
            f'<style nonce="{NONCE}">{_STYLE}</style>\n</head>\n<body>\n'
            f"<nav>{links}</nav>\n<main>\n<h1>{title}</h1>\n"
            f"<p>{escape(said('masked', language))}</p>\n{body}\n"
            f"<section>\n<h2>{escape(said('ask', language))}</h2>\n"
            f"<p>{escape(said('rights', language))}</p>\n"
            f"{_how(language)}</section>\n</main>\n</body>\n</html>\n"
        )

    def _sections(self, language: str) -> list[tuple[str, str]]:
        with self._lock:
            now = self._clock.now_us()
            kept = self._made.get(language)
            if kept is None or not 0 <= now - kept[0] < _KEPT_US:
                with reading(self._engine) as connection:
                    found = all_particulars(connection, self._applied)
                kept = (now, [(one.site.id, _section(one, language)) for one in found])
                self._made[language] = kept
            return kept[1]


def _how(language: str) -> str:
    steps = "".join(
        f"<li>{escape(said(name, language))}</li>\n"
        for name in ("how-place", "how-time", "how-look", "how-reach")
    )
    return (
        f"<p>{escape(said('how', language))}</p>\n<ul>\n{steps}</ul>\n"
        f"<p>{escape(said('how-soon', language))}</p>\n"
    )


def language_of(asked: str | None, accepted: str) -> str:
    """The language of an answer.

    Args:
        asked: in the address.
        accepted: the header ``Accept-Language`` (RFC 9110, 12.5.4).
    """
    if asked in LANGUAGES:
        return asked
    weighed = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    for quality, _, tag in sorted(weighed):
        if quality < 0 and tag.split("-")[0] == "en":
            return "en"
        if quality < 0 and tag.split("-")[0] == "zh":
            parts = set(tag.split("-"))
            return "zh-Hant" if parts & {"hant", "hk", "tw", "mo"} else "zh-Hans"
    return "en"


def _heard(count: int, language: str) -> str:
    if not count:
        return said("sound-none", language)
    return said("sound-some", language).replace("{n}", str(count))


def _section(of: Particulars, language: str) -> str:
    unsaid = said("unsaid", language)
    rows = (
        ("count", str(len(of.cameras))),
        ("purpose", joined(of.purposes(language), language) or unsaid),
        ("kept", of.kept_said(language)),
        ("sound", _heard(len(of.heard), language)),
        ("controller", of.site.controller or unsaid),
        ("contact", of.site.contact or unsaid),
    )
    listed = "".join(
        f"<dt>{escape(said(name, language))}</dt><dd>{escape(text)}</dd>\n" for name, text in rows
    )
    return f"<section>\n<h2>{escape(of.site.name)}</h2>\n<dl>\n{listed}</dl>\n</section>"
