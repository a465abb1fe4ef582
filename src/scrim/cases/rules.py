"""What forbids a request.  Each rule is a sentence and one question to the facts.

A rule refuses by its id and a sentence that says what is wrong; the refusal goes
to the register.  :data:`RULES` is their order: the first that refuses is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NoReturn, Protocol

from scrim.cases.facts import Facts
from scrim.cases.purposes import allowed, unanswered
from scrim.cases.room import PURPOSE_KNOWN
from scrim.clock import SECOND
from scrim.errors import CaseRefused
from scrim.vault.request import LIVE, LONGEST_LIVE_US

HOUR_US: Final = 3600 * SECOND
DAY_US: Final = 24 * HOUR_US


class Rule(Protocol):
    """One thing that must hold."""

    @property
    def id(self) -> str:
        """A code for the register and the ledger."""

    @property
    def sentence(self) -> str:
        """What must hold, for people."""

    def verify(self, facts: Facts) -> None:
        """Pass, or refuse.

        Raises:
            CaseRefused: names the rule.
        """


@dataclass(frozen=True, slots=True)
class PurposeKnown:
    """Only what the deployment was set up for."""

    id: ClassVar[str] = PURPOSE_KNOWN
    sentence: ClassVar[str] = (
        "The purpose is one that the packs over the cameras release for, or of cases.purposes."
    )

    def verify(self, facts: Facts) -> None:
        known = allowed(facts.packs, facts.limits.purposes)
        if facts.asked.purpose not in known:
            _refuse(
                self,
                "An original is not opened for that purpose here.",
                f"Choose one of {', '.join(known)}."
                if known
                else "No purpose is open to all these cameras; ask for them in cases apart.",
            )


@dataclass(frozen=True, slots=True)
class QuestionsAnswered:
    """What the law wants to be found first is found first, and the custodians read it."""

    id: ClassVar[str] = "questions-answered"
    sentence: ClassVar[str] = "What the packs over the cameras ask before a release is answered."

    def verify(self, facts: Facts) -> None:
        asked = facts.asked
        left = unanswered(facts.packs, asked.purpose, [question for question, _ in asked.answers])
        if left:
            _refuse(
                self,
                f"Before a release for {asked.purpose} these are to be answered: "
                f"{'; '.join(one.text() for one in left)}.",
                "Answer each in the request: scrim case request ... "
                + " ".join(f"--answer {one.question.id}=TEXT" for one in left),
            )


@dataclass(frozen=True, slots=True)
class AuthorityHasPaper:
    """Somebody outside said that it may be asked."""

    id: ClassVar[str] = "authority-has-paper"
    sentence: ClassVar[str] = "A warrant, a statute or a consent has a document; its hash is here."

    def verify(self, facts: Facts) -> None:
        authority = facts.asked.authority
        if not authority.document_sha256 and authority.kind != "emergency":
            _refuse(
                self,
                f"A request under a {authority.kind} needs the hash of its document.",
                "Give the document; only an emergency may come before its paper.",
            )


@dataclass(frozen=True, slots=True)
class CamerasKnown:
    """Nothing is asked of cameras that never were."""

    id: ClassVar[str] = "cameras-known"
    sentence: ClassVar[str] = "Every camera was enrolled; of a live request it still is."

    def verify(self, facts: Facts) -> None:
        live = facts.asked.kind == LIVE
        for camera in facts.asked.cameras:
            if camera not in facts.enrolled or (live and not facts.enrolled[camera]):
                _refuse(self, f"No camera {camera!r} is enrolled.", "See the list of cameras.")


@dataclass(frozen=True, slots=True)
class IntervalPast:
    """What is recorded is over; what is to come needs a live request."""

    id: ClassVar[str] = "interval-past"
    sentence: ClassVar[str] = "The interval of recorded pictures is over."

    def verify(self, facts: Facts) -> None:
        if facts.asked.kind != LIVE and facts.asked.until_us > facts.now_us:
            _refuse(
                self, "The interval reaches into the future.", "Let it end now, or ask for live."
            )


@dataclass(frozen=True, slots=True)
class IntervalShort:
    """One case is one happening."""

    id: ClassVar[str] = "interval-short"
    sentence: ClassVar[str] = "The interval is no longer than cases.longest_hours."

    def verify(self, facts: Facts) -> None:
        hours = facts.limits.longest_hours
        if facts.asked.until_us - facts.asked.since_us > hours * HOUR_US:
            _refuse(self, f"The interval is longer than {hours} hours.", "Ask for less.")


@dataclass(frozen=True, slots=True)
class SomethingSealed:
    """No case lies about in wait for pictures."""

    id: ClassVar[str] = "something-sealed"
    sentence: ClassVar[str] = "Every camera has an original in the interval."

    def verify(self, facts: Facts) -> None:
        if facts.asked.kind == LIVE:
            return
        found = {period.camera for period in facts.periods}
        for camera in facts.asked.cameras:
            if camera not in found:
                _refuse(
                    self,
                    f"Nothing of camera {camera} is sealed in that interval.",
                    "Leave it out, or look at the timeline for when it recorded.",
                )


@dataclass(frozen=True, slots=True)
class ExpiryAhead:
    """Every case ends, and not before it begins."""

    id: ClassVar[str] = "expiry-ahead"
    sentence: ClassVar[str] = "The expiry lies ahead."

    def verify(self, facts: Facts) -> None:
        if facts.asked.expires_us <= facts.now_us:
            _refuse(self, "The case would have expired already.", "Give a later expiry.")


@dataclass(frozen=True, slots=True)
class ExpiryNear:
    """Nothing stays open for ever."""

    id: ClassVar[str] = "expiry-near"
    sentence: ClassVar[str] = "The expiry is no further off than cases.longest_days."

    def verify(self, facts: Facts) -> None:
        days = facts.limits.longest_days
        if facts.asked.expires_us > facts.now_us + days * DAY_US:
            _refuse(self, f"The case would live for over {days} days.", "Give an earlier expiry.")


@dataclass(frozen=True, slots=True)
class OfficerNoCustodian:
    """Requester is never approver (invariant 8): by key, by id, by office."""

    id: ClassVar[str] = "officer-no-custodian"
    sentence: ClassVar[str] = "The officer is no custodian of any period, and of no custodian's."

    def verify(self, facts: Facts) -> None:
        officer = facts.officer
        for custodian, verifiers in facts.custodians.items():
            if officer.verifier in verifiers or custodian in (officer.id, officer.office):
                _refuse(
                    self,
                    f"The officer has the key, the id or the office of custodian {custodian}.",
                    "Let an officer of another office ask; who approves never asks.",
                )


@dataclass(frozen=True, slots=True)
class RecipientFresh:
    """A one-time key is one: what is sealed to it dies with the case."""

    id: ClassVar[str] = "recipient-fresh"
    sentence: ClassVar[str] = "The recipient is no custodian's and was not in another case."

    def verify(self, facts: Facts) -> None:
        if facts.asked.recipient in facts.recipients:
            _refuse(self, "That recipient was used before.", "Make a new one for this case.")


@dataclass(frozen=True, slots=True)
class LiveEmergency:
    """From now on is for an emergency alone."""

    id: ClassVar[str] = "live-emergency"
    sentence: ClassVar[str] = "A live opening is asked for in an emergency."

    def verify(self, facts: Facts) -> None:
        if facts.asked.kind == LIVE and facts.asked.authority.kind != "emergency":
            _refuse(self, "A live opening is for an emergency alone.", "Ask for what is recorded.")


@dataclass(frozen=True, slots=True)
class LiveWindow:
    """An hour at most, and soon."""

    id: ClassVar[str] = "live-window"
    sentence: ClassVar[str] = "A live window is an hour at most, not over, and begins within a day."

    def verify(self, facts: Facts) -> None:
        asked = facts.asked
        if asked.kind != LIVE:
            return
        if asked.until_us - asked.since_us > LONGEST_LIVE_US:
            _refuse(self, "The live window is longer than an hour.", "Ask for an hour at most.")
        if asked.until_us <= facts.now_us:
            _refuse(self, "The live window is over already.", "Ask for what is recorded.")
        if asked.since_us > facts.now_us + DAY_US:
            _refuse(
                self, "The live window begins in more than a day.", "Ask again when it is nearer."
            )


@dataclass(frozen=True, slots=True)
class CustodiansCanAnswer:
    """No request that nobody could ever approve."""

    id: ClassVar[str] = "custodians-can-answer"
    sentence: ClassVar[str] = (
        "Of every period k custodians have a key that answers are checked by, and are not retired."
    )

    def verify(self, facts: Facts) -> None:
        for camera in facts.without_custodians:
            _refuse(self, f"No custodians are set for camera {camera}.", "Ask the operator.")
        for lock in facts.locks:
            if not lock.can_open(facts.retired):
                left = set(lock.holders.values()) - facts.retired
                _refuse(
                    self,
                    f"Only {len(left)} custodians have a registered key and are not retired, "
                    f"and {lock.k} must agree.",
                    "Register the cards of those who hold parts: the key beside the recipient.",
                )


RULES: Final[Sequence[Rule]] = (
    PurposeKnown(),
    QuestionsAnswered(),
    AuthorityHasPaper(),
    CamerasKnown(),
    LiveEmergency(),
    LiveWindow(),
    IntervalPast(),
    IntervalShort(),
    ExpiryAhead(),
    ExpiryNear(),
    OfficerNoCustodian(),
    RecipientFresh(),
    SomethingSealed(),
    CustodiansCanAnswer(),
)


def judge(facts: Facts, rules: Sequence[Rule] = RULES) -> None:
    """Ask each rule in turn.

    Raises:
        CaseRefused: names the first that refuses.
    """
    for rule in rules:
        rule.verify(facts)


def _refuse(rule: Rule, message: str, remedy: str) -> NoReturn:
    raise CaseRefused(message, remedy, rule=rule.id)
