"""Tokens of programs: what a monitor or an auditor's script shows instead of a sign-in.

Rules:

1. A token is 32 random bytes, shown once.  Only its SHA-256 is stored.
2. It has one role of those that see no picture and answer for nobody, as many actions
   and as wide a scope as it was made with, and an end within a year.
3. Making and ending one is in the ledger first, by a commitment to its name.
4. It is no session: it opens no view, adds no passkey, and is looked up at each request,
   so that one that is ended is out at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, insert, select, update

from scrim.access.authoriser import EVERYWHERE, Scope
from scrim.access.roles import Role
from scrim.access.signin import Session, in_ledger
from scrim.canonical import canonical
from scrim.clock import SECOND, Clock
from scrim.errors import CaseRefused, CaseUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store.database import reading
from scrim.store.schema import machine_token as table
from scrim.vault.fields import is_name

ROLES: Final = frozenset({Role.AUDITOR, Role.ENGINEER})
PREFIX: Final = "scrim_"  # so that a scanner for leaked secrets knows one
LONGEST_DAYS: Final = 366
_DAY_US: Final = 24 * 3600 * SECOND


@dataclass(frozen=True, slots=True)
class MachineToken:
    """What is known of a token.

    Attributes:
        actions: the only ones that it is for; empty: all of its role's.
        ended_us: when it was ended, or ``None``.
    """

    name: str
    role: Role
    actions: frozenset[str]
    scope: Scope
    created_us: int
    expires_us: int
    ended_us: int | None = None


class Tokens:
    """The tokens of one deployment."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def make(
        self,
        name: str,
        role: Role,
        days: int,
        *,
        actions: Collection[str] = (),
        scope: Scope = EVERYWHERE,
    ) -> str:
        """A new token's text, which nobody can show again.

        Raises:
            CaseRefused: a name that is none or was used before, a role that no token has,
                or an end that is not within a year.
            LedgerUnavailable: it could not be written down, so there is none.
        """
        if not is_name(name):
            raise CaseRefused(
                f"{name!r} cannot be a token's name.",
                "Use 1 to 40 of a-z, 0-9 and -.",
                rule="token-name",
            )
        if role not in ROLES:
            raise CaseRefused(
                f"No program is {role.value}: that takes a person.",
                f"Choose {' or '.join(sorted(ROLES))}.",
                rule="token-role",
            )
        if not 1 <= days <= LONGEST_DAYS:
            raise CaseRefused(
                "A token ends within a year.",
                f"Choose from 1 to {LONGEST_DAYS} days.",
                rule="token-days",
            )
        text = PREFIX + secrets.token_urlsafe(32)
        now = self._clock.now_us()
        salt = secrets.token_bytes(16)
        expires_us = now + days * _DAY_US
        row = {
            "name": name,
            "token_sha256": _hash(text),
            "salt": salt,
            "role": role.value,
            "actions": canonical(sorted(actions)).decode(),
            "cameras": canonical(sorted(scope.cameras)).decode(),
            "sites": canonical(sorted(scope.sites)).decode(),
            "created_us": now,
            "expires_us": expires_us,
        }
        with in_ledger(self._engine) as connection:
            if connection.execute(select(table.c.name).where(table.c.name == name)).first():
                raise CaseRefused(
                    f"There is, or was, a token {name}.", "Choose another name.", rule="token-name"
                )
            entry = _entry(Act.CREDENTIAL_ADDED, name, salt, now, role, expires_us)
            self._ledger.append_in(connection, entry)
            connection.execute(insert(table).values(row))
        return text

    def list(self) -> tuple[MachineToken, ...]:
        """All that there ever were, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.name))
            return tuple(_token(row) for row in rows)

    def end(self, name: str) -> None:
        """Make a token worth nothing; ending it twice is no error.

        Raises:
            CaseUnknown: there is none of that name.
            LedgerUnavailable: it could not be written down, so it goes on.
        """
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.name == name)).first()
            if row is None:
                raise CaseUnknown(f"There is no token {name!r}.", "See `scrim token list`.")
            if row.ended_us is None:
                role, salt = Role(row.role), bytes(row.salt)
                entry = _entry(Act.CREDENTIAL_ENDED, name, salt, now, role, row.expires_us)
                self._ledger.append_in(connection, entry)
                connection.execute(update(table).where(table.c.name == name).values(ended_us=now))

    def session(self, text: str) -> Session | None:
        """What a request with that token is, or ``None`` where it is unknown or over."""
        wanted = _hash(text)
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table).where(table.c.token_sha256 == wanted)
            ).one_or_none()
        if row is None or not hmac.compare_digest(row.token_sha256, wanted):
            return None
        token = _token(row)
        if token.ended_us is not None or self._clock.now_us() >= token.expires_us:
            return None
        return Session(
            id=f"token:{token.name}",
            created_us=token.created_us,
            expires_us=token.expires_us,
            salt=bytes(row.salt),
            role=token.role,
            roles=frozenset({token.role}),
            scope=token.scope,
            granted_us=token.created_us,
            way="token",
            actions=token.actions or None,
        )


def _token(row: Any) -> MachineToken:
    return MachineToken(
        name=row.name,
        role=Role(row.role),
        actions=frozenset(json.loads(row.actions)),
        scope=Scope(frozenset(json.loads(row.cameras)), frozenset(json.loads(row.sites))),
        created_us=row.created_us,
        expires_us=row.expires_us,
        ended_us=row.ended_us,
    )


def _entry(act: Act, name: str, salt: bytes, now: int, role: Role, expires_us: int) -> Entry:
    return Entry(
        act=act,
        at_us=now,
        who="operator",
        authority="operator",
        reason=act.value,
        facts={
            "kind": "token",
            "token": commit(f"token:{name}", salt)[0],  # as Session.who() has it
            "role": role.value,
            "expires": expires_us,
        },
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
