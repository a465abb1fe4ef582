"""A served data folder for the tests of the server, and a recorder that only pretends."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from scrim.access import Role
from scrim.access.roles import GIVEN
from scrim.api.app import create_app, services_in
from scrim.api.guards import LOOPBACK_NAMES
from scrim.api.hub import Hub
from scrim.api.refusals import NotYet
from scrim.api.services import Services
from scrim.canonical import Json, canonical
from scrim.clock import SECOND
from scrim.live import wire
from scrim.settings import Settings
from scrim.store import keys, schema
from scrim.store.custodians import put_in_force
from scrim.store.database import writing
from scrim.store.folder import DataFolder
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer, sign_in_message

NOW_US = 1_795_331_600 * SECOND  # 2026-11-22T07:13:20Z
LIVE = {"camera": "demo", "mode": "live", "reason": "live-monitoring"}
RECORDED = {
    "camera": "demo",
    "mode": "recorded",
    "reason": "incident-review",
    "since_us": NOW_US - 100 * SECOND,
    "until_us": NOW_US - 90 * SECOND,
}
"""Views that may be asked for."""
ORIGIN = "http://127.0.0.1:8460"
PATIENCE_S = 60.0
"""How long anything is waited for: what comes at once on an idle machine takes its time here."""


async def until(holds: Callable[[], bool]) -> None:
    """Wait until that is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self, now_us: int = NOW_US) -> None:
        self.us = now_us

    def now_us(self) -> int:
        return self.us


class SetMonotonic:
    """Monotonic seconds that stand still until they are set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def init(camera: str = "demo", *, epoch: int = 1, number: int = 1) -> wire.Init:
    payload = f"init {epoch} {number}".encode()
    return wire.Init(camera, epoch, number, "avc1.64001f", 1280, 720, NOW_US, payload)


def part(
    segment: int,
    index: int,
    *,
    camera: str = "demo",
    number: int = 1,
    start_us: int | None = None,
    duration_us: int = 400_000,
    independent: bool | None = None,
) -> wire.Part:
    """A part of two-second segments that follow one another from segment 0 at NOW_US."""
    start = NOW_US + segment * 2 * SECOND + index * 400_000 if start_us is None else start_us
    key = index == 0 if independent is None else independent
    payload = f"[{segment}.{index}]".encode()
    return wire.Part(camera, segment, index, number, start, duration_us, key, payload)


def done(segment: int, camera: str = "demo") -> wire.SegmentDone:
    start = NOW_US + segment * 2 * SECOND
    return wire.SegmentDone(camera, segment, start, start + 2 * SECOND)


def whole(segment: int, camera: str = "demo") -> list[wire.Message]:
    return [*(part(segment, index, camera=camera) for index in range(5)), done(segment, camera)]


def status(camera: str = "demo", *, epoch: int = 1, state: str = "masked") -> wire.Status:
    return wire.Status(
        camera=camera,
        epoch=epoch,
        at_us=NOW_US,
        state=state,
        reason="",
        frames_per_second=25.0,
        latency_ms=730,
        dropped=3,
        width=1280,
        height=720,
        sealed_until_us=NOW_US,
        masked_until_us=NOW_US - SECOND,
        rung="wide",
        rung_reason="this machine is loaded",
        rung_changes=2,
        live_opening_until_us=NOW_US + SECOND,
    )


class FakeRecorder:
    """Sends wire messages over the real Unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, path: Path) -> FakeRecorder:
        return cls(*await asyncio.open_unix_connection(str(path)))

    async def send(self, *messages: wire.Message) -> None:
        await self.send_bytes(b"".join(wire.encode(message) for message in messages))

    async def send_bytes(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def refused(self) -> bool:
        """Whether the server closes the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(1), PATIENCE_S) == b""
        except ConnectionResetError:
            return True

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def sign_in(
    client: httpx.AsyncClient, signer: Signer, host: str = "127.0.0.1:8460"
) -> httpx.Response:
    """Sign in with a key, for the server's host or for another."""
    verifier = signer.verifier
    nonce = (await client.post("/api/session/nonce", json={"verifier": verifier})).json()["nonce"]
    signature = base64.b64encode(signer.sign(sign_in_message(host, nonce))).decode()
    body = {"verifier": verifier, "nonce": nonce, "signature": signature}
    return await client.post("/api/session/key", json=body)


@dataclass
class Served:
    """A server over a data folder, without a port."""

    services: Services
    clock: SetClock
    monotonic: SetMonotonic
    socket: Path
    transport: httpx.ASGITransport

    @property
    def hub(self) -> Hub:
        return self.services.hub

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A browser that is not signed in."""
        return httpx.AsyncClient(
            transport=self.transport, base_url=ORIGIN, headers={"Origin": ORIGIN, **headers}
        )

    def client_from(self, address: str) -> httpx.AsyncClient:
        """A browser on another machine, of that address."""
        transport = httpx.ASGITransport(
            self.transport.app, raise_app_exceptions=False, client=(address, 40_000)
        )
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has used a sign-in link."""
        async with self.client() as client:
            token = self.services.sign_in.new_link()
            answer = await client.post("/api/session", json={"token": token})
            assert answer.status_code == 204, answer.text
            yield client

    def register(self, role: Role, person: str = "") -> Signer:
        """The key of somebody who is registered from now on."""
        identity = new_identity()
        signer = Signer.of_identity(identity.secret)
        name = person or f"some-{role.value}"
        if role is Role.OFFICER:
            self.services.people.register(name, "traffic-police", signer.verifier)
        else:
            custodian = Custodian(name, identity.recipient, signer.verifier)
            with writing(self.services.engine) as connection:
                put_in_force(connection, CustodianSet(1, (custodian,)), self.clock.us)
        return signer

    @asynccontextmanager
    async def signed_in_as(
        self, role: Role, signer: Signer | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A browser or device of somebody who is that and nothing else."""
        if role in GIVEN:
            person = f"some-{role.value}"
            self.services.people.enrol(person, "city", role)
            async with self.client() as client:
                token = self.services.sign_in.new_link(person)
                answer = await client.post("/api/session", json={"token": token})
                assert answer.status_code == 204, answer.text
                yield client
            return
        signer = signer or self.register(role)
        async with self.client() as client:
            answer = await sign_in(client, signer)
            assert answer.status_code == 204, answer.text
            yield client

    @asynccontextmanager
    async def recorder(self) -> AsyncIterator[FakeRecorder]:
        async with self.hub.listen(self.socket):
            recorder = await FakeRecorder.connect(self.socket)
            try:
                yield recorder
            finally:
                await recorder.close()

    async def until(self, what: str, camera: str = "demo") -> None:
        """Wait until the live playlist of the camera lists this."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if what in await self.hub.playlist(camera):
                    return
            except NotYet:
                pass  # nothing at all came for as long as a player would wait
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what} never came")

    def entries(self) -> list[dict[str, Any]]:
        """The ledger, parsed."""
        ledger = self.services.ledger
        return [json.loads(body) for _, body in ledger.entries(0, ledger.size())]

    def store(
        self,
        segment: int,
        since_us: int,
        until_us: int,
        *,
        camera: str = "demo",
        epoch: int = 1,
        state: str = "stored",
        side: str = "masked",
        data: bytes = b"HEADbody-of-segment",
        init_size: int = 4,
    ) -> bytes:
        """Store a masked segment as a recorder would; returns the object."""
        key = keys.masked_key(camera, epoch, 1, segment)
        record: dict[str, Json] = {
            "side": side,
            "segment": segment,
            "size": len(data),
            "init_size": init_size,
            "origin_us": NOW_US,
            "codec": "avc1.64001f",
            "width": 1280,
            "height": 720,
        }
        with writing(self.services.engine) as connection:
            connection.execute(
                insert(schema.period)
                .prefix_with("OR IGNORE")
                .values(
                    camera=camera,
                    epoch=epoch,
                    period=1,
                    opened_us=NOW_US,
                    recipient="age1…",
                    document_key="period/…",
                    document_sha256="0" * 64,
                    chain_length=0,
                    chain_head="0" * 64,
                )
            )
            connection.execute(
                insert(schema.segment).values(
                    camera=camera,
                    segment=segment,
                    side=side,
                    epoch=epoch,
                    period=1,
                    start_us=since_us,
                    end_us=until_us,
                    object_key=key,
                    record=canonical(record).decode(),
                    chain_index=0,
                    chain_head="0" * 64,
                    state=state,
                )
            )
        if state == "stored" and side == "masked":
            self.services.objects.put(key, data)
        return data


def serve(
    folder: DataFolder,
    socket: Path,
    console: Path,
    *,
    exposed: bool = False,
    any_address: bool = False,
    names: frozenset[str] = LOOPBACK_NAMES,
    settings: Settings | None = None,
    clock: SetClock | None = None,
) -> Served:
    clock, monotonic = clock or SetClock(), SetMonotonic()
    services = services_in(
        folder,
        settings or Settings(),
        Hub(monotonic=monotonic),
        clock=clock,
        names=names,
        exposed=exposed,
        console_folder=console,
        slowdown_seconds=0.01,
    )
    app = create_app(services, any_address=any_address)
    return Served(
        services,
        clock,
        monotonic,
        socket,
        httpx.ASGITransport(app, raise_app_exceptions=False),
    )


def enrol(folder: Served, camera: str = "demo", name: str = "Demo street") -> None:
    with writing(folder.services.engine) as connection:
        connection.execute(
            insert(schema.camera).values(
                id=camera,
                name=name,
                kind="rtsp",
                source="rtsp://user:secret@camera/stream",
                options="{}",
                epoch=1,
                next_segment=0,
                added_us=NOW_US,
            )
        )
