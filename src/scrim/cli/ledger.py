"""``scrim ledger``: extracts for an auditor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.terminal import note, tell
from scrim.cli.times import moment

app = typer.Typer(
    no_args_is_help=True,
    help="What the ledger says of one person or one camera, for an auditor.",
    epilog="[bold]A month of one camera, for a spreadsheet:[/bold]\n\n"
    "scrim ledger export --camera gate --since 2026-11-01T00:00+08:00 "
    "--until 2026-12-01T00:00+08:00 --purpose lawfulness --format csv --out gate.csv",
)


@app.callback()
def _group() -> None:
    """More than one word, so that `export` has its name."""


@app.command()
def export(
    since: Annotated[str, typer.Option("--since", help="From when, with the time zone.")],
    until: Annotated[str, typer.Option("--until", help="Until when, with the time zone.")],
    purpose: Annotated[
        Literal["lawfulness", "self-monitoring", "security", "criminal-proceedings"],
        typer.Option("--purpose", help="What it is for; logs are used for nothing else."),
    ],
    person: Annotated[str | None, typer.Option("--person", help="An id of the register.")] = None,
    camera: Annotated[str | None, typer.Option("--camera", help="A camera's id.")] = None,
    form: Annotated[Literal["json", "csv"], typer.Option("--format", help="Of the file.")] = "json",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The new file; standard output without.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write every entry of a person or a camera, its commitments opened where they can be.

    That it was made is in the ledger first.
    """
    from scrim.cases.extract import Asked, Extracts
    from scrim.errors import SettingsError
    from scrim.fleet.deployment import Deployment

    if out is not None and out.exists():
        raise SettingsError(f"{out} is there already.", "Nothing is overwritten: choose another.")
    asked = Asked(moment("--since", since), moment("--until", until), purpose, person, camera)
    deployment = Deployment.open(data)
    try:
        extracts = Extracts(deployment.engine, deployment.ledger, deployment.clock)
        made = extracts.make(asked, form)
    finally:
        deployment.close()
    if out is None:
        tell(made.data.decode().rstrip("\n"))
    else:
        _write(out, made.data)
    note(f"{made.entries} entries; that they were extracted is entry {made.entry}.")


def _write(out: Path, data: bytes) -> None:
    from scrim.errors import SettingsError

    try:
        with out.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise SettingsError(
            f"{out} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
