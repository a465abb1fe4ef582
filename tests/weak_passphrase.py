"""A file sealed with a passphrase as age does it, but with next to no work.

age's work is a second of this machine on purpose, to seal and each time it is opened.  A
test whose subject is another takes this in place of ``pyrage.passphrase.encrypt``; what
opens the file is what opens every other one.

Source: the age file format, C2SP age, "The scrypt recipient type" and "Payload".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import textwrap
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_LOG_N: Final = 4
_LARGEST: Final = 64 * 1024  # one chunk


def sealed(data: bytes, passphrase: str, *, armored: bool = False) -> bytes:
    """As ``pyrage.passphrase.encrypt``, for no more than 64 KiB."""
    assert len(data) <= _LARGEST
    file_key, salt, nonce = (secrets.token_bytes(16) for _ in range(3))
    wrapping = hashlib.scrypt(
        passphrase.encode(),
        salt=b"age-encryption.org/v1/scrypt" + salt,
        n=1 << _LOG_N,
        r=8,
        p=1,
        dklen=32,
    )
    body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = f"age-encryption.org/v1\n-> scrypt {_b64(salt)} {_LOG_N}\n{_b64(body)}\n---".encode()
    mac = hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")
    last = bytes(11) + b"\x01"
    payload = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(last, data, None)
    made = header + f" {_b64(mac)}\n".encode() + nonce + payload
    return _armored(made) if armored else made


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _armored(data: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    whole = ["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", ""]
    return "\n".join(whole).encode()
