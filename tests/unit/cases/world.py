"""A deployment with custodians, an officer and sealed periods, and a clock that is set."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import Engine, insert, select

from scrim.canonical import Json, canonical
from scrim.cases.desk import Cases
from scrim.cases.draft import Draft
from scrim.cases.file import CaseFile
from scrim.cases.people import People, Person
from scrim.clock import SECOND
from scrim.ledger import Act, Entry, Ledger, SigningKey
from scrim.ledger.checkpoint import publish
from scrim.settings import Settings
from scrim.store import keys, schema
from scrim.store.custodians import EVERYBODY, put_in_force
from scrim.store.database import reading, writing
from scrim.store.objects import ObjectStore
from scrim.vault import Custodian, CustodianSet
from scrim.vault.chain import chain_start
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.mint import mint
from scrim.vault.opening import open_part
from scrim.vault.request import Authority, Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

NOW_US = 1_795_331_600 * SECOND  # 2026-11-22T07:13:20Z
HOUR_US = 3600 * SECOND
DAY_US = 24 * HOUR_US
PERIOD_US = 600 * SECOND
SEGMENT_US = 10 * SECOND
PAPER = "a" * 64


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.us = NOW_US

    def now_us(self) -> int:
        return self.us


def new_verifier() -> str:
    return Signer.of_identity(new_identity().secret).verifier


def new_recipient() -> str:
    return new_identity().recipient


class Office:
    """A custodian with all their secrets."""

    def __init__(self, name: str) -> None:
        self.identity: Identity = new_identity()
        self.signer = Signer.of_identity(self.identity.secret)
        self.custodian = Custodian(name, self.identity.recipient, self.signer.verifier)
        self.id = name


class World:
    """Everything that a case needs, three custodians of whom two must agree."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.clock = SetClock()
        self.ledger = Ledger(engine)
        self.objects = ObjectStore.in_folder(folder / "objects")
        self.settings = Settings()
        self.key = SigningKey.generate(self.settings.ledger.origin)
        self.offices = [Office(f"court-{number}") for number in (1, 2, 3)]
        self.people = People(engine, self.ledger, self.clock)
        self.cases = Cases(engine, self.ledger, self.objects, self.clock, self.settings)
        self.signer = Signer.of_identity(new_identity().secret)
        self.set_custodians(self.offices, 2)
        self.officer = self.people.register("officer-7", "police-north", self.signer.verifier)
        self.one_time = new_identity()
        for camera in ("gate", "yard"):
            self.enrol(camera)

    def set_custodians(self, offices: Sequence[Office], k: int, group: str = EVERYBODY) -> None:
        custodians = CustodianSet(k, tuple(office.custodian for office in offices))
        with writing(self.engine) as connection:
            put_in_force(connection, custodians, self.clock.now_us(), group)

    def enrol(self, camera: str, group: str = EVERYBODY) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                insert(schema.camera).values(
                    id=camera,
                    name=camera,
                    kind="file",
                    source="/nowhere.mp4",
                    options="{}",
                    epoch=1,
                    next_segment=0,
                    added_us=0,
                    custodian_group=group,
                )
            )

    def person(self, name: str) -> Person:
        return self.people.get(name)

    def seal(
        self,
        camera: str = "gate",
        *,
        period: int = 1,
        since_us: int = NOW_US - HOUR_US,
        segments: int = 2,
        offices: Sequence[Office] | None = None,
        k: int = 2,
        closed: bool = True,
        entries_known: bool = True,
        live: Sequence[str] = (),
    ) -> str:
        """A period of one camera with sealed segments; the hash of its document."""
        members = self.offices if offices is None else offices
        custodians = CustodianSet(k, tuple(office.custodian for office in members))
        document = mint(
            canonical(
                {
                    "camera": camera,
                    "epoch": 1,
                    "period": period,
                    "opened_us": since_us,
                    "custodians": custodians.document(),
                }
            )
        )
        sha256 = hashlib.sha256(document).hexdigest()
        fields = json.loads(document)
        document_key = keys.document_key(camera, 1, period)
        manifest_key = keys.manifest_key(camera, 1, period)
        self.objects.put(document_key, document)
        until_us = since_us + segments * SEGMENT_US
        with writing(self.engine) as connection:
            opened = self._entry(connection, Act.PERIOD_OPENED, camera, period, since_us)
            closing = None
            if closed:
                closing = self._entry(connection, Act.PERIOD_CLOSED, camera, period, until_us)
            connection.execute(
                insert(schema.period).values(
                    camera=camera,
                    epoch=1,
                    period=period,
                    opened_us=since_us,
                    closed_us=until_us if closed else None,
                    recipient=fields["recipient"],
                    document_key=document_key,
                    document_sha256=sha256,
                    chain_length=0,
                    chain_head=chain_start(sha256),
                    manifest_key=manifest_key if closed else None,
                    opened_entry=opened if entries_known else None,
                    closed_entry=closing if entries_known else None,
                )
            )
            for number in range(segments):
                segment = period * 100 + number
                start_us = since_us + number * SEGMENT_US
                connection.execute(
                    insert(schema.segment).values(
                        camera=camera,
                        segment=segment,
                        side="sealed",
                        epoch=1,
                        period=period,
                        start_us=start_us,
                        end_us=start_us + SEGMENT_US,
                        object_key=keys.sealed_key(camera, 1, period, segment),
                        record=canonical({"size": 1, "sha256": PAPER, "live": list(live)}).decode(),
                        chain_index=number,
                        chain_head=PAPER,
                        state="stored",
                    )
                )
        return sha256

    def _entry(self, connection: Any, act: Act, camera: str, period: int, at_us: int) -> int:
        entry = Entry(
            act=act,
            at_us=at_us,
            who="recorder",
            authority="configuration",
            reason="operation",
            camera=camera,
            epoch=1,
            facts={"period": period},
        )
        return self.ledger.append_in(connection, entry).index

    def draft(self, **changes: Any) -> Draft:
        """What the officer asks for, as a rule with nothing wrong."""
        values: dict[str, Any] = {
            "kind": "recorded",
            "purpose": "missing-person",
            "authority": Authority("warrant", "Court 12/34", PAPER),
            "cameras": ("gate",),
            "since_us": NOW_US - HOUR_US,
            "until_us": NOW_US - HOUR_US + 2 * SEGMENT_US,
            "reason": "A child was last seen at the gate.",
            "recipient": self.one_time.recipient,
            "expires_us": NOW_US + 7 * DAY_US,
        }
        return Draft(**values | changes)

    def live_draft(self, **changes: Any) -> Draft:
        values: dict[str, Any] = {
            "kind": "live",
            "authority": Authority("emergency", "Control room 5", ""),
            "since_us": NOW_US,
            "until_us": NOW_US + HOUR_US,
        }
        return self.draft(**values | changes)

    def sign(self, file: CaseFile) -> bytes:
        return Statement.sign(file.body, self.signer).to_bytes()

    def ask(self, draft: Draft | None = None) -> CaseFile:
        """Drafted, signed and handed in."""
        file = self.cases.draft(self.officer, draft or self.draft())
        return self.cases.request(self.officer, file.id, self.sign(file))

    def answer_body(
        self, office: Office, file: CaseFile, decision: str = "approved", **changes: Any
    ) -> dict[str, Json]:
        """The body of an answer, the parts opened and sealed again to the officer."""
        assert file.statement is not None
        request = Request.of(Statement.parse(file.statement))
        parts: list[Json] = []
        if decision == "approved":
            for one in request.periods:
                document = self.objects.get(keys.document_key(one.camera, one.epoch, one.period))
                sealed = next(
                    (
                        member["part"]
                        for member in json.loads(document)["custodians"]
                        if member["recipient"] == office.identity.recipient
                    ),
                    None,
                )
                if sealed is not None:
                    parts.append(self.part(office, request, document, one.document_sha256, sealed))
        return {
            "format": "scrim-answer-v1",
            "request_sha256": request.sha256,
            "case": request.case,
            "custodian": office.id,
            "decision": decision,
            "reason": "" if decision == "approved" else "No authority for this place.",
            "decided_us": self.clock.now_us(),
            "parts": parts,
            "nonce": secrets.token_hex(32),
        } | changes

    def part(
        self, office: Office, request: Request, document: bytes, sha256: str, sealed: str
    ) -> dict[str, Json]:
        import base64

        part = open_part(base64.b64decode(sealed), office.identity.secret, document)
        to_officer = pyrage.x25519.Recipient.from_str(request.recipient)
        again = pyrage.encrypt(part.plaintext(), [to_officer])
        return {"document_sha256": sha256, "sealed": base64.b64encode(again).decode()}

    def answer_of(
        self, office: Office, file: CaseFile, decision: str = "approved", **changes: Any
    ) -> bytes:
        return Statement.sign(
            self.answer_body(office, file, decision, **changes), office.signer
        ).to_bytes()

    def answer(self, number: int, file: CaseFile, decision: str = "approved") -> CaseFile:
        """A custodian answers, honestly."""
        office = self.offices[number]
        data = self.answer_of(office, file, decision)
        return self.cases.answer(self.person(office.id), file.id, data)

    def approved(self, draft: Draft | None = None) -> CaseFile:
        file = self.ask(draft)
        self.answer(0, file)
        return self.answer(1, file)

    def checkpoint(self) -> None:
        publish(self.ledger, self.key, self.engine, self.folder / "checkpoint", self.clock)

    def entries(self, file: CaseFile | None = None) -> list[Entry]:
        """All entries, or those of a case."""
        found = [
            (index, Entry.parse(body)) for index, body in self.ledger.entries(0, self.ledger.size())
        ]
        if file is None:
            return [entry for _, entry in found]
        with reading(self.engine) as connection:
            table = schema.case_entry
            mine = set(
                connection.execute(select(table.c.entry).where(table.c.case == file.id)).scalars()
            )
        return [entry for index, entry in found if index in mine]

    def acts(self, file: CaseFile | None = None) -> list[str]:
        return [entry.act.value for entry in self.entries(file)]
