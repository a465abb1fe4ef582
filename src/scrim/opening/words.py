"""A request in plain words, for whoever decides on it.

Rules:

1. Everything that is signed is said, and nothing that is not: words of the server's own
   are not among them.  What the ledger and the period documents say is marked as theirs.
2. Text that somebody wrote is shown in printable characters only, so that it cannot
   move the cursor or look like a line of Scrim's.
3. Thirty digits over the request's hash can be read aloud between custodian and officer:
   who has the same digits has the same request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrim.clock import SECOND, to_text
from scrim.opening.package import Package
from scrim.vault import agekeys
from scrim.vault.document import PeriodDocument
from scrim.vault.request import Request

_KINDS = {
    "recorded": "recorded originals of the past",
    "live": "LIVE pictures from now on (an emergency)",
}


def digits_of(sha256: str) -> str:
    """Thirty digits over a hash, to be read aloud."""
    return agekeys.digits(bytes.fromhex(sha256))


def describe(package: Package) -> list[str]:
    """The request, what stands behind it, and what was answered so far, a line each."""
    request = package.request
    return [
        *_asked(request),
        *_periods(package),
        "",
        "What the ledger says",
        f"  Entered        {_time(package.requested_us)}, by the server's clock",
        f"  Ledger         {plain(request.deployment)}, {package.checkpoint.size} entries",
        *_answered(package),
    ]


def _asked(request: Request) -> Iterator[str]:
    minutes = (request.until_us - request.since_us) / SECOND / 60
    paper = request.authority.document_sha256 or "none yet (an emergency)"
    yield f"Request of case {request.case}"
    yield f"  Digits         {digits_of(request.sha256)}"
    yield f"  SHA-256        {request.sha256}"
    yield "What is asked, as it was signed"
    yield f"  For            {_KINDS[request.kind]}"
    yield f"  Purpose        {request.purpose}"
    yield f"  Authority      {request.authority.kind}: {plain(request.authority.reference)}"
    yield f"  Its document   SHA-256 {paper}"
    yield f"  Cameras        {', '.join(request.cameras)}"
    yield f"  From           {_time(request.since_us)}"
    yield f"  Until          {_time(request.until_us)} ({minutes:.1f} minutes)"
    yield "  Reason"
    for line in _wrapped(request.reason):
        yield f"    | {line}"
    for question, answer in request.answers:
        yield f"  Answer to {question}"
        for line in _wrapped(answer):
            yield f"    | {line}"
    yield f"  Asked by       {request.officer.id} of {request.officer.office}"
    yield f"  Signed with    {request.officer.verifier}"
    yield f"  To be sealed   to {request.recipient}"
    yield f"                 {agekeys.fingerprint(request.recipient)}"
    yield f"  Made           {_time(request.created_us)}, by the server's clock"
    yield f"  Ends           {_time(request.expires_us)}; nothing is opened after that"


def _periods(package: Package) -> Iterator[str]:
    request = package.request
    if request.is_live:
        return
    yield ""
    yield f"Key periods that would open ({len(request.periods)})"
    for ref in request.periods:
        document = PeriodDocument.parse(package.documents[ref.document_sha256])
        custodians = document.custodians
        closed = (ref.camera, ref.epoch, ref.period) in package.manifests
        demo = "; DEMONSTRATION custodians" if custodians.demo else ""
        yield (
            f"  {ref.camera} epoch {ref.epoch} period {ref.period}, opened "
            f"{_time(document.opened_us)}{'' if closed else ', still recording'}, "
            f"{custodians.k} of {len(custodians.custodians)} must agree{demo}"
        )
        for reshare in package.reshares.get(ref.document_sha256, ()):
            others = reshare.custodians
            yield (
                f"    or {others.k} of {', '.join(one.id for one in others.custodians)}, to whom "
                f"{', '.join(deal.dealer for deal in reshare.deals)} handed it on"
            )


def _answered(package: Package) -> Iterator[str]:
    yield f"  Answers here   {len(package.answers)}"
    for _, answer in package.answers:
        named = " (KEY NOT NAMED BY ANY PERIOD)" if answer.custodian in package.unregistered else ""
        yield f"    {answer.custodian}: {answer.decision} at {_time(answer.decided_us)}{named}"
        for line in _wrapped(answer.reason):
            yield f"    | {line}"


def _time(us: int) -> str:
    return to_text(us)[:19].replace("T", " ") + " UTC"


def plain(text: str) -> str:
    """Text that somebody wrote, whole, in printable characters only."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _wrapped(text: str, width: int = 84) -> Iterable[str]:
    for paragraph in text.splitlines():
        line = ""
        for word in plain(paragraph).split(" "):
            if line and len(line) + 1 + len(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line
