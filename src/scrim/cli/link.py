"""``scrim link``: a new one-time link to sign in with, while Scrim runs."""

from __future__ import annotations

from typing import Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.terminal import note, tell
from scrim.errors import DataFolderError

EPILOG = "[bold]For a data folder elsewhere:[/bold]\n\nscrim link --data /srv/scrim"


def link(
    person: Annotated[
        str | None,
        typer.Option("--person", help="Whom it signs in; without, whoever has this machine."),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Print a new sign-in link; it works once and for 15 minutes."""
    from scrim.fleet.address import Address
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        address = Address.read(deployment.folder)
        if address is None or not address.answers():
            raise DataFolderError(
                f"No Scrim runs on {deployment.folder.path}.",
                "Start it with `scrim up`, which prints a link of its own.",
            )
        token = deployment.sign_in().new_link(person)
    finally:
        deployment.close()
    tell(address.sign_in(token))
    note("It works once and for 15 minutes.")
