"""Writes ``reshare.json``; run it only when the format changes.

Identities come out of SHA-256; what is dealt and sealed is random each time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from scrim.canonical import canonical
from scrim.vault import Custodian, CustodianSet, PeriodDocument, agekeys
from scrim.vault.dealing import combine_dealt, deal, open_dealt_part
from scrim.vault.mint import mint
from scrim.vault.openers import KeyOpener
from scrim.vault.opening import open_part
from scrim.vault.reshare import Reshare
from scrim.vault.signing import Signer

HERE = Path(__file__).parent
OPENED_US = 1_795_331_580_000_000


def _people(names: list[str]) -> dict[str, str]:
    draws = {name: hashlib.sha256(f"scrim/vector/{name}".encode()).digest() for name in names}
    return {name: agekeys.identity_text(secret) for name, secret in draws.items()}


def _set(people: dict[str, str], k: int) -> CustodianSet:
    members = (
        Custodian(
            name,
            agekeys.recipient_of(agekeys.secret_of(text)),
            Signer.of_identity(text).verifier,
        )
        for name, text in people.items()
    )
    return CustodianSet(k, tuple(members))


def main() -> None:
    old, new = (
        _people(["office-0", "office-1", "office-2"]),
        _people([f"new-{at}" for at in "0123"]),
    )
    document = mint(
        canonical(
            {
                "camera": "gate",
                "epoch": 2,
                "period": 5,
                "opened_us": OPENED_US,
                "custodians": _set(old, 2).document(),
            }
        )
    )
    sealed, new_set = PeriodDocument.parse(document).parts, _set(new, 3)
    who = ["office-0", "office-2"]
    deals = [
        deal(
            document,
            open_part(sealed[name], old[name], document),
            new_set,
            who,
            Signer.of_identity(old[name]),
            OPENED_US + 9,
        )
        for name in who
    ]
    reshare = Reshare.gather(document, new_set, deals)
    parts = [open_dealt_part(reshare, KeyOpener(text)) for text in new.values()]
    text = reshare.to_bytes().decode()
    edits = {
        "a deal left out": canonical({**json.loads(text), "deals": json.loads(text)["deals"][:1]}),
        "the deals swapped": canonical(
            {**json.loads(text), "deals": json.loads(text)["deals"][::-1]}
        ),
        "a time changed": text.replace('"dealt_us":', '"dealt_us":1').encode(),
        "another threshold": text.replace('"k":3', '"k":2').encode(),
        "not canonical": text.replace('":', '": ', 1).encode(),
    }
    value = {
        "old": old,
        "new": new,
        "document": document.decode(),
        "reshare": text,
        "identity": combine_dealt(reshare, parts),
        "broken": [{"name": name, "reshare": edit.decode()} for name, edit in edits.items()],
    }
    (HERE / "reshare.json").write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main()
