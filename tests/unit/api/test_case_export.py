"""From the request to a bundle that verifies, against a server on a port."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from tests.sim.recorded_world import RecordedWorld
from tests.unit.api.served import NOW_US, PATIENCE_S, Served
from tests.unit.api.test_case_commands import Desk, name_of
from tests.unit.api.test_client import listening

from scrim.cli.main import run
from scrim.clock import SECOND, SystemClock
from scrim.evidence.authority import Authority
from scrim.vault.custodian import new_identity, write_identity

SINCE_US = NOW_US - 3600 * SECOND

WHY = ("--organisation", "Court", "--why", "Ordered.")


def film(shade: int) -> bytes:
    """Ten seconds, a picture a second."""
    buffer = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}
    with av.open(buffer, "w", format="mp4", options=options) as output:
        stream = output.add_stream("libx264", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(10):
            picture = np.full((96, 160, 3), shade + number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.fixture
def world(served: Served) -> RecordedWorld:
    made = RecordedWorld(served.services.engine, served.services.folder.path, NOW_US)
    made.record("gate", 1, SINCE_US, {100: film(40), 101: film(90)})
    return made


@pytest.fixture
def desk(
    served: Served, world: RecordedWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    folder = tmp_path / "officer"
    folder.mkdir()
    identity = new_identity()
    write_identity(folder / "officer.txt", identity)
    (folder / "warrant.pdf").write_bytes(b"a warrant")
    world.people.register("officer-9", "police-south", identity.signer.verifier)
    origin = world.settings.ledger.origin
    today = SystemClock().now_us()  # content credentials are read by the clock on the wall
    authority = Authority.new(origin, today)
    (folder / "anchor.pem").write_bytes(authority.anchor_pem())
    chain = authority.certify(identity.signer.verifier, "officer-9", today)
    (folder / "officer-9.pem").write_bytes(chain)
    (folder / "ledger.pub").write_text(world.key.verifier().to_text() + "\n")
    with listening(served) as address:
        yield Desk(folder, address, capsys)


@pytest.fixture
def signing(world: RecordedWorld) -> Iterator[Callable[[], None]]:
    """The supervisor, which signs a checkpoint every moment; called, it waits for the next."""
    over = threading.Event()
    turn, signed = threading.Condition(), 0

    def sign() -> None:
        nonlocal signed
        while not over.wait(0.05):
            world.checkpoint()
            with turn:
                signed += 1
                turn.notify_all()

    def another() -> None:
        with turn:
            enough = signed + 2  # the one under way may have begun before
            assert turn.wait_for(lambda: signed >= enough, PATIENCE_S)

    world.checkpoint()
    thread = threading.Thread(target=sign)
    thread.start()
    yield another
    over.set()
    thread.join()


def test_from_the_request_to_a_bundle(
    desk: Desk,
    world: RecordedWorld,
    signing: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = name_of(desk.request())
    file = world.cases.get(world.person("officer-9"), case)
    world.answer(0, file)
    world.answer(1, file)
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: NOW_US)
    monkeypatch.setattr("time.sleep", lambda _: signing())
    known = ("--known", desk.folder / "known")
    key = desk.folder / "ledger.pub"
    opened = desk.folder / "opened"
    done = desk.case(
        "open", case, "--out", opened, "--native", "--keys", desk.keys, "--ledger-key", key, *known
    )
    assert done.code == 0, done.out + done.err
    bundle = desk.folder / f"{case}.zip"
    given = ("--opened", opened, "--credentials", desk.folder / "officer-9.pem")
    done = desk.case("export", case, *given, "--for", "The court", *WHY, "--out", bundle, *known)
    assert done.code == 0, done.out + done.err
    desk.capture.readouterr()
    code = run(
        ["verify", str(bundle), "--key", str(key), "--anchor", str(desk.folder / "anchor.pem")]
    )
    said = desk.capture.readouterr()
    assert code == 0, said.out + said.err
    assert "2 originals of 1 periods, 2 answers" in said.out
    assert said.err == ""
    assert world.acts(file)[-1] == "exported"
    again = desk.case("export", case, *given, "--for", "The court", *WHY, "--out", bundle, *known)
    assert again.code == 12
    assert "there already" in again.err
