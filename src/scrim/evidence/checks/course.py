"""Did everything happen in its order, within the deadline, and first in the ledger?"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from scrim.canonical import Json
from scrim.clock import SECOND, to_text
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.ledger import Act, Entry
from scrim.vault.request import Request

_LIVE: Final = (Act.CASE_APPROVED, Act.LIVE_OPENED)
_COURSE: Final = (Act.CASE_REQUESTED, Act.CASE_APPROVED, Act.CASE_OPENED, Act.EXPORTED)
_ENDS: Final = (Act.CASE_CLOSED, Act.CASE_EXPIRED, Act.CASE_REFUSED)
_USES: Final = (
    Act.CASE_ANSWERED,
    Act.CASE_APPROVED,
    Act.CASE_OPENED,
    Act.ORIGINAL_VIEWED,
    Act.EXPORTED,
    Act.LIVE_OPENED,
)
_BACK_US: Final = 5 * SECOND
"""Several processes write; their readings of one clock may pass each other by this much."""


class CourseCheck:
    """The case's entries: all there, of one case, in order, in time, within the interval."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def verify(self) -> None:
        request = self._found.request
        if request is None:
            return
        steps = [self._step(act) for act in _COURSE]
        self._order([step for step in steps if step is not None])
        if request.is_live:
            steps = [self._step(act) for act in _LIVE]
            self._order([step for step in steps if step is not None])
        self._same_case()
        self._agrees(request)
        self._in_time(request)
        self._within(request)
        self._clock()

    def _step(self, act: Act) -> tuple[int, Entry] | None:
        found = self._found
        facts: dict[str, Json] = {}
        if act is Act.EXPORTED:
            if found.index is None:
                return None
            facts = {"sha256": found.index.content_sha256}
        step = found.first(act, facts)
        if step is None:
            what = "of these pictures" if facts else "of this request"
            found.problem(
                Kind.ENTRY_MISSING, "the case", f"No receipt shows an entry {act.value!r} {what}."
            )
        return step

    def _order(self, steps: list[tuple[int, Entry]]) -> None:
        for (before, first), (after, second) in pairwise(steps):
            if before > after:
                self._found.problem(
                    Kind.ORDER_BROKEN,
                    f"entry {after}",
                    f"{second.act.value!r} stands before {first.act.value!r}, entry {before}.",
                )

    def _same_case(self) -> None:
        names = {str(entry.facts.get("case")) for _, entry in self._found.of_case()}
        if len(names) > 1:
            self._found.problem(
                Kind.ENTRY_CONTRADICTS, "the case", "The entries of the request are of two cases."
            )

    def _agrees(self, request: Request) -> None:
        said: dict[str, Json] = {
            "purpose": request.purpose,
            "authority-kind": request.authority.kind,
            "authority-document": request.authority.document_sha256,
            "cameras": len(request.cameras),
            "periods": len(request.periods),
            "expires": request.expires_us,
            "kind": request.kind,
        }
        for index, entry in self._found.of_case(Act.CASE_REQUESTED, Act.CASE_APPROVED):
            for fact, value in said.items():
                # a purpose that the deployment does not know stands there as an empty text
                if fact in entry.facts and entry.facts[fact] not in (value, ""):
                    self._found.problem(
                        Kind.ENTRY_CONTRADICTS,
                        f"entry {index}",
                        f"Its {fact} is not that of the request.",
                    )

    def _in_time(self, request: Request) -> None:
        found = self._found
        ended = min((index for index, _ in found.of_case(*_ENDS)), default=None)
        for index, entry in found.of_case(*_USES):
            if entry.at_us >= request.expires_us:
                found.problem(
                    Kind.CASE_EXPIRED,
                    f"entry {index}",
                    f"{entry.act.value!r} at {to_text(entry.at_us)}; the request expired "
                    f"at {to_text(request.expires_us)}.",
                )
            elif ended is not None and index > ended:
                found.problem(
                    Kind.CASE_EXPIRED,
                    f"entry {index}",
                    f"{entry.act.value!r} after entry {ended} ended the case.",
                )

    def _within(self, request: Request) -> None:
        for index, entry in self._found.of_case(Act.ORIGINAL_VIEWED):
            since, until = entry.since_us, entry.until_us
            if (
                entry.camera not in request.cameras
                or since is None
                or until is None
                or not request.since_us <= since <= until <= request.until_us
            ):
                self._found.problem(
                    Kind.INTERVAL_EXCEEDED,
                    f"entry {index}",
                    "Originals were looked at outside the cameras and the interval asked for.",
                )

    def _clock(self) -> None:
        latest, where = 0, -1
        for index, entry in self._found.of_case():
            if entry.act is Act.LIVE_ENDED:
                continue  # it has the time of the end, written down when a recorder is back
            if entry.at_us < latest - _BACK_US:
                self._found.problem(
                    Kind.CLOCK_SET_BACK,
                    f"entry {index}",
                    f"Its time is before that of entry {where}, which stands before it.",
                    "Ask the operator why the clock was set back; deadlines hang on it.",
                )
            elif entry.at_us > latest:
                latest, where = entry.at_us, index
