"""Whom a custodian's part is sealed to: an X25519 key, or a hardware token.

::

    age1…       62 characters   X25519, the secret in a file
    age1tag1…   67 characters   P-256, the secret inside a token that does not give it out

Rules:

1. A token's recipient is taken only in its one usual spelling: lower case, a
   point of the curve in compressed form (SEC 1).  The curve has no points of
   small order.
2. Tokens hold custodians' parts and nothing else.  A period's own key, and the
   one-time key of a case, are X25519: they are made and forgotten in software.
3. What is sealed to a token is opened by stock ``age`` with the token's plugin.

Format: https://age-encryption.org/v1, "The P-256 tagged recipient type"
(ADR 0101).
"""

from __future__ import annotations

from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from scrim.vault import agekeys

_TAGGED: Final = "age1tag"
_POINT_BYTES: Final = 33
_PLUGIN: Final = "age-plugin-"


def is_token(recipient: str) -> bool:
    """Whether this is, by its beginning, the recipient of a hardware token."""
    return recipient.startswith(_TAGGED + "1")


def check(recipient: str) -> None:
    """Refuse what no part can be sealed to.

    Raises:
        ValueError: says what is wrong with it; the message holds none of it.
    """
    if recipient.lower().startswith(_PLUGIN):
        raise ValueError("this is the identity of a token; give its recipient (age1tag1…) only")
    if is_token(recipient):
        _check_token(recipient)
    else:
        agekeys.check_recipient(recipient)


def seal(data: bytes, recipient: str) -> bytes:
    """``data`` as an age v1 file to this recipient alone.

    Raises:
        ValueError: not a recipient that :func:`check` takes.
    """
    check(recipient)
    import pyrage  # the server reads recipients too, and has no use for what seals

    kind: Any = pyrage.tag if is_token(recipient) else pyrage.x25519
    return bytes(pyrage.encrypt(data, [kind.Recipient.from_str(recipient)]))


def _check_token(recipient: str) -> None:
    if not recipient.isascii() or recipient != recipient.lower():
        raise ValueError("an age recipient is written in lower-case letters and digits")
    point = agekeys.decode(_TAGGED, recipient, _POINT_BYTES)
    if point[0] not in (2, 3):
        raise ValueError("not in the usual spelling of that key")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise ValueError("not a point of the curve P-256") from None
