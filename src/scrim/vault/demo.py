"""Custodians for a demonstration: their secrets lie on this very machine.

They exist so that one command shows the whole house.  Whoever has the machine
has all of them, so they protect nobody; each period sealed to them says
``"demo": true`` for ever.
"""

from __future__ import annotations

from pathlib import Path

from scrim.errors import VaultError
from scrim.vault.custodian import new_identity, read_identity, write_identity
from scrim.vault.custodian_set import Custodian, CustodianSet

README_NAME = "READ-ME-THESE-PROTECT-NOBODY.txt"

_README = """\
THESE ARE DEMONSTRATION CUSTODIANS. THEY PROTECT NOBODY.

THE SECRETS OF ALL OF THEM LIE IN THIS FOLDER, BESIDE THE RECORDINGS.
WHOEVER HAS THIS MACHINE, OR A COPY OF THIS FOLDER, CAN OPEN EVERYTHING
THAT WAS SEALED WHILE THEY WERE IN USE.

DO NOT FILM REAL PEOPLE WITH THEM.

BEFORE YOU DO, LET EACH REAL CUSTODIAN RUN  scrim custodian new  ON A MACHINE
OF THEIR OWN, AND REGISTER ONLY THE PUBLIC CARDS HERE.
DELETING THIS FOLDER MAKES WHAT WAS SEALED TO THEM UNREADABLE FOR EVER.
"""


def make_demo_set(folder: Path, n: int = 3, k: int = 2) -> CustodianSet:
    """``n`` demo custodians, any ``k`` of whom can open.

    Identities already in the folder are used again, never replaced.

    Args:
        folder: made if missing (mode 0700); gets ``demo-1.txt`` … and a README.
        n: how many, 1 to 9.
        k: how many must agree.

    Raises:
        VaultError: the folder cannot be written, or a file in it is not an identity.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / README_NAME).write_text(_README)
    except OSError as error:
        raise VaultError(
            f"{folder} cannot be written: {error.strerror}.", "Give a folder that can be."
        ) from None
    custodians = []
    for number in range(1, n + 1):
        path = folder / f"demo-{number}.txt"
        if not path.exists():
            write_identity(path, new_identity())
        custodians.append(Custodian.of_card(f"demo-{number}", read_identity(path).card))
    return CustodianSet(k, tuple(custodians), demo=True)


def with_cards(custodians: CustodianSet, folder: Path) -> CustodianSet | None:
    """The same demo custodians with the verifiers of their identities in ``folder``.

    Sets from before there were verifiers have none.  No identity is made.

    Returns:
        ``None`` if these are no demo custodians, or an identity is not there.

    Raises:
        VaultError: a file in the folder is not an identity.
    """
    if not custodians.demo:
        return None
    carded = []
    for custodian in custodians.custodians:
        path = folder / f"{custodian.id}.txt"
        if not path.exists():
            return None
        identity = read_identity(path)
        if identity.recipient != custodian.recipient:
            return None
        carded.append(Custodian.of_card(custodian.id, identity.card))
    return CustodianSet(custodians.k, tuple(carded), demo=True)
