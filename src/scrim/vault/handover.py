"""Handing parts over: from a custodian to the officer of one case, and nobody between.

::

    sealed part ── custodian's identity ──► Part, checked against the document
    Part ── the request's one-time recipient ──► sealed again ──► answer, signed

Rules:

1. A part is handed over under the request it was asked for: the answer is signed over
   the request's hash, and the seal is to a recipient made for that case alone.
2. A part is checked where it is opened: nothing wrong is passed on.
3. Whoever asked hands nothing over; no part is sealed to a custodian's own recipient.
4. An expired request is answered by nobody, nor by a machine whose clock was set back
   before the request was made.

:mod:`scrim.vault.receiving` is the other end.  Only custodians' and officers'
machines import either (import contract).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final, TypeAlias

import pyrage

from scrim.clock import to_text
from scrim.errors import CaseRefused, CaseState, PartsTooFew, SealBroken
from scrim.vault.answer import APPROVED, REFUSED, Answer, SealedPart
from scrim.vault.document import PeriodDocument
from scrim.vault.openers import Opener
from scrim.vault.opening import open_part
from scrim.vault.part import Part
from scrim.vault.request import PeriodRef, Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

CLOCKS_US: Final = 600_000_000
"""How much later than this machine's clock the server's may be."""

Documents: TypeAlias = Mapping[str, bytes]
"""SHA-256 of each period document to its bytes."""


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


def held_by(recipient: str, request: Request, documents: Documents) -> str | None:
    """The name under which ``recipient`` holds parts of the request's periods, if it does.

    Raises:
        SealBroken: a document is missing or wrong.
    """
    for ref in request.periods:
        for custodian in document_of(ref, documents).custodians.custodians:
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
        members = document.custodians.custodians
        if any(member.recipient == request.recipient for member in members):
            raise CaseRefused(
                "The request wants the parts sealed to a custodian.",
                "Refuse it: what is asked for goes to a key made for this case alone.",
                rule="one-time-recipient",
            )
        if not any(m.id == custodian and m.recipient == opener.recipient for m in members):
            continue
        part = open_part(document.parts[custodian], opener, documents[ref.document_sha256])
        sealed = seal_part(part, request.recipient)
        parts.append(SealedPart(ref.document_sha256, sealed))
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


def seal_part(part: Part, recipient: str) -> bytes:
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
