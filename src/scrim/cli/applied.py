"""``scrim norms apply``, ``remove`` and ``applied``: which packs a camera is under."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import PaperRefused

Pack: TypeAlias = Annotated[
    str, typer.Argument(metavar="PACK", help="The pack's id: hk, cn, uk, eu, baseline, your own.")
]
SiteOnly: TypeAlias = Annotated[
    str | None, typer.Option("--site", help="For the cameras of this site only.")
]
CameraOnly: TypeAlias = Annotated[
    str | None, typer.Option("--camera", help="For this camera only.")
]


def apply(
    pack: Pack, site: SiteOnly = None, camera: CameraOnly = None, data: Data = DEFAULT_DATA
) -> None:
    """Put a pack in force: for everything, a site or a camera.

    Cameras whose papers it asks for are not on record stop recording within seconds. Takes
    two people, as `scrim proposal` says.
    """
    from scrim.changes import APPLY_PACK
    from scrim.changes.packs import applying

    _one(site, camera)
    with opened(data) as deployment:
        packs = deployment.applied()
        packs.refresh()  # whoever corrects a file says it again
        if not any((a.pack, a.site, a.camera) == (pack, site, camera) for a in packs.list()):
            change = applying(packs, pack, site, camera)
            if not changed(deployment, APPLY_PACK, change, "pack-applied"):
                return
        verdicts = deployment.gatekeeper().judge()
    tell(f"The pack {pack} is in force for {_where(site, camera)}.")
    for verdict in verdicts.values():
        for wait in verdict.waits:
            note(f"{verdict.camera} does not record: {wait.text()}")
        for warning in verdict.warnings:
            note(f"{verdict.camera}: {warning.text()}")


def remove(
    pack: Pack, site: SiteOnly = None, camera: CameraOnly = None, data: Data = DEFAULT_DATA
) -> None:
    """Take a pack out of force there. Takes two people, as `scrim proposal` says."""
    from scrim.changes import REMOVE_PACK
    from scrim.changes.packs import removing

    _one(site, camera)
    with opened(data) as deployment:
        if not changed(deployment, REMOVE_PACK, removing(pack, site, camera), "pack-removed"):
            return
    tell(f"The pack {pack} is not in force any more for {_where(site, camera)}.")


def applied(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the packs in force, and for what."""
    with opened(data) as deployment:
        found = deployment.applied().list()
    if as_json:
        tell_json(
            [
                {"pack": a.pack, "site": a.site, "camera": a.camera, "since_us": a.since_us}
                for a in found
            ]
        )
    elif not found:
        note("No pack is in force. Put one in force with `scrim norms apply PACK`.")
    else:
        table(["PACK", "FOR"], [[one.pack, one.text()] for one in found])


def attach(norms: typer.Typer) -> None:
    """Put these commands beside the others of ``scrim norms``."""
    norms.command("apply")(apply)
    norms.command("remove")(remove)
    norms.command("applied")(applied)


def _one(site: str | None, camera: str | None) -> None:
    if site is not None and camera is not None:
        raise PaperRefused("Say a site or a camera, not both.", "Leave one of them out.")


def _where(site: str | None, camera: str | None) -> str:
    if camera is not None:
        return f"camera {camera}"
    return "everything" if site is None else f"site {site}"
