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

A nonce is its own expiry and 16 random bytes under a MAC whose key this process
draws at start and never writes down, so a restart ends all nonces (ADR 0108).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from sqlalchemy import Connection, Engine, select

from scrim.access.signin import Register, Session, SignIn, in_ledger
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied
from scrim.store import schema
from scrim.vault import signing

NONCE_US: Final = 2 * 60 * SECOND

_TIME_BYTES: Final = 8
_RANDOM_BYTES: Final = 16


class KeySignIn:
    """Signs registered people in.

    Args:
        sign_in: begins the sessions.
        register: who has a key here.
    """

    def __init__(self, engine: Engine, clock: Clock, sign_in: SignIn, register: Register) -> None:
        self._engine = engine
        self._clock = clock
        self._sign_in = sign_in
        self._register = register
        self._key = secrets.token_bytes(32)

    def nonce(self, verifier: str) -> str:
        """A nonce for that verifier, whoever has it."""
        fresh = (self._clock.now_us() + NONCE_US).to_bytes(_TIME_BYTES, "big")
        fresh += secrets.token_bytes(_RANDOM_BYTES)
        return base64.urlsafe_b64encode(fresh + self._mac(fresh, verifier)).decode().rstrip("=")

    def sign_in(
        self, verifier: str, nonce: str, signature: bytes, host: str
    ) -> tuple[str, Session]:
        """The session's own token, for the cookie, and the session.

        Raises:
            AccessDenied: it does not sign in; why is not said.
            LedgerUnavailable: the entry could not be written; the nonce stays good.
        """
        if not self._is_good(verifier, nonce) or not signing.holds(
            verifier, signing.sign_in_message(host, nonce), signature
        ):
            raise _denied()
        used = hashlib.sha256(nonce.encode()).hexdigest()
        with in_ledger(self._engine) as connection:
            person = self._register.by_verifier(connection, verifier)
            if person is None or _is_used(connection, used):
                raise _denied()
            return self._sign_in.begin(
                connection, authority="key", person=person, nonce_sha256=used
            )

    def _is_good(self, verifier: str, nonce: str) -> bool:
        try:
            raw = base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return False
        # the text it was given as and no other of the same bytes: each would sign in once
        if base64.urlsafe_b64encode(raw).decode().rstrip("=") != nonce:
            return False
        fresh, mac = raw[: _TIME_BYTES + _RANDOM_BYTES], raw[_TIME_BYTES + _RANDOM_BYTES :]
        if not hmac.compare_digest(mac, self._mac(fresh, verifier)):
            return False
        return self._clock.now_us() < int.from_bytes(fresh[:_TIME_BYTES], "big")

    def _mac(self, fresh: bytes, verifier: str) -> bytes:
        return hmac.digest(self._key, fresh + verifier.encode(), hashlib.sha256)


def _is_used(connection: Connection, nonce_sha256: str) -> bool:
    table = schema.session
    query = select(table.c.token_sha256).where(table.c.nonce_sha256 == nonce_sha256)
    return connection.execute(query).first() is not None


def _denied() -> AccessDenied:
    return AccessDenied(
        "This key does not sign in here.",
        "Ask the operator whether its card is registered, and sign in at this server's own "
        "address with a clock that is right.",
    )
