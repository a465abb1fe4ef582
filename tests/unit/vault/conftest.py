"""Custodians and periods made in this process, so that tests are quick.

``mint`` runs in a process of its own when the recorder asks; what it does is
the same here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from scrim.canonical import canonical
from scrim.vault import Custodian, CustodianSet, PeriodDocument
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.mint import mint
from scrim.vault.opening import open_part
from scrim.vault.part import Part
from scrim.vault.signing import Signer

OPENED_US = 1_795_331_580_000_000


@dataclass(frozen=True)
class Period:
    """A minted period with the identities of its custodians, in order."""

    document: bytes
    identities: tuple[Identity, ...]

    @property
    def parsed(self) -> PeriodDocument:
        return PeriodDocument.parse(self.document)

    def sealed(self, index: int) -> bytes:
        return self.parsed.parts[self.parsed.custodians.custodians[index].id]

    def part(self, index: int) -> Part:
        return open_part(self.sealed(index), self.identities[index].secret, self.document)


MakePeriod = Callable[..., Period]


@pytest.fixture(scope="session")
def make_period() -> MakePeriod:
    def make(
        n: int = 3,
        k: int = 2,
        *,
        camera: str = "gate",
        epoch: int = 2,
        period: int = 5,
        identities: tuple[Identity, ...] = (),
        signed: bool = True,
    ) -> Period:
        identities = identities or tuple(new_identity() for _ in range(n))
        members = tuple(
            Custodian(
                f"office-{index}",
                identity.recipient,
                Signer.of_identity(identity.secret).verifier if signed else "",
            )
            for index, identity in enumerate(identities)
        )
        asked = canonical(
            {
                "camera": camera,
                "epoch": epoch,
                "period": period,
                "opened_us": OPENED_US,
                "custodians": CustodianSet(k, members).document(),
            }
        )
        return Period(mint(asked), identities)

    return make


@pytest.fixture(scope="session")
def period(make_period: MakePeriod) -> Period:
    """Three custodians, any two of whom can open."""
    return make_period()
