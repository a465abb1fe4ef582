"""What an officer asks for, before it is judged and before anybody signs it.

It says everything a request says, but for what only the server knows: the periods
behind the interval, the case's id, and when it was made.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrim.canonical import Json, canonical
from scrim.errors import StatementInvalid
from scrim.vault import agekeys, questions
from scrim.vault.fields import Fields, is_name, is_sha256
from scrim.vault.questions import Answers
from scrim.vault.request import (
    AUTHORITIES,
    LIVE,
    LONGEST_TEXT,
    MOST_CAMERAS,
    RECORDED,
    SHORTEST_REASON,
    Authority,
)

_FIELDS = frozenset(
    {
        "kind",
        "purpose",
        "authority",
        "cameras",
        "since_us",
        "until_us",
        "reason",
        "recipient",
        "expires_us",
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A request without what the server adds; each field is that of the request.

    Raises:
        StatementInvalid: a field is not as the request wants it.

    Attributes:
        kind: ``recorded`` or ``live``.
        purpose: one that the packs over the cameras allow (:mod:`scrim.cases.purposes`).
        cameras: ascending, each once.
        since_us, until_us: half open, UTC microseconds.
        recipient: ``age1…``, made on the officer's machine for this case alone.
        expires_us: after this nothing is opened under the case.
        answers: to the questions that norms ask before a release.
    """

    kind: str
    purpose: str
    authority: Authority
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    reason: str
    recipient: str
    expires_us: int
    answers: Answers = ()

    def __post_init__(self) -> None:
        try:
            self._check()
        except ValueError as error:
            raise _invalid(str(error)) from None

    def _check(self) -> None:
        if self.kind not in (RECORDED, LIVE):
            raise ValueError("kind is neither recorded nor live")
        if self.authority.kind not in AUTHORITIES:
            raise ValueError(f"the authority's kind is none of {', '.join(AUTHORITIES)}")
        if self.authority.document_sha256 and not is_sha256(self.authority.document_sha256):
            raise ValueError("the authority's document_sha256 is not a SHA-256")
        if not is_name(self.purpose):
            raise ValueError("purpose is not 1 to 40 of a-z, 0-9 and -")
        if not 1 <= len(self.cameras) <= MOST_CAMERAS or not all(map(is_name, self.cameras)):
            raise ValueError(f"cameras are 1 to {MOST_CAMERAS} names")
        if list(self.cameras) != sorted(set(self.cameras)):
            raise ValueError("cameras are ascending, each once")
        if not 0 <= self.since_us < self.until_us:
            raise ValueError("the interval is empty")
        if not SHORTEST_REASON <= len(self.reason.strip()) <= len(self.reason) <= LONGEST_TEXT:
            raise ValueError(f"the reason has {SHORTEST_REASON} to {LONGEST_TEXT} characters")
        agekeys.check_recipient(self.recipient)
        questions.check(self.answers)
        canonical(self.document())  # letters that are no UTF-8, numbers out of range

    def document(self) -> dict[str, Json]:
        """The draft as a JSON object, for :meth:`from_document`."""
        return {
            "kind": self.kind,
            "purpose": self.purpose,
            "authority": self.authority.body(),
            "cameras": list(self.cameras),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "reason": self.reason,
            "recipient": self.recipient,
            "expires_us": self.expires_us,
            **questions.field_of(self.answers),
        }

    @classmethod
    def from_document(cls, value: object) -> Draft:
        """The draft of a JSON object; what it says is not judged here.

        Cameras are put in order.

        Raises:
            StatementInvalid: a field is missing, over, or of another type.
        """
        try:
            fields = Fields(value, _FIELDS, maybe=frozenset({questions.FIELD}))
            authority = Fields(
                fields.mapping("authority"), frozenset({"kind", "reference", "document_sha256"})
            )
            return cls(
                kind=fields.name("kind"),
                purpose=fields.name("purpose"),
                authority=Authority(
                    authority.name("kind"),
                    authority.text("reference"),
                    authority.text("document_sha256"),
                ),
                cameras=tuple(sorted(set(fields.texts("cameras")))),
                since_us=fields.number("since_us"),
                until_us=fields.number("until_us"),
                reason=fields.text("reason"),
                recipient=fields.text("recipient"),
                expires_us=fields.number("expires_us"),
                answers=questions.read(fields, empty=True),
            )
        except ValueError as error:
            raise _invalid(str(error)) from None


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This is not a draft of a request: {reason}.", "Put right what it names."
    )
