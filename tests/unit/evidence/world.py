"""One small case from the first recording to the bundle, real but for its size.

Two cameras, three periods, eight segments that are real MP4s; one was lost, two lie
outside the interval. Three custodians, two must agree.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from scrim.canonical import Json, canonical
from scrim.clock import SystemClock
from scrim.evidence import credentials, layout
from scrim.evidence.authority import Authority
from scrim.evidence.build import _fill, build, content_of, originals_digest_of
from scrim.evidence.custody import content
from scrim.evidence.index import Index, stamp
from scrim.evidence.inputs import Asked, Pictures, Record
from scrim.evidence.periods import Papers
from scrim.ledger import Act, Checkpoint, Entry, SigningKey
from scrim.ledger.merkle import fold, inclusion_spans, leaf_hash
from scrim.ledger.note import sign
from scrim.ledger.receipt import Receipt
from scrim.store.keys import document_key, manifest_key, masked_key, sealed_key
from scrim.vault import Custodian, CustodianSet
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.chain import chain_head
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.manifest import build as build_manifest
from scrim.vault.mint import mint
from scrim.vault.request import Authority as Warrant
from scrim.vault.request import Officer, PeriodRef, Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

SECOND = 1_000_000
START = 1_795_331_580 * SECOND
SINCE, UNTIL = START + 2 * SECOND, START + 8 * SECOND
CREATED, EXPIRES = START + 3_600 * SECOND, START + 90_000 * SECOND
NOW = START + 7_200 * SECOND
ORIGIN = "scrim.example/ledger"
TODAY = SystemClock().now_us()  # content credentials are read by the clock on the wall
COMMITMENT = "sha256:" + "c" * 64
SHADES = {"gate": 40, "yard": 200}
PERIODS = {("gate", 1, 0): (0, 1, 2), ("gate", 1, 1): (3, 4), ("yard", 1, 0): (1, 2, 3)}
LOST = ("gate", 2)
FILES = (
    "INSTRUCTIONS.txt",
    "SHA256SUMS",
    "answers/01-office-0.json",
    "answers/02-office-1.json",
    "bundle.json",
    "compare/c2pa-anchor.pem",
    "compare/ledger.pub",
    "custody.json",
    "ledger/checkpoint.txt",
    "ledger/receipts.json",
    "original/gate/000001/000000/0000000001.mp4",
    "original/gate/000001/000001/0000000003.mp4",
    "original/yard/000001/000000/0000000001.mp4",
    "original/yard/000001/000000/0000000002.mp4",
    "original/yard/000001/000000/0000000003.mp4",
    "period/gate/000001/000000.json",
    "period/gate/000001/000000.open.json",
    "period/gate/000001/000001.json",
    "period/gate/000001/000001.open.json",
    "period/yard/000001/000000.json",
    "period/yard/000001/000000.open.json",
    "request.json",
    "summary.html",
    "summary.pdf",
    "viewing/certificate.pem",
    "viewing/gate-1.mp4",
)


def mp4(shade: int, *, fragmented: bool = True) -> bytes:
    """A real MP4 of three small pictures."""
    buffer = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe"} if fragmented else {}
    with av.open(buffer, "w", format="mp4", options=options) as output:
        stream = output.add_stream("libx264", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(3):
            picture = np.full((48, 64, 3), (shade + number) % 256, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return buffer.getvalue()


class Log:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.key = SigningKey.generate(ORIGIN)
        self.bodies: list[bytes] = []

    def add(self, act: Act, at_us: int, **fields: Any) -> None:
        self.bodies.append(Entry(act, at_us, "recorder", "configuration", "test", **fields).body())

    def checkpoint(self) -> str:
        root = _root([leaf_hash(body) for body in self.bodies])
        return sign(Checkpoint(self.key.name, len(self.bodies), root).text(), self.key)

    def receipts(self) -> list[Receipt]:
        leaves = [leaf_hash(body) for body in self.bodies]
        size = len(leaves)
        return [
            Receipt(
                index,
                body,
                tuple(_root(leaves[a:b]) for a, b in inclusion_spans(index, size)),
            )
            for index, body in enumerate(self.bodies)
        ]


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return fold([_root(leaves[:split]), _root(leaves[split:])])


@dataclass(frozen=True)
class Entries:
    """When things happened; a test changes what it is about. ``None``: never."""

    requested: int | None = CREATED + SECOND
    answered: int = CREATED + 2 * SECOND
    approved: int | None = CREATED + 3 * SECOND
    opened: int | None = CREATED + 4 * SECOND
    viewed: tuple[str, int, int] = ("gate", SINCE, UNTIL)
    exported: int | None = NOW
    opened_before_answers: bool = False
    closed_before_export: bool = False
    facts: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """Who there is, and what was recorded."""

    folder: Path
    officer: Identity
    once: Identity
    custodians: tuple[Identity, ...]
    log: Log
    authority: Authority
    periods: tuple[tuple[bytes, bytes], ...]
    plain: dict[tuple[str, int], bytes]
    request: Request
    sets: tuple[bytes, ...] = ()

    @property
    def signer(self) -> Signer:
        return Signer.of_identity(self.officer.secret)

    @property
    def originals(self) -> dict[str, Path]:
        return {
            sealed_key(camera, epoch, period, segment): self.folder / f"{camera}-{segment}.mp4"
            for (camera, epoch, period), segments in PERIODS.items()
            for segment in segments
        }

    def documents(self) -> list[PeriodDocument]:
        return [PeriodDocument.parse(document) for document, _ in self.periods]

    def answer(self, number: int, request: Request, **changes: Any) -> Statement:
        """Custodian ``number``'s approval, with what a test wants changed."""
        signer = changes.pop("signer", Signer.of_identity(self.custodians[number].secret))
        answer = Answer(
            request.sha256,
            request.case,
            f"office-{number}",
            "approved",
            "",
            CREATED + SECOND,
            tuple(SealedPart(one.document_sha256, b"sealed again") for one in request.periods),
            f"{number}" * 64,
        )
        return Statement.sign(replace(answer, **changes).body(), signer)

    def bundle(
        self,
        out: Path,
        *,
        request: Request | None = None,
        answers: Sequence[Statement] | None = None,
        entries: Entries | None = None,
        viewing: Callable[[bytes], bytes] = lambda signed: signed,
        authority: Authority | None = None,
        honest: bool = True,
    ) -> Path:
        """Go the whole way from the request to the bundle.

        Args:
            honest: with a tool that verifies what it made; without, whatever is asked for is made.
        """
        request, entries = request or self.request, entries or Entries()
        answers = [self.answer(0, request), self.answer(1, request)] if answers is None else answers
        asked = Asked(Statement.sign(request.body(), self.signer), answers, self.periods, self.sets)
        pictures = self.pictures(out, asked, viewing, authority)
        content, _ = content_of(asked, pictures)
        log = Log()
        log.key, log.bodies = self.log.key, list(self.log.bodies)
        self.log_case(log, request, answers, entries, content)
        record = Record(
            log.checkpoint(), log.receipts(), log.key.verifier(), self.authority.anchor_pem()
        )
        if honest:
            return build(asked, pictures, record, self.signer, NOW, out)
        out.mkdir()
        _fill(out, asked, pictures, record, self.signer, NOW)
        return out

    def pictures(
        self,
        out: Path,
        asked: Asked,
        viewing: Callable[[bytes], bytes] = lambda signed: signed,
        authority: Authority | None = None,
    ) -> Pictures:
        authority = authority or self.authority
        chain = authority.certify(self.signer.verifier, "officer-7", TODAY)
        path = out.parent / "gate-1.mp4"
        pictures = Pictures(self.originals, (path,), chain, NOW)
        request = Request.of(asked.request)
        claim = credentials.Claim(
            request.case, request.sha256, originals_digest_of(asked, pictures)
        )
        signed = io.BytesIO()
        credentials.sign(io.BytesIO(mp4(90, fragmented=False)), signed, claim, self.signer, chain)
        path.write_bytes(viewing(signed.getvalue()))
        return pictures

    def log_case(
        self,
        log: Log,
        request: Request,
        answers: Sequence[Statement],
        entries: Entries,
        content: str,
    ) -> None:
        common: dict[str, Json] = {"case": COMMITMENT, "request": request.sha256, **entries.facts}

        def step(act: Act, at_us: int | None, **fields: Any) -> None:
            facts = {**common, **fields.pop("facts", {})}
            if at_us is not None:
                log.add(act, at_us, facts=facts, **fields)

        step(
            Act.CASE_REQUESTED,
            entries.requested,
            facts={"purpose": "investigation", "periods": 3, "expires": EXPIRES},
        )
        if entries.opened_before_answers:
            step(Act.CASE_APPROVED, entries.approved)
            step(Act.CASE_OPENED, entries.opened)
        for statement in answers:
            facts = {"answer": statement.sha256, "decision": str(statement.body["decision"])}
            step(Act.CASE_ANSWERED, entries.answered, facts=facts)
        if not entries.opened_before_answers:
            step(Act.CASE_APPROVED, entries.approved)
            step(Act.CASE_OPENED, entries.opened)
        camera, since, until = entries.viewed
        step(
            Act.ORIGINAL_VIEWED,
            entries.opened,
            camera=camera,
            since_us=since,
            until_us=until,
            facts={"act": "view"},
        )
        if entries.closed_before_export:
            step(Act.CASE_CLOSED, NOW)
        step(Act.EXPORTED, entries.exported, facts={"kind": "bundle", "sha256": content})

    def resign(self, bundle: Path, **changes: Any) -> None:
        """What a dishonest officer does after changing a bundle: sums and index anew."""
        old = Index.of(Statement.parse((bundle / layout.INDEX).read_bytes()))
        stamps = {}
        for path in sorted(bundle.rglob("*")):
            name = path.relative_to(bundle).as_posix()
            if path.is_file() and name != layout.INDEX:
                with path.open("rb") as file:
                    stamps[name] = stamp(file)
        index = replace(old, files=stamps, content_sha256=content(stamps)[0], **changes)
        signed = Statement.sign(index.body(), self.signer)
        (bundle / layout.INDEX).write_bytes(signed.to_bytes())


def make_world(folder: Path, *, signed: bool = True) -> World:
    """Record, seal and close the periods, and draft the request.

    Args:
        folder: where the originals are put.
        signed: the periods name the custodians' signing keys; without, only a set does.
    """
    officer, once = new_identity(), new_identity()
    custodians = tuple(new_identity() for _ in range(3))
    members = CustodianSet(
        2,
        tuple(
            Custodian(f"office-{number}", one.recipient, Signer.of_identity(one.secret).verifier)
            for number, one in enumerate(custodians)
        ),
    )
    known = canonical(members.document())
    held = members
    if not signed:
        bare = tuple(Custodian(one.id, one.recipient) for one in members.custodians)
        held = CustodianSet(2, bare)
    log = Log()
    if not signed:
        log.add(Act.CUSTODIANS_SET, START, facts={"set": hashlib.sha256(known).hexdigest(), "k": 2})
    plain: dict[tuple[str, int], bytes] = {}
    periods, refs = [], []
    for (camera, epoch, period), segments in PERIODS.items():
        opened_us = START + segments[0] * 2 * SECOND
        document = mint(
            canonical(
                {
                    "camera": camera,
                    "epoch": epoch,
                    "period": period,
                    "opened_us": opened_us,
                    "custodians": held.document(),
                }
            )
        )
        sha256 = document_digest(document)
        refs.append(PeriodRef(camera, epoch, period, sha256))
        recipient = PeriodDocument.parse(document).recipient
        common = {"camera": camera, "epoch": epoch}
        log.add(
            Act.PERIOD_OPENED,
            opened_us,
            facts={"period": period, "document": sha256, "recipient": recipient},
            **common,
        )
        records: list[dict[str, Json]] = []
        lost = []
        for segment in segments:
            data = mp4(SHADES[camera] + 4 * segment)
            plain[camera, segment] = data
            (folder / f"{camera}-{segment}.mp4").write_bytes(data)
            if (camera, segment) == LOST:
                lost.append(len(records))
            records += _records(camera, epoch, period, segment, data)
        head = chain_head(sha256, records)
        closed_us = opened_us + 600 * SECOND
        manifest = build_manifest(
            sha256, camera, epoch, period, opened_us, closed_us, records, head, "recorder", lost
        )
        periods.append((document, manifest))
        log.add(
            Act.PERIOD_CLOSED,
            closed_us,
            facts={
                "period": period,
                "document": sha256,
                "manifest": hashlib.sha256(manifest).hexdigest(),
                "segments": len(segments),
                "chain": head,
            },
            **common,
        )
    request = Request(
        deployment=ORIGIN,
        case="case-abcd2345",
        kind="recorded",
        purpose="investigation",
        authority=Warrant("warrant", "ESCC 17/2026", "a" * 64),
        cameras=("gate", "yard"),
        since_us=SINCE,
        until_us=UNTIL,
        reason="A cyclist was knocked down at the gate; 單車意外 <b>&.",
        officer=Officer("officer-7", "traffic", Signer.of_identity(officer.secret).verifier),
        recipient=once.recipient,
        created_us=CREATED,
        expires_us=EXPIRES,
        periods=tuple(refs),
        salt="d" * 64,
    )
    authority = Authority.new(ORIGIN, TODAY)
    return World(
        folder,
        officer,
        once,
        custodians,
        log,
        authority,
        tuple(periods),
        plain,
        request,
        () if signed else (known,),
    )


def _records(
    camera: str, epoch: int, period: int, segment: int, data: bytes
) -> list[dict[str, Json]]:
    span = {"start_us": START + segment * 2 * SECOND, "end_us": START + (segment + 1) * 2 * SECOND}
    sealed: dict[str, Json] = {
        "side": "sealed",
        "segment": segment,
        **span,
        "key": sealed_key(camera, epoch, period, segment),
        "size": len(data) + 216,
        "sha256": hashlib.sha256(b"sealed" + data).hexdigest(),
        "plain_size": len(data),
        "plain_sha256": hashlib.sha256(data).hexdigest(),
        "container": "mp4",
    }
    masked: dict[str, Json] = {
        "side": "masked",
        "segment": segment,
        **span,
        "key": masked_key(camera, epoch, period, segment),
        "size": 10,
        "sha256": hashlib.sha256(b"masked" + data).hexdigest(),
    }
    return [sealed, masked]


def opened_folder(world: World, top: Path) -> Path:
    """What opening the case leaves on the officer's disk, but for the viewing copies."""
    for document, manifest in world.periods:
        place = Papers.parse(document, manifest).place
        for key, data in ((document_key(*place), document), (manifest_key(*place), manifest)):
            (top / key).parent.mkdir(parents=True, exist_ok=True)
            (top / key).write_bytes(data)
    for (camera, segment), data in world.plain.items():
        file = top / "native" / camera / f"{segment:010d}.mp4"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return top


def refusal(world: World, number: int, **changes: Any) -> Statement:
    reason = "The interval is too long."
    return world.answer(
        number, world.request, decision="refused", reason=reason, parts=(), **changes
    )


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file and write it canonically again."""
    value = json.loads(path.read_bytes())
    change(value)
    path.write_bytes(canonical(value))


def flip(path: Path, at: int, bit: int = 0) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path.write_bytes(bytes(data))
