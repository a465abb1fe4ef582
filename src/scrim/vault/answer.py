"""A custodian's answer to a request: yes, with their parts sealed to the officer, or no.

Rules (what breaks one is not an answer):

1. It names the request by hash, so that it is an answer to those words only.
2. An approval of recorded pictures carries parts; a refusal, and the approval
   of a live opening, carry none.  A refusal has a reason.
3. Parts are sealed to the officer's recipient of this one case.  Nobody on the way
   can open them; that they are the right ones is found out where they are opened
   (:mod:`scrim.vault.handover`).

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scrim.canonical import Json
from scrim.errors import StatementInvalid
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import Fields, is_name, is_sha256
from scrim.vault.request import LONGEST_TEXT, SHORTEST_REASON, Request, is_case_id
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-answer-v1"
APPROVED: Final = "approved"
REFUSED: Final = "refused"

_FIELDS: Final = frozenset(
    {
        "format",
        "request_sha256",
        "case",
        "custodian",
        "decision",
        "reason",
        "decided_us",
        "parts",
        "nonce",
    }
)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A custodian's part of one period, sealed again: an age file to the officer's recipient.

    ``reshare_sha256``: hash of the re-sharing by which the part came to them; empty for
    a part of the period document itself.
    """

    document_sha256: str
    sealed: bytes = field(repr=False)
    reshare_sha256: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Of which period, and by which re-sharing."""
        return self.document_sha256, self.reshare_sha256

    def body(self) -> dict[str, Json]:
        return {
            "document_sha256": self.document_sha256,
            "sealed": base64.b64encode(self.sealed).decode(),
            **({"reshare_sha256": self.reshare_sha256} if self.reshare_sha256 else {}),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read and checked in itself; docs/ref/formats/case.md has the fields."""

    request_sha256: str
    case: str
    custodian: str
    decision: str
    reason: str
    decided_us: int
    parts: tuple[SealedPart, ...]
    nonce: str

    def __post_init__(self) -> None:
        try:
            self._check()
        except ValueError as error:
            raise _invalid(str(error)) from None

    @property
    def approves(self) -> bool:
        return self.decision == APPROVED

    def body(self) -> dict[str, Json]:
        """The body that its custodian signs."""
        return {
            "format": FORMAT,
            "request_sha256": self.request_sha256,
            "case": self.case,
            "custodian": self.custodian,
            "decision": self.decision,
            "reason": self.reason,
            "decided_us": self.decided_us,
            "parts": [part.body() for part in self.parts],
            "nonce": self.nonce,
        }

    @classmethod
    def of(cls, statement: Statement) -> Answer:
        """The answer that ``statement`` gives.

        Whose verifier it is, is not asked here: :func:`verifier_of` says whose it must be.

        Raises:
            StatementInvalid: it gives none.
        """
        try:
            return _read(statement.body)
        except ValueError as error:
            raise _invalid(str(error)) from None

    def check_answers(self, request: Request) -> None:
        """Hold the answer against the request it says it answers.

        Raises:
            StatementInvalid: it answers another one, or its parts are not
                of this one's periods, in their order.
        """
        try:
            if self.request_sha256 != request.sha256 or self.case != request.case:
                raise ValueError("it answers another request")
            order = {one.document_sha256: at for at, one in enumerate(request.periods)}
            found = [
                (order.get(part.document_sha256, -1), part.reshare_sha256) for part in self.parts
            ]
            if found != sorted(set(found)) or any(at < 0 for at, _ in found):
                raise ValueError("its parts are not of the request's periods, in their order")
            if self.approves and not request.is_live and not found:
                raise ValueError("it approves and brings no part")
        except ValueError as error:
            raise _invalid(str(error)) from None

    def _check(self) -> None:
        if not is_sha256(self.request_sha256) or not is_sha256(self.nonce):
            raise ValueError("a hash is not 64 digits of lower-case hexadecimal")
        if not is_case_id(self.case):
            raise ValueError("case is not case- and eight of a-z and 2-7")
        if not is_name(self.custodian):
            raise ValueError("custodian is not 1 to 40 of a-z, 0-9 and -")
        if self.decision not in (APPROVED, REFUSED):
            raise ValueError("decision is neither approved nor refused")
        if len(self.reason) > LONGEST_TEXT:
            raise ValueError(f"the reason has at most {LONGEST_TEXT} characters")
        if not self.approves and len(self.reason.strip()) < SHORTEST_REASON:
            raise ValueError(f"a refusal has a reason of {SHORTEST_REASON} characters or more")
        if not self.approves and self.parts:
            raise ValueError("a refusal carries parts")
        if self.decided_us < 0:
            raise ValueError("decided_us is not a time")


def verifier_of(document: PeriodDocument, custodian: str) -> str | None:
    """The key with which ``custodian`` answers for a period, where its document says so.

    ``None``: no custodian of that name holds a part.  An empty text: the period
    is older than signing keys; the custodian sets in the ledger say which key is
    that of the document's recipient.
    """
    for member in document.custodians.custodians:
        if member.id == custodian:
            return member.verifier
    return None


def _read(body: object) -> Answer:
    fields = Fields(body, _FIELDS)
    fields.is_exactly("format", FORMAT)
    return Answer(
        fields.sha256("request_sha256"),
        fields.text("case"),
        fields.text("custodian"),
        fields.text("decision"),
        fields.text("reason"),
        fields.number("decided_us"),
        tuple(_part(item) for item in fields.items("parts")),
        fields.sha256("nonce"),
    )


def _part(item: Any) -> SealedPart:
    dealt = isinstance(item, Mapping) and "reshare_sha256" in item
    names = {"document_sha256", "sealed"} | ({"reshare_sha256"} if dealt else set())
    fields = Fields(item, frozenset(names))
    text = fields.text("sealed")
    try:
        sealed = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a part is not base64") from None
    if base64.b64encode(sealed).decode() != text:
        raise ValueError("a part is not in base64's usual spelling")
    reshare = fields.sha256("reshare_sha256") if dealt else ""
    return SealedPart(fields.sha256("document_sha256"), sealed, reshare)


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This is not an answer that can be used: {reason.rstrip('.')}.",
        "Have the custodian answer again; nothing was done.",
    )
