"""Handing parts over: from a custodian to the officer of one case, and nobody between.

::

    sealed part ── custodian's identity ──► Part, checked against the document
    Part ── the request's one-time recipient ──► sealed again ──► answer, signed

Rules:

1. A part is handed over under the request it was asked for: the answer is signed over
   the request's hash, and the seal is to a recipient made for that case alone.
2. A part is checked where it is opened: nothing wrong is passed on.
3. Whoever asked hands nothing over; no part is sealed to a custodian's own recipient.
4. Who holds a part of a period by its own document, and another by a re-sharing
   (:mod:`~.reshare`), hands over both: which one will be needed is not known yet.
5. An expired request is answered by nobody, nor by a machine whose clock was set back
   before the request was made.

:mod:`scrim.vault.receiving` is the other end.  Only custodians' and officers'
machines import either (import contract).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import pyrage

from scrim.clock import to_text
from scrim.errors import CaseRefused, CaseState, PartsTooFew, SealBroken
from scrim.vault.answer import APPROVED, REFUSED, Answer, SealedPart
from scrim.vault.dealing import DealtPart, open_dealt_part
from scrim.vault.document import PeriodDocument
from scrim.vault.openers import Opener
from scrim.vault.opening import open_part
from scrim.vault.part import Part
from scrim.vault.request import PeriodRef, Request
from scrim.vault.reshare import Reshare
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

CLOCKS_US: Final = 600_000_000
"""How much later than this machine's clock the server's may be."""


class Holder(Protocol):
    """A custodian, of a period document or of a set."""

    @property
    def id(self) -> str:
        """Their name."""

    @property
    def recipient(self) -> str:
        """What their parts are sealed to."""


Documents: TypeAlias = Mapping[str, bytes]
"""SHA-256 of each period document to its bytes."""

Reshares: TypeAlias = Mapping[str, Sequence[Reshare]]
"""SHA-256 of a period document to its re-sharings, in the order of their hashes."""

NONE: Final[Reshares] = {}


def document_of(ref: PeriodRef, documents: Documents) -> PeriodDocument:
    """The period document that a request names.

    Raises:
        SealBroken: it is not there, not the one named, or of another period.
    """
    data = documents.get(ref.document_sha256)
    place = f"period {ref.period} of epoch {ref.epoch} of camera {ref.camera}"
    if data is None:
        raise SealBroken(f"The document of {place} is missing.", "Get the package again.")
    found = PeriodDocument.parse(data, sha256=ref.document_sha256)
    if (found.camera, found.epoch, found.period) != (ref.camera, ref.epoch, ref.period):
        raise SealBroken(
            f"The document named for {place} is another period's.",
            "Do not answer this request; report it to the auditor.",
        )
    return found


def held_by(
    recipient: str, request: Request, documents: Documents, reshares: Reshares = NONE
) -> str | None:
    """The name under which ``recipient`` holds parts of the request's periods, if it does.

    Raises:
        SealBroken: a document is missing or wrong.
    """
    for ref in request.periods:
        members = [
            *document_of(ref, documents).custodians.custodians,
            *(
                one
                for reshare in reshares.get(ref.document_sha256, ())
                for one in reshare.custodians.custodians
            ),
        ]
        for custodian in members:
            if custodian.recipient == recipient:
                return custodian.id
    return None


def approve(
    request: Request,
    documents: Documents,
    custodian: str,
    opener: Opener,
    signer: Signer,
    now_us: int,
    reason: str = "",
    reshares: Reshares = NONE,
) -> Statement:
    """A custodian's yes, with their part of each period sealed again to the officer.

    Args:
        request: what was read and agreed to.
        documents: its period documents.
        custodian: who answers.
        opener: what opens for the custodian: their secret, or a token.
        signer: the custodian's signing key.
        now_us: by the custodian's clock.
        reason: may be empty.
        reshares: those of its periods.

    Raises:
        CaseState: the request has expired, or this machine's clock is behind it.
        CaseRefused: the custodian is who asks, or it asks to seal to a custodian.
        PartInvalid: a part is damaged or not the custodian's; nothing is answered.
        TokenUnusable: the custodian's token did not do what was asked.
        PartsTooFew: the custodian holds no part of any of the periods.
        SealBroken: a document is missing or wrong.
    """
    _check_may_answer(request, custodian, signer, now_us)
    parts = []
    for ref in request.periods:
        document = document_of(ref, documents)
        if _is_theirs(document.custodians.custodians, custodian, opener, request):
            part = open_part(document.parts[custodian], opener, documents[ref.document_sha256])
            parts.append(SealedPart(ref.document_sha256, seal_part(part, request.recipient)))
        for reshare in reshares.get(ref.document_sha256, ()):
            if _is_theirs(reshare.custodians.custodians, custodian, opener, request):
                dealt = open_dealt_part(reshare, opener)
                sealed = seal_part(dealt, request.recipient)
                parts.append(SealedPart(ref.document_sha256, sealed, reshare.sha256))
    if not parts and not request.is_live:
        raise PartsTooFew(
            f"{custodian} holds no part of any period of this request under this identity.",
            "Use the identity whose recipient stands in the period documents.",
        )
    return _answer(request, custodian, APPROVED, reason, tuple(parts), signer, now_us)


def refuse(request: Request, custodian: str, signer: Signer, now_us: int, reason: str) -> Statement:
    """A custodian's no, with its reason.

    Raises:
        CaseState: the request has expired, or this machine's clock is behind it.
        CaseRefused: the custodian is who asks.
        StatementInvalid: no reason, or one too long.
    """
    _check_may_answer(request, custodian, signer, now_us)
    return _answer(request, custodian, REFUSED, reason, (), signer, now_us)


def _is_theirs(members: Sequence[Holder], custodian: str, opener: Opener, request: Request) -> bool:
    """Whether one of them is who answers.

    Raises:
        CaseRefused: the request wants parts sealed to one of them.
    """
    if any(member.recipient == request.recipient for member in members):
        raise CaseRefused(
            "The request wants the parts sealed to a custodian.",
            "Refuse it: what is asked for goes to a key made for this case alone.",
            rule="one-time-recipient",
        )
    return any(one.id == custodian and one.recipient == opener.recipient for one in members)


def seal_part(part: Part | DealtPart, recipient: str) -> bytes:
    """An opened part as an age file to ``recipient`` alone."""
    return bytes(pyrage.encrypt(part.plaintext(), [pyrage.x25519.Recipient.from_str(recipient)]))


def check_clock(now_us: int, seen_us: int) -> None:
    """Refuse to decide by a clock that is behind what has happened already.

    Args:
        now_us: by this machine's clock.
        seen_us: when something happened that this machine has before it.

    Raises:
        CaseState: it was set back; an expiry could not be told by it.
    """
    if now_us < seen_us - CLOCKS_US:
        raise CaseState(
            f"This machine's clock says {to_text(now_us)}, and something of {to_text(seen_us)} "
            "lies before it.",
            "Set the clock; by a wrong one nobody can tell whether the case has expired.",
        )


def _check_may_answer(request: Request, custodian: str, signer: Signer, now_us: int) -> None:
    if now_us >= request.expires_us:
        raise CaseState(
            f"The request expired at {to_text(request.expires_us)}.",
            "Check this machine's clock; if it is right, the officer must ask again.",
        )
    check_clock(now_us, request.created_us)
    asker = request.officer
    if asker.verifier == signer.verifier or custodian in (asker.id, asker.office):
        raise CaseRefused(
            "Who asks does not answer: the request has this same key, id or office.",
            "Leave it to the other custodians.",
            rule="requester-is-never-approver",
        )


def _answer(
    request: Request,
    custodian: str,
    decision: str,
    reason: str,
    parts: tuple[SealedPart, ...],
    signer: Signer,
    now_us: int,
) -> Statement:
    answer = Answer(
        request.sha256,
        request.case,
        custodian,
        decision,
        reason,
        now_us,
        parts,
        secrets.token_hex(32),
    )
    return Statement.sign(answer.body(), signer)
