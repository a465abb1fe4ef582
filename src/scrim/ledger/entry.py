"""What one line of the ledger says: who did what, when, to which camera, and why.

Rule (invariant 6): no free text gets in.  Every string is a *word*: lower-case
letters, digits and ``. _ : / - + =``, at most 200 characters.
There is no white space, no capital, no ``@`` and no letter beyond ASCII, so
that neither a sentence nor an address nor a name as people write it can slip
through; whatever could name a person or a case goes in as a commitment
(:mod:`scrim.ledger.commitment`), which is a word.

An entry's bytes are canonical JSON (:mod:`scrim.canonical`), and reading them
gives back the same entry or an error.  ``docs/ref/formats/ledger.md`` has the
table of acts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from scrim.canonical import Json, canonical
from scrim.errors import LedgerBroken

VERSION: Final = 1
LARGEST: Final = 65_535  # bytes; C2SP tiles count an entry's bytes in 16 bits

_WORD: Final = re.compile(r"[a-z0-9._:/+=-]+")
_WHO: Final = re.compile(r"[a-z]+(?:-[a-z]+)*|sha256:[0-9a-f]{64}")
_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CAMERA: Final = re.compile(r"[a-z0-9-]{1,40}")
_FACT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_WORD_SIZE: Final = 200
_DEPTH: Final = 4


class Operation(StrEnum):
    """The logged operations of police data law, and configuration.

    Source: Directive (EU) 2016/680, article 25(1).
    """

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    CONFIGURATION = "configuration"


class Act(StrEnum):
    """What was done; the words that stand in entries."""

    CAMERA_STARTED = "camera-started"
    CAMERA_STOPPED = "camera-stopped"
    CAMERA_WITHHELD = "camera-withheld"
    CAMERA_ADMITTED = "camera-admitted"
    PAPER_EXPIRING = "paper-expiring"
    GAP = "gap"
    PERIOD_OPENED = "period-opened"
    PERIOD_CLOSED = "period-closed"
    PERIOD_RESHARED = "period-reshared"
    HEADS = "heads"
    VIEWED = "viewed"
    CONFIGURED = "configured"
    SIGNED_IN = "signed-in"
    CASE_DRAFTED = "case-drafted"
    CASE_REQUESTED = "case-requested"
    CASE_ANSWERED = "case-answered"
    CASE_APPROVED = "case-approved"
    CASE_REFUSED = "case-refused"
    CASE_OPENED = "case-opened"
    CASE_CLOSED = "case-closed"
    CASE_EXPIRED = "case-expired"
    CASE_ERASED = "case-erased"
    CASE_FORGOTTEN = "case-forgotten"
    SIGN_INS_FORGOTTEN = "sign-ins-forgotten"
    WORDS_FORGOTTEN = "words-forgotten"
    ORIGINAL_VIEWED = "original-viewed"
    EXPORTED = "exported"
    LIVE_OPENED = "live-opened"
    LIVE_ENDED = "live-ended"
    HELD = "held"
    RELEASED = "released"
    ERASED = "erased"
    SUBJECT_RECEIVED = "subject-received"
    SUBJECT_VIEWED = "subject-viewed"
    SUBJECT_IDENTIFIED = "subject-identified"
    SUBJECT_LOCATED = "subject-located"
    SUBJECT_DISCLOSING = "subject-disclosing"
    SUBJECT_EXTENDED = "subject-extended"
    SUBJECT_OVERDUE = "subject-overdue"
    SUBJECT_ANSWERED = "subject-answered"
    SUBJECT_REFUSED = "subject-refused"
    SUBJECT_WITHDRAWN = "subject-withdrawn"
    SUBJECT_LETTER = "subject-letter"
    SUBJECT_ERASED = "subject-erased"
    FILING_OPENED = "filing-opened"
    FILING_DRAFTED = "filing-drafted"
    FILING_FILED = "filing-filed"
    FILING_ACKNOWLEDGED = "filing-acknowledged"
    FILING_OVERDUE = "filing-overdue"
    THRESHOLD_NEAR = "threshold-near"
    THRESHOLD_REACHED = "threshold-reached"
    BREACH_OPENED = "breach-opened"
    BREACH_ASSESSED = "breach-assessed"
    BREACH_DRAFTED = "breach-drafted"
    BREACH_NOTIFIED = "breach-notified"
    BREACH_CLOSED = "breach-closed"
    BREACH_OVERDUE = "breach-overdue"
    CHECKED = "checked"
    CUSTODIANS_SET = "custodians-set"
    PERSON_REGISTERED = "person-registered"
    PERSON_RETIRED = "person-retired"
    ROLES_SET = "roles-set"
    CREDENTIAL_ADDED = "credential-added"
    CREDENTIAL_ENDED = "credential-ended"
    DENIED = "denied"
    CHANGE_PROPOSED = "change-proposed"
    CHANGE_AGREED = "change-agreed"
    CHANGE_REFUSED = "change-refused"

    @property
    def operation(self) -> Operation:
        """Which of the logged operations the act is."""
        return _OPERATIONS[self]


_OPERATIONS: Final[Mapping[Act, Operation]] = {
    Act.CAMERA_STARTED: Operation.COLLECTION,
    Act.CAMERA_STOPPED: Operation.COLLECTION,
    Act.CAMERA_WITHHELD: Operation.COLLECTION,
    Act.CAMERA_ADMITTED: Operation.COLLECTION,
    Act.PAPER_EXPIRING: Operation.CONFIGURATION,
    Act.GAP: Operation.COLLECTION,
    Act.PERIOD_OPENED: Operation.COLLECTION,
    Act.PERIOD_CLOSED: Operation.COLLECTION,
    Act.PERIOD_RESHARED: Operation.CONFIGURATION,
    Act.HEADS: Operation.COLLECTION,
    Act.VIEWED: Operation.CONSULTATION,
    Act.CONFIGURED: Operation.CONFIGURATION,
    Act.SIGNED_IN: Operation.CONSULTATION,  # it opens the door to what is viewed next
    # what a case brings together: sealed pictures, parts of their key, and who may use it
    Act.CASE_DRAFTED: Operation.COMBINATION,
    Act.CASE_REQUESTED: Operation.COMBINATION,
    Act.CASE_ANSWERED: Operation.COMBINATION,
    Act.CASE_APPROVED: Operation.COMBINATION,
    Act.CASE_REFUSED: Operation.COMBINATION,
    Act.CASE_OPENED: Operation.COMBINATION,
    Act.CASE_CLOSED: Operation.COMBINATION,
    Act.CASE_EXPIRED: Operation.COMBINATION,
    Act.LIVE_OPENED: Operation.COMBINATION,
    Act.LIVE_ENDED: Operation.COMBINATION,
    Act.CASE_ERASED: Operation.ERASURE,
    Act.CASE_FORGOTTEN: Operation.ERASURE,
    Act.SIGN_INS_FORGOTTEN: Operation.ERASURE,
    Act.WORDS_FORGOTTEN: Operation.ERASURE,
    Act.ORIGINAL_VIEWED: Operation.CONSULTATION,
    Act.EXPORTED: Operation.DISCLOSURE,
    Act.ERASED: Operation.ERASURE,
    Act.HELD: Operation.CONFIGURATION,
    Act.RELEASED: Operation.CONFIGURATION,
    # what somebody says of themselves is collected, where they are is looked up
    Act.SUBJECT_RECEIVED: Operation.COLLECTION,
    Act.SUBJECT_VIEWED: Operation.CONSULTATION,
    Act.SUBJECT_IDENTIFIED: Operation.COLLECTION,
    Act.SUBJECT_LOCATED: Operation.CONSULTATION,
    Act.SUBJECT_DISCLOSING: Operation.COMBINATION,
    Act.SUBJECT_EXTENDED: Operation.CONFIGURATION,
    Act.SUBJECT_OVERDUE: Operation.CONFIGURATION,
    Act.SUBJECT_ANSWERED: Operation.DISCLOSURE,
    Act.SUBJECT_REFUSED: Operation.CONFIGURATION,
    Act.SUBJECT_WITHDRAWN: Operation.CONFIGURATION,
    Act.SUBJECT_LETTER: Operation.DISCLOSURE,
    Act.SUBJECT_ERASED: Operation.ERASURE,
    Act.FILING_OPENED: Operation.CONFIGURATION,
    Act.FILING_DRAFTED: Operation.CONFIGURATION,
    Act.FILING_FILED: Operation.CONFIGURATION,
    Act.FILING_ACKNOWLEDGED: Operation.CONFIGURATION,
    Act.FILING_OVERDUE: Operation.CONFIGURATION,
    Act.THRESHOLD_NEAR: Operation.CONFIGURATION,
    Act.THRESHOLD_REACHED: Operation.CONFIGURATION,
    Act.BREACH_OPENED: Operation.CONFIGURATION,
    Act.BREACH_ASSESSED: Operation.CONFIGURATION,
    Act.BREACH_DRAFTED: Operation.CONFIGURATION,
    Act.BREACH_NOTIFIED: Operation.CONFIGURATION,
    Act.BREACH_CLOSED: Operation.CONFIGURATION,
    Act.BREACH_OVERDUE: Operation.CONFIGURATION,
    Act.CHECKED: Operation.CONFIGURATION,
    Act.CUSTODIANS_SET: Operation.CONFIGURATION,
    Act.PERSON_REGISTERED: Operation.CONFIGURATION,
    Act.PERSON_RETIRED: Operation.CONFIGURATION,
    Act.ROLES_SET: Operation.CONFIGURATION,
    Act.CREDENTIAL_ADDED: Operation.CONFIGURATION,
    Act.CREDENTIAL_ENDED: Operation.CONFIGURATION,
    Act.DENIED: Operation.CONSULTATION,  # what was tried and did not happen
    Act.CHANGE_PROPOSED: Operation.CONFIGURATION,
    Act.CHANGE_AGREED: Operation.CONFIGURATION,
    Act.CHANGE_REFUSED: Operation.CONFIGURATION,
}


@dataclass(frozen=True)
class Entry:
    """One entry, checked when it is made.

    Attributes:
        act: what was done.
        at_us: when, UTC microseconds.
        who: a role or process (letters and hyphens, ``recorder``), or a commitment.
        authority: under which authority: a word or a commitment.
        reason: a code, ``[a-z0-9]`` parts joined by hyphens; never empty.
        camera: the camera's id, where one is concerned.
        epoch: its recorder's epoch, where one is concerned.
        since_us, until_us: the interval concerned, UTC microseconds.
        facts: what else an auditor needs: whole numbers, booleans, null, words (an
            empty string too), and lists and objects of these, four deep at most;
            names are ``[a-z0-9_-]``.

    Raises:
        ValueError: a field is not as above, or the whole is over 65,535 bytes.
            The message names the field and never repeats its content.
    """

    act: Act
    at_us: int
    who: str
    authority: str
    reason: str
    camera: str | None = None
    epoch: int | None = None
    since_us: int | None = None
    until_us: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _match("who", self.who, _WHO)
        _match("authority", self.authority, _WORD)
        _match("reason", self.reason, _CODE)
        if self.camera is not None:
            _match("camera", self.camera, _CAMERA)
        _whole("at_us", self.at_us)
        for name in ("epoch", "since_us", "until_us"):
            if getattr(self, name) is not None:
                _whole(name, getattr(self, name))
        if not isinstance(self.facts, Mapping):
            raise ValueError("facts is not an object")
        _check_fact("facts", self.facts, _DEPTH)
        # the checked bytes are kept: facts that a caller changes later change nothing
        body = canonical(self._json())
        if len(body) > LARGEST:
            raise ValueError(f"an entry of {len(body)} bytes; the most is {LARGEST}")
        object.__setattr__(self, "_body", body)

    def body(self) -> bytes:
        """The entry's bytes, as the tree hashes them."""
        found: bytes = self.__dict__["_body"]
        return found

    @classmethod
    def parse(cls, body: bytes) -> Entry:
        """Read an entry.

        Raises:
            LedgerBroken: not the canonical bytes of an entry of this version.
        """
        try:
            values = json.loads(body)
            entry = cls._from_json(values)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _unreadable() from error
        if entry.body() != body:
            raise _unreadable()
        return entry

    def _json(self) -> dict[str, Json]:
        return {
            "v": VERSION,
            "at": self.at_us,
            "act": self.act.value,
            "op": self.act.operation.value,
            "who": self.who,
            "camera": self.camera,
            "epoch": self.epoch,
            "since": self.since_us,
            "until": self.until_us,
            "authority": self.authority,
            "reason": self.reason,
            "facts": self.facts,
        }

    @classmethod
    def _from_json(cls, values: Any) -> Entry:
        return cls(
            act=Act(values["act"]),
            at_us=values["at"],
            who=values["who"],
            authority=values["authority"],
            reason=values["reason"],
            camera=values["camera"],
            epoch=values["epoch"],
            since_us=values["since"],
            until_us=values["until"],
            facts=values["facts"],
        )


def _match(name: str, value: object, pattern: re.Pattern[str]) -> None:
    if not isinstance(value, str) or len(value) > _WORD_SIZE or pattern.fullmatch(value) is None:
        raise ValueError(f"{name} is not of the form {pattern.pattern}; free text is a commitment")


def _whole(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is not a whole number from 0")


def _check_fact(name: str, value: Json, depth: int) -> None:
    if depth < 0:
        raise ValueError(f"{name} is nested too deeply")
    if isinstance(value, str):
        if value:
            _match(name, value, _WORD)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _match(f"a name in {name}", key, _FACT)
            _check_fact(f"{name}.{key}", item, depth - 1)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        for item in value:
            _check_fact(f"an item of {name}", item, depth - 1)
    elif value is not None and not isinstance(value, int):
        raise ValueError(f"{name} is {type(value).__name__}, which no entry holds")


def _unreadable() -> LedgerBroken:
    return LedgerBroken(
        "An entry of the ledger is not one that this Scrim writes.",
        "If a newer Scrim wrote it, use that one; else report it to the auditor.",
    )
