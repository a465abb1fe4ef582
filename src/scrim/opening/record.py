"""A case's record: what the ledger says of its periods and its custodians, checked.

Rules (what breaks one is refused whole):

1. It is the record of the case that was asked about, and no entry of it is of another
   request.
2. The checkpoint is this deployment's (:mod:`scrim.opening.trust`), and every receipt
   is in its tree.
3. A period that is closed was opened, under the same document.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from scrim.errors import PackageBroken, ScrimError
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.entry import Act, Entry
from scrim.ledger.receipt import Receipt
from scrim.opening.plan import PeriodName
from scrim.vault.fields import Fields, is_sha256, load
from scrim.vault.request import Request

FORMAT: Final = "scrim-record-v1"

_FIELDS: Final = frozenset(
    {
        "format",
        "case",
        "salt",
        "entries",
        "opened",
        "closed",
        "reshared",
        "custodians",
        "checkpoint",
    }
)


@dataclass(frozen=True, slots=True)
class Logged:
    """What the ledger holds of a period: hashes of its document and, if closed, its manifest."""

    document_sha256: str
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A record that holds.

    Args:
        periods: what the ledger holds of each.
        custodians: hashes of the sets that whoever checks the answers needs, ascending.
        data: as it came.
    """

    periods: Mapping[PeriodName, Logged]
    custodians: tuple[str, ...]
    data: bytes = field(repr=False)

    @classmethod
    def parse(cls, data: bytes, request: Request, see: Callable[[str], Checkpoint]) -> Record:
        """Read a record and check all of it.

        Args:
            data: as it came.
            request: of the case that was asked about.
            see: checks a signed note and gives its checkpoint.

        Raises:
            PackageBroken: says what does not hold.
            LedgerBroken: the checkpoint is not this deployment's.
        """
        try:
            fields = Fields(load(data), _FIELDS)
            fields.is_exactly("format", FORMAT)
            fields.is_exactly("case", request.case)
            checkpoint = see(fields.text("checkpoint"))
            if checkpoint.origin != request.deployment:
                raise ValueError("it is of another deployment")
            return _read(fields, request, checkpoint, data)
        except ValueError as error:
            raise _broken(str(error)) from None


def _read(fields: Fields, request: Request, checkpoint: Checkpoint, data: bytes) -> Record:
    def entry(document: object) -> Entry:
        return Receipt.from_document(document).check(checkpoint.size, checkpoint.root)

    try:
        for item in fields.items("entries"):
            if entry(item).facts.get("request", request.sha256) != request.sha256:
                raise ValueError("an entry is of another request")
        opened = {name: entry(item) for name, item in fields.mapping("opened").items()}
        closed = {name: entry(item) for name, item in fields.mapping("closed").items()}
        sets = {name: entry(item) for name, item in fields.mapping("custodians").items()}
    except ScrimError as error:
        raise _broken(error.message) from None
    if not closed.keys() <= opened.keys():
        raise ValueError("a period was closed and never opened")
    for sha256, one in sets.items():
        if one.act is not Act.CUSTODIANS_SET or one.facts.get("set") != sha256:
            raise ValueError("the receipt of a custodian set is of something else")
    periods = {}
    for name, one in opened.items():
        place, document = _period(name, one, Act.PERIOD_OPENED)
        manifest = None
        if name in closed:
            again, same = _period(name, closed[name], Act.PERIOD_CLOSED)
            manifest = closed[name].facts.get("manifest")
            if (again, same) != (place, document) or not _is_hash(manifest):
                raise ValueError(f"the receipts of period {name} do not belong together")
        periods[place] = Logged(document, None if manifest is None else str(manifest))
    return Record(periods, tuple(sorted(sets)), data)


def _period(name: str, entry: Entry, act: Act) -> tuple[PeriodName, str]:
    number, document = entry.facts.get("period"), entry.facts.get("document")
    if (
        entry.act is not act
        or entry.camera is None
        or entry.epoch is None
        or not isinstance(number, int)
        or not _is_hash(document)
        or name != f"{entry.camera}/{entry.epoch}/{number}"
    ):
        raise ValueError(f"the receipt of period {name} is of something else")
    return (entry.camera, entry.epoch, number), str(document)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and is_sha256(value)


def _broken(what: str) -> PackageBroken:
    return PackageBroken(
        f"What the server says of the ledger does not hold: {what.rstrip('.')}.",
        "Use nothing of it; get it again, and report it to the auditor if it stays so.",
    )
