"""``scrim certificate``: certify an officer's key for the content credentials of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.terminal import tell
from scrim.errors import BundleBroken

EPILOG = (
    "[bold]After an officer was registered:[/bold] scrim certificate officer-7\n\n"
    "Give the officer the file; it is public. Publish keys/c2pa-anchor.pem of the data folder "
    "beside keys/ledger.pub: with these two anybody can check evidence."
)


def certificate(
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="A registered officer's id.")],
    data: Data = DEFAULT_DATA,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The new file. Never overwritten. Default: OFFICER.pem."),
    ] = None,
) -> None:
    """Certify the signing key of a registered officer. Run this where the data folder is.

    The officer's viewing copies are then signed with content credentials (C2PA)
    that anybody can trace to this deployment.
    """
    from scrim.cases.people import OFFICER, People
    from scrim.evidence.issuing import issue
    from scrim.fleet import Deployment
    from scrim.store.files import write_once

    target = out or Path(f"{officer}.pem")
    deployment = Deployment.open(data)
    try:
        person = People(deployment.engine, deployment.ledger, deployment.clock).get(officer)
        if person.role != OFFICER:
            raise BundleBroken(f"{officer} is no case officer.", "Only officers sign evidence.")
        if target.exists():
            raise BundleBroken(f"{target} is there already.", "Give another name with --out.")
        chain = issue(
            deployment.ledger,
            deployment.clock,
            deployment.folder.keys,
            deployment.settings.ledger.origin,
            (person.id, person.verifier, person.salt),
        )
    finally:
        deployment.close()
    try:
        write_once(target, chain)
    except OSError as error:
        raise BundleBroken(
            f"{target} cannot be written: {error.strerror}.", "Give another place with --out."
        ) from error
    tell(f"{target}: for {officer}. Give it to them; it is public.")
    tell(f"Publish {deployment.folder.keys / 'c2pa-anchor.pem'} beside keys/ledger.pub.")
