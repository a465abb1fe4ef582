"""Are the originals those that were sealed, each in its place, and only those asked for?"""

from __future__ import annotations

from scrim.errors import SealBroken
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.evidence.periods import Original, name, originals


class OriginalsCheck:
    """Each original against its period's record: place, time, size, hash.

    What a dishonest officer would sign again is found here: the records are in the
    ledger since before anybody asked.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._known: dict[str, Original] = {}  # by path
        self._places: dict[str, Original] = {}  # by hash of what was sealed

    def verify(self) -> None:
        found, request = self._found, self._found.request
        if request is None:
            return
        for papers in found.periods.values():
            try:
                for original in originals(papers):
                    self._known[original.path] = original
                    self._places[original.plain_sha256] = original
            except SealBroken as error:
                found.failed(Kind.MANIFEST_INVALID, f"period {name(papers.place)}", error)
        for path, original in sorted(self._known.items()):
            if original.is_within(request) and not original.lost:
                self._one(path, original)
        for path in found.below(layout.ORIGINALS):
            if not path.startswith(self._unjudged()):
                self._is_asked_for(path)

    def _unjudged(self) -> tuple[str, ...]:
        """Folders of periods whose papers do not hold, which was said."""
        places = self._found.wanted - self._found.periods.keys()
        return tuple(layout.folder(*place) for place in sorted(places))

    def _one(self, path: str, original: Original) -> None:
        found = self._found
        found.report.checked["originals"] += 1
        actual = found.stamps.get(path)
        if actual is None:
            found.problem(
                Kind.ORIGINAL_MISSING, path, "It was recorded in the interval and is not there."
            )
        elif actual.sha256 != original.plain_sha256:
            other = self._places.get(actual.sha256)
            if other is not None:
                found.problem(
                    Kind.ORIGINAL_SWAPPED, path, f"It holds what was recorded as {other.path}."
                )
            elif actual.size < original.plain_size:
                found.problem(
                    Kind.ORIGINAL_CUT,
                    path,
                    f"It has {actual.size} of the {original.plain_size} bytes that were sealed.",
                )
            else:
                found.problem(
                    Kind.ORIGINAL_ALTERED,
                    path,
                    f"Its SHA-256 is {actual.sha256}; {original.plain_sha256} was sealed.",
                )

    def _is_asked_for(self, path: str) -> None:
        found, request = self._found, self._found.request
        assert request is not None
        original = self._known.get(path)
        if original is None:
            found.problem(
                Kind.ORIGINAL_ADDED, path, "No record of the periods is that of this file."
            )
        elif not original.is_within(request):
            found.problem(
                Kind.INTERVAL_EXCEEDED, path, "It was recorded outside the interval asked for."
            )
        elif original.lost:
            found.problem(Kind.ORIGINAL_ADDED, path, "The recorder says that this one was lost.")
