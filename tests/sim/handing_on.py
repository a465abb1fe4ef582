"""Old custodians hand a period on to a new set, each as on their own machine."""

from __future__ import annotations

from collections.abc import Mapping

from scrim.vault import CustodianSet, PeriodDocument
from scrim.vault.custodian import Identity
from scrim.vault.dealing import deal
from scrim.vault.opening import open_part
from scrim.vault.reshare import Reshare


def hand_on(document: bytes, old: Mapping[str, Identity], new: CustodianSet) -> Reshare:
    """The re-sharing that k of the old custodians make; ``old``: id to identity, k at least."""
    period = PeriodDocument.parse(document)
    order = [one.id for one in period.custodians.custodians if one.id in old]
    dealing = order[: period.custodians.k]
    deals = [
        deal(
            document,
            open_part(period.parts[name], old[name].secret, document),
            new,
            dealing,
            old[name].signer,
            period.opened_us + 1,
        )
        for name in dealing
    ]
    return Reshare.gather(document, new, deals)
