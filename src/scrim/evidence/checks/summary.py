"""Do the plain words say what the papers say?"""

from __future__ import annotations

from scrim.errors import ScrimError
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.evidence.summary import summarise
from scrim.evidence.webpage import to_html
from scrim.vault.answer import Answer


class SummaryCheck:
    """Writes the HTML again.  A note only: another version of Scrim has other words."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def verify(self) -> None:
        found, request, index = self._found, self._found.request, self._found.index
        if request is None or index is None or len(found.periods) != len(request.periods):
            return
        try:
            answers = [Answer.of(found.statement(path)) for path in found.below(layout.ANSWERS)]
            page = to_html(
                summarise(
                    request,
                    answers,
                    list(found.periods.values()),
                    list(found.of_case()),
                    index.made_us,
                )
            )
            same = found.source.read(layout.SUMMARY_HTML) == page
        except ScrimError:
            return  # said already
        if not same:
            found.report.note(
                Kind.SUMMARY_DIFFERS,
                layout.SUMMARY_HTML,
                "This version of Scrim would write it otherwise.",
                "Read the signed papers where it matters; they count.",
            )
