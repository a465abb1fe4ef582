"""What the checks before have made sure of, for those that come after.

A field stays empty where its paper did not hold; the check that found that has said
so, and later ones pass over what they cannot judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from scrim.audit.report import Report
from scrim.canonical import Json
from scrim.errors import ScrimError
from scrim.evidence.archive import Source
from scrim.evidence.index import Index, Stamp
from scrim.evidence.kinds import Kind
from scrim.evidence.periods import Papers, Place
from scrim.ledger import Act, Entry
from scrim.vault.request import Request
from scrim.vault.reshare import Reshare
from scrim.vault.statement import Statement

TELL: Final = "Do not rely on this bundle; tell who gave it to you, and the auditor."


@dataclass(slots=True)
class Found:
    """What is known of a bundle so far.

    Attributes:
        source: its files.
        report: what was found.
        stamps: every file's own size and hash, as it is.
        index: its index, where that holds.
        sealed_by: the verifier that signed the index.
        request: the request, its signature and its officer's name checked.
        entries: entries shown to be in the tree of the checkpoint, by index.
        wanted: the periods that there should be.
        periods: papers of these that are those of the request and of the ledger.
        reshares: re-sharings of these that are in the ledger, by the document's hash.
        approvals: hashes of the approvals that count.
    """

    source: Source
    report: Report
    stamps: dict[str, Stamp] = field(default_factory=dict)
    index: Index | None = None
    sealed_by: str = ""
    request: Request | None = None
    entries: dict[int, Entry] = field(default_factory=dict)
    wanted: set[Place] = field(default_factory=set)
    periods: dict[Place, Papers] = field(default_factory=dict)
    reshares: dict[str, list[Reshare]] = field(default_factory=dict)
    approvals: set[str] = field(default_factory=set)

    def problem(self, kind: Kind, subject: str, what: str, remedy: str = TELL) -> None:
        """Something does not hold."""
        self.report.problem(kind, subject, what, remedy)

    def failed(self, kind: Kind, subject: str, error: ScrimError) -> None:
        """A file is not what it should be."""
        self.report.problem(kind, subject, error.message, TELL)

    def there(self, name: str) -> bool:
        """Whether the bundle has the file; that it lacks it is said by who needs it."""
        return name in self.source.sizes()

    def below(self, folder: str) -> list[str]:
        """The bundle's files in a folder, in order."""
        return [name for name in self.source.sizes() if name.startswith(folder)]

    def statement(self, name: str) -> Statement:
        """A signed document of the bundle.

        Raises:
            ScrimError: it is not there, or not one.
        """
        return Statement.parse(self.source.read(name))

    def of_case(self, *acts: Act) -> Iterator[tuple[int, Entry]]:
        """The case's own entries of these acts (all, if none is named), by index."""
        if self.request is None:
            return
        sha256 = self.request.sha256
        for index, entry in sorted(self.entries.items()):
            if entry.facts.get("request") == sha256 and (not acts or entry.act in acts):
                yield index, entry

    def first(self, act: Act, facts: Mapping[str, Json] | None = None) -> tuple[int, Entry] | None:
        """The case's first entry of an act with these facts."""
        for index, entry in self.of_case(act):
            if all(entry.facts.get(key) == value for key, value in (facts or {}).items()):
                return index, entry
        return None
