"""Sites: where cameras stand, and who answers for them to the public.

Rules:

1. A change and its ledger entry are one transaction (invariant 5).
2. Who answers and how to reach them stands in the ledger as a commitment only: it may be a
   person's name (invariant 6).  It is published on signs and on the public page, so an
   office's is better.
3. There is always a site ``default``, of which nothing is said until somebody does.
4. A site's kind of place is not one that a pack in force over it forbids.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.clock import Clock
from scrim.errors import PaperRefused, PaperUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.oneline import is_one_line
from scrim.papers.applied import Applied
from scrim.papers.places import UNSAID, check_place
from scrim.store.database import reading
from scrim.store.schema import site as table

DEFAULT: Final = "default"
LANGUAGES: Final = ("en", "zh-Hant", "zh-Hans")

_ID: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LONGEST: Final = {"name": 200, "controller": 400, "contact": 400}


@dataclass(frozen=True, slots=True)
class Site:
    """Where cameras stand.

    Attributes:
        id: 1 to 40 of ``a-z 0-9`` with single hyphens between.
        name: what people read.
        place: kind of place, :mod:`scrim.papers.places`.
        controller: who is responsible for the cameras, published.
        contact: how to reach them, published.
        zone: IANA time zone: where a day begins.
        language: in which the public page answers where a browser asks for none of its own.
        country: ISO 3166-1 in two capitals; empty where it is not said.
        public_access: anybody may walk in.
        labels: what else it is: ``key-target``.
    """

    id: str
    name: str
    place: str = UNSAID
    controller: str = ""
    contact: str = ""
    zone: str = "UTC"
    language: str = "en"
    country: str = ""
    public_access: bool = True
    labels: tuple[str, ...] = ()
    salt: bytes = field(default=b"", repr=False, compare=False)

    def document(self) -> dict[str, Json]:
        """All that is said of it."""
        return {
            "id": self.id,
            "name": self.name,
            "place": self.place,
            "controller": self.controller,
            "contact": self.contact,
            "zone": self.zone,
            "language": self.language,
            "country": self.country,
            "public_access": self.public_access,
            "labels": list(self.labels),
        }


UNSET: Final = Site(DEFAULT, "Default")


class Sites:
    """The sites of one deployment."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, applied: Applied) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._applied = applied

    def list(self) -> tuple[Site, ...]:
        """All, by id; ``default`` too."""
        with reading(self._engine) as connection:
            return tuple(all_sites(connection).values())

    def get(self, site: str) -> Site:
        """The site of that id.

        Raises:
            PaperUnknown: there is none.
        """
        with reading(self._engine) as connection:
            return site_in(connection, site)

    def add(self, site: str, said: Mapping[str, Any]) -> Site:
        """Enter a site.

        Args:
            site: its id.
            said: fields of :class:`Site`.

        Raises:
            PaperRefused: not an id, there is one of it, or a field cannot be so.
            PlaceForbidden: a pack of the whole deployment forbids such a place.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        if _ID.fullmatch(site) is None:
            raise PaperRefused(
                f"{site!r} cannot be a site's id.",
                "Use 1 to 40 of a-z and 0-9 with single hyphens between, such as north-station.",
            )
        with in_ledger(self._engine) as connection:
            if site in all_sites(connection) and (site != DEFAULT or _is_set(connection)):
                raise PaperRefused(f"There is a site {site!r} already.", "See `scrim site list`.")
            made = replace(Site(site, site), **said)
            return self._write(connection, made, "site-added")

    def set(self, site: str, said: Mapping[str, Any]) -> Site:
        """Say some of a site anew.

        Raises:
            PaperUnknown: there is none of that id.
            PaperRefused: a field cannot be so.
            PlaceForbidden: a pack that it is under forbids such a place.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        with in_ledger(self._engine) as connection:
            return self.set_in(connection, site, said)

    def set_in(self, connection: Connection, site: str, said: Mapping[str, Any]) -> Site:
        """Say it within the caller's transaction; raises as :meth:`set`."""
        before = site_in(connection, site)
        return self._write(connection, replace(before, **said), "site-changed")

    def _write(self, connection: Connection, made: Site, change: str) -> Site:
        _check(made)
        if made.place != UNSAID:
            check_place(made.place, self._applied.forbidden_words(connection))
        self._applied.check_site_place(connection, made.id, made.place)
        salt = secrets.token_bytes(16)  # a new one each time: what was said before stays apart
        values = {
            **made.document(),
            "labels": canonical(list(made.labels)).decode(),
            "public_access": int(made.public_access),
            "salt": salt,
        }
        if connection.execute(select(table.c.id).where(table.c.id == made.id)).first() is None:
            connection.execute(insert(table).values(added_us=self._clock.now_us(), **values))
        else:
            connection.execute(update(table).where(table.c.id == made.id).values(**values))
        self._applied.check_limits(connection)
        self._ledger.append_in(
            connection,
            Entry(
                act=Act.CONFIGURED,
                at_us=self._clock.now_us(),
                who="operator",
                authority="operator",
                reason=change,
                facts={
                    "change": change,
                    "site": made.id,
                    "place": made.place,
                    "labels": list(made.labels),
                    "country": made.country.lower(),
                    "said": commit(canonical(made.document()).decode(), salt)[0],
                },
            ),
        )
        return made


def all_sites(connection: Connection) -> dict[str, Site]:
    """The sites by id; ``default`` is there whether anybody spoke of it or not."""
    found = {row.id: _site(row) for row in connection.execute(select(table))}
    found.setdefault(DEFAULT, UNSET)
    return dict(sorted(found.items()))


def site_in(connection: Connection, site: str) -> Site:
    """The site of that id.

    Raises:
        PaperUnknown: there is none.
    """
    row = connection.execute(select(table).where(table.c.id == site)).first()
    if row is not None:
        return _site(row)
    if site == DEFAULT:
        return UNSET
    raise PaperUnknown(f"There is no site {site!r}.", "See `scrim site list`.")


def check_labels(labels: tuple[str, ...]) -> None:
    """Refuse what is no label.

    Raises:
        PaperRefused: names it.
    """
    for label in labels:
        if _WORD.fullmatch(label) is None:
            raise PaperRefused(
                f"{label!r} cannot be a label.", "Use a-z, 0-9 and -, such as key-target."
            )


def _is_set(connection: Connection) -> bool:
    return connection.execute(select(table.c.id).where(table.c.id == DEFAULT)).first() is not None


def _check(site: Site) -> None:
    for name, longest in _LONGEST.items():
        if not is_one_line(getattr(site, name), longest):
            raise PaperRefused(
                f"The site's {name} is too long, or of more than one line.",
                f"Use up to {longest} letters in one line.",
            )
    if not site.name.strip():
        raise PaperRefused("A site needs a name.", "Say it with --name.")
    try:
        ZoneInfo(site.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PaperRefused(
            f"There is no time zone {site.zone!r}.", "Write it as Asia/Hong_Kong."
        ) from None
    if site.language not in LANGUAGES:
        raise PaperRefused(
            f"{site.language!r} is no language of the public page.",
            f"Take one of {', '.join(LANGUAGES)}.",
        )
    if site.country and re.fullmatch(r"[A-Z]{2}", site.country) is None:
        raise PaperRefused(f"{site.country!r} is no country.", "Write two capitals, such as HK.")
    check_labels(site.labels)


def _site(row: Any) -> Site:
    return Site(
        id=row.id,
        name=row.name,
        place=row.place,
        controller=row.controller,
        contact=row.contact,
        zone=row.zone,
        language=row.language,
        country=row.country,
        public_access=bool(row.public_access),
        labels=tuple(json.loads(row.labels)),
        salt=bytes(row.salt),
    )
