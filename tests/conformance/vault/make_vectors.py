"""Writes the vectors beside this file; run it only when a format changes.

Identities and the pieces of ``sharing.json`` come out of SHA-256, so that a
reader sees that nothing was picked; what age seals is random each time, so
``period.json`` and ``period-2.json`` change with every run.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pyrage
from tests.sim.soft_token import make_token

from scrim.canonical import canonical
from scrim.vault import (
    Custodian,
    CustodianSet,
    PeriodDocument,
    agekeys,
    chain_next,
    chain_start,
    manifest,
    sharing,
)
from scrim.vault.mint import mint
from scrim.vault.opening import combine, open_part
from scrim.vault.signing import Signer

HERE = Path(__file__).parent
OPENED_US = 1_795_331_580_000_000


def _draw(label: str) -> bytes:
    return hashlib.sha256(f"scrim/vector/{label}".encode()).digest()


def _write(name: str, value: Any) -> None:
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _seal(recipient: str, data: bytes) -> bytes:
    return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)]))


IDENTITIES = {f"office-{at}": agekeys.identity_text(_draw(f"office-{at}")) for at in range(3)}
RECIPIENTS = {
    name: agekeys.recipient_of(agekeys.secret_of(text)) for name, text in IDENTITIES.items()
}
CUSTODIANS = CustodianSet(2, tuple(Custodian(*pair) for pair in RECIPIENTS.items()))


TOKEN = make_token(_draw("token"))
TOKEN_SEED = agekeys.encode("scrim-signing-key-", _draw("token-seed")).upper()
"""office-0 and office-1 hold secrets, office-2 a token; office-1 never sent a verifier."""


def _carded() -> CustodianSet:
    return CustodianSet(
        2,
        (
            Custodian(
                "office-0",
                RECIPIENTS["office-0"],
                Signer.of_identity(IDENTITIES["office-0"]).verifier,
            ),
            Custodian("office-1", RECIPIENTS["office-1"]),
            Custodian("office-2", TOKEN.recipient, Signer.of_seed(TOKEN_SEED).verifier),
        ),
    )


def _mint(**changes: Any) -> bytes:
    asked = {
        "camera": "gate",
        "epoch": 2,
        "period": 5,
        "opened_us": OPENED_US,
        "custodians": CUSTODIANS.document(),
        **changes,
    }
    return mint(canonical(asked))


def _sharing() -> list[dict[str, Any]]:
    cases = []
    for n, k in ((1, 1), (3, 1), (3, 2), (3, 3), (5, 3), (9, 5)):
        pieces = {at: _draw(f"{n}/{k}/{at}") for at in range(sharing.piece_count(n, k))}
        cases.append(
            {
                "n": n,
                "k": k,
                "held": [list(sharing.pieces_held(n, k, at)) for at in range(n)],
                "pieces": [piece.hex() for piece in pieces.values()],
                "secret": sharing.join(n, k, pieces).hex(),
            }
        )
    return cases


def _chain(document_sha256: str) -> dict[str, Any]:
    records: list[dict[str, Any]] = [
        {
            "side": side,
            "segment": segment,
            "start_us": OPENED_US + segment * 4_000_000,
            "end_us": OPENED_US + (segment + 1) * 4_000_000,
            "key": f"{side}/gate/000002/000005/{segment:010d}.{ending}",
            "size": 1_000_000 + segment,
            "sha256": _draw(f"{side}/{segment}").hex(),
            "note": "é, \U0001d11e and \u2028 are not escaped",
        }
        for segment in range(2)
        for side, ending in (("sealed", "age"), ("masked", "mp4"))
    ]
    heads = [chain_start(document_sha256)]
    for record in records:
        heads.append(chain_next(heads[-1], record))
    data = manifest.build(
        document_sha256,
        "gate",
        2,
        5,
        OPENED_US,
        OPENED_US + 8_000_000,
        records,
        heads[-1],
        "recorder",
        lost=[3],
    )
    edits = {
        "a record left out": data.replace(canonical(records[1]) + b",", b""),
        "two records swapped": canonical(
            {**json.loads(data), "records": [records[at] for at in (1, 0, 2, 3)]}
        ),
        "a record moved in time": data.replace(
            str(records[2]["start_us"]).encode(), str(records[2]["start_us"] + 1).encode()
        ),
        "a lost record that is not there": data.replace(b'"lost":[3]', b'"lost":[4]'),
        "another document": data.replace(document_sha256.encode(), b"00" * 32),
        "not canonical": data.replace(b'":', b'": ', 1),
        "cut off": data[:-1],
    }
    return {
        "document_sha256": document_sha256,
        "records": records,
        "heads": heads,
        "manifest": data.decode(),
        "manifest_sha256": hashlib.sha256(data).hexdigest(),
        "broken": [{"name": name, "manifest": edit.decode()} for name, edit in edits.items()],
    }


def _faults(document: bytes) -> list[dict[str, str]]:
    period = PeriodDocument.parse(document)
    right = period.parts["office-0"]
    part = open_part(right, IDENTITIES["office-0"], document)
    other_camera = PeriodDocument.parse(_mint(camera="door"))
    other_period = PeriodDocument.parse(_mint(period=6))
    again = PeriodDocument.parse(_mint())
    number = min(part.pieces)
    forged = dataclasses.replace(part, pieces={**part.pieces, number: bytes(32)})
    relabelled = _seal(RECIPIENTS["office-1"], part.plaintext())
    cases = [
        ("corrupt: one bit flipped", right[:-1] + bytes([right[-1] ^ 1]), "office-0"),
        ("corrupt: cut off", right[:-1], "office-0"),
        ("corrupt: empty", b"", "office-0"),
        ("wrong: another custodian's part", period.parts["office-1"], "office-0"),
        ("replayed: another camera", other_camera.parts["office-0"], "office-0"),
        ("replayed: another period", other_period.parts["office-0"], "office-0"),
        ("replayed: the same period made twice", again.parts["office-0"], "office-0"),
        ("relabelled: sealed anew to another custodian", relabelled, "office-1"),
        (
            "forged: a piece that was not handed out",
            _seal(RECIPIENTS["office-0"], forged.plaintext()),
            "office-0",
        ),
        ("not a part inside", _seal(RECIPIENTS["office-0"], b"{}"), "office-0"),
    ]
    return [
        {
            "name": name,
            "sealed": _b64(sealed),
            "identity": IDENTITIES[holder],
            "error": "PartInvalid",
            "custodian": holder,
        }
        for name, sealed, holder in cases
    ]


def _period_2() -> dict[str, Any]:
    document = _mint(custodians=_carded().document())
    period = PeriodDocument.parse(document)
    parts = [
        open_part(period.parts[name], IDENTITIES[name], document)
        for name in ("office-0", "office-1")
    ]
    plain = b"".join(_draw(f"plain/{at}") for at in range(40))
    text = document.decode()
    first, last = (period.custodians.custodians[at].verifier for at in (0, 2))
    edits = {
        "version 1 with verifiers": text.replace("scrim-period-v2", "scrim-period-v1"),
        "another verifier, and the fingerprint of before": text.replace(
            first, Signer.of_identity(IDENTITIES["office-1"]).verifier
        ),
        "one verifier for two custodians": text.replace(last, first),
        "a verifier taken away": text.replace(first, ""),
        "a verifier in capitals": text.replace(first, first.upper()),
        "the token's recipient in capitals": text.replace(TOKEN.recipient, TOKEN.recipient.upper()),
        "nobody has a verifier": canonical(
            {
                **json.loads(_mint()),
                "format": "scrim-period-v2",
                "custodians": [
                    {**member, "verifier": ""} for member in json.loads(_mint())["custodians"]
                ],
            }
        ).decode(),
    }
    return {
        "custodians": {
            "office-0": {"identity": IDENTITIES["office-0"]},
            "office-1": {"identity": IDENTITIES["office-1"]},
            "office-2": {
                "identity": TOKEN.identity,
                "seed": TOKEN_SEED,
                "p256_secret": _draw("token").hex(),
            },
        },
        "document": text,
        "document_sha256": hashlib.sha256(document).hexdigest(),
        "identity": combine(document, parts),
        "segment": _b64(_seal(period.recipient, plain)),
        "segment_plain_sha256": hashlib.sha256(plain).hexdigest(),
        "broken": [{"name": name, "document": edit} for name, edit in edits.items()],
    }


def main() -> None:
    _write("period-2.json", _period_2())
    document = _mint()
    period = PeriodDocument.parse(document)
    parts = [
        open_part(period.parts[name], IDENTITIES[name], document)
        for name in ("office-0", "office-1")
    ]
    identity = combine(document, parts)
    plain = b"".join(_draw(f"plain/{at}") for at in range(2100))  # over one 64 KiB chunk
    _write("sharing.json", _sharing())
    _write(
        "fingerprints.json",
        [
            {"recipient": recipient, "fingerprint": agekeys.fingerprint(recipient)}
            for recipient in RECIPIENTS.values()
        ],
    )
    _write(
        "period.json",
        {
            "custodians": IDENTITIES,
            "document": document.decode(),
            "document_sha256": hashlib.sha256(document).hexdigest(),
            "identity": identity,
            "segment": _b64(_seal(period.recipient, plain)),
            "segment_plain_sha256": hashlib.sha256(plain).hexdigest(),
            "faults": _faults(document),
        },
    )
    _write("chain.json", _chain(hashlib.sha256(document).hexdigest()))


if __name__ == "__main__":
    main()
