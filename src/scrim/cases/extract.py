"""What the ledger says of one person or one camera, with its commitments opened.

Rules:

1. Of a person: every entry that they did or that is about them, found by the commitments
   that the register, the cases and the tokens can open.  A session that belonged to nobody
   stays closed: nothing here knows who it was.
2. Of a camera: every entry that names it, and those of the cases it is part of.
3. An extract is itself in the ledger before it is handed out: of whom or of what, for which
   purpose, how many entries, and the SHA-256 of its bytes.
4. Entries are as they stand; what was opened stands beside them, so that whoever has the
   ledger can hold one against the other.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Engine, select

from scrim.canonical import Json
from scrim.clock import Clock, to_text
from scrim.errors import CameraUnknown, CaseRefused, CaseUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store import schema
from scrim.store.database import reading

FORMAT: Final = "scrim-extract-v1"
REASON: Final = "ledger-extract"
Purpose: TypeAlias = Literal["lawfulness", "self-monitoring", "security", "criminal-proceedings"]
"""What a log may be used for (Data Protection Act 2018 s. 62(4)), whichever law applies."""
_HEADS: Final = (
    "index", "at", "act", "op", "who", "camera", "since", "until", "authority", "reason",
    "facts", "opened",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What an extract is of.

    Attributes:
        person, camera: one of the two.
        since_us, until_us: entries written in this interval, half open.
        purpose: what it is for.
    """

    since_us: int
    until_us: int
    purpose: Purpose
    person: str | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """An extract that is in the ledger.

    Attributes:
        data: its bytes.
        entries: how many entries are in it.
        entry: index of its own entry in the ledger.
    """

    data: bytes
    entries: int
    entry: int


class Extracts:
    """Makes extracts of one deployment's ledger."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def make(
        self,
        asked: Asked,
        form: Literal["json", "csv"],
        *,
        who: str = "operator",
        authority: str = "operator",
    ) -> Extract:
        """An extract, logged.

        Args:
            asked: of whom or of what.
            form: of its bytes.
            who: for whom it is made, as the ledger has them.
            authority: in which role.

        Raises:
            CaseRefused: neither or both of person and camera, or an empty interval.
            CaseUnknown: nobody was ever registered as that.
            CameraUnknown: no such camera was ever enrolled.
            LedgerUnavailable: it could not be written down, so there is none.
        """
        if (asked.person is None) is (asked.camera is None) or asked.since_us >= asked.until_us:
            raise CaseRefused(
                "An extract is of one person or one camera, in an interval.",
                "Give one of the two, and a beginning before the end.",
                rule="extract-of-one",
            )
        with reading(self._engine) as connection:
            known = _commitments(connection)
            cases = _entries_of_camera(connection, asked.camera)
            subject = _subject(connection, asked)
        rows = [
            _row(index, entry, known)
            for index, entry in self._within(asked)
            if _is_of(asked, index, entry, known, cases)
        ]
        data = _csv(rows) if form == "csv" else _json(asked, rows)
        receipt = self._ledger.append(
            Entry(
                act=Act.EXPORTED,
                at_us=self._clock.now_us(),
                who=who,
                authority=authority,
                reason=REASON,
                camera=asked.camera,
                since_us=asked.since_us,
                until_us=asked.until_us,
                facts={
                    "kind": f"ledger-{form}",
                    "purpose": asked.purpose,
                    "entries": len(rows),
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "size": len(data),
                    **subject,
                },
            )
        )
        return Extract(data, len(rows), receipt.index)

    def _within(self, asked: Asked) -> Iterator[tuple[int, dict[str, Any]]]:
        for index, body in self._ledger.entries(0, self._ledger.size()):
            entry = json.loads(body)
            if asked.since_us <= entry["at"] < asked.until_us:
                yield index, entry


def _commitments(connection: Connection) -> dict[str, str]:
    """Every commitment to a person, a token or a case that can be opened, and to what."""
    known: dict[str, str] = {}
    for row in connection.execute(select(schema.register.c.id, schema.register.c.salt)):
        known[commit(row.id, bytes(row.salt))[0]] = row.id
    tokens = schema.machine_token
    for token in connection.execute(select(tokens.c.name, tokens.c.salt)):
        name = f"token:{token.name}"
        known[commit(name, bytes(token.salt))[0]] = name
    people = set(known.values())
    files, answers = schema.case_file, schema.case_answer
    of_case: dict[str, set[str]] = {}
    for answer in connection.execute(select(answers.c.case, answers.c.custodian)):
        of_case.setdefault(answer.case, set()).add(answer.custodian)
    for case in connection.execute(select(files.c.id, files.c.salt, files.c.officer)):
        salt = bytes(case.salt)  # in a case's entries people are committed to with the case's own
        for name in {case.id, case.officer, *of_case.get(case.id, ())} & {case.id, *people}:
            known[commit(name, salt)[0]] = name
    return known


def _entries_of_camera(connection: Connection, camera: str | None) -> frozenset[int]:
    if camera is None:
        return frozenset()
    files, lines = schema.case_file, schema.case_entry
    cases = [
        row.id
        for row in connection.execute(select(files.c.id, files.c.body))
        if camera in json.loads(row.body).get("cameras", [])
    ]
    query = select(lines.c.entry, lines.c.case)
    return frozenset(row.entry for row in connection.execute(query) if row.case in cases)


def _subject(connection: Connection, asked: Asked) -> dict[str, Json]:
    if asked.camera is not None:
        cameras = schema.camera
        query = select(cameras.c.id).where(cameras.c.id == asked.camera)
        if connection.execute(query).first() is None:
            raise CameraUnknown(
                f"No camera {asked.camera!r} was ever enrolled.", "See `scrim camera list`."
            )
        return {}
    people = schema.register
    row = connection.execute(
        select(people.c.salt).where(people.c.id == asked.person).limit(1)
    ).one_or_none()
    if row is None:
        raise CaseUnknown(
            f"Nobody was ever registered as {asked.person!r}.", "See `scrim person list`."
        )
    assert asked.person is not None
    return {"person": commit(asked.person, bytes(row.salt))[0]}


def _is_of(
    asked: Asked,
    index: int,
    entry: Mapping[str, Any],
    known: Mapping[str, str],
    of_cases: frozenset[int],
) -> bool:
    if asked.camera is not None:
        return entry["camera"] == asked.camera or index in of_cases
    return any(known.get(word) == asked.person for word in _words(entry))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)


def _row(index: int, entry: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    opened = {word: known[word] for word in _words(entry) if word in known}
    return {"index": index, "entry": entry, "opened": opened}


def _json(asked: Asked, rows: list[dict[str, Any]]) -> bytes:
    document = {
        "format": FORMAT,
        "person": asked.person,
        "camera": asked.camera,
        "since_us": asked.since_us,
        "until_us": asked.until_us,
        "entries": rows,
    }
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_HEADS)
    for row in rows:
        entry, opened = row["entry"], row["opened"]
        writer.writerow(
            [
                row["index"],
                to_text(entry["at"]),
                entry["act"],
                entry["op"],
                opened.get(entry["who"], entry["who"]),
                entry["camera"] or "",
                "" if entry["since"] is None else to_text(entry["since"]),
                "" if entry["until"] is None else to_text(entry["until"]),
                opened.get(entry["authority"], entry["authority"]),
                entry["reason"],
                json.dumps(entry["facts"], sort_keys=True),
                json.dumps(opened, sort_keys=True),
            ]
        )
    return out.getvalue().encode()
