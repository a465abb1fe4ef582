"""Letters to the person, from the texts of the packs.

Rules:

1. A text is of a pack that the cameras are under, else of the sector-neutral one, in the
   language that the person asked in.
2. Every place is filled or no letter is made.
3. A letter's text is kept with the person's name and goes with it; the ledger has its SHA-256
   as a commitment.
4. The last day is the day before the moment at which it is late, in the time zone of the rule.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import SECOND
from scrim.errors import DutyRefused, DutyState
from scrim.ledger import Act
from scrim.norms.pack import Pack
from scrim.norms.wording import filled
from scrim.pdf import Line, to_pdf
from scrim.store.schema import refusal, subject_letter
from scrim.subjects.file import Person, RequestFile, change, find, person, see
from scrim.subjects.room import Room
from scrim.subjects.terms import baseline, zone_of

_NONE: Final = "-"


class Kind(StrEnum):
    """Which letter, by the word of the packs."""

    ACKNOWLEDGEMENT = "acknowledgement"
    EXTENSION = "extension"
    REFUSAL = "refusal"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Said:
    """What a letter says of whoever answers for the cameras."""

    controller: str
    contact: str
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was made.

    Attributes:
        pack: whose text.
        sha256: of the text in UTF-8.
    """

    request: str
    kind: Kind
    language: str
    pack: str
    sha256: str
    text: str = field(repr=False)

    def html(self) -> str:
        """The same, as a page that needs nothing else."""
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<head><meta charset="utf-8">'
            f"<title>{self.request}</title></head>\n"
            '<body style="max-width:42em;margin:3em auto;font:16px/1.5 serif;white-space:pre-wrap">'
            f"{html.escape(self.text)}</body>\n</html>\n"
        )

    def pdf(self) -> bytes:
        """A4 pages."""
        lines = [Line(line) for line in self.text.splitlines() if line.strip()]
        return to_pdf(self.request, lines, language=self.language)


def make(
    room: Room, request: str, kind: Kind, said: Said, language: str | None, *, who: str
) -> Letter:
    """Make a letter and put it on record."""
    with in_ledger(room.engine) as connection:
        file, whom = find(connection, request), person(connection, request)
        wanted = language or file.language
        pack, template = _template(
            [*room.packs_of(connection, file.cameras), baseline()], file, kind, wanted
        )
        now = see(connection, file, room.clock.now_us())
        reasons = _reasons(connection, file, whom, kind)
        text = filled(template, _values(file, whom, pack, said, reasons, now))
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        facts: dict[str, Json] = {
            "letter": kind.value,
            "language": wanted.lower(),
            "pack": pack.id,
            "sha256": whom.committed(sha256),
        }
        room.write(connection, file, whom, Act.SUBJECT_LETTER, now, who=who, facts=facts)
        connection.execute(
            insert(subject_letter).values(
                request=request,
                kind=kind.value,
                language=wanted,
                pack=pack.id,
                sha256=sha256,
                text=text,
                made_us=now,
            )
        )
        if kind is Kind.ACKNOWLEDGEMENT and file.acknowledged_us is None:
            change(connection, request, acknowledged_us=now)
        return Letter(request, kind, wanted, pack.id, sha256, text)


def kinds(connection: Connection, request: str) -> frozenset[str]:
    """Which letters were made for a request."""
    query = select(subject_letter.c.kind).where(subject_letter.c.request == request)
    return frozenset(connection.execute(query).scalars())


def asked(file: RequestFile, zone: ZoneInfo) -> str:
    """What was asked for, in words that are the same in every language."""
    since, until = _moment(file.since_us, zone), _moment(file.until_us, zone)
    return f"{', '.join(file.cameras)}: {since} – {until} ({zone.key})"


def _template(
    packs: Sequence[Pack], file: RequestFile, kind: Kind, language: str
) -> tuple[Pack, str]:
    first = file.term.pack
    ordered = sorted(packs, key=lambda pack: (pack.id != first, pack.id == "baseline", pack.id))
    found = [pack for pack in ordered if kind.value in pack.letters]
    for pack in found:
        if language in pack.letters[kind.value]:
            return pack, pack.letters[kind.value][language]
    there = sorted({name for pack in found for name in pack.letters[kind.value]})
    raise DutyRefused(
        f"No pack has the letter {kind.value} in {language}.",
        f"There it is in {', '.join(there)}; say --language, or add it to a pack of your own."
        if there
        else "None of the rules that apply here knows such a letter.",
    )


def _values(
    file: RequestFile, whom: Person, pack: Pack, said: Said, reasons: str, now_us: int
) -> Mapping[str, str]:
    zone = zone_of(pack)
    return {
        "reference": file.id,
        "received": _day(file.received_us, zone),
        "due": _day(file.due_us - 1, zone),
        "today": _day(now_us, zone),
        "asked": asked(file, zone),
        "reasons": reasons,
        "given": whom.reply,
        "controller": said.controller,
        "contact": said.contact,
        "authority": said.authority,
        "cameras": ", ".join(file.cameras) or _NONE,
    }


def _reasons(connection: Connection, file: RequestFile, whom: Person, kind: Kind) -> str:
    if kind is Kind.ACKNOWLEDGEMENT:
        return ""
    if kind is Kind.EXTENSION:
        if file.extended_us is None:
            raise DutyState("It was not extended.", "Extend it first: `scrim subject extend`.")
        return whom.extension_reason
    query = select(refusal.c.reasons).where(refusal.c.request == file.id)
    reasons = connection.execute(query).scalar()
    if kind is Kind.REFUSAL and reasons is None:
        raise DutyState("Nothing of it was refused.", "Refuse it first: `scrim subject refuse`.")
    if kind is Kind.ANSWER and file.answer in (None, "refused"):
        raise DutyState("It was not answered.", "Answer it first: `scrim subject answer`.")
    return reasons or ""


def _day(us: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(us // SECOND, tz=UTC).astimezone(zone).date().isoformat()


def _moment(us: int, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(us // SECOND, tz=UTC).astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M:%S")
