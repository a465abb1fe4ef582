"""The register of papers: what is on record, and what was revoked.

Rules:

1. A paper and its ledger entry are one transaction (invariant 5).  What it is called and
   who put it on record stand there as commitments (invariant 6).
2. A paper is put on record when it is there, so it is not issued tomorrow; and it does not
   expire before it is issued.  Days are those of the site.
3. A camera has one purpose: a paper for another is refused while one is in force.
4. A paper is revoked, with a reason, and never deleted.  So are those of a camera that was
   removed, when its id is given to another.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.clock import SECOND, Clock
from scrim.errors import CameraUnknown, PaperRefused, PaperUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.norms.pack import Paper as Kind
from scrim.oneline import is_one_line
from scrim.papers.paper import SAYS, PaperRow
from scrim.papers.sites import DEFAULT, site_in
from scrim.store.database import reading
from scrim.store.schema import camera as cameras
from scrim.store.schema import paper as table

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper as somebody brings it.

    Attributes:
        kind: what it is.
        site, camera: of what; both ``None``: of the deployment.
        reference: what it is called where it is kept.
        issued, expires: ``2026-11-22``; the last day on which it is good.  Without the
            second it does not expire by itself.
        document_sha256: of the document.
        purpose: of a purpose's paper; without one the camera's own.
        filing: of a filing's.
        says: words of :data:`scrim.papers.paper.SAYS`.
        by: who puts it on record.
    """

    kind: Kind
    reference: str
    issued: str
    expires: str | None = None
    site: str | None = None
    camera: str | None = None
    document_sha256: str | None = None
    purpose: str | None = None
    filing: str | None = None
    says: tuple[str, ...] = ()
    by: str = "operator"


class PaperRegister:
    """The papers of one deployment."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def list(self) -> tuple[PaperRow, ...]:
        """All, the revoked too, in the order in which they were put on record."""
        with reading(self._engine) as connection:
            return papers_in(connection)

    def add(self, draft: Draft) -> PaperRow:
        """Put a paper on record.

        Raises:
            PaperRefused: it cannot be so; says why.
            CameraUnknown, PaperUnknown: no such camera or site.
            LedgerUnavailable: it could not be written down, so it is not on record.
        """
        with in_ledger(self._engine) as connection:
            return self.add_in(connection, draft)

    def add_in(self, connection: Connection, draft: Draft) -> PaperRow:
        """Put a paper on record within the caller's transaction; raises as :meth:`add`."""
        now = self._clock.now_us()
        _check(draft)
        site, own = _of(connection, draft)
        zone = ZoneInfo(site_in(connection, site or DEFAULT).zone)
        issued = _first_moment("issued", draft.issued, zone)
        expires = None
        if draft.expires is not None:
            expires = _first_moment("expires", draft.expires, zone, after=1)
            if expires <= issued:
                raise PaperRefused(
                    f"It expires {draft.expires}, before it is issued {draft.issued}.",
                    "Check both days.",
                )
        if issued > now:
            raise PaperRefused(
                f"It is issued {draft.issued}, which is not yet.",
                "Put it on record when it is there; check the machine's clock.",
            )
        purpose = self._purpose(connection, draft, own, now)
        row = PaperRow(
            id="paper-" + "".join(secrets.choice(_ALPHABET) for _ in range(8)),
            kind=draft.kind,
            site=draft.site,
            camera=draft.camera,
            purpose=purpose,
            filing=draft.filing,
            says=tuple(dict.fromkeys(draft.says)),
            reference=draft.reference,
            document_sha256=draft.document_sha256,
            issued_us=issued,
            expires_us=expires,
            recorded_us=now,
            recorded_by=draft.by,
            revoked_us=None,
            revoked_why=None,
        )
        self._insert(connection, row)
        return row

    def revoke(self, paper: str, why: str) -> PaperRow:
        """Take a paper out of force from now on.

        Raises:
            PaperUnknown: there is none of that id.
            PaperRefused: it is revoked already, or no reason is given.
            LedgerUnavailable: it could not be written down, so it stays in force.
        """
        now = self._clock.now_us()
        if not 1 <= len(why.strip()) <= _LONGEST:
            raise PaperRefused("Revoking needs a reason.", f"Say it in up to {_LONGEST} letters.")
        with in_ledger(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == paper)).first()
            if row is None:
                raise PaperUnknown(f"There is no paper {paper!r}.", "See `scrim paper list`.")
            if not row.reference:
                raise PaperRefused(f"{paper} was over long ago.", "See `scrim paper list`.")
            if row.revoked_us is not None:
                raise PaperRefused(f"{paper} is revoked already.", "See `scrim paper list`.")
            self._revoke(connection, row, why, now)
            found = connection.execute(select(table).where(table.c.id == paper)).one()
        return PaperRow.of(found)

    def revoke_of_in(self, connection: Connection, camera: str, why: str) -> None:
        """Take every paper of one camera out of force, within the caller's transaction."""
        mine = (table.c.camera == camera) & table.c.revoked_us.is_(None)
        for row in connection.execute(select(table).where(mine).order_by(table.c.id)).all():
            self._revoke(connection, row, why, self._clock.now_us())

    def _revoke(self, connection: Connection, row: Any, why: str, now: int) -> None:
        words, salt = commit(why, bytes(row.salt) or None)  # none where its words are forgotten
        values = {"revoked_us": now, "revoked_why": why, "salt": salt}
        connection.execute(update(table).where(table.c.id == row.id).values(values))
        facts: dict[str, Json] = {"kind": row.kind, "why": words}
        self._enter(connection, "paper-revoked", now, PaperRow.of(row), facts)

    def _purpose(
        self, connection: Connection, draft: Draft, own: str | None, now: int
    ) -> str | None:
        if draft.kind is not Kind.PURPOSE:
            return None
        purpose = draft.purpose or own
        if purpose is None:
            raise PaperRefused(
                "A purpose's paper says which purpose.",
                "Give --purpose, or first say the camera's: `scrim camera set ID --purpose ...`.",
            )
        if own is not None and purpose != own:
            raise PaperRefused(
                f"The camera {draft.camera} is for {own}, and a camera has one purpose.",
                "Change the camera's purpose first: `scrim camera set ID --purpose ...`.",
            )
        for other in papers_in(connection):
            if (
                other.kind is Kind.PURPOSE
                and other.in_force(now)
                and draft.camera is not None
                and other.camera == draft.camera
                and other.purpose != purpose
            ):
                raise PaperRefused(
                    f"{other.id} says another purpose, {other.purpose}, and is in force.",
                    "A camera has one purpose; revoke that paper first.",
                )
        return purpose

    def _insert(self, connection: Connection, row: PaperRow) -> None:
        salt = secrets.token_bytes(16)
        values: dict[str, Any] = {name: getattr(row, name) for name in PaperRow.__slots__}
        values |= {
            "kind": row.kind.value,
            "says": canonical(list(row.says)).decode(),
            "salt": salt,
        }
        connection.execute(insert(table).values(**values))
        facts: dict[str, Json] = {
            "kind": row.kind.value,
            "purpose": row.purpose,
            "filing": row.filing,
            "says": list(row.says),
            "document": row.document_sha256,
            "issued": row.issued_us,
            "expires": row.expires_us,
            "reference": commit(row.reference, salt)[0],
            "by": commit(row.recorded_by, salt)[0],
        }
        self._enter(connection, "paper-recorded", row.recorded_us, row, facts)

    def _enter(
        self, connection: Connection, change: str, now: int, row: PaperRow, facts: dict[str, Json]
    ) -> None:
        self._ledger.append_in(
            connection,
            Entry(
                act=Act.CONFIGURED,
                at_us=now,
                who="operator",
                authority="operator",
                reason=change,
                camera=row.camera,
                facts={"change": change, "paper": row.id, "site": row.site, **facts},
            ),
        )


def papers_in(connection: Connection) -> tuple[PaperRow, ...]:
    """All papers, in the order in which they were put on record."""
    rows = connection.execute(select(table).order_by(table.c.recorded_us, table.c.id))
    return tuple(PaperRow.of(row) for row in rows)


def _of(connection: Connection, draft: Draft) -> tuple[str | None, str | None]:
    """The site that the paper is of, its camera's too, and the camera's purpose."""
    if draft.camera is None:
        if draft.site is not None:
            site_in(connection, draft.site)
        return draft.site, None
    row = connection.execute(select(cameras).where(cameras.c.id == draft.camera)).first()
    if row is None or row.removed_us is not None:
        raise CameraUnknown(
            f"No camera {draft.camera!r} is enrolled.",
            "See `scrim camera list` for those that are.",
        )
    return row.site, row.purpose


def _check(draft: Draft) -> None:
    """What can be told without the database."""
    if draft.site is not None and draft.camera is not None:
        raise PaperRefused("A paper is of a site or of a camera.", "Leave one of them out.")
    if (draft.kind is Kind.FILING) != (draft.filing is not None):
        raise PaperRefused(
            "A filing, and nothing else, says which one.", "Give --filing public-security."
        )
    if draft.purpose is not None and draft.kind is not Kind.PURPOSE:
        raise PaperRefused(
            f"A {draft.kind.value} says no purpose.", "Leave --purpose out of this paper."
        )
    for word in (draft.filing, draft.purpose):
        if word is not None and _WORD.fullmatch(word) is None:
            raise PaperRefused(f"{word!r} is not a word of a pack.", "Use a-z, 0-9 and -.")
    unknown = [word for word in draft.says if word not in SAYS[draft.kind]]
    if unknown:
        can = ", ".join(SAYS[draft.kind]) or "nothing"
        raise PaperRefused(
            f"A {draft.kind.value} does not say {unknown[0]!r}.", f"It can say {can}."
        )
    for name, text in (("reference", draft.reference), ("by", draft.by)):
        if not text.strip() or not is_one_line(text, _LONGEST):
            raise PaperRefused(
                f"A paper needs --{name} of up to {_LONGEST} letters in one line.",
                "Say where it is kept.",
            )
    if draft.document_sha256 is not None and _SHA256.fullmatch(draft.document_sha256) is None:
        raise PaperRefused(
            "That is no SHA-256 in 64 hexadecimal digits.", "Give the file with --document."
        )


def _first_moment(name: str, text: str, zone: ZoneInfo, *, after: int = 0) -> int:
    """When a day begins there, or the one ``after`` days later."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
            raise ValueError(text)
        day = date.fromisoformat(text) + timedelta(days=after)
        moment = int(datetime.combine(day, time(), tzinfo=zone).timestamp()) * SECOND
    except (ValueError, OverflowError):
        raise PaperRefused(
            f"--{name}: there is no day {text!r}.", "Write it as 2026-11-22."
        ) from None
    if moment < 0:
        raise PaperRefused(f"--{name}: {text} is before 1970.", "Check the year.")
    return moment
