"""Which custodians are in force: the newest row of their table."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from scrim.errors import CustodianInvalid
from scrim.store.database import reading
from scrim.store.schema import custodian_set
from scrim.vault import CustodianSet


def custodians_in_force(engine: Engine) -> CustodianSet | None:
    """The set that new key periods are sealed to, or ``None`` where none was ever set.

    Raises:
        CustodianInvalid: the row is not a set of custodians.
    """
    with reading(engine) as connection:
        text = connection.execute(
            select(custodian_set.c.document).order_by(custodian_set.c.id.desc()).limit(1)
        ).scalar_one_or_none()
    return None if text is None else CustodianSet.from_document(json.loads(text))


def current_custodians(engine: Engine) -> CustodianSet:
    """:func:`custodians_in_force`, for who cannot go on without.

    Raises:
        CustodianInvalid: none was ever set, or the row is not a set of custodians.
    """
    custodians = custodians_in_force(engine)
    if custodians is None:
        raise CustodianInvalid(
            "No custodians are set, so nothing can be sealed.",
            "Name them with 'scrim init --custodian ID=CARD', or try 'scrim up --demo'.",
        )
    return custodians
