"""With which key a custodian answers, as far as period documents and the ledger say."""

from __future__ import annotations

from typing import TypeAlias

from scrim.errors import BundleBroken
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.ledger import Act
from scrim.vault.answer import verifier_of
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import Fields, load

Member: TypeAlias = tuple[str, str]
"""Id and recipient."""


class CustodianKeys:
    """The signing keys of custodians.

    A period document of version 2 names them.  An older one names recipients only; there
    a set of custodians says which key goes with which, if the ledger's
    entry of that set has its hash.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._known: dict[Member, str] = {}

    def verify(self) -> None:
        """Read the sets in the bundle."""
        found = self._found
        logged = {
            entry.facts.get("set")
            for entry in found.entries.values()
            if entry.act is Act.CUSTODIANS_SET
        }
        for path in found.below(layout.CUSTODIANS):
            if found.stamps[path].sha256 not in logged:
                found.problem(
                    Kind.ENTRY_MISSING,
                    path,
                    "No receipt shows that set of custodians in the ledger.",
                )
                continue
            try:
                self._read(found.source.read(path))
            except (ValueError, BundleBroken) as error:
                found.problem(Kind.CUSTODIAN_UNKNOWN, path, f"It is no set of custodians: {error}.")

    def of(self, document: PeriodDocument, custodian: str) -> str | None:
        """The custodian's verifier; ``None`` if they hold no part, empty if it is not known."""
        named = verifier_of(document, custodian)
        if named != "":
            return named
        recipient = next(
            one.recipient for one in document.custodians.custodians if one.id == custodian
        )
        return self._known.get((custodian, recipient), "")

    def _read(self, data: bytes) -> None:
        members = Fields(load(data), frozenset({"custodians"}), more=True).items("custodians")
        for item in members:
            member = Fields(item, frozenset({"id", "recipient", "verifier"}), more=True)
            key = member.text("id"), member.text("recipient")
            self._known[key] = member.text("verifier")
