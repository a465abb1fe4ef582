"""Three custodians, a live request, and what they say to it, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.vault.papers import HOUR_US, OFFICER, request, signer

from scrim.vault import Custodian, CustodianSet
from scrim.vault.answer import Answer
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.request import LIVE, Request
from scrim.vault.statement import Statement

SINCE_US, UNTIL_US = 4 * HOUR_US, 5 * HOUR_US
NOW_US = SINCE_US + 1
NAMES = ("court", "privacy", "audit")
PEOPLE = {name: new_identity() for name in NAMES}


def custodian(name: str, identity: Identity) -> Custodian:
    return Custodian(name, identity.recipient, signer(identity).verifier)


SET = CustodianSet(2, tuple(custodian(name, PEOPLE[name]) for name in NAMES))


def live(**changes: Any) -> Request:
    return request(
        **{"kind": LIVE, "periods": (), "since_us": SINCE_US, "until_us": UNTIL_US} | changes
    )


def approval(name: str, to: Request, by: Identity | None = None, **changes: Any) -> bytes:
    answer = Answer(to.sha256, to.case, name, "approved", "", 4 * HOUR_US, (), "e" * 64)
    made = replace(answer, **changes)
    return Statement.sign(made.body(), signer(by or PEOPLE[name])).to_bytes()


def signed(asked: Request, by: Identity = OFFICER) -> bytes:
    return Statement.sign(asked.body(), signer(by)).to_bytes()
