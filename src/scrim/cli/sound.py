"""``scrim camera sound``: what a camera hears, asked for by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import tell, tell_json

if TYPE_CHECKING:
    from scrim.canonical import Json
    from scrim.fleet.deployment import Deployment


def sound_of(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="An enrolled camera.")],
    on: Annotated[bool | None, typer.Option("--on/--off", help="Ask for it, or no longer.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask that a camera's sound be recorded, or no longer; without options, show it.

    Sound is recorded in the sealed original alone, and only where every pack that the camera
    is under allows it for its purpose and a paper of that purpose says that it is needed.
    Elsewhere it is not taken from the camera at all. Recording goes on within a second or two.
    To ask for it takes two people, as `scrim proposal` says; one asks for it no longer.
    """
    from scrim.fleet.cameras import Cameras

    with opened(data) as deployment:
        if on is not None and not ask_sound(deployment, identifier, on):
            return
        here = deployment
        camera = Cameras(here.engine, here.ledger, here.clock, here.applied()).get(identifier)
        asked_for = camera.options.get("sound") is True
        why = deployment.gatekeeper().silent().get(identifier, "") if asked_for else ""
    if as_json:
        tell_json({"asked": asked_for, "recorded": asked_for and not why, "why": why})
    elif not asked_for:
        tell(f"Sound of {identifier} is not recorded: nobody asks for it.")
    elif why:
        tell(f"Sound of {identifier} is asked for and not recorded: {why}")
    else:
        tell(f"Sound of {identifier} is recorded, in its sealed originals alone.")


def ask_sound(deployment: Deployment, camera: str, on: bool) -> bool:
    """Ask for it, or propose that; whether it is done."""
    change: dict[str, Json] = {"camera": camera, "on": on}
    return changed(deployment, "camera-sound", change, "camera-sound-changed")
