"""Fingerprints that are read aloud: what was sent is the card of who sent it.

The fingerprint of the card is shown, its owner reads theirs aloud over the telephone,
and whoever sits here types its last group, or gives all of it with ``--fingerprint``
where a script does the typing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import typer

from scrim.cli.terminal import note
from scrim.errors import CustodianInvalid
from scrim.vault.custodian_set import Custodian


def confirm(members: list[Custodian], given: list[str] | None) -> None:
    """See that each fingerprint is the one its owner read aloud.

    Raises:
        CustodianInvalid: it is not, or there is nobody to ask.
    """
    read = _read_aloud(given or [])
    for member in members:
        group = member.fingerprint.split()[-1]
        if member.id in read:
            if read[member.id] != member.fingerprint.replace(" ", ""):
                raise _other_card(member)
            continue
        if not sys.stdin.isatty():
            raise CustodianInvalid(
                f"Nobody confirmed the fingerprint of {member.id}: {member.fingerprint}.",
                f"Let them read theirs aloud, then give it with --fingerprint {member.id}=DIGITS.",
            )
        note(f"{member.id}: let them read their fingerprint aloud, and compare each digit.")
        note(f"    {member.fingerprint}")
        typed = str(typer.prompt("The last five digits, as read aloud", err=True)).strip()
        if typed != group:
            raise _other_card(member)


def _read_aloud(given: list[str]) -> Mapping[str, str]:
    found = {}
    for text in given:
        name, equals, digits = text.partition("=")
        if not equals:
            raise typer.BadParameter("--fingerprint is ID=DIGITS")
        found[name.strip()] = "".join(digits.split())
    return found


def _other_card(member: Custodian) -> CustodianInvalid:
    return CustodianInvalid(
        f"The card given for {member.id} has another fingerprint than the one read aloud.",
        "Somebody may have put another card in place of theirs: get it again, and tell the others.",
    )
