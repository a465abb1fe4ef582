"""What leaves officers' machines: written down before it does, and the register of it.

Rules:

1. An export says what goes (a kind, a hash, a size), to whom (a name, or a commitment to a
   private person's, and the organisation, or ``none``), and why.
2. The ledger gets one commitment to name, organisation and reason together, the salt of
   which lies with them in the register.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Row, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import canonical
from scrim.cases.case import State, check_in
from scrim.cases.ending import current, now_in
from scrim.cases.file import CaseFile, find, unknown
from scrim.cases.people import Person
from scrim.cases.room import Room
from scrim.errors import CaseRefused
from scrim.ledger import Act
from scrim.ledger.commitment import commit
from scrim.store.database import reading
from scrim.store.schema import case_export, case_file
from scrim.vault.fields import is_name, is_sha256

LONGEST: Final = 500
"""Characters of a name, of an organisation and of a reason."""

_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom something is for, and why they get it.

    Attributes:
        name: in words, or ``sha256:…``, a commitment to a private person's.
        organisation: for whom they stand; ``none`` for a private person.
        why: for people to read.

    Raises:
        CaseRefused: one of the three is empty or too long.
    """

    name: str
    organisation: str
    why: str

    def __post_init__(self) -> None:
        for what, text in (
            ("whom it is for", self.name),
            ("for which organisation they stand", self.organisation),
            ("why they get it", self.why),
        ):
            if not 1 <= len(text.strip()) <= len(text) <= LONGEST:
                raise CaseRefused(
                    f"An export needs to say {what}.",
                    f"Give name, organisation (none for a private person) and reason, each in up "
                    f"to {LONGEST} characters.",
                    rule="export-described",
                )

    def text(self) -> str:
        """What the ledger's commitment is to."""
        return canonical(
            {"name": self.name, "organisation": self.organisation, "why": self.why}
        ).decode()


@dataclass(frozen=True, slots=True)
class Export:
    """Something that left an officer's machine.

    Attributes:
        officer: who handed it out.
        sha256, size: of the file.
        name, organisation, why: those of its :class:`Recipient`; of what was exported
            before they were asked for organisation and reason are empty.
        entry: where its entry stands.
    """

    case: str
    officer: str
    kind: str
    sha256: str
    size: int
    name: str
    organisation: str
    why: str
    exported_us: int
    entry: int


def export(
    room: Room,
    officer: Person,
    case: str,
    kind: str,
    sha256: str,
    size: int,
    recipient: Recipient,
) -> Export:
    """Write down that a file leaves the officer's machine, before it does."""
    if _CODE.fullmatch(kind) is None or not is_name(kind) or not is_sha256(sha256) or size < 0:
        raise CaseRefused(
            "An export needs a kind, the SHA-256 of its file and its size.",
            "Give the kind as a code such as evidence or disclosure.",
            rule="export-described",
        )
    _check_own(current(room, case), officer)
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        check_in(file.state, frozenset({State.OPEN}), "exported from")
        now = now_in(connection, room, file)
        commitment, salt = commit(recipient.text())
        entry = room.write(
            connection,
            file,
            Act.EXPORTED,
            now,
            who=officer.id,
            facts={"kind": kind, "sha256": sha256, "size": size, "recipient": commitment},
        )
        connection.execute(
            insert(case_export).values(
                case=case,
                kind=kind,
                sha256=sha256,
                size=size,
                recipient=recipient.name,
                organisation=recipient.organisation,
                why=recipient.why,
                salt=salt,
                exported_us=now,
                entry=entry,
            )
        )
        (made,) = [one for one in _find(connection, case) if one.entry == entry]
        return made


def exports(room: Room) -> tuple[Export, ...]:
    """What left officers' machines, of all cases, in order."""
    with reading(room.engine) as connection:
        return _find(connection)


def _find(connection: Connection, case: str | None = None) -> tuple[Export, ...]:
    query = (
        select(case_export, case_file.c.officer)
        .join(case_file, case_file.c.id == case_export.c.case)
        .order_by(case_export.c.id)
    )
    if case is not None:
        query = query.where(case_export.c.case == case)
    return tuple(_export(row) for row in connection.execute(query))


def _export(row: Row[tuple[object, ...]]) -> Export:
    return Export(
        row.case,
        row.officer,
        row.kind,
        row.sha256,
        row.size,
        row.recipient,
        row.organisation,
        row.why,
        row.exported_us,
        row.entry,
    )


def _check_own(file: CaseFile, officer: Person) -> None:
    if file.officer != officer.id:
        raise unknown()
