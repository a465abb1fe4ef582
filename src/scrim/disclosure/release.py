"""Handing a film out: checked, put on record, and only then copied.

Body of a statement, ``scrim-release-v1``; docs/ref/formats/masks.md describes it.

Rules:

1. Nothing leaves without a review that holds (:mod:`.review`), of this list and this film.
2. Logged first: the entry is in the ledger before the film is where it can be taken.
3. The server's register gets the organisation and the reason, and the name of who stands for an
   organisation; of a private person it gets a commitment, and the name and the salt stay in the
   release record, with whoever made it.  The ledger gets a commitment to all of it.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from scrim.canonical import Json, canonical
from scrim.clock import Clock
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.masks import MaskList
from scrim.disclosure.review import check
from scrim.disclosure.watch import file_digest
from scrim.errors import DisclosureRefused
from scrim.ledger.commitment import commit
from scrim.record.film import Beside, store_error
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-release-v1"
KIND: Final = "disclosure"
PRIVATE: Final = "none"
"""The organisation of who stands for nobody else."""

_LONGEST: Final = 200


class Exports(Protocol):
    """The server's record of what leaves officers' machines."""

    def log_export(
        self,
        case: str,
        kind: str,
        sha256: str,
        size: int,
        recipient: str,
        organisation: str,
        why: str,
    ) -> int:
        """Put an export on record, before it happens; gives the entry's index.

        Args:
            case: the case's id.
            kind: ``disclosure``.
            sha256: of the file.
            size: of the file, bytes.
            recipient: a name, or a commitment to a private person's.
            organisation: or ``none``.
            why: they get it.

        Raises:
            ScrimError: it is not on record; nothing may leave.
        """


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the film: a person, the organisation they stand for or ``none``, and why.

    Raises:
        DisclosureRefused: one of the three is empty or too long.
    """

    name: str
    organisation: str
    why: str

    def __post_init__(self) -> None:
        for what, text in (
            ("name", self.name),
            ("organisation", self.organisation),
            ("reason", self.why),
        ):
            if not text.strip() or len(text) > _LONGEST or not text.isprintable():
                raise DisclosureRefused(
                    f"The recipient's {what} is missing, too long, or not in plain letters.",
                    f"Give 1 to {_LONGEST} characters; for a private person the organisation none.",
                )

    @property
    def is_private(self) -> bool:
        return self.organisation.strip().lower() == PRIVATE

    def text(self) -> str:
        """What the commitment is to."""
        return canonical({"name": self.name, "organisation": self.organisation}).decode()


def release(
    folder: DisclosureFolder,
    target: Path,
    recipient: Recipient,
    *,
    signer: Signer,
    registered: Collection[str],
    exports: Exports,
    clock: Clock,
) -> Statement:
    """Check, put on record, and copy the film to ``target``.

    Args:
        folder: what was made and reviewed.
        target: where the film goes; nothing may be there.
        recipient: who gets it.
        signer: of whoever releases it.
        registered: verifiers of the register of people.
        exports: the server's record.
        clock: for the release's time.

    Returns:
        the release record, which the folder holds from now on.

    Raises:
        DisclosureRefused: there is no review that holds, or it was released already.
        ScrimError: it could not be put on record, or written; nothing is at ``target``.
    """
    made, reviewed = folder.made(), folder.reviewed()
    film = file_digest(folder.film)
    check(reviewed, made, film, registered)
    if signer.verifier not in registered:
        raise DisclosureRefused(
            "The key of who releases it is not registered.", "Use the key of your registered card."
        )
    if target.exists():
        raise DisclosureRefused(f"{target} is there already.", "Give another name.")
    masks = MaskList.of(made)
    with Beside(target) as beside:
        try:
            size = _copy(folder.film, beside.path)
        except OSError as error:
            raise store_error(error, target) from error
        if file_digest(beside.path) != film:
            raise DisclosureRefused("The film changed while it was copied.", "Try again.")
        commitment, salt = commit(recipient.text())
        name = commitment if recipient.is_private else recipient.name
        entry = exports.log_export(
            masks.case, KIND, film, size, name, recipient.organisation, recipient.why
        )
        body: dict[str, Json] = {
            "format": FORMAT,
            "case": masks.case,
            "request": masks.request,
            "masks_sha256": made.sha256,
            "review_sha256": reviewed.sha256,
            "film_sha256": film,
            "size": size,
            "recipient": {"name": recipient.name, "organisation": recipient.organisation},
            "why": recipient.why,
            "salt": salt.hex(),
            "commitment": commitment,
            "entry": entry,
            "released_us": clock.now_us(),
        }
        record = Statement.sign(body, signer)
        folder.keep_release(record)
        beside.keep()
    return record


def _copy(source: Path, target: Path) -> int:
    """Copy a file and see it onto the disk; gives its size in bytes."""
    size = 0
    with source.open("rb") as film, target.open("wb") as copy:
        while chunk := film.read(1 << 20):
            size += copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return size
