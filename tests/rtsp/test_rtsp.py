"""RTSP cameras against a real server: started, killed, restarted, stalled, fed garbage."""

from __future__ import annotations

import logging
import random
import socket
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.rtsp.camera import RtspCamera, Watcher, require_server
from tests.sim.ports import free_port
from tests.unit.camera.clips import write_frames

from scrim.camera import probe
from scrim.camera.packet import ClearPacket, Gap, GapCause, StreamStarted
from scrim.camera.timeline import STEP_US
from scrim.errors import (
    CameraError,
    SourceMissing,
    SourceNotVideo,
    SourceRefused,
    SourceUnreachable,
)

pytestmark = pytest.mark.rtsp

SECRET = "p@ss/w0rd"
SECRET_QUOTED = "p%40ss%2Fw0rd"


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_server()
    folder = tmp_path_factory.mktemp("frames")
    write_frames(folder / "h264", "libx264")
    write_frames(folder / "h264-large", "libx264", 640, 480)
    write_frames(folder / "h265", "libx265")
    write_frames(folder / "mjpeg", "mjpeg")
    return folder


@pytest.fixture(scope="module")
def steady(frames: Path) -> Iterator[RtspCamera]:
    """One server for the tests that do it no harm."""
    camera = RtspCamera(
        *("--mount", f"h264=h264:{frames / 'h264'}"),
        *("--mount", f"h265=h265:{frames / 'h265'}"),
        *("--mount", f"mjpeg=mjpeg:{frames / 'mjpeg'}"),
        *("--mount", f"both=h264:{frames / 'h264'},{frames / 'h264-large'}"),
    ).start()
    yield camera
    camera.kill()


@pytest.fixture
def fragile(frames: Path) -> Iterator[RtspCamera]:
    """A server of one's own, to be killed."""
    camera = RtspCamera("--mount", f"h264=h264:{frames / 'h264'}").start()
    yield camera
    camera.kill()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    watchers: list[Watcher] = []

    def begin(source: str, **options: Any) -> Watcher:
        watchers.append(Watcher("rtsp", source, **options))
        return watchers[-1]

    yield begin
    for watcher in watchers:
        watcher.close()


def assert_in_order(packets: list[ClearPacket]) -> None:
    for before, after in pairwise(packets):
        assert after.decode_us >= before.decode_us + STEP_US
    assert all(packet.decode_us <= packet.captured_us for packet in packets)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("mount", "codec"), [("h264", "h264"), ("h265", "hevc"), ("mjpeg", "mjpeg")]
)
def test_pictures_come_with_their_capture_time(
    steady: RtspCamera, watch: Callable[..., Watcher], mount: str, codec: str, transport: str
) -> None:
    began_us = time.time_ns() // 1000
    watcher = watch(steady.address(mount), transport=transport)
    watcher.wait(lambda it: len(it.packets()) >= 40)
    watcher.close()
    ended_us = time.time_ns() // 1000
    first = watcher.events[0]
    assert isinstance(first, StreamStarted)
    assert (first.stream.codec, first.stream.width, first.stream.height) == (codec, 320, 240)
    packets = watcher.packets()
    assert packets[0].is_key
    assert_in_order(packets)
    assert not watcher.gaps()
    steps = [after.captured_us - before.captured_us for before, after in pairwise(packets[5:])]
    assert abs(sum(steps) / len(steps) - 40_000) < 8_000
    assert all(began_us <= packet.captured_us <= ended_us for packet in packets)


def test_the_cameras_own_clock_is_kept_beside(
    steady: RtspCamera, watch: Callable[..., Watcher]
) -> None:
    watcher = watch(steady.address("h264"))
    watcher.wait(lambda it: it.packets() and it.packets()[-1].camera_utc_us is not None)
    told = watcher.packets()[-1]
    assert told.camera_utc_us is not None
    assert told.camera_pts is not None
    # the server runs on this machine, so both clocks are one; it holds pictures a while,
    # and longer where the machine is busy
    assert abs(told.camera_utc_us - told.captured_us) < 10_000_000


def test_a_change_of_size_in_mid_stream_starts_another_stream(
    steady: RtspCamera, watch: Callable[..., Watcher]
) -> None:
    watcher = watch(steady.address("both"))

    def widths(it: Watcher) -> list[int]:
        return [e.stream.width for e in list(it.events) if isinstance(e, StreamStarted)]

    watcher.wait(lambda it: len(widths(it)) >= 3)
    found = widths(watcher)[:3]
    assert found in ([320, 640, 320], [640, 320, 640])
    at = [n for n, event in enumerate(watcher.events) if isinstance(event, StreamStarted)]
    for number in at:
        after = next(e for e in watcher.events[number:] if isinstance(e, ClearPacket))
        assert after.is_key
    assert not watcher.gaps()  # nothing is missing


def test_stop_waits_for_no_picture(fragile: RtspCamera, watch: Callable[..., Watcher]) -> None:
    watcher = watch(fragile.address("h264"), stall_s="600")
    watcher.wait(lambda it: it.packets())
    fragile.stall()
    watcher.close()  # within a minute, of ten in which a picture may come
    fragile.go_on()
    assert not watcher.gaps()


def test_killed_and_restarted(fragile: RtspCamera, watch: Callable[..., Watcher]) -> None:
    watcher = watch(fragile.address("h264"))
    watcher.wait(lambda it: len(it.packets()) > 10)
    fragile.kill()
    watcher.wait(lambda it: it.gaps())
    before = len(watcher.packets())
    fragile.start()
    watcher.wait(lambda it: len(it.packets()) > before + 10)
    begun, ended = watcher.gaps()[:2]
    assert begun.cause is ended.cause is GapCause.DISCONNECTED
    assert begun.until_us is None
    assert begun.since_us == ended.since_us
    packets = watcher.packets()
    last, first = packets[before - 1], packets[before]
    assert ended.since_us == last.captured_us + last.duration_us
    assert ended.until_us == first.captured_us
    assert first.is_key
    assert_in_order(packets)
    assert len([e for e in watcher.events if isinstance(e, StreamStarted)]) == 2


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_that_stalls(
    fragile: RtspCamera, watch: Callable[..., Watcher], transport: str
) -> None:
    watcher = watch(fragile.address("h264"), transport=transport, stall_s="4")
    watcher.wait(lambda it: len(it.packets()) > 10)
    fragile.stall()
    watcher.wait(lambda it: it.gaps() and it.gaps()[-1].until_us is None)
    assert watcher.gaps()[-1].cause is GapCause.STALLED
    before, told = len(watcher.packets()), len(watcher.gaps())
    fragile.go_on()
    watcher.wait(lambda it: len(it.packets()) > before + 10)
    begun, ended = watcher.gaps()[told - 1 : told + 1]
    assert (begun.since_us, begun.until_us) == (ended.since_us, None)
    assert ended.until_us is not None
    assert ended.until_us > ended.since_us + 1_000_000
    assert_in_order(watcher.packets())


def test_a_camera_that_is_not_there_yet(frames: Path, watch: Callable[..., Watcher]) -> None:
    camera = RtspCamera("--mount", f"h264=h264:{frames / 'h264'}")
    began_us = time.time_ns() // 1000
    watcher = watch(camera.address("h264"))
    watcher.wait(lambda it: it.gaps())
    told_us = time.time_ns() // 1000
    camera.start()
    try:
        watcher.wait(lambda it: len(it.packets()) > 5)
    finally:
        camera.kill()
    begun, ended = watcher.gaps()[:2]
    assert begun.cause is ended.cause is GapCause.UNREACHABLE
    assert began_us <= begun.since_us <= told_us
    assert ended.until_us == watcher.packets()[0].captured_us


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_lost_packets_are_told(frames: Path, watch: Callable[..., Watcher], transport: str) -> None:
    camera = RtspCamera("--mount", f"h264=h264:{frames / 'h264-large'}", "--drop", "0.04").start()
    try:
        watcher = watch(camera.address("h264"), transport=transport)
        watcher.wait(lambda it: len(it.packets()) > 20 and it.gaps())
    finally:
        camera.kill()
    assert watcher.gaps()[0].cause is GapCause.PACKETS_LOST
    assert watcher.gaps()[0].until_us is None
    watcher.close()
    lost = [gap for gap in watcher.gaps() if gap.cause is GapCause.PACKETS_LOST]
    assert len([gap for gap in lost if gap.until_us is None]) * 2 == len(lost)
    assert_in_order(watcher.packets())


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_passwords(
    frames: Path, watch: Callable[..., Watcher], scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    camera = RtspCamera(
        *("--mount", f"h264=h264:{frames / 'h264'}", "--user", "eye"),
        *("--password", SECRET, "--scheme", scheme),
    ).start()
    try:
        right = camera.address("h264", f"eye:{SECRET_QUOTED}")
        assert probe("rtsp", right, {}, 60).codec == "h264"
        for user in ("", "eye:wr0ng", "nobody:wr0ng"):
            with pytest.raises(SourceRefused, match="user or password") as caught:
                probe("rtsp", camera.address("h264", user), {}, 60)
            assert "wr0ng" not in str(caught.value)
            assert caught.value.remedy
        watcher = watch(camera.address("h264", "eye:wr0ng"))
        watcher.wait(lambda it: it.gaps())
        assert watcher.gaps()[0].cause is GapCause.REFUSED
    finally:
        camera.kill()
    assert "wr0ng" not in caplog.text + repr(watcher.events)
    assert SECRET not in caplog.text


def test_no_such_stream(steady: RtspCamera) -> None:
    with pytest.raises(SourceMissing, match="404"):
        probe("rtsp", steady.address("nothing"), {}, 60)


def test_probe_says_what_the_camera_sends(steady: RtspCamera) -> None:
    found = probe("rtsp", steady.address("h265"), {"transport": "udp"}, 60)
    assert (found.codec, found.width, found.height, found.pixel_format) == (
        "hevc",
        320,
        240,
        "yuv420p",
    )


class Nonsense:
    """A TCP server that says something else than RTSP."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._talk = talk
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def noise(connection: socket.socket) -> None:
    connection.settimeout(2)
    connection.recv(4096)
    connection.sendall(random.Random(1).randbytes(200_000))


def web(connection: socket.socket) -> None:
    connection.settimeout(2)
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def empty_sdp(connection: socket.socket) -> None:
    connection.settimeout(2)
    for number in range(1, 9):
        connection.recv(4096)
        body = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"
        head = b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Type: application/sdp\r\n" % number
        head += b"Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\nSession: 1\r\n"
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def silence(connection: socket.socket) -> None:
    connection.settimeout(600)
    while connection.recv(4096):
        pass


@pytest.mark.parametrize("talk", [noise, web, empty_sdp, silence])
def test_whoever_talks_nonsense_is_no_camera(
    talk: Callable[[socket.socket], None], watch: Callable[..., Watcher]
) -> None:
    server = Nonsense(talk)
    try:
        address = f"rtsp://u:s3cret@127.0.0.1:{server.port}/x"
        began = time.monotonic()
        with pytest.raises(CameraError) as caught:
            probe("rtsp", address, {}, 2)
        # two seconds and what a busy machine needs, of ten minutes that the silent one takes
        assert time.monotonic() - began < 60
        assert isinstance(caught.value, SourceNotVideo | SourceUnreachable)
        assert "s3cret" not in str(caught.value)
        assert caught.value.remedy
        watcher = watch(address, open_timeout_s="1")
        watcher.wait(lambda it: it.gaps())
        assert watcher.gaps()[0].cause in (
            GapCause.DAMAGED,
            GapCause.UNREACHABLE,
            GapCause.DISCONNECTED,
        )
        watcher.close()
    finally:
        server.close()


def test_a_host_that_does_not_answer_is_given_up_in_time() -> None:
    # a listener whose queue is full drops the handshake, as a firewall would
    with socket.socket() as listener, socket.socket() as filler, socket.socket() as filler2:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in (filler, filler2):
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(SourceUnreachable, match="does not answer"):
            probe("rtsp", f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x", {}, 1)
        assert time.monotonic() - began < 60  # of two minutes that the system takes


def test_a_closed_port() -> None:
    with pytest.raises(SourceUnreachable, match="refuses the connection"):
        probe("rtsp", f"rtsp://127.0.0.1:{free_port()}/x", {}, 60)


def test_a_name_that_is_no_host() -> None:
    with pytest.raises(SourceUnreachable):
        probe("rtsp", "rtsp://no-such-host.invalid/x", {}, 3)


@pytest.mark.parametrize(
    "options", [{"transport": "smoke"}, {"stall_s": "soon"}, {"stall_s": 0}, {"loop": True}]
)
def test_wrong_options_are_named(options: dict[str, str | int | bool]) -> None:
    with pytest.raises(
        CameraError, match=next(iter(options)).capitalize() + "|" + next(iter(options))
    ):
        probe("rtsp", "rtsp://127.0.0.1/x", options)


def test_another_codec_after_a_restart(
    frames: Path, fragile: RtspCamera, watch: Callable[..., Watcher]
) -> None:
    watcher = watch(fragile.address("h264"))
    watcher.wait_packets(5)
    fragile.kill()
    watcher.wait_gaps(1)
    fragile.start("--mount", f"h264=h265:{frames / 'h265'}")
    watcher.wait_packets(5)
    codecs = [e.stream.codec for e in list(watcher.events) if isinstance(e, StreamStarted)]
    assert codecs == ["h264", "hevc"]


def test_gaps_come_in_pairs(fragile: RtspCamera, watch: Callable[..., Watcher]) -> None:
    watcher = watch(fragile.address("h264"))
    for outage in range(2):
        watcher.wait_packets(5)
        fragile.kill()
        watcher.wait_gaps(2 * outage + 1)
        fragile.start()
    watcher.wait_packets(5)
    open_gap: Gap | None = None
    for gap in watcher.gaps():
        if open_gap is None:
            assert gap.until_us is None
            open_gap = gap
        else:
            assert (gap.since_us, gap.cause) == (open_gap.since_us, open_gap.cause)
            assert gap.until_us is not None
            open_gap = None
    assert open_gap is None
