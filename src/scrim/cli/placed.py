"""What ``scrim camera add`` and ``set`` say of a camera's place and purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import tell
from scrim.errors import PaperRefused

if TYPE_CHECKING:
    from scrim.papers.placing import Placing

SiteOption: TypeAlias = Annotated[
    str | None, typer.Option("--site", help="Where it stands: `scrim site list`.")
]
PurposeOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--purpose", help="What it is for, by its word in a pack.")
]
PlaceOption: TypeAlias = Annotated[
    str | None, typer.Option("--place", help="Kind of place that it looks at; else its site's.")
]
OwnerOption: TypeAlias = Annotated[
    str | None, typer.Option("--owner", help="Who answers for it; an office's name is better.")
]
LabelOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--label", help="What else it is: key-target. Once for each.")
]


def placing(
    site: str | None,
    purpose: list[str] | None,
    place: str | None,
    owner: str | None,
    label: list[str] | None,
) -> Placing:
    """What was said.

    Raises:
        PaperRefused: two purposes.
    """
    from scrim.papers.placing import Placing

    if purpose is not None and len(set(purpose)) > 1:
        raise PaperRefused(
            f"A camera has one purpose, and these are {len(purpose)}: {', '.join(purpose)}.",
            "Say the one that it is for; another purpose needs a camera of its own.",
        )
    return Placing(
        site=site,
        purpose=purpose[0] if purpose else None,
        place=place,
        owner=owner,
        labels=None if label is None else tuple(label),
    )


def set_camera(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="An enrolled camera.")],
    site: SiteOption = None,
    purpose: PurposeOption = None,
    place: PlaceOption = None,
    owner: OwnerOption = None,
    label: LabelOption = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say where a camera stands and what it is for; what is not named stays as it is.

    Where other packs, or other lengths, then hold for what it recorded, it takes two people,
    as `scrim proposal` says.
    """
    from scrim.changes import CAMERA_PLACED
    from scrim.changes.placing import placing_change

    said = placing(site, purpose, place, owner, label)
    if not said:
        raise PaperRefused("Nothing is said.", "Give --site, --purpose, --place, --owner, --label.")
    with opened(data) as deployment:
        change = placing_change(identifier, said)
        if not changed(deployment, CAMERA_PLACED, change, "camera-placed"):
            return
    tell(f"Changed {identifier}.")


def attach(cameras: typer.Typer) -> None:
    """Put ``set`` beside the other commands of ``scrim camera``."""
    cameras.command("set")(set_camera)
