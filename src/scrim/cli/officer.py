"""``scrim officer``: a case officer's own identity; the same file as a custodian's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scrim.cli import identity as person
from scrim.cli.custodian import What
from scrim.cli.identity import Sealed, Token, TokenRecipient
from scrim.cli.options import AsJson
from scrim.cli.terminal import tell

app = typer.Typer(
    no_args_is_help=True,
    help="Make or show a case officer's identity, on the officer's own machine: only the public "
    "card is given away. And, on the recorder, say who the officers are.",
)

DEFAULT_FILE = Path("scrim-officer.txt")


@app.command()
def new(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The new file. Never overwritten.")
    ] = DEFAULT_FILE,
    passphrase: Sealed = True,
    token: Token = None,
    recipient: TokenRecipient = None,
    as_json: AsJson = False,
) -> None:
    """Make an identity: a secret file to sign requests with, a public card to register."""
    person.make(out, sealed=passphrase, token=token, recipient=recipient, as_json=as_json)
    if not as_json:
        tell(
            f"\nThe secret is in {out}, readable by you only.\n"
            "Send the card, all of the line from age1 on, to the operator; never the file. When\n"
            "they call you back, read the fingerprint aloud: all thirty digits must agree."
        )


@app.command()
def show(what: What, as_json: AsJson = False) -> None:
    """Print card and fingerprint, to compare over the telephone."""
    person.show(what, as_json=as_json)
