"""Which custodians are in force: the newest row of their table."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from scrim.errors import CustodianInvalid
from scrim.store.database import reading
from scrim.store.schema import custodian_set
from scrim.vault import CustodianSet


def current_custodians(engine: Engine) -> CustodianSet:
    """The set that new key periods are sealed to.

    Raises:
        CustodianInvalid: none was ever set, or the row is not a set of custodians.
    """
    with reading(engine) as connection:
        text = connection.execute(
            select(custodian_set.c.document).order_by(custodian_set.c.id.desc()).limit(1)
        ).scalar_one_or_none()
    if text is None:
        raise CustodianInvalid(
            "No custodians are set, so nothing can be sealed.",
            "Name them with 'scrim init --custodian ID=RECIPIENT', or try 'scrim up --demo'.",
        )
    return CustodianSet.from_document(json.loads(text))
