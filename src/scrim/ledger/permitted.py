"""Which policies allowed what is being done, for the entries that it writes.

Whoever decides says so once, around the act (:func:`permitted_by`); each entry that is
appended meanwhile has their ids in its facts, under ``permit``.  So no act can forget
it, and none has to hand it on.  It holds for one task and the threads it starts, never
for another request.  Outside, entries are as they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Final

from scrim.ledger.entry import Entry

FACT: Final = "permit"

_policies: ContextVar[tuple[str, ...]] = ContextVar("permitted_by", default=())


@contextmanager
def permitted_by(policies: Sequence[str]) -> Iterator[None]:
    """Within, entries say that these policies allowed the act."""
    token = _policies.set(tuple(policies))
    try:
        yield
    finally:
        _policies.reset(token)


def with_permit(entry: Entry) -> Entry:
    """The entry, and which policies allowed it, where any were asked."""
    policies = _policies.get()
    if not policies or FACT in entry.facts:
        return entry
    return replace(entry, facts={**entry.facts, FACT: list(policies)})
