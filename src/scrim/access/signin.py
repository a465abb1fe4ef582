"""Signing in by a one-time link, and the sessions that follow any sign-in.

Rules:

- A token is 32 random bytes.  Only its SHA-256 is stored, so a copy of the
  database signs nobody in.
- A link works once, for fifteen minutes.  It signs in whoever has the machine, as
  operator and engineer; or a person, but never as officer or custodian, who are
  nobody without their key.
- A session ends when it is ended, when its hours are over, which nothing prolongs, or
  when nothing has come through it for its idle time.
- A session that belongs to a registered person is over as soon as that person is no
  longer registered for its role.  What else they may do is read anew each time.
- Signing in is in the ledger before it takes effect.  There a session is a salted
  commitment: to itself, or to the person it belongs to.  The salt stays in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from scrim.access.authoriser import EVERYWHERE, Principal, Scope
from scrim.access.register import NobodyRegistered, Register, RegisteredPerson, of_provider
from scrim.access.roles import BY_LINK, WITH_KEY, Role
from scrim.access.standing import standing_of
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied, DataFolderError, LedgerUnavailable, StoreError
from scrim.ledger import Act, Entry, Ledger, take_turn
from scrim.ledger.commitment import commit
from scrim.store import schema
from scrim.store.database import reading, writing

LINK_US: Final = 15 * 60 * SECOND
_TOKEN_BYTES: Final = 32
_SEEN_US: Final = 60 * SECOND  # how exactly the idle time is kept: not each request is written


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        id: SHA-256 of the session's token, in hexadecimal; opens nothing.
        role: what its client is first of all.
        person: the id of the person it belongs to; ``None`` for a link that is nobody's.
        verifier: the key they signed in with, or their handle in the register.
        salt: opens the ledger's commitments to the person or, without one, to the session.
        roles: all that its client is.
        scope: where these hold.
        granted_us: when the newest of them was given; 0 for a link that is nobody's.
        way: ``link``, ``key``, ``passkey``, ``oidc`` or ``token``.
        actions: of a token, the only ones that it is for; ``None``: all of its roles'.
    """

    id: str
    created_us: int
    expires_us: int
    salt: bytes = field(repr=False)
    role: Role = Role.OPERATOR
    person: str | None = None
    verifier: str | None = None
    roles: frozenset[Role] = BY_LINK
    scope: Scope = EVERYWHERE
    granted_us: int = 0
    way: str = "link"
    actions: frozenset[str] | None = None

    def principal(self, now_us: int) -> Principal:
        """Whoever is signed in, as policies see them."""
        since = max(0, now_us - self.granted_us) // SECOND if self.granted_us else 0
        return Principal(self.roles, self.scope, self.way, since)

    def who(self) -> str:
        """How the ledger names whoever is signed in."""
        return commit(self.id if self.person is None else self.person, self.salt)[0]


class SignIn:
    """Links and sessions of one deployment.

    Args:
        session_hours: how long a session lasts.
        idle_minutes: how long it lasts when nothing comes through it.
        register: who has a key here.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        clock: Clock,
        *,
        session_hours: int = 12,
        idle_minutes: int = 60,
        register: Register | None = None,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._session_us = session_hours * 3600 * SECOND
        self._idle_us = idle_minutes * 60 * SECOND
        self._register: Register = register or NobodyRegistered()

    def new_link(self, person: str | None = None) -> str:
        """A token that signs in once, within fifteen minutes.

        Args:
            person: whom it signs in; without, whoever has the machine.

        Raises:
            AccessDenied: nobody is registered as that, or they sign in with their key or
                at a provider.
        """
        if person is not None:
            with reading(self._engine) as connection:
                _linkable(self._register.by_id(connection, person))
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock.now_us()
        table = schema.sign_in_link
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.expires_us <= now))
            connection.execute(
                insert(table).values(
                    token_sha256=_hash(token),
                    created_us=now,
                    expires_us=now + LINK_US,
                    person=person,
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
            person = None
            if row.person is not None:
                person = _linkable(self._register.by_id(connection, row.person))
            return self.begin(connection, authority="sign-in-link", way="link", person=person)

    def begin(
        self,
        connection: Connection,
        *,
        authority: str,
        way: str,
        person: RegisteredPerson | None = None,
        nonce_sha256: str | None = None,
    ) -> tuple[str, Session]:
        """Begin a session within the caller's transaction, its entry first.

        Args:
            connection: of an :func:`in_ledger` transaction.
            authority: the way of signing in, as the entry has it.
            way: the way of signing in, as policies know it.
            person: whom it belongs to; without, whoever has the machine.
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
            salt=secrets.token_bytes(16),
            way=way,
        )
        if person is not None:
            session = _of(replace(session, salt=person.salt), connection, person)
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
                seen_us=now,
                way=way,
            )
        )
        return own, session

    def session(self, token: str) -> Session | None:
        """The session of a cookie's token, or ``None`` if it is unknown or over."""
        table = schema.session
        wanted = _hash(token)
        now = self._clock.now_us()
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table).where(table.c.token_sha256 == wanted)
            ).one_or_none()
            if row is None or not hmac.compare_digest(row.token_sha256, wanted):
                return None
            seen_us = row.created_us if row.seen_us is None else row.seen_us
            if row.ended_us is not None or now >= min(row.expires_us, seen_us + self._idle_us):
                return None
            session = Session(
                row.token_sha256, row.created_us, row.expires_us, bytes(row.salt), way=row.way
            )
            if row.person is not None:
                person = self._register.by_verifier(connection, row.verifier)
                if person is None or (person.id, person.role) != (row.person, row.role):
                    return None  # retired, or it is somebody else now
                session = _of(session, connection, person)
        if now - seen_us >= _SEEN_US:
            self._seen(wanted, now)
        return session

    def _seen(self, session: str, now: int) -> None:
        table = schema.session
        try:
            with writing(self._engine) as connection:
                connection.execute(
                    update(table).where(table.c.token_sha256 == session).values(seen_us=now)
                )
        except (SQLAlchemyError, StoreError, DataFolderError):
            pass  # then it is over the sooner; what asks has its own way to fail

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

    One at a time, also where the database would let several write: what the act reads first
    (how many have approved, what is held, what was decided) is still so when it is written.

    Raises:
        LedgerUnavailable: the database could not take it, the commit included; the
            act is refused.
    """
    try:
        with writing(engine) as connection:
            take_turn(connection)
            yield connection
    except (SQLAlchemyError, StoreError, DataFolderError) as error:
        raise LedgerUnavailable(
            "The act could not be written to the ledger, so it is refused.",
            "Check the disk and the database of the data folder, then try again.",
        ) from error


def _of(session: Session, connection: Connection, person: RegisteredPerson) -> Session:
    """The session as that person's, with what they are now."""
    held = standing_of(connection, person)
    return replace(
        session,
        role=Role(person.role),
        person=person.id,
        verifier=person.verifier,
        roles=held.roles,
        scope=held.scope,
        granted_us=held.granted_us,
    )


def _linkable(person: RegisteredPerson | None) -> RegisteredPerson:
    if person is None:
        raise AccessDenied("Nobody is registered as that.", "See who is with `scrim person list`.")
    if Role(person.role) in WITH_KEY:
        raise AccessDenied(
            f"{person.id} signs in with their key, and nobody signs in for them.",
            "Links are for people without a key.",
        )
    if of_provider(person):
        raise AccessDenied(
            f"{person.id} signs in at the provider.", "Links are for people whom none vouches for."
        )
    return person


def _forget_views(connection: Connection, now: int) -> None:
    """Remove the views of sessions that are over; nobody could use them."""
    views, sessions = schema.view, schema.session
    over = select(sessions.c.token_sha256).where(sessions.c.expires_us <= now)
    connection.execute(delete(views).where(views.c.session.in_(over)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
