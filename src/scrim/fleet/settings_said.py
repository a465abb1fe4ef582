"""Settings are in the ledger before anything goes by them.

Rules:

1. A section that is not as it was last said is said before a process that reads it is
   started, before a sweep by hand, and before a change that may take two people
   (invariant 5).
2. Of a section that was never said and is as Scrim ships it nothing is said.
3. An entry has the section's whole numbers and switches, and SHA-256 over all of it;
   paths, addresses and names stay out (invariant 6).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.ledger import Act, Entry, Ledger
from scrim.settings import Settings
from scrim.store.database import reading
from scrim.store.schema import setting_said as table

_CHANGE: Final = "settings-changed"


def say_settings(engine: Engine, ledger: Ledger, clock: Clock, settings: Settings) -> list[str]:
    """Write down what is not as it was last said; which sections.

    Raises:
        StoreError: what was said cannot be read.
        LedgerUnavailable: it could not be written down, so nothing may go by it.
    """
    with reading(engine) as connection:
        if not _changed(connection, settings):
            return []
    with in_ledger(engine) as connection:
        changed = _changed(connection, settings)
        for section, values in changed.items():
            entry = Entry(
                act=Act.CONFIGURED,
                at_us=clock.now_us(),
                who="operator",
                authority="operator",
                reason=_CHANGE,
                facts={
                    "change": _CHANGE,
                    "section": section,
                    "values": _words(values),
                    "sha256": _sha256(values),
                },
            )
            receipt = ledger.append_in(connection, entry)
            connection.execute(delete(table).where(table.c.section == section))
            connection.execute(
                insert(table).values(section=section, sha256=_sha256(values), entry=receipt.index)
            )
    return list(changed)


def _changed(connection: Connection, settings: Settings) -> dict[str, Mapping[str, Any]]:
    said = {row.section: row.sha256 for row in connection.execute(select(table))}
    usual = _sections(Settings.model_construct())
    return {
        section: values
        for section, values in _sections(settings).items()
        if _sha256(values) != said.get(section, _sha256(usual[section]))
    }


def _sections(settings: Settings) -> dict[str, Mapping[str, Any]]:
    return dict(sorted(settings.model_dump(mode="json").items()))


def _words(values: Mapping[str, Any]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if isinstance(value, int)}


def _sha256(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
