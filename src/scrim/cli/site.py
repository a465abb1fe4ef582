"""``scrim site``: where cameras stand, and who answers for them to the public."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import table, tell, tell_json

app = typer.Typer(
    no_args_is_help=True,
    help="Where cameras stand, and who answers for them there. Name, controller and contact are "
    "published on signs and on the public page: name offices, not people.",
    epilog="scrim site add north --name 'North station' --place station --zone Asia/Hong_Kong "
    "--country HK --controller 'Transport Department' --contact 'cctv@td.example'",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="1 to 40 of a-z, 0-9 and single hyphens.")]
Name = Annotated[str | None, typer.Option("--name", help="What people read.")]
Place = Annotated[str | None, typer.Option("--place", help="Kind of place: station, street.")]
Controller = Annotated[
    str | None, typer.Option("--controller", help="Who is responsible for the cameras; published.")
]
Contact = Annotated[str | None, typer.Option("--contact", help="How to reach them; published.")]
Zone = Annotated[str | None, typer.Option("--zone", help="Time zone, such as Asia/Hong_Kong.")]
Language = Annotated[
    str | None, typer.Option("--language", help="Of the public page: en, zh-Hant or zh-Hans.")
]
Country = Annotated[str | None, typer.Option("--country", help="Two capitals, such as HK.")]
Public = Annotated[
    bool | None, typer.Option("--public/--not-public", help="Whether anybody may walk in.")
]
Label = Annotated[
    list[str] | None, typer.Option("--label", help="What else it is: key-target. Once for each.")
]


@app.command()
def add(
    identifier: Id,
    name: Name = None,
    place: Place = None,
    controller: Controller = None,
    contact: Contact = None,
    zone: Zone = None,
    language: Language = None,
    country: Country = None,
    public: Public = None,
    label: Label = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Enter a site."""
    from scrim.papers.sites import DEFAULT

    said = _said(name, place, controller, contact, zone, language, country, public, label)
    if identifier == DEFAULT:  # it is there, and so may be cameras in it
        _change(identifier, said, data)
        return
    with opened(data) as deployment:
        made = deployment.sites().add(identifier, said)
    tell(f"Entered the site {made.id} ({made.place}).")


@app.command("set")
def set_site(
    identifier: Id,
    name: Name = None,
    place: Place = None,
    controller: Controller = None,
    contact: Contact = None,
    zone: Zone = None,
    language: Language = None,
    country: Country = None,
    public: Public = None,
    label: Label = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say some of a site anew; what is not named stays as it is.

    Where its cameras' recordings are then kept for another length, it takes two people, as
    `scrim proposal` says.
    """
    said = _said(name, place, controller, contact, zone, language, country, public, label)
    _change(identifier, said, data)


@app.command("list")
def list_sites(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the sites."""
    with opened(data) as deployment:
        found = deployment.sites().list()
    if as_json:
        tell_json([site.document() for site in found])
        return
    table(
        ["ID", "NAME", "PLACE", "CONTROLLER", "CONTACT"],
        [[site.id, site.name, site.place, site.controller, site.contact] for site in found],
    )


@app.command()
def show(identifier: Id, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show all that is said of a site."""
    with opened(data) as deployment:
        said = deployment.sites().get(identifier).document()
    if as_json:
        tell_json(said)
        return
    for name, value in said.items():
        shown = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        tell(f"{name:<14}{shown}")


def _change(site: str, said: dict[str, Any], data: Path) -> None:
    from scrim.changes import SITE_CHANGED
    from scrim.changes.placing import site_change

    with opened(data) as deployment:
        if not changed(deployment, SITE_CHANGED, site_change(site, said), "site-changed"):
            return
    tell(f"Changed the site {site}.")


def _said(
    name: str | None,
    place: str | None,
    controller: str | None,
    contact: str | None,
    zone: str | None,
    language: str | None,
    country: str | None,
    public: bool | None,
    label: list[str] | None,
) -> dict[str, Any]:
    said = {
        "name": name,
        "place": place,
        "controller": controller,
        "contact": contact,
        "zone": zone,
        "language": language,
        "country": country,
        "public_access": public,
        "labels": None if label is None else tuple(label),
    }
    return {field: value for field, value in said.items() if value is not None}
