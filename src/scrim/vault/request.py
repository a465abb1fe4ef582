"""The request of a case: what is asked, of whom, why, and until when.

Rules (what breaks one is not a request):

1. Cameras ascending and each once, 1 to 100; an interval that is not empty.
2. A ``recorded`` request names every key period it wants opened, in order, each
   by the hash of its document and each of one of its cameras; a ``live`` one names
   none, and asks for an hour at most.
3. A paper has a hash.  Only an emergency may come before its paper.
4. The officer's verifier is that of the signature, so nobody asks in another's name.
5. It expires after it was made.
6. What it answers to the questions of norms is as :mod:`scrim.vault.questions` says.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any, Final

from scrim.canonical import Json, canonical
from scrim.errors import StatementInvalid
from scrim.vault import agekeys, questions, signing
from scrim.vault.fields import Fields, is_name
from scrim.vault.questions import Answers
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-request-v1"
RECORDED: Final = "recorded"
LIVE: Final = "live"
AUTHORITIES: Final = ("warrant", "statute", "consent", "emergency")
MOST_CAMERAS: Final = 100
MOST_PERIODS: Final = 100_000
LONGEST_LIVE_US: Final = 3_600_000_000
LONGEST_TEXT: Final = 2_000
SHORTEST_REASON: Final = 10

_CASE: Final = re.compile(r"case-[a-z2-7]{8}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"


def new_case_id() -> str:
    """``case-`` and eight letters or digits, drawn at random (40 bits)."""
    return "case-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def is_case_id(text: object) -> bool:
    """Whether ``text`` may name a case."""
    return isinstance(text, str) and _CASE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Authority:
    """Under what somebody asks: ``kind`` (:data:`AUTHORITIES`), its reference, its paper's hash."""

    kind: str
    reference: str
    document_sha256: str

    def body(self) -> dict[str, Json]:
        return {
            "kind": self.kind,
            "reference": self.reference,
            "document_sha256": self.document_sha256,
        }


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks: an id and an office (names, not a person's), and the key they sign with."""

    id: str
    office: str
    verifier: str

    def body(self) -> dict[str, Json]:
        return {"id": self.id, "office": self.office, "verifier": self.verifier}


@dataclass(frozen=True, slots=True, order=True)
class PeriodRef:
    """One key period, and the hash of its document."""

    camera: str
    epoch: int
    period: int
    document_sha256: str

    def body(self) -> dict[str, Json]:
        return {
            "camera": self.camera,
            "epoch": self.epoch,
            "period": self.period,
            "document_sha256": self.document_sha256,
        }


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read and checked in itself; docs/ref/formats/case.md has the fields."""

    deployment: str
    case: str
    kind: str
    purpose: str
    authority: Authority
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    reason: str
    officer: Officer
    recipient: str
    created_us: int
    expires_us: int
    periods: tuple[PeriodRef, ...]
    salt: str
    answers: Answers = ()

    def __post_init__(self) -> None:
        try:
            self._check()
        except ValueError as error:
            raise _invalid(str(error)) from None

    @property
    def sha256(self) -> str:
        """The hash by which answers and the ledger refer to it."""
        return hashlib.sha256(canonical(self.body())).hexdigest()

    @property
    def is_live(self) -> bool:
        return self.kind == LIVE

    def body(self) -> dict[str, Json]:
        """The body that its officer signs."""
        return {
            "format": FORMAT,
            "deployment": self.deployment,
            "case": self.case,
            "kind": self.kind,
            "purpose": self.purpose,
            "authority": self.authority.body(),
            "cameras": list(self.cameras),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "reason": self.reason,
            "officer": self.officer.body(),
            "recipient": self.recipient,
            "created_us": self.created_us,
            "expires_us": self.expires_us,
            "periods": [period.body() for period in self.periods],
            "salt": self.salt,
            **questions.field_of(self.answers),
        }

    @classmethod
    def of(cls, statement: Statement) -> Request:
        """The request that ``statement`` makes.

        Raises:
            StatementInvalid: it makes none, or in another's name.
        """
        request = cls.from_body(statement.body)
        if request.officer.verifier != statement.verifier:
            raise _invalid("it is not signed by the officer it names")
        return request

    @classmethod
    def from_body(cls, body: object) -> Request:
        """The request of a body that nobody need have signed yet.

        Raises:
            StatementInvalid: not one.
        """
        try:
            return _read(body)
        except ValueError as error:
            raise _invalid(str(error)) from None

    def _check(self) -> None:
        if not self.deployment or len(self.deployment) > 200:
            raise ValueError("it does not say for which deployment it is")
        if not is_case_id(self.case):
            raise ValueError("case is not case- and eight of a-z and 2-7")
        if self.kind not in (RECORDED, LIVE):
            raise ValueError("kind is neither recorded nor live")
        _names(purpose=self.purpose, officer=self.officer.id, office=self.officer.office)
        self._check_authority()
        self._check_extent()
        if not SHORTEST_REASON <= len(self.reason.strip()) <= len(self.reason) <= LONGEST_TEXT:
            raise ValueError(f"the reason has {SHORTEST_REASON} to {LONGEST_TEXT} characters")
        signing.check_verifier(self.officer.verifier)
        agekeys.check_recipient(self.recipient)
        if self.created_us < 0 or self.expires_us <= self.created_us:
            raise ValueError("it expires before it was made")
        self._check_periods()
        questions.check(self.answers)

    def _check_authority(self) -> None:
        if self.authority.kind not in AUTHORITIES:
            raise ValueError(f"the authority's kind is none of {', '.join(AUTHORITIES)}")
        if not 1 <= len(self.authority.reference.strip()) <= len(self.authority.reference) <= 200:
            raise ValueError("the authority's reference has 1 to 200 characters")
        if not self.authority.document_sha256 and self.authority.kind != "emergency":
            raise ValueError("the authority has no document; only an emergency may come before it")

    def _check_extent(self) -> None:
        cameras = self.cameras
        if not 1 <= len(cameras) <= MOST_CAMERAS:
            raise ValueError(f"a request is for 1 to {MOST_CAMERAS} cameras")
        if not all(is_name(camera) for camera in cameras) or list(cameras) != sorted(set(cameras)):
            raise ValueError("cameras are names, ascending, each once")
        if not 0 <= self.since_us < self.until_us:
            raise ValueError("the interval is empty")
        if self.is_live and self.until_us - self.since_us > LONGEST_LIVE_US:
            raise ValueError("a live opening is for an hour at most")

    def _check_periods(self) -> None:
        periods = self.periods
        if self.is_live:
            if periods:
                raise ValueError("a live request names no periods")
            return
        if not 1 <= len(periods) <= MOST_PERIODS:
            raise ValueError(f"a request names 1 to {MOST_PERIODS} periods")
        places = [(period.camera, period.epoch, period.period) for period in periods]
        if places != sorted(set(places)):
            raise ValueError("periods are in order of camera, epoch and period, each once")
        strange = {period.camera for period in periods} - set(self.cameras)
        if strange:
            raise ValueError(f"a period is of {min(strange)}, which is not among the cameras")
        if len({period.document_sha256 for period in periods}) != len(periods):
            raise ValueError("a period document is named twice")


def new_salt() -> str:
    """32 random bytes in hexadecimal."""
    return secrets.token_hex(32)


def _read(body: object) -> Request:
    names = {"format"} | {field.name for field in fields_of(Request)} - {questions.FIELD}
    fields = Fields(body, frozenset(names), maybe=frozenset({questions.FIELD}))
    fields.is_exactly("format", FORMAT)
    authority = Fields(
        fields.mapping("authority"), frozenset({"kind", "reference", "document_sha256"})
    )
    paper = authority.text("document_sha256")
    officer = Fields(fields.mapping("officer"), frozenset({"id", "office", "verifier"}))
    return Request(
        fields.text("deployment"),
        fields.text("case"),
        fields.text("kind"),
        fields.text("purpose"),
        Authority(
            authority.text("kind"),
            authority.text("reference"),
            authority.sha256("document_sha256") if paper else "",
        ),
        fields.texts("cameras"),
        fields.number("since_us"),
        fields.number("until_us"),
        fields.text("reason"),
        Officer(officer.text("id"), officer.text("office"), officer.text("verifier")),
        fields.text("recipient"),
        fields.number("created_us"),
        fields.number("expires_us"),
        tuple(_period(item) for item in fields.items("periods")),
        fields.sha256("salt"),
        questions.read(fields),
    )


def _period(item: Any) -> PeriodRef:
    fields = Fields(item, frozenset({"camera", "epoch", "period", "document_sha256"}))
    return PeriodRef(
        fields.name("camera"),
        fields.number("epoch"),
        fields.number("period"),
        fields.sha256("document_sha256"),
    )


def _names(**values: str) -> None:
    for name, value in values.items():
        if not is_name(value):
            raise ValueError(f"{name} is not 1 to 40 of a-z, 0-9 and -")


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This is not a request that can be dealt with: {reason.rstrip('.')}.",
        "Have it made again by who asks; nothing was done.",
    )
