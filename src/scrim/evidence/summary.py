"""What a bundle says, in plain words: made once, written as HTML and as PDF.

Everything in it stands in the bundle's signed papers too.  Where the two differ the
papers count, and ``scrim verify`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scrim.clock import to_text
from scrim.evidence.periods import Papers, asked_for
from scrim.ledger import Entry
from scrim.vault.answer import Answer
from scrim.vault.request import Request

_PURPOSE: Final = (
    "This bundle holds original camera recordings, opened for one case, and everything "
    "that is needed to check that they are what the cameras recorded, that they were opened "
    "by those who may, for what was asked, in time, and that every step was written down first. "
    "INSTRUCTIONS.txt says how to check it, without trusting whoever made it."
)
_ORIGINALS: Final = (
    "The files below original/ are as recorded, bit by bit: the camera's own pictures, "
    "not decoded and not coded again. A viewing copy is for looking at: it is coded again, and a "
    "watermark with the case and the officer is part of its picture. Where the two differ, the "
    "originals count. Times are UTC, by the recorder's clock."
)
_LEDGER: Final = (
    "Each step was written to a ledger before it took effect. The entries below "
    "are shown to be in it by the proofs in ledger/receipts.json and the signed checkpoint."
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands under it, and a table whose first row names the columns."""

    heading: str
    text: str = ""
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A title and its sections."""

    title: str
    made_us: int
    sections: tuple[Section, ...]


def summarise(
    request: Request,
    answers: Sequence[Answer],
    periods: Sequence[Papers],
    entries: Sequence[tuple[int, Entry]],
    made_us: int,
) -> Summary:
    """The summary of a bundle; ``entries`` are the case's own, with their indexes."""
    papers = sorted(periods, key=lambda one: one.place)
    return Summary(
        f"Evidence of {request.case}",
        made_us,
        (
            Section("What this is", _PURPOSE),
            Section("What was asked for", request.reason, _asked(request, made_us)),
            Section("Who answered", _needed(papers), _answers(answers)),
            Section("What is in it", _ORIGINALS, _recorded(request, papers)),
            Section("What is missing", _missing(request, papers)),
            Section("What the ledger says", _LEDGER, _entries(entries)),
        ),
    )


def _asked(request: Request, made_us: int) -> tuple[tuple[str, ...], ...]:
    authority, officer = request.authority, request.officer
    return (
        ("", ""),
        ("Deployment", request.deployment),
        ("Case", request.case),
        ("Purpose", request.purpose),
        ("Authority", f"{authority.kind}: {authority.reference}"),
        ("SHA-256 of its document", authority.document_sha256 or "none yet"),
        *((f"Answer to: {question}", answer) for question, answer in request.answers),
        ("Cameras", ", ".join(request.cameras)),
        ("From", to_text(request.since_us)),
        ("Until (not included)", to_text(request.until_us)),
        ("Officer", f"{officer.id}, {officer.office}"),
        ("Requested", to_text(request.created_us)),
        ("Expires", to_text(request.expires_us)),
        ("SHA-256 of the request", request.sha256),
        ("This bundle was made", to_text(made_us)),
    )


def _needed(papers: Sequence[Papers]) -> str:
    rules = sorted(
        {(one.document.custodians.k, len(one.document.custodians.custodians)) for one in papers}
    )
    said = ", ".join(f"{k} of {n}" for k, n in rules)
    demo = any(one.document.custodians.demo for one in papers)
    warning = " THESE ARE DEMONSTRATION CUSTODIANS, WHO PROTECT NOBODY." if demo else ""
    return f"Custodians who must agree before anything opens: {said}.{warning}"


def _answers(answers: Sequence[Answer]) -> tuple[tuple[str, ...], ...]:
    return (
        ("Custodian", "Decision", "When", "Reason"),
        *((one.custodian, one.decision, to_text(one.decided_us), one.reason) for one in answers),
    )


def _recorded(request: Request, papers: Sequence[Papers]) -> tuple[tuple[str, ...], ...]:
    rows = [("Camera", "Epoch / period", "First", "Last", "Originals", "Bytes")]
    for one in papers:
        found = [original for original in asked_for(request, [one]) if not original.lost]
        rows.append(
            (
                one.place[0],
                f"{one.place[1]} / {one.place[2]}",
                to_text(min(o.start_us for o in found)) if found else "-",
                to_text(max(o.end_us for o in found)) if found else "-",
                str(len(found)),
                str(sum(o.plain_size for o in found)),
            )
        )
    return tuple(rows)


def _missing(request: Request, papers: Sequence[Papers]) -> str:
    lost = [original for original in asked_for(request, papers) if original.lost]
    if not lost:
        return "Nothing that the recorder wrote down in this interval."
    return (
        f"{len(lost)} of the recordings of this interval were lost when they were to be stored, "
        "as the recorder wrote down then; custody.json lists them."
    )


def _entries(entries: Sequence[tuple[int, Entry]]) -> tuple[tuple[str, ...], ...]:
    return (
        ("Entry", "When", "What", "Camera"),
        *(
            (str(index), to_text(entry.at_us), entry.act.value, entry.camera or "")
            for index, entry in entries
        ),
    )
