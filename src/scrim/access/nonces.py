"""Nonces that are remembered by nobody.

A nonce is its own expiry and 16 random bytes under a MAC whose key this process draws at
start and never writes down, so a restart ends all nonces (ADR 0108).  It is bound to
what it was given for.  Asking for one writes nothing: a flood of questions fills no
table.  That one is used once only is for who takes it: a unique column of the sessions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from scrim.clock import SECOND, Clock

NONCE_US: Final = 2 * 60 * SECOND

_TIME_BYTES: Final = 8
_RANDOM_BYTES: Final = 16
_BODY: Final = _TIME_BYTES + _RANDOM_BYTES


class Nonces:
    """The nonces of one process.

    Args:
        lasts_us: how long one is good.
    """

    def __init__(self, clock: Clock, lasts_us: int = NONCE_US) -> None:
        self._clock = clock
        self._lasts_us = lasts_us
        self._key = secrets.token_bytes(32)

    def make(self, purpose: str) -> str:
        """A nonce, good for that purpose alone; base64url without padding."""
        fresh = (self._clock.now_us() + self._lasts_us).to_bytes(_TIME_BYTES, "big")
        fresh += secrets.token_bytes(_RANDOM_BYTES)
        return _text(fresh + self._mac(fresh, purpose))

    def is_good(self, purpose: str, nonce: str) -> bool:
        """Whether it was made here for that purpose and is not too old."""
        try:
            raw = decoded(nonce)
        except ValueError:
            return False
        # the text it was given as and no other of the same bytes: each would sign in once
        if _text(raw) != nonce:
            return False
        if not hmac.compare_digest(raw[_BODY:], self._mac(raw[:_BODY], purpose)):
            return False
        return self._clock.now_us() < int.from_bytes(raw[:_TIME_BYTES], "big")

    def _mac(self, fresh: bytes, purpose: str) -> bytes:
        return hmac.digest(self._key, fresh + purpose.encode(), hashlib.sha256)


def decoded(nonce: str) -> bytes:
    """A nonce's bytes.

    Raises:
        ValueError: not base64url.
    """
    try:
        return base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def used_once(nonce: str) -> str:
    """What the column ``nonce_sha256`` of a session has of a nonce."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
