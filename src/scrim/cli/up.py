"""``scrim up``: the server and the recorders of one data folder, until stopped."""

from __future__ import annotations

import os
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

from scrim.cli.init import warn_of_demo_custodians
from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.terminal import loud, note, progress, tell
from scrim.errors import CustodianInvalid, ScrimError, SettingsError

if TYPE_CHECKING:
    from scrim.fleet.address import Address
    from scrim.fleet.cameras import Cameras
    from scrim.fleet.deployment import Deployment

EPILOG = (
    "[bold]See it work, with a drawn street and demo custodians:[/bold]\n\nscrim up --demo\n\n"
    "[bold]The same with your own clip or camera:[/bold]\n\n"
    "scrim up --demo --camera clip.mp4\n\nscrim up --demo --camera rtsp://user:password@host/1\n\n"
    "[bold]For real:[/bold] scrim init, scrim camera add, scrim up. Ctrl-C stops it in good order."
)

AD_HOC: Final = "cam"
DEMO: Final = "demo"
_PROBE_SECONDS: Final = 15.0
_LINK_SECONDS: Final = 5.0
_LONGEST_SOCKET: Final = 107  # bytes, sun_path of Linux's unix(7) without its end


def up(
    data: Data = DEFAULT_DATA,
    host: Annotated[
        str | None, typer.Option("--host", help="Listen on this address instead of 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Instead of 8460; 0 finds a free one."),
    ] = None,
    allow_remote: Annotated[
        bool,
        typer.Option("--allow-remote", help="Let --host be one that other machines can reach."),
    ] = False,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Make what is missing: the folder, DEMO CUSTODIANS THAT PROTECT NOBODY, "
            "and a drawn street where there is no camera.",
        ),
    ] = False,
    camera: Annotated[
        str | None,
        typer.Option(
            "--camera",
            envvar="SCRIM_CAMERA",  # an address with a password stays out of the process list
            metavar="SOURCE",
            help=f"Enrol this file (looped), device or rtsp:// address as camera {AD_HOC!r}.",
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open-browser/--no-open-browser", help="Open the sign-in link.")
    ] = False,
    log_file: Annotated[
        Path | None,
        typer.Option("--log-file", help="Append what server and recorders log (JSON lines)."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what server and recorders log.")
    ] = False,
) -> None:
    """Record, redact, seal and serve until stopped.

    Prints a link that signs in once; `scrim link` prints another.
    """
    from scrim.fleet import Cameras, Deployment, ScrimCommands, Supervisor
    from scrim.fleet.address import Address

    os.environ.pop("SCRIM_CAMERA", None)  # children need no camera's password
    deployment = Deployment.create(data) if demo else Deployment.open(data)
    with ExitStack() as stack:
        stack.callback(deployment.close)
        stack.enter_context(deployment.folder.lock())
        handle = stack.enter_context(deployment.folder.tended(waiting=_wait_for_children))
        server = deployment.settings.server
        address = Address.free(
            host if host is not None else server.host,
            port if port is not None else server.port,
            allow_remote=allow_remote,
        )
        deployment.signing_key()  # a missing key is said before anything starts
        _ensure_custodians(deployment, demo=demo)
        cameras = Cameras(
            deployment.engine, deployment.ledger, deployment.clock, deployment.applied()
        )
        if camera is not None:
            _enrol(cameras, camera)
        if demo and not cameras.list():
            _enrol_demo(deployment, cameras)
        if not cameras.list():
            note("No camera is enrolled yet: `scrim camera add ID SOURCE`, also while this runs.")

        live_socket = stack.enter_context(_socket_folder()) / "live"
        log = stack.enter_context(_log(log_file, verbose=verbose))
        commands = ScrimCommands(
            deployment.folder.path, live_socket, address.host, address.port, allow_remote
        )
        supervisor = Supervisor(
            deployment,
            commands,
            sweeper=commands.sweeper(),
            say=_event,
            log=log,
            keeps_open=[handle],
            on_tick=_Greeting(deployment, address, open_browser=open_browser),
        )
        running = address.write(deployment.folder)
        stack.callback(running.unlink, missing_ok=True)
        with supervisor.stopped_by_signals():
            supervisor.run()
        _event("stopped; everything stored is closed and signed")


def _wait_for_children() -> None:
    note("Waiting for the processes of a Scrim that was killed to store what they have ...")


class _Greeting:
    """Says once, when the server answers, where it is and how to sign in.

    Where no link can be made, as on a disk that is full, that is said once and tried
    again: what records goes on.
    """

    def __init__(self, deployment: Deployment, address: Address, *, open_browser: bool) -> None:
        self._deployment = deployment
        self._address = address
        self._open_browser = open_browser
        self._done = False
        self._next = 0.0  # by the monotonic clock; not zero once it failed

    def __call__(self) -> None:
        if self._done or time.monotonic() < self._next or not self._address.answers():
            return
        try:
            link = self._address.sign_in(self._deployment.sign_in().new_link())
        except ScrimError as error:
            if not self._next:
                _event(f"link: {error} Trying again.")
            self._next = time.monotonic() + _LINK_SECONDS
            return
        self._done = True
        tell("")
        tell(f"  Scrim is at     {self._address.url}")
        tell(f"  Sign in with    {link}")
        tell("  The link works once and for 15 minutes; `scrim link` prints a new one.")
        tell("  Ctrl-C stops Scrim in good order.")
        tell("")
        if self._open_browser:
            webbrowser.open(link)


def _ensure_custodians(deployment: Deployment, *, demo: bool) -> None:
    custodians = deployment.custodians()
    if custodians is None:
        if not demo:
            raise CustodianInvalid(
                "There are no custodians yet, so nothing can be sealed or recorded.",
                "Name them with `scrim init --k 2 --custodian ID=CARD ...`, "
                "or look around with `scrim up --demo`.",
            )
        custodians = deployment.make_demo_custodians()
        deployment.set_custodians(custodians)
    elif demo:
        custodians = deployment.upgrade_demo_custodians() or custodians
    if custodians.demo:
        warn_of_demo_custodians()
    if not deployment.changes().four_eyes():
        loud(
            [
                "FOUR EYES ARE OFF: one person changes masks and custodians alone.",
                "That is for a demonstration (docs/guide/access.md).",
            ]
        )


def _enrol(cameras: Cameras, source: str) -> None:
    from scrim.cli.camera import absolute, options_for, shown
    from scrim.errors import CameraUnknown

    kind, source = absolute(source)
    options = options_for(kind, loop=kind == "file", transport=None)
    with suppress(CameraUnknown):
        known = cameras.get(AD_HOC)
        if (known.kind, known.source, dict(known.options)) == (kind, source, options):
            return
    from scrim.camera import probe

    note(f"Looking at {shown(source)} ...")
    probe(kind, source, options, _PROBE_SECONDS)
    cameras.add(AD_HOC, kind, source, options=options, replace=True)


def _enrol_demo(deployment: Deployment, cameras: Cameras) -> None:
    from scrim.camera.demo import write_demo_clip
    from scrim.papers.placing import Placing

    clip = deployment.folder.path / "demo" / "street.mp4"
    if not clip.exists():
        note("Drawing a street for the demo camera, once ...")
        clip.parent.mkdir(exist_ok=True)
        with progress("Drawing") as update:
            write_demo_clip(clip, update)
    placing = Placing(purpose="public-safety", place="street")
    cameras.add(
        DEMO, "file", str(clip), name="A drawn street", options={"loop": True}, placing=placing
    )
    _file_demo_papers(deployment)


def _file_demo_papers(deployment: Deployment) -> None:
    """The demo camera's papers, and the pack that asks for them, over it alone."""
    from scrim.clock import SECOND
    from scrim.norms.pack import Paper as Kind
    from scrim.papers.register import Draft

    if not deployment.sites().get("default").controller:
        said = {
            "name": "A drawn street",
            "controller": "Nobody: this is a demonstration",
            "contact": "Whoever started it",
        }
        deployment.sites().set("default", said)
    today = datetime.fromtimestamp(deployment.clock.now_us() // SECOND, UTC).date().isoformat()
    for kind in (Kind.PURPOSE, Kind.SIGN):
        reference = "demonstration: no such paper exists"
        deployment.papers().add(Draft(kind, reference, today, camera=DEMO))
    deployment.applied().apply("baseline", camera=DEMO)


@contextmanager
def _socket_folder() -> Iterator[Path]:
    base = Path(tempfile.gettempdir())
    if len(bytes(base)) > _LONGEST_SOCKET - len("/scrim-xxxxxxxx/live"):
        base = Path("/tmp")  # noqa: S108 - mkdtemp makes a folder for this user alone in it
    with tempfile.TemporaryDirectory(prefix="scrim-", dir=base) as name:
        yield Path(name)


class _Log:
    def __init__(self, file: TextIO | None, *, verbose: bool) -> None:
        self._file = file
        self._verbose = verbose

    def __call__(self, child: str, line: str) -> None:
        if self._file is not None:
            try:
                self._file.write(f"{line}\n")
                self._file.flush()
            except OSError as error:  # a full disk must not end what goes on without a log
                self._file = None
                note(f"The log file cannot be written any more: {error.strerror}.")
        if self._verbose:
            note(f"{child}: {line}")


@contextmanager
def _log(path: Path | None, *, verbose: bool) -> Iterator[_Log]:
    if path is None:
        yield _Log(None, verbose=verbose)
        return
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"The log file {path} cannot be written: {error.strerror}.",
            "Give another place with --log-file.",
        ) from error
    try:
        yield _Log(file, verbose=verbose)
    finally:
        with suppress(OSError):  # what could not be written is tried once more here
            file.close()


def _event(text: str) -> None:
    note(f"{time.strftime('%H:%M:%S')}  {text}")
