"""``scrim camera``: enrol, list, cover, hear, remove and try cameras."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.placed import (
    LabelOption,
    OwnerOption,
    PlaceOption,
    PurposeOption,
    SiteOption,
    placing,
)
from scrim.cli.policy import CoverOption, StyleOption, ZoneOption, asked, in_short, told, warn
from scrim.cli.proposal import changed
from scrim.cli.sound import ask_sound, sound_of
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import CameraError, SettingsError, SourceMissing
from scrim.policy import Policy, warnings
from scrim.policy.policy import said

if TYPE_CHECKING:
    from scrim.canonical import Json
    from scrim.fleet.cameras import Camera, Cameras
    from scrim.fleet.deployment import Deployment

app = typer.Typer(
    no_args_is_help=True,
    help="Enrol, list, cover, remove and try cameras. Each change is in the ledger, "
    "and takes effect within a second or two while Scrim runs.",
    epilog="[bold]An RTSP camera:[/bold]\n\n"
    "scrim camera test rtsp://user:password@192.0.2.7/stream1\n\n"
    "scrim camera add gate rtsp://user:password@192.0.2.7/stream1 --name 'North gate'\n\n"
    "[bold]A file, over and over:[/bold]\n\nscrim camera add clip street.mp4 --loop\n\n"
    "[bold]Whole people, and a window that is nobody's business:[/bold]\n\n"
    "scrim camera cover gate --cover persons --zone 'window: 60%,10% 75%,10% 75%,30% 60%,30%'",
)

Transport = Literal["tcp", "udp"]
_ID = re.compile(r"[a-z0-9-]{1,40}")


@app.command()
def add(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="1 to 40 of a-z, 0-9 and single hyphens.")
    ],
    source: Annotated[
        str, typer.Argument(help="A video file, /dev/video0, or an rtsp:// address.")
    ],
    name: Annotated[str, typer.Option("--name", help="What people read; the id if left out.")] = "",
    loop: Annotated[bool, typer.Option("--loop", help="Play a file over and over.")] = False,
    transport: Annotated[
        Transport | None,
        typer.Option("--transport", help="How RTSP carries video; tcp if left out."),
    ] = None,
    sound: Annotated[
        bool,
        typer.Option(
            "--sound", help="Record its sound too, sealed, where its packs and purpose allow it."
        ),
    ] = False,
    cover: CoverOption = None,
    zone: ZoneOption = None,
    style: StyleOption = None,
    site: SiteOption = None,
    purpose: PurposeOption = None,
    place: PlaceOption = None,
    owner: OwnerOption = None,
    label: LabelOption = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Enrol a camera."""
    from scrim.fleet.again import stays
    from scrim.store.database import reading

    policy = asked(cover, zone, style)
    placed = placing(site, purpose, place, owner, label)
    kind, source = absolute(source)
    options = options_for(kind, loop=loop, transport=transport, sound=sound)
    with _deployment(data) as deployment:
        cameras, default = _parts(deployment)
        waits = sound and deployment.changes().four_eyes()
        if waits:
            del options["sound"]
        added = cameras.add(
            identifier,
            kind,
            source,
            name=name,
            options=options,
            policy=policy or None,
            placing=placed,
        )
        warn(Policy.parse(added.policy, default))
        tell(f"Enrolled {added.id} ({added.kind} {shown(added.source)}).")
        with reading(deployment.engine) as connection:
            held = stays(connection, added.id)
        for line in held:
            note(f"As for every camera of that id: {line}.")
        if waits:
            note("Its sound is not recorded yet; it takes a second person.")
            ask_sound(deployment, identifier, True)
        silent = deployment.gatekeeper().silent() if sound else {}
    if silent.get(added.id):
        note(f"Its sound is not recorded: {silent[added.id]}")


@app.command("list")
def list_cameras(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the enrolled cameras; passwords are never shown."""
    with _cameras(data) as (cameras, default):
        found = cameras.list()
    if as_json:
        tell_json([_fields(camera, default) for camera in found])
    elif not found:
        note("No camera is enrolled. Enrol one with `scrim camera add ID SOURCE`.")
    else:
        table(
            ["ID", "NAME", "KIND", "SOURCE", "OPTIONS", "COVERS"],
            [
                [
                    camera.id,
                    camera.name,
                    camera.kind,
                    shown(camera.source),
                    " ".join(f"{key}={_word(value)}" for key, value in camera.options.items()),
                    in_short(Policy.parse(camera.policy, default)),
                ]
                for camera in found
            ],
        )


@app.command("cover")
def cover_camera(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="An enrolled camera.")],
    cover: CoverOption = None,
    zone: ZoneOption = None,
    no_zones: Annotated[
        bool, typer.Option("--no-zones", help="Take all of its zones away.")
    ] = False,
    style: StyleOption = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say what is covered in a camera's picture and how masks look; without options, show it.

    Faces are always covered. What is not named stays as it is; zones that are named take the
    place of all before. Recording goes on under the new policy within a second or two.
    """
    if zone and no_zones:
        raise SettingsError("--zone and --no-zones exclude each other.", "Leave one of them out.")
    change = asked(cover, zone, style)
    if no_zones:
        change["zones"] = []
    with _deployment(data) as deployment:
        cameras, default = _parts(deployment)
        camera = cameras.get(identifier)
        if change:
            wanted: dict[str, Json] = {
                "camera": identifier,
                "policy": said({**camera.policy, **change}),
            }
            if not changed(deployment, "camera-policy", wanted, "camera-policy-changed"):
                return
            camera = cameras.get(identifier)
        policy = Policy.parse(camera.policy, default)
    if as_json:
        tell_json({**policy.document(), "warnings": warnings(policy)})
        return
    for line in told(policy):
        tell(line)
    warn(policy)


app.command("sound")(sound_of)


@app.command()
def remove(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="An enrolled camera.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Stop recording a camera. What it recorded is kept."""
    with _cameras(data) as (cameras, _):
        cameras.remove(identifier)
    tell(f"Removed {identifier}; its recordings are kept.")


@app.command("test")
def try_camera(
    what: Annotated[
        str, typer.Argument(metavar="SOURCE|ID", help="An address or file, or an enrolled camera.")
    ],
    transport: Annotated[
        Transport | None, typer.Option("--transport", help="How RTSP carries video.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=600.0, help="Seconds to wait for a picture.")
    ] = 15.0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Try a camera: what it sends, and how long its first picture takes.

    Exit code 5 and one sentence where it cannot be read.
    """
    kind, source, options = _named(what, data, transport)
    from scrim.camera import probe

    begun = time.monotonic()
    stream = probe(kind, source, options, timeout)
    milliseconds = round((time.monotonic() - begun) * 1000)
    rate = float(stream.frame_rate)
    if as_json:
        tell_json(
            {
                "source": shown(source),
                "kind": kind,
                "codec": stream.codec,
                "width": stream.width,
                "height": stream.height,
                "rotation": stream.rotation,
                "frame_rate": round(rate, 3),
                "first_picture_ms": milliseconds,
            }
        )
        return
    turned = f", turned by {stream.rotation} degrees" if stream.rotation else ""
    tell(f"Source         {shown(source)}")
    tell(f"Codec          {stream.codec}")
    tell(f"Size           {stream.width} x {stream.height}{turned}")
    tell(f"Frame rate     {rate:.2f} a second")
    tell(f"First picture  after {milliseconds} ms")


def absolute(source: str) -> tuple[str, str]:
    """The kind of a source, and its address as it holds from any working folder.

    Raises:
        CameraError: no kind of source that Scrim reads, or an address that cannot be one.
        SourceMissing: no such file or device.
    """
    from scrim.camera.address import checked_rtsp, kind_of

    if "://" in source:
        source = source.strip()
    kind = kind_of(source)
    if kind == "rtsp":
        return kind, checked_rtsp(source)
    if "://" in source:
        return kind, source
    path = Path(source)
    try:
        path = path.expanduser()
        there = bool(source) and path.exists()
    except PermissionError:
        raise SourceMissing(
            f"{shown(source)!r} may not be looked at.", "Give this user the right to read it."
        ) from None
    except (OSError, RuntimeError, ValueError):  # too long for a name, `~nobody`, a NUL in it
        there = False
    if not there:
        raise SourceMissing(
            f"There is no {shown(source)!r}.", "Check the path for a slip of the pen."
        )
    if path.is_dir():
        raise SourceMissing(f"{source!r} is a folder.", "Give one video file.")
    return kind, str(path.resolve()) if kind == "file" else str(path)


def options_for(
    kind: str, *, loop: bool, transport: str | None, sound: bool = False
) -> dict[str, Json]:
    """The options of a camera of that kind.

    Raises:
        CameraError: an option of another kind.
    """
    options: dict[str, Json] = {}
    if loop:
        if kind != "file":
            raise CameraError(f"--loop is for files, and this is {kind}.", "Leave it out.")
        options["loop"] = True
    if transport is not None:
        if kind != "rtsp":
            raise CameraError(f"--transport is for rtsp, and this is {kind}.", "Leave it out.")
        options["transport"] = transport
    if sound:
        if kind == "usb":
            raise CameraError("A usb camera sends no sound.", "Leave --sound out.")
        options["sound"] = True
    return options


def shown(source: str) -> str:
    """An address as it may be printed: without its password."""
    from scrim.camera.address import without_secrets

    return without_secrets(source)


def _named(what: str, data: Path, transport: str | None) -> tuple[str, str, dict[str, Json]]:
    if _ID.fullmatch(what) and not Path(what).exists():
        with _cameras(data) as (cameras, _):
            camera = cameras.get(what)
        options = dict(camera.options)
        if transport is not None:
            options.update(options_for(camera.kind, loop=False, transport=transport))
        return camera.kind, camera.source, options
    kind, source = absolute(what)
    return kind, source, options_for(kind, loop=False, transport=transport)


@contextmanager
def _deployment(data: Path) -> Iterator[Deployment]:
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        yield deployment
    finally:
        deployment.close()


@contextmanager
def _cameras(data: Path) -> Iterator[tuple[Cameras, Policy]]:
    """The cameras, and the policy that holds where theirs is silent."""
    with _deployment(data) as deployment:
        yield _parts(deployment)


def _parts(deployment: Deployment) -> tuple[Cameras, Policy]:
    from scrim.fleet.cameras import Cameras

    cameras = Cameras(deployment.engine, deployment.ledger, deployment.clock, deployment.applied())
    return cameras, deployment.settings.redaction.policy


def _fields(camera: Camera, default: Policy) -> dict[str, Json]:
    return {
        "id": camera.id,
        "name": camera.name,
        "kind": camera.kind,
        "source": shown(camera.source),
        "options": camera.options,
        "policy": Policy.parse(camera.policy, default).document(),
        "site": camera.site,
        "purpose": camera.purpose,
        "place": camera.place,
        "owner": camera.owner,
        "labels": list(camera.labels),
        "epoch": camera.epoch,
        "added_us": camera.added_us,
    }


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
