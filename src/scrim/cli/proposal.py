"""``scrim proposal``: changes that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.case import As, Certificate, Server
from scrim.cli.identity import load
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.clock import to_text
from scrim.errors import CaseRefused, CaseUnknown

if TYPE_CHECKING:
    from scrim.canonical import Json
    from scrim.fleet.deployment import Deployment
    from scrim.opening.connection import Connection

app = typer.Typer(
    no_args_is_help=True,
    help="Changes of masks, sound, retention, norm packs, custodians and policies take two "
    "people: what the machine proposes, somebody else agrees to, signed in as themselves. "
    "In the page, or here with their key.",
    epilog="[bold]What waits, on the machine:[/bold]\n\nscrim proposal list\n\n"
    "[bold]Agree, on a custodian's own machine:[/bold]\n\n"
    "scrim proposal agree 3f9a21c0 --server https://cctv.example --as custodian.txt",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="Of the proposal.")]


@app.command("list")
def list_proposals(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print what waits, and what became of the others."""
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        found = deployment.changes().proposals.list()
        now = deployment.clock.now_us()
        on = deployment.changes().four_eyes()
    finally:
        deployment.close()
    if not on:
        note("Four eyes are OFF here: whoever has this machine changes everything alone.")
    if as_json:
        tell_json(
            [
                {
                    "id": one.id,
                    "kind": one.kind,
                    "change": one.change,
                    "reason": one.reason,
                    "proposer": one.proposer,
                    "proposed_us": one.proposed_us,
                    "expires_us": one.expires_us,
                    "decision": one.decision,
                }
                for one in found
            ]
        )
        return
    rows = [
        [
            one.id,
            one.kind,
            one.reason,
            one.proposer,
            one.decision or ("waits" if now < one.expires_us else "ended"),
            to_text(one.expires_us),
        ]
        for one in found
    ]
    table(["ID", "KIND", "REASON", "PROPOSED BY", "", "UNTIL"], rows)


@app.command()
def agree(
    proposal: Id,
    server: Server,
    identity: As,
    certificate: Certificate = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask for it to be typed again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read what would change, and agree to it; it takes effect at once.

    All of the change is shown first, then the proposal's id is asked for again.
    """
    from scrim.cli.proposed import describe, waiting

    with _connection(server, identity, certificate) as here:
        found = next((one for one in waiting(here) if one["id"] == proposal), None)
        if found is None:
            raise CaseUnknown(
                f"No proposal {proposal!r} waits that is yours to decide.",
                "It may be decided or over, or reach further than your roles do: "
                "`scrim proposal list` on the machine says.",
            )
        for line in describe(found):
            note(line)
        if not yes:
            _ask_again(proposal)
        here.post(f"/api/proposals/{proposal}/agree")
    if as_json:
        tell_json({**found, "decision": "agreed"})
    else:
        tell(f"Agreed to {proposal}; the change is made.")


@app.command()
def refuse(proposal: Id, server: Server, identity: As, certificate: Certificate = None) -> None:
    """Refuse a change; it is never made."""
    with _connection(server, identity, certificate) as here:
        here.post(f"/api/proposals/{proposal}/refuse")
    tell(f"Refused {proposal}.")


def changed(deployment: Deployment, kind: str, change: Mapping[str, Json], reason: str) -> bool:
    """Make a change, or propose it and say so; whether it is made."""
    deployment.say_settings()  # whether it takes two people is one
    changes = deployment.changes()
    proposal = changes.make(kind, change, reason)
    if proposal is None:
        if not changes.four_eyes():
            note("Four eyes are OFF here, so nobody else was asked: docs/guide/access.md.")
        return True
    tell(f"Proposed as {proposal.id}; nothing has changed yet.")
    tell(
        "Somebody else has to agree, signed in as themselves, until "
        f"{to_text(proposal.expires_us)}: in the page, or"
    )
    tell(f"  scrim proposal agree {proposal.id} --server https://... --as FILE")
    return False


def _ask_again(proposal: str) -> None:
    typed = str(typer.prompt("To agree, type the proposal's id again", err=True))
    if typed.strip() != proposal:
        raise CaseRefused(
            "That is another id, so nothing was agreed to.",
            f"Type {proposal}, or leave it.",
            rule="the-proposal-asked-for",
        )


@contextmanager
def _connection(server: str, identity: Path, certificate: Path | None) -> Iterator[Connection]:
    from scrim.opening.connection import Connection

    connection = Connection(server, load(identity).signer, certificate=certificate)
    try:
        yield connection
    finally:
        connection.close()
