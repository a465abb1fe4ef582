"""A hardware token in software: an ``age-plugin-softtoken`` of the tests' own.

The plugin speaks the state machine ``identity-v1`` (c2sp.org/age-plugin) and
opens the stanza ``p256tag`` (c2sp.org/age) with HPKE of ``cryptography``, so
neither side of what is tested here is Scrim's or pyrage's.  Its "token" is the
identity line itself, which holds the P-256 secret: it protects nothing.

``SOFT_TOKEN`` in the environment says how it behaves: ``pin`` asks for the PIN
1234 first, ``touch`` asks for a touch, ``dead`` ends without a word, ``gone``
says that no token is there.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bech32
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = "age-plugin-softtoken"
PIN = "1234"
_LABEL = b"age-encryption.org/p256tag"


@dataclass(frozen=True)
class SoftToken:
    """One token: ``identity`` for its owner's file, ``recipient`` for everybody."""

    identity: str
    recipient: str


def make_token(secret: bytes) -> SoftToken:
    """The token of 32 secret bytes (below the order of P-256, as good as always)."""
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    return SoftToken(
        _bech32(NAME + "-", secret).upper(),
        _bech32("age1tag", _public(key, PublicFormat.CompressedPoint)),
    )


def install(folder: Path) -> str:
    """Put the plugin into ``folder``; returns a ``PATH`` that begins with it."""
    plugin = folder / NAME
    plugin.write_text(f"#!/bin/sh\nexec '{sys.executable}' -P '{__file__}' \"$@\"\n")
    plugin.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def _bech32(prefix: str, raw: bytes) -> str:
    words = bech32.convertbits(raw, 8, 5)
    assert words is not None
    return str(bech32.bech32_encode(prefix, words))


def _public(key: ec.EllipticCurvePrivateKey, form: PublicFormat) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, form)


# --- the plugin's own process -------------------------------------------------------------------


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _read() -> tuple[list[str], bytes]:
    head = sys.stdin.readline()
    if not head.startswith("-> "):
        sys.exit(1)
    text = ""
    while True:
        line = sys.stdin.readline().rstrip("\n")
        text += line
        if len(line) < 64:
            return head[3:].split(), _raw(text)


def _say(*words: str, body: bytes = b"") -> None:
    text = _b64(body)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    if not lines or len(lines[-1]) == 64:
        lines.append("")
    print("-> " + " ".join(words), *lines, sep="\n", flush=True)


def _ask(*words: str, body: bytes = b"") -> tuple[list[str], bytes]:
    _say(*words, body=body)
    return _read()


def _file_key(identity: str, stanza: list[str], body: bytes) -> bytes | None:
    from cryptography.hazmat.primitives import hpke

    words = bech32.bech32_decode(identity)[1]
    assert words is not None
    secret = bytes(bech32.convertbits(words, 5, 8, False) or b"")
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    tag, sent = _raw(stanza[1]), _raw(stanza[2])
    ours = hashlib.sha256(_public(key, PublicFormat.CompressedPoint)).digest()[:4]
    extract = HMAC(_LABEL, SHA256())
    extract.update(sent + ours)
    if extract.finalize()[:4] != tag or not _behave():
        return None
    suite: Any = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    try:
        return bytes(suite.decrypt(sent + body, key, _LABEL))
    except InvalidTag:
        return None


def _behave() -> bool:
    """Whether the token does what is asked; asked of it only for what is sealed to it."""
    mood = os.environ.get("SOFT_TOKEN", "")
    if mood == "gone":
        _ask("error", "identity", "0", body=b"no token is plugged in")
        return False
    if mood == "touch":
        _ask("msg", body=b"Touch the token.")
    if mood == "pin":
        answer, pin = _ask("request-secret", body=b"PIN of the token")
        if answer != ["ok"] or pin != PIN.encode():
            _ask("error", "identity", "0", body=b"wrong PIN")
            return False
    return True


def _main() -> None:
    if os.environ.get("SOFT_TOKEN") == "dead" or sys.argv[1:] != ["--age-plugin=identity-v1"]:
        sys.exit(1)
    identities: list[str] = []
    stanzas: list[tuple[list[str], bytes]] = []
    while (command := _read())[0][0] != "done":
        words, body = command
        if words[0] == "add-identity":
            identities.append(words[1])
        elif words[0] == "recipient-stanza" and words[2] == "p256tag":
            stanzas.append((words[1:], body))
    opened: set[str] = set()
    for words, body in stanzas:
        for identity in identities:
            if words[0] in opened:
                continue
            key = _file_key(identity, words[1:], body)
            if key is not None:
                opened.add(words[0])
                _ask("file-key", words[0], body=key)
    _say("done")


if __name__ == "__main__":
    _main()
