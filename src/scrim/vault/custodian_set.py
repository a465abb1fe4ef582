"""Who can open: the custodians' public recipients, and how many must agree.

Rules:

1. 1 to 9 custodians, and 1 <= k <= their number.
2. Ids are 1 to 40 of ``a-z 0-9 -`` and name an office, never a person: they
   stand in public documents.
3. No id, no recipient and no verifier twice, so nobody holds two votes.
4. A recipient is an age X25519 recipient or that of a P-256 hardware token, in
   its usual spelling (:mod:`scrim.vault.recipients`).
5. A verifier is what their answers to requests are checked with
   (:mod:`scrim.vault.signing`).  Sets from before there were any have none.
6. One set has one document: without any verifier it is written as version 1,
   and version 2 has at least one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrim.canonical import Json
from scrim.errors import CustodianInvalid
from scrim.vault import agekeys, recipients, sharing, signing
from scrim.vault.fields import Fields, is_name

FORMAT = "scrim-custodians-v2"
FORMAT_V1 = "scrim-custodians-v1"

_AGAIN = "Ask for the line that `scrim custodian new` printed, and copy all of it."


@dataclass(frozen=True, slots=True)
class Custodian:
    """One custodian as everybody else sees them.

    Args:
        id: names the office.
        recipient: what their parts are sealed to, ``age1…`` or ``age1tag1…``.
        verifier: what their signatures are checked with, ``scrimsig1…``; empty
            where it was never registered.

    Raises:
        CustodianInvalid: the id, the recipient or the verifier is not usable.
    """

    id: str
    recipient: str
    verifier: str = ""

    def __post_init__(self) -> None:
        if not is_name(self.id):
            raise CustodianInvalid(
                f"{self.id!r} cannot name a custodian.",
                "Use 1 to 40 small letters, digits and hyphens, and name the office, not a person.",
            )
        try:
            recipients.check(self.recipient)
        except ValueError as error:
            # The text itself is left out: it may be a secret pasted by mistake.
            raise CustodianInvalid(
                f"The recipient of custodian {self.id} is not usable: {error}.", _AGAIN
            ) from None
        try:
            if self.verifier:
                signing.check_verifier(self.verifier)
        except ValueError as error:
            raise CustodianInvalid(
                f"The verifier of custodian {self.id} is not usable: {error}.", _AGAIN
            ) from None

    @classmethod
    def of_card(cls, id: str, card: str) -> Custodian:
        """The custodian with this card, ``age1…/scrimsig1…``.

        Raises:
            CustodianInvalid: the id or a half of the card is not usable.
        """
        try:
            recipient, verifier = signing.split_card(card)
        except ValueError as error:
            raise CustodianInvalid(
                f"The card of custodian {id} is not usable: {error}.", _AGAIN
            ) from None
        return cls(id, recipient, verifier)

    @property
    def card(self) -> str:
        """``age1…/scrimsig1…``, or the recipient alone where there is no verifier."""
        return f"{self.recipient}/{self.verifier}" if self.verifier else self.recipient

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits, to be read aloud: of the card, or of the recipient alone."""
        if self.verifier:
            return signing.card_fingerprint(self.card)
        return agekeys.fingerprint(self.recipient)


@dataclass(frozen=True, slots=True)
class CustodianSet:
    """The custodians of new periods; any ``k`` of them can open, fewer learn nothing.

    Args:
        k: how many must agree.
        custodians: 1 to 9, in an order that is kept.
        demo: the secrets lie on this very machine, for a demonstration.

    Raises:
        CustodianInvalid: says which rule is broken and by whom.
    """

    k: int
    custodians: tuple[Custodian, ...]
    demo: bool = False

    def __post_init__(self) -> None:
        try:
            sharing.check(len(self.custodians), self.k)
        except ValueError as error:
            raise CustodianInvalid(
                f"These custodians cannot share a key: {error}.",
                "Change the number of custodians, or how many of them must agree.",
            ) from None
        seen: dict[str, str] = {}
        signers: dict[str, str] = {}
        for custodian in self.custodians:
            if custodian.id in seen.values():
                raise CustodianInvalid(
                    f"Custodian {custodian.id} is named twice.", "Give each custodian its own id."
                )
            if custodian.recipient in seen:
                raise CustodianInvalid(
                    f"Custodians {seen[custodian.recipient]} and {custodian.id} "
                    "have the same recipient.",
                    "Each custodian must make an identity of their own, on a machine of their own.",
                )
            if custodian.verifier and custodian.verifier in signers:
                raise CustodianInvalid(
                    f"Custodians {signers[custodian.verifier]} and {custodian.id} "
                    "have the same verifier.",
                    "Each custodian must make an identity of their own, on a machine of their own.",
                )
            seen[custodian.recipient] = custodian.id
            signers[custodian.verifier] = custodian.id

    @property
    def has_verifiers(self) -> bool:
        """Whether anybody's signature can be checked: version 2 of the documents."""
        return any(custodian.verifier for custodian in self.custodians)

    def document(self) -> dict[str, Json]:
        """The set as a JSON object, for the database and for :meth:`from_document`."""
        members: list[dict[str, Json]] = [
            {"id": c.id, "recipient": c.recipient} for c in self.custodians
        ]
        if self.has_verifiers:
            for member, custodian in zip(members, self.custodians, strict=True):
                member["verifier"] = custodian.verifier
        return {
            "format": FORMAT if self.has_verifiers else FORMAT_V1,
            "k": self.k,
            "custodians": members,
            "demo": self.demo,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Json]) -> CustodianSet:
        """The set that :meth:`document` wrote.

        Raises:
            CustodianInvalid: not such an object, or a rule is broken.
        """
        try:
            fields = Fields(document, frozenset({"format", "k", "custodians", "demo"}))
            names = ["id", "recipient"]
            if fields.text("format") != FORMAT_V1:
                fields.is_exactly("format", FORMAT)
                names.append("verifier")
            members = [Fields(member, frozenset(names)) for member in fields.items("custodians")]
            k, demo = fields.number("k"), fields.truth("demo")
            texts = [[member.text(name) for name in names] for member in members]
            if "verifier" in names and not any(text[-1] for text in texts):
                raise ValueError("nobody has a verifier")
        except ValueError as error:
            raise CustodianInvalid(
                f"The list of custodians cannot be read: {error}.", "Register them again."
            ) from None
        return cls(k, tuple(Custodian(*text) for text in texts), demo)
