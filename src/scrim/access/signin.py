"""Signing in by a one-time link, and the sessions that follow any sign-in.

Rules:

- A token is 32 random bytes.  Only its SHA-256 is stored, so a copy of the
  database signs nobody in.
- A link works once, for fifteen minutes, and makes an operator's session.  A
  session ends when it is ended or when its hours are over; looking at it does not
  prolong it.
- A session that belongs to a registered person (:mod:`scrim.access.keys`) is over
  as soon as that person is no longer registered for its role.
- Signing in is in the ledger before it takes effect.  There a session is a salted
  commitment: to itself, or to the person it belongs to.  The salt stays in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from scrim.access.roles import Role
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied, DataFolderError, LedgerUnavailable, StoreError
from scrim.ledger import Act, Entry, Ledger
from scrim.ledger.commitment import commit
from scrim.store import schema
from scrim.store.database import reading, writing

LINK_US: Final = 15 * 60 * SECOND
_TOKEN_BYTES: Final = 32


class RegisteredPerson(Protocol):
    """Somebody of the register, as signing in needs them."""

    @property
    def id(self) -> str:
        """What they are called in the register."""

    @property
    def role(self) -> str:
        """``officer`` or ``custodian``."""

    @property
    def verifier(self) -> str:
        """The key they sign in with; somebody may have had several."""

    @property
    def salt(self) -> bytes:
        """16 bytes that open the ledger's commitments to the id."""


class Register(Protocol):
    """Who is registered; what stands in it is for :mod:`scrim.cases`."""

    def by_verifier(self, connection: Connection, verifier: str) -> RegisteredPerson | None:
        """Whom the verifier is of, unless they have been retired."""


class NobodyRegistered:
    """A register with nobody in it."""

    def by_verifier(self, connection: Connection, verifier: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        id: SHA-256 of the session's token, in hexadecimal; opens nothing.
        role: what its client is.
        person: the id of the person it belongs to; ``None`` for an operator's.
        verifier: the key they signed in with.
        salt: opens the ledger's commitments to the person or, without one, to the session.
    """

    id: str
    created_us: int
    expires_us: int
    salt: bytes = field(repr=False)
    role: Role = Role.OPERATOR
    person: str | None = None
    verifier: str | None = None

    def who(self) -> str:
        """How the ledger names whoever is signed in."""
        return commit(self.id if self.person is None else self.person, self.salt)[0]


class SignIn:
    """Links and sessions of one deployment.

    Args:
        session_hours: how long a session lasts.
        register: who has a key here.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        *,
        session_hours: int = 12,
        register: Register | None = None,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._session_us = session_hours * 3600 * SECOND
        self._register: Register = register or NobodyRegistered()

    def new_link(self) -> str:
        """A token that signs in once, within fifteen minutes."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock.now_us()
        table = schema.sign_in_link
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.expires_us <= now))
            connection.execute(
                insert(table).values(
                    token_sha256=_hash(token), created_us=now, expires_us=now + LINK_US
                )
            )
        return token

    def redeem(self, token: str) -> tuple[str, Session]:
        """Use up a link: the session's own token, for the cookie, and the session.

        Raises:
            AccessDenied: unknown, used or expired; which of these is not said.
            LedgerUnavailable: the entry could not be written; the link stays good.
        """
        now = self._clock.now_us()
        link = schema.sign_in_link
        used = _hash(token)
        with in_ledger(self._engine) as connection:
            row = connection.execute(select(link).where(link.c.token_sha256 == used)).one_or_none()
            if (
                row is None
                or not hmac.compare_digest(row.token_sha256, used)
                or row.used_us is not None
                or now >= row.expires_us
            ):
                raise AccessDenied(
                    "This link does not sign in: it is unknown, used or too old.",
                    "Print a new one with `scrim up` or `make run`.",
                )
            connection.execute(update(link).where(link.c.token_sha256 == used).values(used_us=now))
            return self.begin(connection, authority="sign-in-link")

    def begin(
        self,
        connection: Connection,
        *,
        authority: str,
        person: RegisteredPerson | None = None,
        nonce_sha256: str | None = None,
    ) -> tuple[str, Session]:
        """Begin a session within the caller's transaction, its entry first.

        Args:
            connection: of an :func:`in_ledger` transaction.
            authority: the way of signing in, as the entry has it.
            person: whom it belongs to; an operator's without.
            nonce_sha256: what may sign in once only.

        Raises:
            IntegrityError: the nonce was used before.
            LedgerUnavailable: the entry could not be written.
        """
        now = self._clock.now_us()
        own = secrets.token_urlsafe(_TOKEN_BYTES)
        session = Session(
            id=_hash(own),
            created_us=now,
            expires_us=now + self._session_us,
            salt=secrets.token_bytes(16) if person is None else person.salt,
            role=Role.OPERATOR if person is None else Role(person.role),
            person=None if person is None else person.id,
            verifier=None if person is None else person.verifier,
        )
        _forget_views(connection, now)
        self._ledger.append_in(
            connection,
            Entry(
                act=Act.SIGNED_IN,
                at_us=now,
                who=session.who(),
                authority=authority,
                reason="sign-in",
                facts={} if person is None else {"role": session.role.value},
            ),
        )
        connection.execute(
            insert(schema.session).values(
                token_sha256=session.id,
                created_us=now,
                expires_us=session.expires_us,
                salt=session.salt,
                role=session.role.value,
                person=session.person,
                verifier=session.verifier,
                nonce_sha256=nonce_sha256,
            )
        )
        return own, session

    def session(self, token: str) -> Session | None:
        """The session of a cookie's token, or ``None`` if it is unknown or over."""
        table = schema.session
        wanted = _hash(token)
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table).where(table.c.token_sha256 == wanted)
            ).one_or_none()
            if row is None or not hmac.compare_digest(row.token_sha256, wanted):
                return None
            if row.ended_us is not None or self._clock.now_us() >= row.expires_us:
                return None
            if row.person is not None:
                person = self._register.by_verifier(connection, row.verifier)
                if person is None or (person.id, person.role) != (row.person, row.role):
                    return None  # retired, or it is somebody else now
        return Session(
            row.token_sha256,
            row.created_us,
            row.expires_us,
            bytes(row.salt),
            Role(row.role),
            row.person,
            row.verifier,
        )

    def end(self, token: str) -> None:
        """End the session and all its views; ending none is no error."""
        table, views = schema.session, schema.view
        ended = _hash(token)
        with writing(self._engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.token_sha256 == ended, table.c.ended_us.is_(None))
                .values(ended_us=self._clock.now_us())
            )
            connection.execute(delete(views).where(views.c.session == ended))


@contextmanager
def in_ledger(engine: Engine) -> Iterator[Connection]:
    """A transaction that stands or falls with its ledger entry.

    Raises:
        LedgerUnavailable: the database could not take it, the commit included; the
            act is refused.
    """
    try:
        with writing(engine) as connection:
            yield connection
    except (SQLAlchemyError, StoreError, DataFolderError) as error:
        raise LedgerUnavailable(
            "The act could not be written to the ledger, so it is refused.",
            "Check the disk and the database of the data folder, then try again.",
        ) from error


def _forget_views(connection: Connection, now: int) -> None:
    """Remove the views of sessions that are over; nobody could use them."""
    views, sessions = schema.view, schema.session
    over = select(sessions.c.token_sha256).where(sessions.c.expires_us <= now)
    connection.execute(delete(views).where(views.c.session.in_(over)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
