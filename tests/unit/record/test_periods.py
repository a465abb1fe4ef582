"""A change of custodians takes effect with the next period."""

from __future__ import annotations

import pytest
from tests.sim.street import Street

from scrim.errors import CustodianInvalid
from scrim.record.periods import Periods
from scrim.store.keys import document_key
from scrim.vault import CustodianSet
from scrim.vault.custodian import new_identity
from scrim.vault.custodian_set import Custodian
from scrim.vault.document import PeriodDocument


def of(street: Street, epoch: int, period: int) -> CustodianSet:
    data = street.objects.get(document_key("street", epoch, period))
    return PeriodDocument.parse(data).custodians


def test_a_period_is_shared_among_who_is_in_force_when_it_opens(street: Street) -> None:
    epoch, _ = street.catalogue.begin_epoch("street", 1)
    sets = [street.custodians, CustodianSet(1, (Custodian("court", new_identity().recipient),))]
    now = iter(sets)
    periods = Periods(street.catalogue, "street", epoch, lambda: next(now), street.clock)
    for period in (1, 2):
        periods.ensure(period)
        periods.ensure(period)  # open already: nobody is asked again
    assert [of(street, epoch, period) for period in (1, 2)] == sets


def test_without_custodians_no_period_opens(street: Street) -> None:
    epoch, _ = street.catalogue.begin_epoch("street", 1)

    def nobody() -> CustodianSet:
        raise CustodianInvalid("No custodians are set.", "Set them.")

    periods = Periods(street.catalogue, "street", epoch, nobody, street.clock)
    with pytest.raises(CustodianInvalid):
        periods.ensure(1)
    with pytest.raises(KeyError):
        periods.key(1)
