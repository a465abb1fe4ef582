"""A custodian's answer, made on their own device and carried to the server.

::

    package (network, or a file) ── checked ──► request in words ──► yes or no
    yes ── own identity, and own parts ──► answer, signed ──► network, or a file

Rules:

1. Only a package that holds is answered, by whoever's identity holds its parts.
2. Making an answer needs no network, so the identity can live on a machine without one.
3. An answer is a file of its own before it is sent: if sending fails, it is sent again,
   and the same answer twice changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scrim.errors import CaseRefused, PackageBroken, StoreError
from scrim.opening.package import Package
from scrim.store.files import write_once
from scrim.vault.answer import Answer
from scrim.vault.custodian import Identity
from scrim.vault.handover import approve, held_by, refuse
from scrim.vault.openers import Asker
from scrim.vault.statement import Statement

LARGEST_FILE: Final = 64 * 1024 * 1024


def name_of(package: Package, identity: Identity, given: str | None = None) -> str:
    """Under which name this identity answers.

    Args:
        package: what is answered.
        identity: the custodian's.
        given: the name they gave; needed for a live request, which has no period documents.

    Raises:
        CaseRefused: the identity holds no part of it, or under another name.
    """
    found = held_by(identity.recipient, package.request, package.documents, package.reshares)
    if found is None and package.request.is_live and given is not None:
        return given
    if found is None:
        raise CaseRefused(
            "This identity holds no part of what is asked.",
            "Use the identity whose card is registered; of a live request give --id too.",
            rule="custodian-of-the-case",
        )
    if given not in (None, found):
        raise CaseRefused(
            f"This identity is that of {found}, not of {given}.",
            "Leave --id out, or use the other identity.",
            rule="custodian-of-the-case",
        )
    return found


def say_yes(
    package: Package,
    identity: Identity,
    now_us: int,
    *,
    name: str | None = None,
    reason: str = "",
    asker: Asker | None = None,
) -> Statement:
    """The answer that hands the parts over; errors as of :func:`scrim.vault.handover.approve`."""
    return approve(
        package.request,
        package.documents,
        name_of(package, identity, name),
        identity.opener(asker),
        identity.signer,
        now_us,
        reason,
        package.reshares,
    )


def say_no(
    package: Package, identity: Identity, now_us: int, reason: str, *, name: str | None = None
) -> Statement:
    """The answer that refuses; errors as of :func:`scrim.vault.handover.refuse`."""
    custodian = name_of(package, identity, name)
    return refuse(package.request, custodian, identity.signer, now_us, reason)


def write_answer(path: Path, answer: Statement) -> None:
    """Write an answer to a new file.

    Raises:
        StoreError: something is there already, or it cannot be written.
    """
    try:
        write_once(path, answer.to_bytes(), 0o600)
    except FileExistsError:
        raise StoreError(
            f"{path} is there already and is not overwritten.", "Give another name with --out."
        ) from None
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}.", "Give another place with --out."
        ) from error


def read_answer(path: Path) -> tuple[Statement, Answer]:
    """An answer from a file.

    Raises:
        PackageBroken: it cannot be read.
        StatementInvalid: it is none, or its signature does not hold.
    """
    statement = Statement.parse(read_file(path))
    return statement, Answer.of(statement)


def read_file(path: Path) -> bytes:
    """A package or an answer that was carried here.

    Raises:
        PackageBroken: it cannot be read, or is far too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PackageBroken(
            f"{path} cannot be read: {error.strerror}.", "Check the path."
        ) from None
    if len(data) > LARGEST_FILE:
        raise PackageBroken(f"{path} is larger than any package.", "Give the file as it was sent.")
    return data
