"""A deployment with custodians, an officer and a sealed recording, and a case that asks for it.

The recording is drawn: the masked side is gray, the original is bright, so that a
test can tell from the pixels which of the two it sees.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pyrage
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from tests.browser.recorder import (
    BOX,
    FRAME_TICKS,
    FRAME_US,
    HEIGHT,
    RATE,
    SEGMENT_FRAMES,
    TICK,
    WIDTH,
    Footage,
)
from tests.unit.camera.clips import encoded_sound

from scrim.camera.packet import ClearPacket, ClearSound, SoundInfo, StreamInfo
from scrim.cases.draft import Draft
from scrim.clock import SECOND, OnwardClock, SystemClock
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.note import VerifierKey
from scrim.opening.answering import say_yes
from scrim.opening.package import Package
from scrim.record.catalogue import Catalogue
from scrim.record.opening_rows import OpeningRows
from scrim.record.openings import Openings
from scrim.record.periods import Periods
from scrim.record.segments import ClearSegment, Slot
from scrim.record.writer import MaskedSegment, Writer
from scrim.store.live_papers import live_papers
from scrim.store.objects import ObjectStore
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.request import Authority
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

CAMERA: Final = "street"
BRIGHT: Final = 190
SEGMENTS: Final = 6
PERIOD_SEGMENTS: Final = 3
SEGMENT_US: Final = SEGMENT_FRAMES * FRAME_US
REASON: Final = "A cyclist was knocked down at the corner; the driver went on."
PASSPHRASE: Final = "correct horse battery staple"


@dataclass
class SetClock:
    """A clock that stands still until it is set."""

    us: int

    def now_us(self) -> int:
        return self.us


@dataclass(frozen=True)
class People:
    """Everybody with a key, and the key files they carry about."""

    custodians: dict[str, Identity]
    officer: Identity
    folder: Path

    @classmethod
    def new(cls, folder: Path) -> People:
        names = ("court", "ombudsman", "registry")
        people = cls({name: new_identity() for name in names}, new_identity(), folder)
        for name, identity in {**people.custodians, "officer-7": people.officer}.items():
            people.keep(name, identity)
        return people

    def keep(self, name: str, identity: Identity, passphrase: str | None = None) -> Path:
        """The key file of that name, new."""
        data = f"# public key: {identity.recipient}\n{identity.secret}\n".encode()
        if passphrase is not None:
            data = pyrage.passphrase.encrypt(data, passphrase, armored=True)
        path = self.file(name)
        path.write_bytes(data)
        return path

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.txt"

    def set_of(self) -> CustodianSet:
        return CustodianSet(
            2,
            tuple(
                Custodian(name, one.recipient, Signer.of_identity(one.secret).verifier)
                for name, one in self.custodians.items()
            ),
        )


class CaseHouse:
    """The deployment on its folder, and what happens in it beside the browser."""

    def __init__(self, deployment: Deployment, people: People, began_us: int) -> None:
        self.deployment = deployment
        self.people = people
        self.began_us = began_us

    @property
    def until_us(self) -> int:
        return self.began_us + SEGMENTS * SEGMENT_US

    @property
    def ledger_key(self) -> VerifierKey:
        return self.deployment.signing_key().verifier()

    def request(self, key_file: str) -> str:
        """File and sign a case for all of the recording; its one-time key is kept under a name."""
        once = new_identity()
        self.people.keep(key_file, once)
        cases, officer = self.deployment.cases(), self.deployment.people().get("officer-7")
        drafted = cases.draft(
            officer,
            Draft(
                "recorded",
                "accident",
                Authority("warrant", "ESCC 17/2026", "a" * 64),
                (CAMERA,),
                self.began_us,
                self.until_us,
                REASON,
                once.recipient,
                SystemClock().now_us() + 3600 * SECOND,
            ),
        )
        signed = Statement.sign(drafted.body, Signer.of_identity(self.people.officer.secret))
        cases.request(officer, drafted.id, signed.to_bytes())
        self.deployment.publish_checkpoint()
        return drafted.id

    def approve(self, case: str, *custodians: str) -> None:
        """Let custodians agree, as the command line does it."""
        cases, people = self.deployment.cases(), self.deployment.people()
        for name in custodians:
            custodian = people.get(name)
            package = Package.parse(
                cases.package(custodian, case),
                lambda note: Checkpoint.from_note(note, self.ledger_key),
            )
            now_us = SystemClock().now_us()
            answer = say_yes(package, self.people.custodians[name], now_us, name=name)
            cases.answer(custodian, case, answer.to_bytes())
        self.deployment.publish_checkpoint()

    def approved(self, key_file: str) -> str:
        """A case that enough custodians have approved."""
        case = self.request(key_file)
        self.approve(case, "court", "registry")
        return case

    def record_live(self) -> Recording:
        """A recorder that has looked for signed papers of live openings."""
        deployment = self.deployment
        recording = Recording(deployment, self.people.set_of(), SystemClock().now_us(), live=True)
        assert recording.openings is not None
        papers = live_papers(deployment.engine, SystemClock().now_us())
        recording.openings.consider(papers)
        recording.begin_at(SystemClock().now_us())
        return recording

    def sealed(self, segment: int) -> Path:
        """Where a sealed segment lies."""
        (found,) = self.deployment.folder.objects.rglob(f"sealed/**/{segment:010d}.age")
        return found

    def acts(self) -> list[str]:
        """What the ledger has, in order.

        Without refusals: they are written once an hour, and one of them may be what a page
        still asked for when its view was closed.
        """
        ledger = self.deployment.ledger
        acts = [json.loads(body)["act"] for _, body in ledger.entries(0, ledger.size())]
        return [act for act in acts if act != "denied"]


@contextmanager
def case_house(folder: Path) -> Iterator[CaseHouse]:
    """A new one; its recording is a few minutes old."""
    people_folder = Path(tempfile.mkdtemp(dir=folder))
    people = People.new(people_folder)
    deployment = Deployment.create(folder / "data")
    deployment.set_custodians(people.set_of())
    Cameras(deployment.engine, deployment.ledger).add(CAMERA, "file", "none", name="Corner")
    verifier = Signer.of_identity(people.officer.secret).verifier
    deployment.people().register("officer-7", "traffic", verifier)
    began_us = deployment.clock.now_us() - 300 * SECOND
    recording = Recording(deployment, people.set_of(), began_us)
    recording.film(SEGMENTS)
    recording.finish()
    deployment.publish_checkpoint()
    yield CaseHouse(deployment, people, began_us)
    deployment.close()


class Recording:
    """Both sides of a recording, through the recorder's own writer.

    Args:
        began_us: of its first segment.
        live: with live openings, and then the sealed side alone.
    """

    def __init__(
        self, deployment: Deployment, custodians: CustodianSet, began_us: int, live: bool = False
    ) -> None:
        objects = ObjectStore.in_folder(deployment.folder.objects)
        catalogue = Catalogue(deployment.engine, deployment.ledger, objects)
        self._clock = SetClock(began_us)
        self._began_us, self._count = began_us, 0
        epoch, self._first = catalogue.begin_epoch(CAMERA, began_us)
        self._periods = Periods(catalogue, CAMERA, epoch, custodians, self._clock)
        self.openings = (
            Openings(
                OpeningRows(deployment.engine, deployment.ledger),
                CAMERA,
                epoch,
                custodians=custodians,
                deployment=deployment.settings.ledger.origin,
                clock=OnwardClock(SystemClock()),
                report=print,
            )
            if live
            else None
        )
        self._writer = Writer(
            catalogue,
            self._periods,
            CAMERA,
            epoch,
            most_bytes=1 << 28,
            clock=self._clock,
            report=print,
            openings=self.openings,
        )
        self._stream, self._pictures = _original()
        # a codec that browsers know, then one that they do not
        self._sounds = [encoded_sound("aac", 48_000), encoded_sound("pcm_alaw", 8_000)]
        self._footage = Footage()
        self._footage.parts(0)  # so that there is an initialisation segment
        self._writer.start()

    def begin_at(self, us: int) -> None:
        """Let the first segment begin at another time than was said."""
        self._began_us = us

    def film(self, segments: int) -> None:
        """The next segments, each after the one before."""
        for number in range(self._count, self._count + segments):
            slot = Slot(self._first + number, number // PERIOD_SEGMENTS)
            start_us = self._clock.us = self._began_us + number * SEGMENT_US
            self._periods.ensure(slot.period)
            segment = ClearSegment(slot, self._stream, _packets(self._pictures, start_us))
            if self.openings is None:
                _hear(segment, self._sounds[slot.period])
            self._writer.offer(segment)
            if self.openings is None:
                masked = _masked(self._footage, slot, number, start_us, self._began_us)
                self._writer.offer(masked)
        self._count += segments

    def finish(self) -> None:
        """Store what was filmed, and close its periods."""
        self._writer.finish()
        self._writer.join(120)
        assert not self._writer.is_alive()
        assert not self._writer.crashed
        if self.openings is not None:
            self.openings.finish()


def _hear(segment: ClearSegment, sound: tuple[SoundInfo, list[bytes]]) -> None:
    """Sound beside all of its pictures."""
    segment.sound_info, pieces = sound
    step_us = SEGMENT_US // len(pieces)
    for number, data in enumerate(pieces):
        segment.hear(ClearSound(data, segment.start_us + number * step_us, step_us))


def _masked(
    footage: Footage, slot: Slot, number: int, start_us: int, origin_us: int
) -> MaskedSegment:
    body = footage.init + b"".join(footage.parts(number * SEGMENT_FRAMES))
    facts: dict[str, Any] = {
        "init_size": len(footage.init), "origin_us": origin_us, "codec": footage.codec,
        "width": WIDTH, "height": HEIGHT, "frames": SEGMENT_FRAMES,
        "masked": SEGMENT_FRAMES, "clear": 0, "blanked": 0,
    }  # fmt: skip
    return MaskedSegment(slot, start_us, start_us + SEGMENT_US, body, facts)


def _original() -> tuple[StreamInfo, list[bytes]]:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base, context.framerate = TICK, Fraction(RATE)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    context.gop_size, context.thread_count = 1 << 20, 1
    context.flags |= 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameters out of band too
    context.open()
    found = []
    for index in range(SEGMENT_FRAMES):
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        planes[:HEIGHT] = BRIGHT
        left = 20 + index * (WIDTH - 140) // SEGMENT_FRAMES
        planes[130:230, left : left + 100] = BOX
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = index * FRAME_TICKS, TICK
        frame.pict_type = PictureType.I if index == 0 else PictureType.NONE
        found += [bytes(packet) for packet in context.encode(frame)]
    extradata = context.extradata
    assert extradata is not None
    assert len(found) == SEGMENT_FRAMES
    return StreamInfo("h264", WIDTH, HEIGHT, extradata, "yuv420p", Fraction(RATE)), found


def _packets(pictures: list[bytes], start_us: int) -> list[ClearPacket]:
    return [
        ClearPacket(data, us, us, FRAME_US, index == 0, None, TICK)
        for index, data in enumerate(pictures)
        for us in (start_us + index * FRAME_US,)
    ]
