"""One small case from beginning to end, with every paper of it, for vectors and browser tests.

Three custodians, any two of whom can open; one camera with two key periods, the
second of which is still open; one officer.  Keys come out of SHA-256, so that a
reader sees that nothing was picked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pyrage

from scrim.canonical import Json, canonical
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.entry import Act, Entry
from scrim.ledger.merkle import fold, inclusion_spans, leaf_hash
from scrim.ledger.note import SigningKey, sign
from scrim.ledger.receipt import Receipt
from scrim.store.keys import sealed_key
from scrim.vault import (
    Custodian,
    CustodianSet,
    PeriodDocument,
    agekeys,
    chain_next,
    chain_start,
    manifest,
)
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.mint import mint
from scrim.vault.opening import combine, open_part
from scrim.vault.part import Part
from scrim.vault.request import Authority, Officer, PeriodRef, Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
BEGAN_US: Final = 1_795_331_580_000_000
ORIGIN: Final = "scrim.example/ledger"
CASE: Final = "case-abcd2345"
CAMERA: Final = "gate"
EPOCH: Final = 2
PERIODS: Final = (5, 6)
PERIOD_US: Final = 8 * SECOND


def draw(label: str) -> bytes:
    """32 bytes that nobody picked."""
    return hashlib.sha256(f"scrim/vector/{label}".encode()).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def seal(recipient: str, data: bytes) -> bytes:
    return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)]))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a key file, under the name of their office."""

    name: str
    identity: str = field(repr=False)

    @classmethod
    def of(cls, name: str) -> Person:
        return cls(name, agekeys.identity_text(draw(name)))

    @property
    def recipient(self) -> str:
        return agekeys.recipient_of(agekeys.secret_of(self.identity))

    @property
    def signer(self) -> Signer:
        return Signer.of_identity(self.identity)

    @property
    def verifier(self) -> str:
        return self.signer.verifier


CUSTODIANS: Final = tuple(Person.of(name) for name in ("court", "ombudsman", "registry"))
OFFICER: Final = Person.of("officer-7")
ONCE: Final = Person.of("once")
STRANGER: Final = Person.of("stranger")
LEDGER: Final = SigningKey(ORIGIN, draw("ledger"))


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return fold([_root(leaves[:split]), _root(leaves[split:])])


@dataclass(frozen=True)
class Story:
    """The papers of one case.

    Args:
        plain: what is inside the sealed segments, of each period in turn.
        container, codec: what it is.
        began_us: of the first period.
        expires_us: of the request.
        signed_periods: the period documents say with what key each custodian signs.
    """

    plain: tuple[tuple[bytes, ...], ...] = ((b"one", b"two"), (b"three", b"four"))
    container: str = "mp4"
    codec: str = "h264"
    began_us: int = BEGAN_US
    expires_us: int = BEGAN_US + 48 * HOUR
    signed_periods: bool = True

    @cached_property
    def custodians(self) -> CustodianSet:
        return CustodianSet(
            2,
            tuple(
                Custodian(one.name, one.recipient, one.verifier if self.signed_periods else "")
                for one in CUSTODIANS
            ),
        )

    @cached_property
    def documents(self) -> tuple[bytes, ...]:
        return tuple(
            mint(
                canonical(
                    {
                        "camera": CAMERA,
                        "epoch": EPOCH,
                        "period": period,
                        "opened_us": self.opened_us(at),
                        "custodians": self.custodians.document(),
                    }
                )
            )
            for at, period in enumerate(PERIODS)
        )

    def opened_us(self, at: int) -> int:
        return self.began_us + at * PERIOD_US

    def hash(self, at: int) -> str:
        """SHA-256 of a period document."""
        return hashlib.sha256(self.documents[at]).hexdigest()

    @cached_property
    def sealed(self) -> tuple[tuple[bytes, ...], ...]:
        """The sealed objects, of each period in turn."""
        read = [PeriodDocument.parse(document) for document in self.documents]
        return tuple(
            tuple(seal(document.recipient, plain) for plain in plains)
            for document, plains in zip(read, self.plain, strict=True)
        )

    def records(self, at: int) -> list[dict[str, Json]]:
        """What the recorder wrote down of a period's segments."""
        found: list[dict[str, Json]] = []
        each_us = PERIOD_US // len(self.plain[at])
        for place, (plain, sealed) in enumerate(zip(self.plain[at], self.sealed[at], strict=True)):
            number = sum(len(before) for before in self.plain[:at]) + place
            start_us = self.opened_us(at) + place * each_us
            found.append(
                {
                    "side": "sealed",
                    "segment": number,
                    "start_us": start_us,
                    "end_us": start_us + each_us,
                    "key": sealed_key(CAMERA, EPOCH, PERIODS[at], number),
                    "size": len(sealed),
                    "sha256": hashlib.sha256(sealed).hexdigest(),
                    "plain_size": len(plain),
                    "plain_sha256": hashlib.sha256(plain).hexdigest(),
                    "container": self.container,
                    "codec": self.codec,
                }
            )
        return found

    @cached_property
    def manifest(self) -> bytes:
        """Of the first period, which is closed."""
        head = chain_start(self.hash(0))
        records = self.records(0)
        for record in records:
            head = chain_next(head, record)
        opened_us = self.opened_us(0)
        return manifest.build(
            self.hash(0), CAMERA, EPOCH, PERIODS[0], opened_us, opened_us + PERIOD_US,
            records, head, "recorder",
        )  # fmt: skip

    @cached_property
    def listing(self) -> list[dict[str, Json]]:
        """The segments of a viewing, as the server lists them."""
        names = ("segment", "start_us", "end_us", "size", "sha256")
        return [
            {
                "camera": CAMERA,
                "epoch": EPOCH,
                "period": period,
                "lost": False,
                **{name: record[name] for name in names},
            }
            for at, period in enumerate(PERIODS)
            for record in self.records(at)
        ]

    @cached_property
    def request(self) -> Request:
        return Request(
            deployment=ORIGIN,
            case=CASE,
            kind="recorded",
            purpose="investigation",
            authority=Authority("warrant", "ESCC 17/2026", draw("warrant").hex()),
            cameras=(CAMERA,),
            since_us=self.began_us,
            until_us=self.began_us + 2 * PERIOD_US,
            reason="A cyclist was knocked down at the gate; the driver went on.",
            officer=Officer(OFFICER.name, "traffic", OFFICER.verifier),
            recipient=ONCE.recipient,
            created_us=self.began_us + HOUR,
            expires_us=self.expires_us,
            periods=tuple(
                PeriodRef(CAMERA, EPOCH, period, self.hash(at)) for at, period in enumerate(PERIODS)
            ),
            salt=draw("salt").hex(),
        )

    @cached_property
    def statement(self) -> Statement:
        """The request as its officer signed it."""
        return Statement.sign(self.request.body(), OFFICER.signer)

    def part(self, custodian: Person, at: int) -> Part:
        """A custodian's opened part of a period."""
        document = self.documents[at]
        return open_part(
            PeriodDocument.parse(document).parts[custodian.name], custodian.identity, document
        )

    def answer(self, custodian: Person, **changes: Any) -> Answer:
        """A custodian's yes, with what somebody would change about it."""
        parts = tuple(
            SealedPart(self.hash(at), seal(ONCE.recipient, self.part(custodian, at).plaintext()))
            for at in range(len(PERIODS))
        )
        return replace(
            Answer(
                self.request.sha256, CASE, custodian.name, "approved", "",
                self.request.created_us + HOUR, parts, draw(f"nonce/{custodian.name}").hex(),
            ),
            **changes,
        )  # fmt: skip

    def approved(self, custodian: Person, **changes: Any) -> Statement:
        return Statement.sign(self.answer(custodian, **changes).body(), custodian.signer)

    def refused(self, custodian: Person, reason: str) -> Statement:
        answer = self.answer(custodian, decision="refused", reason=reason, parts=())
        return Statement.sign(answer.body(), custodian.signer)

    @cached_property
    def entries(self) -> list[bytes]:
        """The ledger: both periods, the request, and other things between."""
        opened = [
            self._recorded(
                Act.PERIOD_OPENED, self.opened_us(at), period=period, document=self.hash(at)
            )
            for at, period in enumerate(PERIODS)
        ]
        closed = self._recorded(
            Act.PERIOD_CLOSED,
            self.opened_us(1),
            period=PERIODS[0],
            document=self.hash(0),
            manifest=hashlib.sha256(self.manifest).hexdigest(),
        )
        requested = Entry(
            Act.CASE_REQUESTED,
            self.request.created_us,
            "sha256:" + draw("who").hex(),
            "officer",
            "investigation",
            facts={"request": self.request.sha256},
        ).body()
        return [opened[0], *_noise(3), closed, opened[1], *_noise(2), requested]

    def _recorded(self, act: Act, at_us: int, **facts: Json) -> bytes:
        return Entry(
            act, at_us, "recorder", "configuration", "operation", CAMERA, EPOCH, facts=facts
        ).body()

    def receipt(self, index: int) -> dict[str, Json]:
        spans = inclusion_spans(index, len(self.entries))
        proof = tuple(_root(self.entries[start:stop]) for start, stop in spans)
        return Receipt(index, self.entries[index], proof).document()

    @cached_property
    def checkpoint(self) -> str:
        found = Checkpoint(ORIGIN, len(self.entries), _root(self.entries))
        return sign(found.text(), LEDGER)

    def package(self, answers: Sequence[Statement] = (), **changes: Json) -> dict[str, Json]:
        """What a device gets; ``changes`` are what somebody on the way did to it."""
        names = [f"{CAMERA}/{EPOCH}/{period}" for period in PERIODS]
        package: dict[str, Json] = {
            "format": "scrim-package-v1",
            "request": self.statement.document(),
            "answers": [answer.document() for answer in answers],
            "documents": {
                self.hash(at): b64(document) for at, document in enumerate(self.documents)
            },
            "opened": {names[0]: self.receipt(0), names[1]: self.receipt(5)},
            "closed": {names[0]: self.receipt(4)},
            "requested": self.receipt(8),
            "checkpoint": self.checkpoint,
        }
        return {**package, **changes}

    @cached_property
    def period_identities(self) -> Mapping[int, str]:
        """What k parts of each period combine to."""
        return {
            period: combine(
                self.documents[at], [self.part(custodian, at) for custodian in CUSTODIANS[:2]]
            )
            for at, period in enumerate(PERIODS)
        }


def _noise(count: int) -> list[bytes]:
    return [
        Entry(Act.GAP, BEGAN_US + at, "recorder", "configuration", "operation", CAMERA).body()
        for at in range(count)
    ]
