"""A real RTSP server for tests: GStreamer's, fed with encoded pictures from files.

Run with the interpreter that has GStreamer's introspection (Debian:
``python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good
gstreamer1.0-plugins-bad``), which is why nothing of Scrim is imported here::

    /usr/bin/python3 server.py --port 0 --mount live=h264:clip.frames

A ``.frames`` file is a run of pictures, each a big-endian 32-bit length and the
bytes (Annex B or JPEG).  Several files, joined by commas, take turns, which is
how a camera changes size in mid-stream.  Pictures come at ``--rate`` a second
and loop for ever.  Prints ``port N`` once it listens.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PAYLOADERS = {
    "h264": (
        "video/x-h264,stream-format=byte-stream,alignment=au",
        "h264parse config-interval=-1 ! rtph264pay pt=96 config-interval=-1",
    ),
    "h265": (
        "video/x-h265,stream-format=byte-stream,alignment=au",
        "h265parse config-interval=-1 ! rtph265pay pt=96 config-interval=-1",
    ),
    "mjpeg": ("image/jpeg", "jpegparse ! rtpjpegpay pt=26"),
}


# G.711, as most cameras send it: noise, so that it can be told from silence
SOUND = (
    "audiotestsrc is-live=true wave=white-noise samplesperbuffer=160 "
    "! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay pt=8 name=pay1"
)


def frames_of(path: Path) -> list[bytes]:
    """The pictures in a ``.frames`` file."""
    data = path.read_bytes()
    frames, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        frames.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return frames


class LoopingFactory(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Feeds the same pictures round and round, with ever rising time stamps."""

    def __init__(
        self,
        codec: str,
        paths: list[Path],
        rate: int,
        drop: float,
        *,
        sound: bool = False,
        pictures: int = 0,
    ) -> None:
        super().__init__()
        caps, payloader = PAYLOADERS[codec]
        self._frames = [frame for path in paths for frame in frames_of(path)]
        self._step = Gst.SECOND // rate
        self._pictures = pictures
        last = f"identity drop-probability={drop}" if drop else "identity"
        heard = SOUND if sound else ""
        self.set_launch(
            f"( appsrc name=pictures is-live=true format=time max-bytes=0 max-buffers=2 "
            f"caps={caps},framerate={rate}/1 ! {payloader} ! {last} name=pay0 {heard} )"
        )
        self.set_shared(True)
        self.connect("media-configure", self._configure)

    def _configure(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_by_name_recurse_up("pictures")
        position = {"next": 0}

        def feed(appsrc: Any, _wanted: int) -> None:
            number = position["next"]
            if self._pictures and number >= self._pictures:
                return  # the lens is broken; the microphone is not
            position["next"] += 1
            buffer = Gst.Buffer.new_wrapped(self._frames[number % len(self._frames)])
            buffer.pts = buffer.dts = number * self._step
            buffer.duration = self._step
            appsrc.emit("push-buffer", buffer)

        source.connect("need-data", feed)


def protect(server: Any, user: str, password: str, scheme: str) -> Any:
    """Ask everybody for the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if scheme == "basic":
        auth.set_supported_methods(1)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(2)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role("viewer")
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    return permissions


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--mount", action="append", required=True, metavar="NAME=CODEC:FILE[,FILE]")
    parser.add_argument("--rate", type=int, default=25)
    parser.add_argument("--drop", type=float, default=0.0, help="share of RTP packets to lose")
    parser.add_argument("--sound", action="store_true", help="send sound beside the pictures")
    parser.add_argument("--pictures", type=int, default=0, help="how many; 0: without end")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--scheme", choices=["basic", "digest"], default="digest")
    given = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(given.port)
    permissions = None
    if given.user:
        permissions = protect(server, given.user, given.password, given.scheme)
    for mount in given.mount:
        name, _, rest = mount.partition("=")
        codec, _, files = rest.partition(":")
        paths = [Path(path) for path in files.split(",")]
        factory = LoopingFactory(
            codec, paths, given.rate, given.drop, sound=given.sound, pictures=given.pictures
        )
        if permissions is not None:
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f"/{name}", factory)
    server.attach(None)
    print(f"port {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
