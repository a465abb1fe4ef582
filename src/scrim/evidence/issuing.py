"""Certifying an officer: in the ledger first, and then the certificate.

The authority is made with the first certificate.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from scrim.canonical import Json
from scrim.clock import Clock
from scrim.evidence.authority import KEY_FILE, Authority, read_chain
from scrim.ledger import Act, Entry, Ledger, commit


def issue(
    ledger: Ledger, clock: Clock, keys: Path, deployment: str, officer: tuple[str, str, bytes]
) -> bytes:
    """The chain (PEM) for a registered officer.

    Args:
        ledger: where it is written down first.
        clock: says when.
        keys: the data folder's ``keys``.
        deployment: the ledger's origin.
        officer: id, verifier and salt, as registered.

    Raises:
        BundleBroken: the authority's files cannot be used or written.
        LedgerUnavailable: the entry could not be written, so nothing is issued.
    """
    now = clock.now_us()
    person, verifier, salt = officer
    if (keys / KEY_FILE).exists():
        authority = Authority.read(keys)
    else:
        authority = Authority.new(deployment, now)
        anchor = hashlib.sha256(authority.anchor_pem()).hexdigest()
        _log(ledger, now, "evidence-authority", {"anchor": anchor})
        authority.write(keys)
    chain = authority.certify(verifier, person, now)
    facts: dict[str, Json] = {
        "person": commit(person, salt)[0],
        "verifier": verifier,
        "serial": format(read_chain(chain)[0].serial_number, "x"),
    }
    _log(ledger, now, "officer-certified", facts)
    return chain


def _log(ledger: Ledger, now: int, change: str, facts: dict[str, Json]) -> None:
    ledger.append(
        Entry(
            act=Act.CONFIGURED,
            at_us=now,
            who="operator",
            authority="operator",
            reason=change,
            facts={"change": change, **facts},
        )
    )
