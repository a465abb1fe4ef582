"""One person's identity at the terminal: made, shown, read.

A custodian's and a case officer's are the same file; ``scrim custodian`` and
``scrim officer`` both come here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from scrim.cli.terminal import note, tell
from scrim.errors import BackupInvalid, CustodianInvalid
from scrim.vault.custodian import (
    Identity,
    is_sealed,
    new_identity,
    read_identity,
    token_identity,
    write_identity,
)
from scrim.vault.custodian_set import Custodian

SHORTEST_PASSPHRASE: Final = 12

Sealed: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--passphrase/--no-passphrase",
        "-p",
        help="Ask for a passphrase and seal the file with it. Without, whoever has the file "
        "has your vote.",
    ),
]
Token: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="AGE-PLUGIN-...",
        help="The secret is in a hardware token: the identity that its program printed.",
    ),
]
TokenRecipient: TypeAlias = Annotated[
    str | None,
    typer.Option("--recipient", metavar="age1tag1...", help="The recipient of that token."),
]


class TerminalAsker:
    """Passes on what a hardware token wants from whoever sits here."""

    def display_message(self, message: str) -> None:
        """On standard error."""
        note(message)

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        """Yes or no; Ctrl-C is no answer."""
        no = f", n = {no_string}" if no_string else ""
        try:
            return bool(typer.confirm(f"{message} (y = {yes_string}{no})", err=True))
        except typer.Abort:
            return None

    def request_public_string(self, description: str) -> str | None:
        """One line, shown as it is typed."""
        try:
            return str(typer.prompt(description, err=True))
        except typer.Abort:
            return None

    def request_passphrase(self, description: str) -> str | None:
        """One line, not shown."""
        try:
            return str(typer.prompt(description, hide_input=True, err=True))
        except typer.Abort:
            return None


def load(path: Path) -> Identity:
    """The identity in a file; asks for its passphrase where it has one.

    Raises:
        CustodianInvalid: the file or the passphrase is wrong.
    """
    words = None
    if is_sealed(path):
        words = str(typer.prompt("Passphrase", hide_input=True, err=True))
    return read_identity(path, words)


def make(
    out: Path, *, sealed: bool, token: str | None, recipient: str | None, as_json: bool
) -> Identity:
    """A new identity in a new file; its card is printed, its secret never.

    Raises:
        CustodianInvalid: the passphrase is short, or the token is none.
        TokenUnusable: the token does not open.
        VaultError: the file is there already or cannot be written.
    """
    if (token is None) != (recipient is None):
        raise typer.BadParameter("a hardware token needs both --token and --recipient")
    if token is not None and recipient is not None:
        identity = token_identity(token.strip(), recipient.strip(), TerminalAsker())
    else:
        identity = new_identity()
    write(out, identity, sealed=sealed)
    say(identity.recipient, identity.verifier, as_json=as_json, file=out)
    return identity


def write(out: Path, identity: Identity, *, sealed: bool) -> None:
    """Write the file, with a passphrase that is asked for.

    Raises:
        CustodianInvalid: the passphrase is short.
        VaultError: the file is there already or cannot be written.
    """
    write_identity(out, identity, passphrase=new_passphrase() if sealed else None)


def show(what: str, *, as_json: bool) -> None:
    """Print the card or recipient and its fingerprint, of a file or of what was sent.

    Raises:
        CustodianInvalid: it is neither, or a secret.
    """
    if what.upper().startswith(("AGE-SECRET-KEY-", "AGE-PLUGIN-", "SCRIM-SIGNING-KEY-")):
        raise CustodianInvalid(
            "That is a secret, and now it stands in your shell's history.",
            "Make a new identity with `scrim custodian new` and never use this one again.",
        )
    if what.startswith("age1"):
        sent = Custodian.of_card("sent", what) if "/" in what else Custodian("sent", what)
        say(sent.recipient, sent.verifier, as_json=as_json)
        return
    identity = load(Path(what))
    say(identity.recipient, identity.verifier, as_json=as_json)


def say(recipient: str, verifier: str, *, as_json: bool, file: Path | None = None) -> None:
    """Print what may be given away."""
    shown = Custodian("sent", recipient, verifier)
    if as_json:
        facts = {"recipient": recipient, "fingerprint": shown.fingerprint}
        if verifier:
            facts |= {"card": shown.card, "verifier": verifier}
        if file is not None:
            facts["file"] = str(file)
        tell(json.dumps(facts))
        return
    tell(f"{'Card' if verifier else 'Recipient':<12} {shown.card}")
    tell(f"{'Fingerprint':<12} {shown.fingerprint}")


def compare(identity: Identity, card: str) -> None:
    """Refuse an identity that is not the one of this card.

    Raises:
        BackupInvalid: it is another.
        CustodianInvalid: that is no card.
    """
    expected = Custodian.of_card("sent", card.strip())
    if identity.card != expected.card:
        raise BackupInvalid(
            "What the shares make is not the identity of that card, so nothing is written.",
            "The backup's passphrase is another one (or it has none), or the card is.",
        )


def new_passphrase(what: str = "Passphrase") -> str:
    """Ask for a passphrase twice.

    Raises:
        CustodianInvalid: it is short.
    """
    text = str(typer.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
    if len(text) < SHORTEST_PASSPHRASE:
        raise CustodianInvalid(
            f"The passphrase has fewer than {SHORTEST_PASSPHRASE} characters.",
            "Take five or six words that have nothing to do with each other.",
        )
    return text
