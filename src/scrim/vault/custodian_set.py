"""Who can open: the custodians' public recipients, and how many must agree.

Rules:

1. 1 to 9 custodians, and 1 <= k <= their number.
2. Ids are 1 to 40 of ``a-z 0-9 -`` and name an office, never a person: they
   stand in public documents.
3. No id and no recipient twice, so nobody holds two votes.
4. A recipient is an age X25519 recipient in its usual spelling
   (:mod:`scrim.vault.agekeys`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrim.canonical import Json
from scrim.errors import CustodianInvalid
from scrim.vault import agekeys, sharing
from scrim.vault.fields import Fields, is_name

FORMAT = "scrim-custodians-v1"

_AGAIN = "Ask for the line that `scrim custodian new` printed, and copy all of it."


@dataclass(frozen=True, slots=True)
class Custodian:
    """One custodian as everybody else sees them.

    Raises:
        CustodianInvalid: the id or the recipient is not usable.
    """

    id: str
    recipient: str

    def __post_init__(self) -> None:
        if not is_name(self.id):
            raise CustodianInvalid(
                f"{self.id!r} cannot name a custodian.",
                "Use 1 to 40 small letters, digits and hyphens, and name the office, not a person.",
            )
        try:
            agekeys.check_recipient(self.recipient)
        except ValueError as error:
            # The text itself is left out: it may be a secret pasted by mistake.
            raise CustodianInvalid(
                f"The recipient of custodian {self.id} is not usable: {error}.", _AGAIN
            ) from None

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits, to be read aloud."""
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
            seen[custodian.recipient] = custodian.id

    def document(self) -> dict[str, Json]:
        """The set as a JSON object, for the database and for :meth:`from_document`."""
        return {
            "format": FORMAT,
            "k": self.k,
            "custodians": [{"id": c.id, "recipient": c.recipient} for c in self.custodians],
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
            fields.is_exactly("format", FORMAT)
            members = [
                Fields(member, frozenset({"id", "recipient"}))
                for member in fields.items("custodians")
            ]
            k, demo = fields.number("k"), fields.truth("demo")
            pairs = [(member.text("id"), member.text("recipient")) for member in members]
        except ValueError as error:
            raise CustodianInvalid(
                f"The list of custodians cannot be read: {error}.", "Register them again."
            ) from None
        return cls(k, tuple(Custodian(*pair) for pair in pairs), demo)
