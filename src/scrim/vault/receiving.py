"""Receiving parts: what k custodians handed over, together again on the officer's machine.

::

    sealed parts of k answers ── one-time identity ──► Parts, each checked
    k Parts ──► the period's identity

Rules:

1. Every part is held against the document of its period and the custodian who signed:
   wrong, corrupt, replayed from elsewhere or under another label, it is named with its
   custodian and never used.
2. A period that was handed on (:mod:`~.reshare`) opens with k parts of its own document,
   or with k' parts of one re-sharing.  Parts of the two are never put together.
3. Where more than k parts are there, a wrong one is left out and said to be so.
4. The identity of a case opens what was handed over for that case, and nothing else.

:mod:`scrim.vault.handover` is the other end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyrage

from scrim.errors import CaseRefused, PartInvalid, StatementInvalid
from scrim.vault import agekeys
from scrim.vault.answer import Answer, verifier_of
from scrim.vault.dealing import DealtPart, combine_dealt, fault_of
from scrim.vault.document import PeriodDocument
from scrim.vault.handover import NONE, Documents, Reshares, document_of
from scrim.vault.opening import combine
from scrim.vault.part import Part
from scrim.vault.request import PeriodRef, Request
from scrim.vault.reshare import Reshare
from scrim.vault.statement import Statement

_REMEDY: Final = "Leave it out and use another custodian's part, or have them answer again."


def receive_part(sealed: bytes, identity: str, document: PeriodDocument, custodian: str) -> Part:
    """The officer opens one handed-over part.

    Args:
        sealed: the age file of the answer.
        identity: the case's one-time identity, ``AGE-SECRET-KEY-1…``.
        document: of the period that the answer says it is for.
        custodian: who signed the answer.

    Raises:
        PartInvalid: it does not open, or is not this custodian's part of this period.
    """
    plaintext = _opened(sealed, identity, custodian)
    try:
        part = Part.parse(plaintext)
    except ValueError as error:
        raise _invalid(custodian, str(error)) from None
    if part.custodian != custodian:
        raise _invalid(custodian, f"inside it says that it is of custodian {part.custodian}")
    fault = document.fault_of(part)
    if fault is not None:
        raise _invalid(custodian, fault)
    return part


def receive_dealt_part(sealed: bytes, identity: str, reshare: Reshare, custodian: str) -> DealtPart:
    """The officer opens one handed-over part of a re-sharing.

    Args:
        sealed: the age file of the answer.
        identity: the case's one-time identity, ``AGE-SECRET-KEY-1…``.
        reshare: the one that the answer says it is of.
        custodian: who signed the answer.

    Raises:
        PartInvalid: it does not open, or is not what was dealt to this custodian.
    """
    plaintext = _opened(sealed, identity, custodian)
    try:
        part = DealtPart.parse(plaintext)
    except ValueError as error:
        raise _invalid(custodian, str(error)) from None
    if part.custodian != custodian:
        raise _invalid(custodian, f"inside it says that it is of custodian {part.custodian}")
    fault = fault_of(reshare, part)
    if fault is not None:
        raise _invalid(custodian, fault)
    return part


def _opened(sealed: bytes, identity: str, custodian: str) -> bytes:
    agekeys.secret_of(identity)
    try:
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)]))
    except pyrage.DecryptError:
        raise _invalid(custodian, "it is damaged, or was sealed for another case") from None


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """A period's identity, or why there is none.

    Args:
        ref: which.
        identity: ``AGE-SECRET-KEY-1…``; ``None`` where fewer than k parts are good.
        custodians: those whose parts were good.
        faults: one sentence for each part that was left out.
        needed: k; of a re-sharing, where one opened it, its k'.
    """

    ref: PeriodRef
    identity: str | None = field(repr=False)
    custodians: tuple[str, ...]
    faults: tuple[str, ...]
    needed: int


def open_periods(
    request: Request,
    answers: Sequence[Statement],
    documents: Documents,
    identity: str,
    reshares: Reshares = NONE,
) -> Iterator[OpenedPeriod]:
    """Combine what the custodians handed over, period by period, in the request's order.

    Args:
        request: the request.
        answers: statements as they came; those that do not answer it are faults
            of every period.
        documents: its period documents.
        identity: the case's one-time identity.
        reshares: those of its periods.

    Raises:
        CaseRefused: the identity is not that of the request's recipient.
        SealBroken: a document is missing, wrong or unsound.
    """
    if agekeys.recipient_of(agekeys.secret_of(identity)) != request.recipient:
        raise CaseRefused(
            "This is not the one-time key of this case.",
            "Use the key that was made when this case was requested.",
            rule="one-time-recipient",
        )
    given: list[_Given] = []
    unusable: list[str] = []
    for number, statement in enumerate(answers, 1):
        try:
            answer = Answer.of(statement)
            answer.check_answers(request)
        except StatementInvalid as error:
            unusable.append(f"Answer {number} is left out: {error.message}")
            continue
        if answer.approves:
            parts = {part.place: part.sealed for part in answer.parts}
            given.append(_Given(answer.custodian, statement.verifier, parts))
    for ref in request.periods:
        found = _open_one(ref, given, unusable, documents, identity)
        for reshare in reshares.get(ref.document_sha256, ()):
            if found.identity is None:
                found = _open_dealt(ref, given, found.faults, reshare, identity)
        yield found


@dataclass(frozen=True, slots=True)
class _Given:
    """What one custodian handed over: by document and re-sharing."""

    custodian: str
    verifier: str
    parts: Mapping[tuple[str, str], bytes] = field(repr=False)


def _open_one(
    ref: PeriodRef,
    given: Sequence[_Given],
    unusable: Sequence[str],
    documents: Documents,
    identity: str,
) -> OpenedPeriod:
    document = document_of(ref, documents)
    good: dict[str, Part] = {}
    faults = list(unusable)
    for one in given:
        sealed = one.parts.get((ref.document_sha256, ""))
        if sealed is None:
            continue
        try:
            _check_signer(verifier_of(document, one.custodian), one)
            good[one.custodian] = receive_part(sealed, identity, document, one.custodian)
        except PartInvalid as error:
            faults.append(error.message)
    k = document.custodians.k
    opened = (
        combine(documents[ref.document_sha256], list(good.values())) if len(good) >= k else None
    )
    return OpenedPeriod(ref, opened, tuple(good), tuple(faults), k)


def _open_dealt(
    ref: PeriodRef,
    given: Sequence[_Given],
    before: Sequence[str],
    reshare: Reshare,
    identity: str,
) -> OpenedPeriod:
    good: dict[str, DealtPart] = {}
    faults = list(before)
    for one in given:
        sealed = one.parts.get((ref.document_sha256, reshare.sha256))
        if sealed is None:
            continue
        try:
            _check_signer(reshare.verifier_of(one.custodian), one)
            good[one.custodian] = receive_dealt_part(sealed, identity, reshare, one.custodian)
        except PartInvalid as error:
            faults.append(error.message)
    k, opened = reshare.custodians.k, None
    if len(good) >= k:
        try:
            opened = combine_dealt(reshare, list(good.values()))
        except PartInvalid as error:  # of whoever dealt it
            faults.append(error.message)
    return OpenedPeriod(ref, opened, tuple(good), tuple(faults), k)


def _check_signer(registered: str | None, one: _Given) -> None:
    if registered is None:
        raise _invalid(one.custodian, "no custodian of that name holds a part of this period")
    if registered and registered != one.verifier:
        raise _invalid(one.custodian, "the answer is not signed with this custodian's key")


def _invalid(custodian: str, reason: str) -> PartInvalid:
    return PartInvalid(
        f"The part of custodian {custodian} is not usable: {reason}.",
        _REMEDY,
        custodian=custodian,
    )
