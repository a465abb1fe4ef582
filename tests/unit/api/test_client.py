"""The client of an officer's and a custodian's own machine, against the real server."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.api.served import NOW_US, ORIGIN, PATIENCE_S, Served
from tests.unit.cases.world import SEGMENT_US, World

from scrim.api.app import create_app
from scrim.clock import SECOND
from scrim.errors import (
    AccessDenied,
    CaseError,
    CaseRefused,
    CaseState,
    CaseUnknown,
    CheckpointBehind,
    ObjectMissing,
    PackageBroken,
    ScrimError,
    ServerAway,
    ServerError,
    ServerUntrusted,
    SettingsError,
)
from scrim.opening.client import Client
from scrim.opening.draft import Draft
from scrim.store.keys import sealed_key
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

SINCE_US = NOW_US - 3600 * SECOND
UNTIL_US = SINCE_US + 2 * SEGMENT_US
SEALED = bytes(range(256)) * 400


class InProcess(httpx.BaseTransport):
    """The server's application, called as if over a network; it can lose connections."""

    def __init__(self, served: Served, portal: BlockingPortal) -> None:
        self._app = served.transport
        self._portal = portal
        self.asked: list[str] = []
        self.lose: list[int | None] = []  # of the next answers, after how many bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        lost = self.lose.pop(0) if self.lose else None
        if lost == -1:
            raise httpx.ConnectError("nobody there")
        status, headers, body = self._portal.call(self._answer, request)
        if lost is not None:
            return httpx.Response(status, headers=headers, stream=Cut(body[:lost]))
        return httpx.Response(status, headers=headers, content=body)

    async def _answer(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        content = request.read()
        again = httpx.Request(request.method, request.url, headers=request.headers, content=content)
        answer = await self._app.handle_async_request(again)
        return answer.status_code, answer.headers, await answer.aread()


class Cut(httpx.SyncByteStream):
    """Some bytes, and then the connection is lost."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data
        raise httpx.ReadError("connection reset")


@pytest.fixture
def world(served: Served) -> World:
    made = World(served.services.engine, served.services.folder.path)
    made.seal()
    served.services.objects.put(sealed_key("gate", 1, 1, 100), SEALED)
    return made


@pytest.fixture
def network(served: Served) -> Iterator[InProcess]:
    with start_blocking_portal() as portal:
        yield InProcess(served, portal)


@pytest.fixture
def clients(network: InProcess) -> Callable[[Signer], Client]:
    return lambda signer: Client(ORIGIN, signer, transport=network, pause=lambda _: None)


@pytest.fixture
def officer(world: World, clients: Callable[[Signer], Client]) -> Iterator[Client]:
    with clients(world.signer) as client:
        yield client


def draft_of(world: World, **changes: Any) -> Draft:
    asked = world.draft()
    made = Draft(
        kind=asked.kind,
        purpose=asked.purpose,
        authority=asked.authority,
        cameras=asked.cameras,
        since_us=asked.since_us,
        until_us=asked.until_us,
        reason=asked.reason,
        recipient=asked.recipient,
        expires_us=asked.expires_us,
    )
    return replace(made, **{"recipient": new_identity().recipient, **changes})


def approved(world: World, officer: Client, clients: Callable[[Signer], Client]) -> str:
    case, body = officer.draft(draft_of(world))
    officer.request(case, Statement.sign(body, world.signer))
    for office in world.offices[:2]:
        file = world.cases.get(world.officer, case)
        with clients(office.signer) as custodian:
            assert custodian.sign_in().role == "custodian"
            assert [one.id for one in custodian.cases("requested")] == [case]
            answer = Statement.parse(world.answer_of(office, file))
            custodian.answer(case, answer)
    return case


def test_from_draft_to_closed(
    world: World, officer: Client, clients: Callable[[Signer], Client]
) -> None:
    me = officer.sign_in()
    assert (me.role, me.person) == ("officer", "officer-7")
    case = approved(world, officer, clients)
    assert officer.case(case).state == "approved"
    viewing = officer.open_viewing(case, "view", ["gate"], SINCE_US, UNTIL_US)
    assert [one["segment"] for one in viewing.segments] == [100, 101]
    assert officer.sealed(viewing.id, "gate", 100) == SEALED
    with pytest.raises(ObjectMissing):
        officer.sealed(viewing.id, "gate", 999)
    with pytest.raises(ObjectMissing):
        officer.manifest(viewing.id, "gate", 1, 9)
    assert officer.log_export(case, "evidence", "b" * 64, 9, "A clerk", "Court", "Ordered.") > 0
    world.checkpoint()
    assert b"scrim-package-v1" in officer.package(case)
    assert b"scrim-record-v1" in officer.record(case)
    assert officer.close_case(case, "Found.").state == "closed"
    assert [one.state for one in officer.cases()] == ["closed"]


def test_what_the_server_refuses_is_the_error_it_names(world: World, officer: Client) -> None:
    with pytest.raises(CaseRefused) as refused:
        officer.draft(draft_of(world, purpose="curiosity"))
    assert refused.value.rule
    assert refused.value.remedy
    with pytest.raises(CaseUnknown):
        officer.case("case-aaaaaaaa")
    with pytest.raises(CaseUnknown):
        officer.case("../../etc/passwd")
    case, _ = officer.draft(draft_of(world))
    with pytest.raises(CaseState):
        officer.open_viewing(case, "view", ["gate"], SINCE_US, UNTIL_US)
    with pytest.raises(CaseError):
        officer.draft(draft_of(world, reason="x"))


@pytest.mark.parametrize("name", ["nonsense", "case-ABCD2345", "case-abcd234", "../people", ""])
def test_what_names_no_case_is_said_here(officer: Client, name: str) -> None:
    with pytest.raises(CaseUnknown, match="is not the name of a case") as refused:
        officer.case(name)
    assert "scrim case list" in refused.value.remedy


def test_who_is_not_registered_is_told_so(clients: Callable[[Signer], Client]) -> None:
    with clients(Signer.of_identity(new_identity().secret)) as stranger:
        with pytest.raises(AccessDenied) as refused:
            stranger.cases()
        assert refused.value.remedy


def test_a_session_that_is_over_is_begun_again(
    served: Served, world: World, officer: Client, network: InProcess
) -> None:
    officer.draft(draft_of(world))
    served.clock.us += 13 * 3600 * SECOND
    assert len(officer.cases()) == 1
    assert network.asked.count("POST /api/session/key") == 2
    world.people.retire("officer-7")
    with pytest.raises(AccessDenied):
        officer.cases()


def test_a_download_goes_on_where_the_connection_broke(
    world: World,
    officer: Client,
    clients: Callable[[Signer], Client],
    network: InProcess,
) -> None:
    case = approved(world, officer, clients)
    viewing = officer.open_viewing(case, "view", ["gate"], SINCE_US, UNTIL_US).id
    network.asked.clear()
    network.lose = [70_000, -1, 10_000]
    found = b"".join(officer.stream_sealed(viewing, "gate", 100))
    assert hashlib.sha256(found).digest() == hashlib.sha256(SEALED).digest()
    assert len(network.asked) == 4
    network.lose = [100] * 9
    with pytest.raises(ServerAway):
        officer.sealed(viewing, "gate", 100)


def test_what_changes_nothing_when_sent_twice_is_sent_again(
    world: World, officer: Client, network: InProcess
) -> None:
    case, body = officer.draft(draft_of(world))
    signed = Statement.sign(body, world.signer)
    network.lose = [5]  # it arrived, and the answer was lost
    assert officer.request(case, signed).state == "requested"
    network.lose = [-1, 3]
    assert len(officer.cases()) == 1
    network.lose = [-1]
    with pytest.raises(ServerAway):
        officer.close_case(case, "Not needed.")
    assert officer.case(case).state == "requested"


def scripted(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    """A client of a server that signs in anybody and then answers so."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/session/nonce":
            return httpx.Response(200, json={"nonce": "n"})
        if request.url.path == "/api/session/key":
            return httpx.Response(204)
        return answer(request)

    signer = Signer.of_identity(new_identity().secret)
    return Client(ORIGIN, signer, transport=httpx.MockTransport(handle), pause=lambda _: None)


@pytest.mark.parametrize("ask", [Client.package, Client.record])
@pytest.mark.parametrize("seconds", [3, 60])  # 60 is the most that ledger.heads_seconds may be
def test_papers_that_wait_for_a_checkpoint_are_waited_for(
    ask: Callable[[Client, str], bytes], seconds: int
) -> None:
    behind = {
        "type": "urn:scrim:problem:CheckpointBehind",
        "detail": "The newest checkpoint does not hold this yet.",
        "remedy": "Ask again in a few seconds.",
    }
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) <= seconds:
            return httpx.Response(409, json=behind)
        return httpx.Response(200, content=b"papers")

    with scripted(answer) as client:
        assert ask(client, "case-aaaaaaaa") == b"papers"
        assert len(asked) == seconds + 1
    with (
        scripted(lambda _: httpx.Response(409, json=behind)) as client,
        pytest.raises(CheckpointBehind, match="few seconds"),
    ):
        ask(client, "case-aaaaaaaa")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json={"case": 1}),
        httpx.Response(302, headers={"Location": "https://evil.example/"}),
        httpx.Response(500, content=b"Bad Gateway"),
        httpx.Response(502, json={"detail": 1}),
        httpx.Response(404, json=[]),
        httpx.Response(200, content=b"x", headers={"Content-Encoding": "gzip"}),
    ],
    ids=range(8),
)
def test_an_answer_that_no_scrim_gives_is_an_error_with_a_remedy(answer: httpx.Response) -> None:
    with scripted(lambda _: answer) as client, pytest.raises(ServerError) as strange:
        client.case("case-aaaaaaaa")
    assert strange.value.remedy


def test_a_server_cannot_speak_for_this_machine_nor_paint_on_its_terminal() -> None:
    def problem(kind: str, detail: str) -> Callable[[httpx.Request], httpx.Response]:
        body = {"type": f"urn:scrim:problem:{kind}", "detail": detail, "remedy": "Do.", "status": 4}
        return lambda _: httpx.Response(422, json=body)

    for kind in ("SettingsError", "ServerUntrusted", "PackageBroken", "Exception", "Final", "__x"):
        with scripted(problem(kind, "no")) as client, pytest.raises(ScrimError) as error:
            client.case("case-aaaaaaaa")
        assert type(error.value) is CaseError, kind
    painting = scripted(problem("CaseState", "\x1b[2Jgone\r\n" + "x" * 5000))
    with painting as client, pytest.raises(CaseState) as painted:
        client.case("case-aaaaaaaa")
    assert painted.value.message.isprintable()
    assert len(painted.value.message) < 1000


def test_an_object_that_changes_while_it_is_fetched_is_refused() -> None:
    answers = iter(
        [
            httpx.Response(200, headers={"Content-Length": "9", "ETag": '"a"'}, stream=Cut(b"abc")),
            httpx.Response(200, content=b"other one"),
        ]
    )
    over = httpx.Response(204)
    with (
        scripted(lambda _: next(answers, over)) as client,
        pytest.raises(ServerError, match="changed"),
    ):
        client.sealed("0" * 32, "gate", 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"until_us": UNTIL_US + 3600 * SECOND},
        {"cameras": ["gate", "yard"]},
        {"recipient": new_identity().recipient},
        {"reason": "Because somebody asked nicely."},
        {"expires_us": NOW_US + 365 * 24 * 3600 * SECOND},
        {"officer": {"id": "o", "office": "p", "verifier": "scrimsig1x"}},
        {"case": "case-bbbbbbbb"},
        {"extra": 1},
        {"salt": "short"},
    ],
)
def test_what_was_not_asked_is_not_signed(world: World, changed: dict[str, Any]) -> None:
    file = world.cases.draft(world.officer, world.draft())
    body = {**file.body, **changed}
    answer = {"case": file.id, "state": "drafted", "body": body}
    client = scripted(lambda _: httpx.Response(201, json=answer))
    with client, pytest.raises(PackageBroken, match="Nothing was signed"):
        client.draft(draft_of(world, recipient=world.draft().recipient))


def test_what_was_asked_in_another_officers_name_is_not_signed(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())
    answer = {"case": file.id, "state": "drafted", "body": dict(file.body)}
    client = scripted(lambda _: httpx.Response(201, json=answer))  # a signer of its own
    with client, pytest.raises(PackageBroken, match="another officer"):
        client.draft(draft_of(world, recipient=world.draft().recipient))


@pytest.mark.parametrize(
    ("server", "error"),
    [
        ("http://cctv.example", ServerUntrusted),
        ("http://10.0.0.7:8460", ServerUntrusted),
        ("http://127.0.0.1.evil.example", ServerUntrusted),
        ("ftp://cctv.example", SettingsError),
        ("cctv.example", SettingsError),
        ("", SettingsError),
        ("https://user:word@cctv.example", SettingsError),
        ("https://cctv.example/scrim", SettingsError),
        ("https://[", SettingsError),
        ("https://cctv.example:99999", SettingsError),
        (f"https://{'a' * 64}.example", SettingsError),
        ("https://xn--", SettingsError),
        ("https://cctv..example", SettingsError),
    ],
)
def test_addresses_that_are_none_or_not_safe(server: str, error: type[ScrimError]) -> None:
    with pytest.raises(error) as refused:
        Client(server, Signer.of_identity(new_identity().secret))
    assert refused.value.remedy


def test_a_certificate_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("none")
    for file in (tmp_path / "cert.pem", tmp_path / "missing.pem"):
        with pytest.raises(SettingsError):
            Client(ORIGIN, Signer.of_identity(new_identity().secret), certificate=file)


def test_another_certificate_is_told_from_a_server_that_is_away() -> None:
    def untrusted(_request: httpx.Request) -> httpx.Response:
        verify = ssl.SSLCertVerificationError(1, "self-signed certificate")
        verify.verify_message = "self-signed certificate"
        try:
            raise verify
        except ssl.SSLError as error:
            raise httpx.ConnectError("failed") from error

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    signer = Signer.of_identity(new_identity().secret)
    waits: list[float] = []
    for transport, kind in ((untrusted, ServerUntrusted), (away, ServerAway)):
        client = Client(
            "https://cctv.example",
            signer,
            transport=httpx.MockTransport(transport),
            pause=waits.append,
        )
        with client, pytest.raises(kind):
            client.cases()
    assert len(waits) == 4, "who is not to be trusted is not asked again"


@contextmanager
def listening(served: Served, **tls: Any) -> Iterator[str]:
    """The same server on a port."""
    app = create_app(served.services)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False, **tls)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        with structlog.testing.capture_logs():  # the server's log is not on this machine
            scheme = "https" if tls else "http"
            yield f"{scheme}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_over_a_real_socket(served: Served, world: World) -> None:
    with listening(served) as address, Client(address, world.signer) as officer:
        case, body = officer.draft(draft_of(world))
        officer.request(case, Statement.sign(body, world.signer))
        for office in world.offices[:2]:
            file = world.cases.get(world.officer, case)
            with Client(address, office.signer) as custodian:
                custodian.answer(case, Statement.parse(world.answer_of(office, file)))
        viewing = officer.open_viewing(case, "view", ["gate"], SINCE_US, UNTIL_US)
        assert officer.sealed(viewing.id, "gate", 100) == SEALED
    gone = Client(address, world.signer, pause=lambda _: None)
    with gone, pytest.raises(ServerAway, match="does not answer"):
        gone.cases()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


def test_over_tls_only_the_certificate_that_is_to_be_trusted_is(
    served: Served, world: World, tmp_path: Path
) -> None:
    mine, key = certificate(tmp_path, "mine")
    another, _ = certificate(tmp_path, "another")
    with listening(served, ssl_certfile=mine, ssl_keyfile=key) as address:
        with Client(address, world.signer, certificate=mine) as officer:
            assert officer.sign_in().person == "officer-7"
        for trusted in (None, another):
            client = Client(address, world.signer, certificate=trusted)
            with client, pytest.raises(ServerUntrusted) as refused:
                client.cases()
            assert "--certificate" in refused.value.remedy
        plain = Client(address.replace("https://", "http://"), world.signer, pause=lambda _: None)
        with plain, pytest.raises(ServerError):
            plain.cases()
