"""``scrim custodian``: a custodian's own identity, made on their own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scrim.cli import identity as person
from scrim.cli import paper, reshare
from scrim.cli.identity import Sealed, Token, TokenRecipient
from scrim.cli.options import AsJson
from scrim.cli.terminal import tell

app = typer.Typer(
    no_args_is_help=True,
    help="Make or show a custodian's identity, on the custodian's own machine and never on the "
    "recorder: only the public card is given away. And, on the recorder, say who they are.",
)

DEFAULT_FILE = Path("scrim-custodian.txt")

What = Annotated[
    str,
    typer.Argument(
        metavar="FILE|CARD|RECIPIENT",
        help="An identity file, or a card (age1…/scrimsig1…) or recipient somebody sent you.",
    ),
]


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
    """Make an identity: a secret file for you, a public card for the operator.

    The file is age's own identity file: "age -d -i FILE" opens what is sealed
    to it, with or without Scrim.
    """
    made = person.make(out, sealed=passphrase, token=token, recipient=recipient, as_json=as_json)
    if as_json:
        return
    sealed = "sealed with your passphrase" if passphrase else "NOT sealed with a passphrase"
    keep = (
        "  1. Copy that file to a medium that you lock away: the key you sign with is in it\n"
        "     and not in the token. A token that is lost opens nothing ever again.\n"
        if made.is_token
        else "  1. Write it down: scrim custodian backup "
        f"{out}\n     Without the file and any passphrase, or the paper, you can approve nothing;\n"
        "     nobody can make it again.\n"
    )
    tell(
        f"\nThe secret is in {out}, readable by you only, {sealed}.\n"
        f"\nWhat to do now:\n{keep}"
        "  2. Send the card, all of the line from age1 on, to the operator. It is public.\n"
        "     Never send the file.\n"
        "  3. When the operator calls you back, read the fingerprint aloud. Both must have\n"
        "     the same thirty digits, or somebody has put another key in place of yours."
    )


@app.command()
def show(what: What, as_json: AsJson = False) -> None:
    """Print card and fingerprint, to compare over the telephone.

    The custodian shows their file, the operator the card they were sent. Of a
    recipient alone it prints the fingerprint that recordings from before there
    were cards carry.
    """
    person.show(what, as_json=as_json)


app.command("backup")(paper.backup)
app.command("restore")(paper.restore)
app.command("deal")(reshare.deal)
app.command("reshare")(reshare.reshare)
app.command("check-reshare")(reshare.check_reshare)
