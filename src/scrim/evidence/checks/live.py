"""Was a live original sealed to the officer by leave of k custodians, and logged first?"""

from __future__ import annotations

from scrim.audit.live import LiveClaims
from scrim.canonical import Json
from scrim.errors import SealBroken
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.evidence.periods import Original, Papers, name, originals
from scrim.ledger import Act, Entry
from scrim.vault.answer import APPROVED
from scrim.vault.request import Request


class LiveCheck:
    """A live case's entries ``live-opened`` and ``live-ended`` against answers and originals.

    The custodians of a live opening are those of the periods that were recorded under it:
    the recorder judges by the set that it seals to, and the period documents have that set.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._claims = LiveClaims(found.report)

    def verify(self) -> None:
        request = self._found.request
        if request is None or not request.is_live:
            return
        for index, entry in self._found.of_case(Act.LIVE_OPENED, Act.LIVE_ENDED):
            self._entry(index, entry, request)
        for papers in self._found.periods.values():
            self._period(papers, request)
        self._unbroken()

    def _entry(self, index: int, entry: Entry, request: Request) -> None:
        try:
            self._claims.see(index, entry)
        except (KeyError, TypeError) as error:
            self._found.problem(
                Kind.ENTRY_CONTRADICTS, f"entry {index}", f"It lacks a fact: {error}."
            )
            return
        since, until = entry.since_us or 0, entry.until_us or 0
        if entry.camera not in request.cameras or not (
            request.since_us <= since <= until <= min(request.until_us, request.expires_us)
        ):
            self._found.problem(
                Kind.INTERVAL_EXCEEDED,
                f"entry {index}",
                f"{entry.act.value!r} is outside the cameras and the window asked for.",
            )
        if entry.act is Act.LIVE_OPENED:
            self._answers(index, entry)

    def _answers(self, index: int, entry: Entry) -> None:
        named = entry.facts.get("answers")
        hashes = {str(one) for one in named} if isinstance(named, list | tuple) else set()
        unknown = hashes - self._found.approvals
        if unknown:
            self._found.problem(
                Kind.ENTRY_CONTRADICTS,
                f"entry {index}",
                f"It rests on answer {min(unknown)}, which is no approval in this bundle.",
            )
        for sha256 in sorted(hashes - unknown):
            facts: dict[str, Json] = {"answer": sha256, "decision": APPROVED}
            logged = self._found.first(Act.CASE_ANSWERED, facts)
            if logged is not None and logged[0] > index:
                self._found.problem(
                    Kind.ORDER_BROKEN,
                    f"entry {index}",
                    f"It rests on an answer that entry {logged[0]} has only after it.",
                )
        for place, papers in sorted(self._found.periods.items()):
            k = papers.document.custodians.k
            if place[0] == entry.camera and len(hashes) < k:
                self._found.problem(
                    Kind.ANSWERS_TOO_FEW,
                    f"entry {index}",
                    f"It opened period {name(place)} on {len(hashes)} approvals; {k} are needed.",
                )

    def _period(self, papers: Papers, request: Request) -> None:
        try:
            found = [one for one in originals(papers) if one.is_within(request)]
        except SealBroken:
            return  # said already
        if not found:
            self._found.problem(
                Kind.PERIOD_ADDED,
                f"period {name(papers.place)}",
                "Nothing in it was sealed for this request.",
            )
        for one in found:
            self._original(one, request)

    def _original(self, one: Original, request: Request) -> None:
        record: dict[str, Json] = {
            "live": [request.sha256],
            "start_us": one.start_us,
            "end_us": one.end_us,
        }
        self._claims.check_record(one.path, one.place[0], record)
        if not request.since_us <= one.start_us <= one.end_us <= request.until_us:
            self._found.problem(
                Kind.INTERVAL_EXCEEDED,
                one.path,
                "It was sealed for it outside the window asked for.",
            )

    def _unbroken(self) -> None:
        there = self._found.wanted
        for camera, epoch, period in sorted(there):
            later = any((camera, epoch) == other[:2] and other[2] > period for other in there)
            if later and (camera, epoch, period + 1) not in there:
                self._found.problem(
                    Kind.PERIOD_MISSING,
                    layout.PERIODS,
                    f"Between periods of epoch {epoch} of {camera} number {period + 1} is missing.",
                )
