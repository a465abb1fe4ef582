"""Receiving parts: what k custodians handed over, together again on the officer's machine.

::

    sealed parts of k answers ── one-time identity ──► Parts, each checked
    k Parts ──► the period's identity

Rules:

1. Every part is held against the document of its period and the custodian who signed:
   wrong, corrupt, replayed from elsewhere or under another label, it is named with its
   custodian and never used.
2. Where more than k parts are there, a wrong one is left out and said to be so.
3. The identity of a case opens what was handed over for that case, and nothing else.

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
from scrim.vault.document import PeriodDocument
from scrim.vault.handover import Documents, document_of
from scrim.vault.opening import combine
from scrim.vault.part import Part
from scrim.vault.request import PeriodRef, Request
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
    agekeys.secret_of(identity)
    try:
        opener = pyrage.x25519.Identity.from_str(identity)
        part = Part.parse(pyrage.decrypt(sealed, [opener]))
    except pyrage.DecryptError:
        raise _invalid(custodian, "it is damaged, or was sealed for another case") from None
    except ValueError as error:
        raise _invalid(custodian, str(error)) from None
    if part.custodian != custodian:
        raise _invalid(custodian, f"inside it says that it is of custodian {part.custodian}")
    fault = document.fault_of(part)
    if fault is not None:
        raise _invalid(custodian, fault)
    return part


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """A period's identity, or why there is none.

    Args:
        ref: which.
        identity: ``AGE-SECRET-KEY-1…``; ``None`` where fewer than k parts are good.
        custodians: those whose parts were good.
        faults: one sentence for each part that was left out.
        needed: k.
    """

    ref: PeriodRef
    identity: str | None = field(repr=False)
    custodians: tuple[str, ...]
    faults: tuple[str, ...]
    needed: int


def open_periods(
    request: Request, answers: Sequence[Statement], documents: Documents, identity: str
) -> Iterator[OpenedPeriod]:
    """Combine what the custodians handed over, period by period, in the request's order.

    Args:
        request: the request.
        answers: statements as they came; those that do not answer it are faults
            of every period.
        documents: its period documents.
        identity: the case's one-time identity.

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
    given: list[tuple[Statement, Answer, dict[str, bytes]]] = []
    unusable: list[str] = []
    for number, statement in enumerate(answers, 1):
        try:
            answer = Answer.of(statement)
            answer.check_answers(request)
        except StatementInvalid as error:
            unusable.append(f"Answer {number} is left out: {error.message}")
            continue
        if answer.approves:
            parts = {part.document_sha256: part.sealed for part in answer.parts}
            given.append((statement, answer, parts))
    for ref in request.periods:
        yield _open_one(ref, given, unusable, documents, identity)


def _open_one(
    ref: PeriodRef,
    given: Sequence[tuple[Statement, Answer, Mapping[str, bytes]]],
    unusable: Sequence[str],
    documents: Documents,
    identity: str,
) -> OpenedPeriod:
    document = document_of(ref, documents)
    good: dict[str, Part] = {}
    faults = list(unusable)
    for statement, answer, parts in given:
        sealed = parts.get(ref.document_sha256)
        if sealed is None:
            continue
        try:
            _check_signer(document, answer.custodian, statement.verifier)
            good[answer.custodian] = receive_part(sealed, identity, document, answer.custodian)
        except PartInvalid as error:
            faults.append(error.message)
    k = document.custodians.k
    opened = (
        combine(documents[ref.document_sha256], list(good.values())) if len(good) >= k else None
    )
    return OpenedPeriod(ref, opened, tuple(good), tuple(faults), k)


def _check_signer(document: PeriodDocument, custodian: str, verifier: str) -> None:
    registered = verifier_of(document, custodian)
    if registered is None:
        raise _invalid(custodian, "no custodian of that name holds a part of this period")
    if registered and registered != verifier:
        raise _invalid(custodian, "the answer is not signed with this custodian's key")


def _invalid(custodian: str, reason: str) -> PartInvalid:
    return PartInvalid(
        f"The part of custodian {custodian} is not usable: {reason}.",
        _REMEDY,
        custodian=custodian,
    )
