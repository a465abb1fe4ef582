"""A case without recorder or server: sealed periods, their ledger, custodians, an officer.

Everything is in memory and small; what a test wants wrong it changes before it asks for
:meth:`World.package`, or gives to :class:`Server`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import av
import numpy as np
import pyrage

from scrim.canonical import Json, canonical
from scrim.errors import ObjectMissing
from scrim.ledger import merkle
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.entry import Act, Entry
from scrim.ledger.note import SigningKey, sign
from scrim.ledger.receipt import Receipt
from scrim.opening.package import Package
from scrim.store.keys import sealed_key
from scrim.vault import Custodian, CustodianSet, PeriodDocument, chain_head, manifest
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.handover import approve, refuse
from scrim.vault.mint import mint
from scrim.vault.request import Authority, Officer, PeriodRef, Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

START_US = 1_795_331_580_000_000
SECOND_US = 1_000_000
ORIGIN = "scrim.example/ledger"

Clear = Callable[[str, int], bytes]


def noise(camera: str, segment: int) -> bytes:
    """A segment that is no video, different for each."""
    return hashlib.shake_256(f"{camera}/{segment}".encode()).digest(5000)


class Log:
    """A ledger in a list."""

    def __init__(self, key: SigningKey | None = None) -> None:
        self.key = key or SigningKey.generate(ORIGIN)
        self.bodies: list[bytes] = []

    def add(self, act: Act, at_us: int, facts: dict[str, Json], **place: Any) -> int:
        entry = Entry(act, at_us, "recorder", "configuration", "operation", facts=facts, **place)
        self.bodies.append(entry.body())
        return len(self.bodies) - 1

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.bodies) if size is None else size
        return Checkpoint(self.key.name, size, self._hash(0, size))

    def note(self, size: int | None = None) -> str:
        return sign(self.checkpoint(size).text(), self.key)

    def receipt(self, index: int) -> dict[str, Json]:
        spans = merkle.inclusion_spans(index, len(self.bodies))
        proof = tuple(self._hash(*span) for span in spans)
        return Receipt(index, self.bodies[index], proof).document()

    def consistency(self, old: int, new: int) -> list[bytes]:
        return [self._hash(*span) for span in merkle.consistency_spans(old, new)]

    def _hash(self, start: int, stop: int) -> bytes:
        if stop - start == 1:
            return merkle.leaf_hash(self.bodies[start])
        if stop == start:
            return merkle.EMPTY_ROOT
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        return merkle.node_hash(self._hash(start, middle), self._hash(middle, stop))


@dataclass
class Period:
    """A period, what is sealed to it, and where it stands in the ledger."""

    document: bytes
    records: list[dict[str, Any]]
    lost: list[int]
    manifest: bytes
    opened: int
    closed: int | None

    @property
    def parsed(self) -> PeriodDocument:
        return PeriodDocument.parse(self.document)

    @property
    def name(self) -> tuple[str, int, int]:
        found = self.parsed
        return found.camera, found.epoch, found.period

    @property
    def ref(self) -> PeriodRef:
        return PeriodRef(*self.name, hashlib.sha256(self.document).hexdigest())


@dataclass
class World:
    """Custodians ``office-0`` …, an officer, and what some cameras recorded."""

    n: int = 3
    k: int = 2
    log: Log = field(default_factory=Log)
    custodians: list[Identity] = field(default_factory=list)
    officer: Identity = field(default_factory=new_identity)
    once: Identity = field(default_factory=new_identity)
    periods: list[Period] = field(default_factory=list)
    sealed: dict[tuple[str, int], bytes] = field(default_factory=dict)
    signed: bool = True

    def __post_init__(self) -> None:
        self.custodians = [new_identity() for _ in range(self.n)]

    @property
    def set(self) -> CustodianSet:
        return CustodianSet(
            self.k,
            tuple(
                Custodian(
                    f"office-{at}",
                    one.recipient,
                    Signer.of_identity(one.secret).verifier if self.signed else "",
                )
                for at, one in enumerate(self.custodians)
            ),
        )

    def record(
        self,
        camera: str,
        period: int,
        segments: Sequence[int],
        *,
        clear: Clear = noise,
        seconds: int = 4,
        lost: Sequence[int] = (),
        is_open: bool = False,
        live: Request | None = None,
    ) -> Period:
        """One period of consecutive segments; segment 0 begins at :data:`START_US`.

        Of a ``live`` request what lies in its window is sealed to its recipient too.
        """
        opened_us = START_US + segments[0] * seconds * SECOND_US
        asked: dict[str, Json] = {
            "camera": camera,
            "epoch": 1,
            "period": period,
            "opened_us": opened_us,
            "custodians": self.set.document(),
        }
        document = mint(canonical(asked))
        recipient = pyrage.x25519.Recipient.from_str(PeriodDocument.parse(document).recipient)
        records: list[dict[str, Any]] = []
        for segment in segments:
            data = clear(camera, segment)
            start_us = START_US + segment * seconds * SECOND_US
            end_us = start_us + seconds * SECOND_US
            named = (
                [live]
                if live is not None and live.since_us <= start_us and end_us <= live.until_us
                else []
            )
            others = [pyrage.x25519.Recipient.from_str(one.recipient) for one in named]
            sealed = bytes(pyrage.encrypt(data, [recipient, *others]))
            records.append(
                {
                    "side": "sealed",
                    "segment": segment,
                    "start_us": start_us,
                    "end_us": end_us,
                    "key": sealed_key(camera, 1, period, segment),
                    "size": len(sealed),
                    "sha256": hashlib.sha256(sealed).hexdigest(),
                    "plain_size": len(data),
                    "plain_sha256": hashlib.sha256(data).hexdigest(),
                    "container": "mp4",
                    "codec": "h264",
                    **({"live": [one.sha256 for one in named]} if named else {}),
                }
            )
            if segment not in lost:
                self.sealed[camera, segment] = sealed
        digest = hashlib.sha256(document).hexdigest()
        where: dict[str, Any] = {"camera": camera, "epoch": 1}
        opened = self.log.add(
            Act.PERIOD_OPENED, opened_us, {"period": period, "document": digest}, **where
        )
        closed_us = START_US + (segments[-1] + 1) * seconds * SECOND_US
        gone = [at for at, segment in enumerate(segments) if segment in lost]
        data = manifest.build(
            digest,
            camera,
            1,
            period,
            opened_us,
            closed_us,
            records,
            chain_head(digest, records),
            "recorder",
            gone,
        )
        closed = None
        if not is_open:
            facts: dict[str, Json] = {
                "period": period,
                "document": digest,
                "manifest": hashlib.sha256(data).hexdigest(),
            }
            closed = self.log.add(Act.PERIOD_CLOSED, closed_us, facts, **where)
        made = Period(document, records, gone, data, opened, closed)
        self.periods.append(made)
        return made

    @property
    def documents(self) -> dict[str, bytes]:
        return {period.ref.document_sha256: period.document for period in self.periods}

    def request(self, **changes: Any) -> Request:
        refs = sorted(period.ref for period in self.periods)
        times = [(int(r["start_us"]), int(r["end_us"])) for p in self.periods for r in p.records]
        until_us = max(end for _, end in times)
        asked = Request(
            deployment=ORIGIN,
            case="case-abcd2345",
            kind="recorded",
            purpose="investigation",
            authority=Authority("warrant", "ESCC 17/2026", "a" * 64),
            cameras=tuple(sorted({ref.camera for ref in refs})),
            since_us=min(start for start, _ in times),
            until_us=until_us,
            reason="A cyclist was knocked down at the gate.",
            officer=Officer("officer-7", "traffic", self.signer(self.officer).verifier),
            recipient=self.once.recipient,
            created_us=until_us + SECOND_US,
            expires_us=until_us + 86_400 * SECOND_US,
            periods=tuple(refs),
            salt="d" * 64,
        )
        return replace(asked, **changes)

    @staticmethod
    def signer(identity: Identity) -> Signer:
        return Signer.of_identity(identity.secret)

    def approval(self, index: int, request: Request, **changes: Any) -> Statement:
        """Custodian ``index`` says yes."""
        own = self.custodians[index]
        asked: dict[str, Any] = {
            "request": request,
            "documents": self.documents,
            "custodian": f"office-{index}",
            "opener": own.opener(),
            "signer": self.signer(own),
            "now_us": request.created_us + SECOND_US,
        }
        return approve(**{**asked, **changes})

    def refusal(self, index: int, request: Request) -> Statement:
        """Custodian ``index`` says no."""
        now_us = request.created_us + SECOND_US
        reason = "The interval is wider than the warrant."
        return refuse(
            request, f"office-{index}", self.signer(self.custodians[index]), now_us, reason
        )

    def package(
        self, request: Request, answers: Sequence[Statement] = (), **changes: Any
    ) -> dict[str, Any]:
        """The package as the server would send it, still open to changes."""
        statement = Statement.sign(request.body(), self.signer(self.officer))
        at = self.log.add(Act.CASE_REQUESTED, request.created_us, {"request": request.sha256})
        asked = [period for period in self.periods if period.ref in request.periods]

        def place(period: Period) -> str:
            return "/".join(map(str, period.name))

        package = {
            "format": "scrim-package-v1",
            "request": statement.document(),
            "answers": [answer.document() for answer in answers],
            "documents": {
                period.ref.document_sha256: base64.b64encode(period.document).decode()
                for period in asked
            },
            "opened": {place(period): self.log.receipt(period.opened) for period in asked},
            "closed": {
                place(period): self.log.receipt(period.closed)
                for period in asked
                if period.closed is not None
            },
            "requested": self.log.receipt(at),
            "checkpoint": self.log.note(),
        }
        return {**package, **changes}

    def listing(self, request: Request) -> list[dict[str, Json]]:
        """The segments of the request, as a viewing lists them."""
        return [
            {
                "camera": period.name[0],
                "epoch": period.name[1],
                "period": period.name[2],
                "lost": number in period.lost,
                **{
                    name: record[name]
                    for name in ("segment", "start_us", "end_us", "size", "sha256")
                },
            }
            for period in sorted(self.periods, key=lambda one: one.name)
            for number, record in enumerate(period.records)
            if int(record["start_us"]) < request.until_us
            and int(record["end_us"]) > request.since_us
        ]


def checked(world: World, package: dict[str, Any]) -> Package:
    """The package as a device that knows the ledger's key reads it."""
    key = world.log.key.verifier()
    return Package.parse(canonical(package), lambda note: Checkpoint.from_note(note, key))


@dataclass(frozen=True)
class Looked:
    """A viewing as the client gives it."""

    id: str
    segments: tuple[dict[str, Json], ...]


class Server:
    """Answers as a server does, and remembers what it was asked; lies where a test makes it."""

    def __init__(self, world: World, objects: dict[tuple[str, int], bytes] | None = None) -> None:
        self.world = world
        self.looked: list[tuple[str, str, tuple[str, ...], int, int]] = []
        self.objects = dict(world.sealed) if objects is None else objects
        self.manifests = {period.name: period.manifest for period in world.periods}
        self.fetched: list[tuple[str, int]] = []

    def open_viewing(
        self, case: str, act: str, cameras: Sequence[str], since_us: int, until_us: int
    ) -> Looked:
        self.looked.append((case, act, tuple(cameras), since_us, until_us))
        asked = self.world.request(since_us=since_us, until_us=until_us)
        listed = [one for one in self.world.listing(asked) if one["camera"] in cameras]
        return Looked(f"view{len(self.looked)}", tuple(listed))

    def sealed(self, viewing: str, camera: str, segment: int) -> bytes:
        assert self.looked or viewing == "view"
        self.fetched.append((camera, segment))
        try:
            return self.objects[camera, segment]
        except KeyError:
            raise ObjectMissing("No such object.", "") from None

    def manifest(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        try:
            return self.manifests[camera, epoch, period]
        except KeyError:
            raise ObjectMissing("No such object.", "") from None


def random_clear(size: int) -> Clear:
    """Segments of ``size`` random bytes, the same for all: quick to make."""
    data = os.urandom(size)
    return lambda _camera, _segment: data


def film(
    camera: str,
    segment: int,
    *,
    width: int = 320,
    height: int = 192,
    seconds: int = 4,
    rate: int = 5,
) -> bytes:
    """A segment that is video: a fragmented MP4, grey, brighter with each segment."""
    buffer = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}
    with av.open(buffer, "w", format="mp4", options=options) as output:
        stream = output.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        grey = np.full((height, width, 3), 40 + 10 * segment % 200, np.uint8)
        for at in range(seconds * rate):
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts = at
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()
