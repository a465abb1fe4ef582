"""Are the periods those that were asked for, and as the recorder closed them?"""

from __future__ import annotations

from scrim.errors import BundleBroken, SealBroken, StatementInvalid
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.evidence.periods import Papers, Place, name
from scrim.ledger import Act, Entry
from scrim.store.keys import document_key, manifest_key
from scrim.vault.request import Request
from scrim.vault.reshare import Reshare


class PeriodsCheck:
    """Document and manifest of each period of the request, held against the ledger."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._opened = self._of(Act.PERIOD_OPENED)
        self._closed = self._of(Act.PERIOD_CLOSED)

    def verify(self) -> None:
        found, request = self._found, self._found.request
        if request is None:
            return
        wanted: set[str] = set()
        for place, document_sha256 in self._asked(request).items():
            wanted |= {document_key(*place), manifest_key(*place)}
            found.wanted.add(place)
            found.report.checked["periods"] += 1
            papers = self._papers(place, document_sha256)
            if papers is not None and self._is_logged(papers):
                found.periods[place] = papers
        for path in found.below(layout.PERIODS):
            if self._is_reshare(path):
                self._reshare(path)
            elif path not in wanted:
                found.problem(Kind.PERIOD_ADDED, path, "The request does not ask for that period.")

    def _asked(self, request: Request) -> dict[Place, str]:
        """Periods that should be there, and the hash of each one's document.

        A live request cannot name periods that are still to come: those of its cameras
        count, whose document is the one in the ledger.
        """
        if not request.is_live:
            return {
                (one.camera, one.epoch, one.period): one.document_sha256 for one in request.periods
            }
        names = map(layout.period_of, self._found.below(layout.PERIODS))
        places = {one[1:] for one in names if one is not None and one[1] in request.cameras}
        return {
            place: str(self._opened[place].facts.get("document")) if place in self._opened else ""
            for place in sorted(places)
        }

    def _papers(self, place: Place, document_sha256: str) -> Papers | None:
        found = self._found
        document, manifest = document_key(*place), manifest_key(*place)
        missing = [path for path in (document, manifest) if not found.there(path)]
        for path in missing:
            found.problem(
                Kind.PERIOD_MISSING, path, f"A paper of period {name(place)} is not there."
            )
        if missing:
            return None
        if document_sha256 and found.stamps[document].sha256 != document_sha256:
            found.problem(
                Kind.DOCUMENT_INVALID,
                document,
                "It is not the period document that was asked for, by its hash.",
            )
            return None
        try:
            papers = Papers.parse(found.source.read(document), found.source.read(manifest))
        except (SealBroken, BundleBroken) as error:
            found.failed(Kind.MANIFEST_INVALID, manifest, error)
            return None
        if papers.place != place:
            found.problem(
                Kind.MANIFEST_INVALID, manifest, f"It is that of period {name(papers.place)}."
            )
            return None
        return papers

    def _is_logged(self, papers: Papers) -> bool:
        place, manifest = papers.place, papers.manifest
        opened, closed = self._opened.get(place), self._closed.get(place)
        for act, entry in ((Act.PERIOD_OPENED, opened), (Act.PERIOD_CLOSED, closed)):
            if entry is None:
                self._found.problem(
                    Kind.ENTRY_MISSING,
                    f"period {name(place)}",
                    f"No receipt shows its entry {act.value!r} in the ledger.",
                )
        if opened is None or closed is None:
            return False
        return self._agrees(
            Kind.DOCUMENT_INVALID,
            document_key(*place),
            opened,
            {"document": manifest.document_sha256, "recipient": papers.document.recipient},
        ) & self._agrees(
            Kind.MANIFEST_INVALID,
            manifest_key(*place),
            closed,
            {
                "manifest": manifest.sha256,
                "document": manifest.document_sha256,
                "chain": manifest.chain_head,
            },
        )

    def _is_reshare(self, path: str) -> bool:
        found = layout.period_of(path)
        return found is not None and found[0] == "reshare" and found[1:] in self._found.wanted

    def _reshare(self, path: str) -> None:
        found, name_ = self._found, layout.period_of(path)
        papers = None if name_ is None else found.periods.get(name_[1:])
        if papers is None:
            return  # said already
        document = found.source.read(document_key(*papers.place))
        try:
            reshare = Reshare.parse(found.source.read(path), document)
        except (SealBroken, StatementInvalid, BundleBroken) as error:
            found.failed(Kind.DOCUMENT_INVALID, path, error)
            return
        sha256 = papers.manifest.document_sha256
        logged = any(
            entry.act is Act.PERIOD_RESHARED
            and entry.facts.get("reshare") == reshare.sha256
            and entry.facts.get("document") == sha256
            for entry in found.entries.values()
        )
        if not logged:
            found.problem(
                Kind.ENTRY_MISSING, path, "No receipt shows in the ledger that it was handed on."
            )
            return
        found.reshares.setdefault(sha256, []).append(reshare)

    def _agrees(self, kind: Kind, path: str, entry: Entry, expected: dict[str, str]) -> bool:
        wrong = [key for key, value in expected.items() if entry.facts.get(key) != value]
        if wrong:
            self._found.problem(
                kind,
                path,
                f"The ledger's entry {entry.act.value!r} speaks of another {wrong[0]}.",
            )
        return not wrong

    def _of(self, act: Act) -> dict[Place, Entry]:
        entries: dict[Place, Entry] = {}
        for _, entry in sorted(self._found.entries.items()):
            period = entry.facts.get("period")
            if entry.act is not act or entry.camera is None or entry.epoch is None:
                continue
            if isinstance(period, int):
                entries.setdefault((entry.camera, entry.epoch, period), entry)
        return entries
