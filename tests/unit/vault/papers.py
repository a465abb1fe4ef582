"""A request and those who deal with it, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scrim.vault.custodian import Identity, new_identity
from scrim.vault.request import Authority, Officer, PeriodRef, Request
from scrim.vault.signing import Signer

HOUR_US = 3_600_000_000

OFFICER = new_identity()
ONCE = new_identity()


def signer(identity: Identity) -> Signer:
    return Signer.of_identity(identity.secret)


def request(**changes: Any) -> Request:
    """A good request for one hour of one camera, with what a test wants changed."""
    return replace(
        Request(
            deployment="scrim.example/ledger",
            case="case-abcd2345",
            kind="recorded",
            purpose="investigation",
            authority=Authority("warrant", "ESCC 17/2026", "a" * 64),
            cameras=("gate",),
            since_us=HOUR_US,
            until_us=2 * HOUR_US,
            reason="A cyclist was knocked down at the gate.",
            officer=Officer("officer-7", "traffic", signer(OFFICER).verifier),
            recipient=ONCE.recipient,
            created_us=3 * HOUR_US,
            expires_us=30 * HOUR_US,
            periods=(PeriodRef("gate", 1, 0, "b" * 64), PeriodRef("gate", 1, 1, "c" * 64)),
            salt="d" * 64,
        ),
        **changes,
    )
