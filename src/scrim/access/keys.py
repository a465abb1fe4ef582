r"""Signing in with the key of a registered person.

::

    device  ── verifier ──────────────────────────►  server
            ◄── nonce ─────────────────────────────
            ── signature over host and nonce ─────►  session of that person

Rules:

1. What is signed is ``"scrim/sign-in/v1\n" + host + "\n" + nonce``: a signature made
   for one server signs in at no other, so a server in between gains nothing.
2. A nonce is good for one verifier, for two minutes, once.
3. Asking for a nonce writes nothing and looks nobody up: a verifier nobody knows
   gets the same answer, and a flood of questions fills no table.
4. A refusal does not say whether the verifier, the nonce or the signature was wrong.
5. Signing in is in the ledger first, in the same transaction as the session.

Nonces: :mod:`scrim.access.nonces`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from scrim.access.nonces import Nonces, used_once
from scrim.access.register import Register
from scrim.access.signin import Session, SignIn, in_ledger
from scrim.clock import Clock
from scrim.errors import AccessDenied
from scrim.store import schema
from scrim.vault import signing


class KeySignIn:
    """Signs registered people in.

    Args:
        sign_in: begins the sessions.
        register: who has a key here.
    """

    def __init__(self, engine: Engine, clock: Clock, sign_in: SignIn, register: Register) -> None:
        self._engine = engine
        self._sign_in = sign_in
        self._register = register
        self._nonces = Nonces(clock)

    def nonce(self, verifier: str) -> str:
        """A nonce for that verifier, whoever has it."""
        return self._nonces.make(_purpose(verifier))

    def sign_in(
        self, verifier: str, nonce: str, signature: bytes, host: str
    ) -> tuple[str, Session]:
        """The session's own token, for the cookie, and the session.

        Raises:
            AccessDenied: it does not sign in; why is not said.
            LedgerUnavailable: the entry could not be written; the nonce stays good.
        """
        if not self._nonces.is_good(_purpose(verifier), nonce) or not signing.holds(
            verifier, signing.sign_in_message(host, nonce), signature
        ):
            raise _denied()
        used = used_once(nonce)
        with in_ledger(self._engine) as connection:
            person = self._register.by_verifier(connection, verifier)
            if person is None or is_used(connection, used):
                raise _denied()
            return self._sign_in.begin(
                connection, authority="key", way="key", person=person, nonce_sha256=used
            )


def _purpose(verifier: str) -> str:
    return f"key {verifier}"


def is_used(connection: Connection, nonce_sha256: str) -> bool:
    """Whether a session was begun with it."""
    table = schema.session
    query = select(table.c.token_sha256).where(table.c.nonce_sha256 == nonce_sha256)
    return connection.execute(query).first() is not None


def _denied() -> AccessDenied:
    return AccessDenied(
        "This key does not sign in here.",
        "Ask the operator whether its card is registered, and sign in at this server's own "
        "address with a clock that is right.",
    )
