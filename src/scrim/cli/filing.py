"""``scrim filing``: what has to be handed in to an authority, and until when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scrim.cli.hashed import sha256_of
from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.cli.times import moment, shown
from scrim.errors import DutyRefused

app = typer.Typer(
    no_args_is_help=True,
    help="Filings: opened by a camera that records or a number of people that is reached, drafted, "
    "handed in, acknowledged. Only hashes of documents are kept. For privacy officers.",
    epilog="scrim paper draft filing --filing public-security --site north --out draft.md\n\n"
    "scrim filing draft filing-abcd2345 draft.md",
)

Id: TypeAlias = Annotated[str, typer.Argument(metavar="FILING", help="filing-xxxxxxxx.")]
Document: TypeAlias = Annotated[
    Path, typer.Option("--document", help="The file; only its SHA-256 is kept.")
]
Reference: TypeAlias = Annotated[str, typer.Option("--reference", help="The authority's number.")]


@app.command("list")
def list_filings(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List filings, the first to be late first, and the number of people metered."""
    with opened(data) as deployment:
        filings = deployment.filings()
        found, people = filings.list(), filings.people()
    if as_json:
        tell_json(
            {
                "filings": [one.document() for one in found],
                "people": people.tracks,
                "uncounted_segments": people.uncounted,
            }
        )
        return
    rows = [
        [
            one.id,
            one.kind + (" (change)" if one.change else ""),
            one.camera or "",
            one.state,
            shown(one.due_us),
            one.rule,
            "LATE" if one.overdue_us is not None else "",
        ]
        for one in found
    ]
    if rows:
        table(["FILING", "KIND", "CAMERA", "STATE", "DUE", "RULE", ""], rows)
    note(
        f"People in sealed originals: {people.tracks} face tracks at most; "
        f"{people.uncounted} segments could not be counted."
    )


@app.command("open")
def open_filing(
    kind: Annotated[str, typer.Argument(help="public-security, facial-information, …")],
    since: Annotated[str, typer.Option("--since", help="When that happened which is to be filed.")],
    camera: Annotated[str | None, typer.Option("--camera", help="Of one camera.")] = None,
    change: Annotated[bool, typer.Option("--change", help="Of what was filed.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Start the clock of a filing that only you know of."""
    with opened(data) as deployment:
        made = deployment.filings().open(
            kind, moment("--since", since), camera=camera, change=change
        )
    tell(f"{made.id}: due by {shown(made.due_us)} ({made.rule})")


@app.command()
def draft(
    filing: Id,
    file: Annotated[Path, typer.Argument(help="A text file.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a draft on record, such as `scrim paper draft filing` makes."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DutyRefused(f"{file} cannot be read as text.", f"{type(error).__name__}.") from None
    with opened(data) as deployment:
        made = deployment.filings().draft(filing, text)
    tell(f"{made.id}: {made.state}")


@app.command()
def filed(
    filing: Id,
    document: Document,
    reference: Reference,
    issued: Annotated[
        str | None, typer.Option("--issued", help="The paper's day, 2026-11-22. Today without.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="The last day on which it is good, if any.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say that it was handed in; the paper that cameras record on is on record with it."""
    sha256 = sha256_of(document, DutyRefused)
    with opened(data) as deployment:
        made = deployment.filings().filed(filing, sha256, reference, issued=issued, expires=expires)
    tell(f"{made.id}: {made.state}{', late' * (made.overdue_us is not None)}")
    if not made.change:
        where = f"the camera {made.camera}" if made.camera else "the deployment"
        note(f"It is on record as a paper of {where} too; see `scrim paper list`.")


@app.command()
def acknowledged(
    filing: Id, document: Document, reference: Reference, data: Data = DEFAULT_DATA
) -> None:
    """Say that the authority has acknowledged it."""
    with opened(data) as deployment:
        made = deployment.filings().acknowledged(
            filing, sha256_of(document, DutyRefused), reference
        )
    tell(f"{made.id}: {made.state}")
