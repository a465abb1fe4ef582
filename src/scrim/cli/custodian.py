"""``scrim custodian``: a custodian's own identity, made on their own machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from scrim.errors import CustodianInvalid
from scrim.vault.custodian import (
    is_sealed,
    new_identity,
    read_identity,
    write_identity,
)
from scrim.vault.custodian_set import Custodian

app = typer.Typer(
    no_args_is_help=True,
    help="Make or show a custodian's identity, on the custodian's own machine and never on the "
    "recorder; and, on the recorder, say who the custodians are.",
)

SHORTEST_PASSPHRASE = 12
DEFAULT_FILE = Path("scrim-custodian.txt")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def _ask_new_passphrase() -> str:
    text = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))
    if len(text) < SHORTEST_PASSPHRASE:
        raise CustodianInvalid(
            f"The passphrase has fewer than {SHORTEST_PASSPHRASE} characters.",
            "Take five or six words that have nothing to do with each other.",
        )
    return text


def _print(recipient: str, fingerprint: str, as_json: bool, file: Path | None = None) -> None:
    if as_json:
        facts = {"recipient": recipient, "fingerprint": fingerprint}
        if file is not None:
            facts["file"] = str(file)
        typer.echo(json.dumps(facts))
    else:
        typer.echo(f"Recipient    {recipient}")
        typer.echo(f"Fingerprint  {fingerprint}")


@app.command()
def new(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The new file. Never overwritten.")
    ] = DEFAULT_FILE,
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase", "-p", help="Ask for a passphrase and seal the file with it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an identity: a secret file for you, a public recipient for the operator.

    The file is age's own identity file: "age -d -i FILE" opens what is sealed
    to it, with or without Scrim.
    """
    words = _ask_new_passphrase() if passphrase else None
    identity = new_identity()
    write_identity(out, identity, passphrase=words)
    _print(identity.recipient, identity.fingerprint, as_json, out)
    if as_json:
        return
    sealed = "sealed with your passphrase" if passphrase else "NOT sealed with a passphrase"
    typer.echo(
        f"\nThe secret is in {out}, readable by you only, {sealed}.\n"
        "\nWhat to do now:\n"
        "  1. Copy that file to a medium that you lock away. Without it, and any passphrase,\n"
        "     you can approve nothing; nobody can make it again.\n"
        "  2. Send the recipient, the line that begins with age1, to the operator.\n"
        "     It is public. Never send the file.\n"
        "  3. When the operator calls you back, read the fingerprint aloud. Both must have\n"
        "     the same thirty digits, or somebody has put another key in place of yours."
    )


@app.command()
def show(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|RECIPIENT",
            help="An identity file, or a recipient (age1…) somebody sent you.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Print recipient and fingerprint, to compare over the telephone.

    The custodian shows their file, the operator the recipient they were sent.
    """
    if what.startswith("age1"):
        custodian = Custodian("sent", what)
        _print(custodian.recipient, custodian.fingerprint, as_json)
        return
    if what.upper().startswith("AGE-SECRET-KEY-"):
        raise CustodianInvalid(
            "That is a secret identity, and now it stands in your shell's history.",
            "Make a new one with `scrim custodian new` and never use this one again.",
        )
    path = Path(what)
    words = None
    if is_sealed(path):
        words = str(typer.prompt("Passphrase", hide_input=True, err=True))
    identity = read_identity(path, words)
    _print(identity.recipient, identity.fingerprint, as_json)
