"""What came of each rule for each subject, with its history.

Rules:

1. A row is an outcome from when it became so until it was so no more; only a change of
   the outcome, its date or why it cannot be decided makes a row.
2. Its facts are those that were read when it became so; ``scrim norms explain`` reads anew.
3. A row and its entry in the ledger are one transaction (invariant 5).  Alike changes of many
   subjects share an entry that lists them.
4. In the ledger a subject that belongs to a person is a commitment (invariant 6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, insert, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.norms.check import Outcome
from scrim.norms.fact_table import BY_PATH
from scrim.norms.facts import Group, shown
from scrim.store.schema import norm_outcome as table

NOT_ASKED: Final = "not-asked"
"""In the ledger: the rule is not asked any more, or what it was asked of is gone."""

_ENTRY: Final = 400  # subjects in one entry, whose size the ledger limits
_ROWS: Final = 4000  # in one transaction, so that recorders get their turn

Key = tuple[str, str]
"""A rule's id and a subject's."""


@dataclass(frozen=True, slots=True)
class Row:
    """An outcome that is so now."""

    id: int
    pack: str
    rule: str
    scope: str
    subject: str
    status: str
    due_us: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise than it was.

    Attributes:
        row: that ends; ``None``: there was none.
        outcome: that begins; ``None``: the rule is not asked any more.
    """

    row: Row | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class _Alike:
    """What an entry says, but for whom."""

    pack: str
    rule: str
    scope: str
    status: str
    due_us: int | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes changes down.

    Attributes:
        salts: what opens the commitments to subjects that belong to a person.
    """

    engine: Engine
    ledger: Ledger
    salts: Mapping[tuple[Group, str], bytes] = field(repr=False)

    def write(self, changes: Iterable[Change], now_us: int) -> None:
        """Write down all of them, a batch at a time.

        Raises:
            LedgerUnavailable: the rest could not be written down; the next check does.
        """
        by_entry: dict[_Alike, list[Change]] = defaultdict(list)
        for change in changes:
            by_entry[_alike(change)].append(change)
        entries = ((alike, some) for alike, alikes in by_entry.items() for some in _cut(alikes))
        for batch in _filled(entries):
            with in_ledger(self.engine) as connection:
                for alike, some in batch:
                    self._one(connection, alike, some, now_us)

    def _one(
        self, connection: Connection, alike: _Alike, changes: Sequence[Change], now_us: int
    ) -> None:
        subjects = [_subject(change) for change in changes]
        facts: dict[str, Json] = {
            "pack": alike.pack,
            "rule": alike.rule,
            "scope": alike.scope,
            "outcome": alike.status,
            "due": alike.due_us,
        }
        one_camera = alike.scope == Group.CAMERA and len(subjects) == 1
        if not one_camera:
            facts["subjects"] = [self._named(alike.scope, subject) for subject in subjects]
        entry = Entry(
            act=Act.CHECKED,
            at_us=now_us,
            who="supervisor",
            authority="norms",
            reason="norm-outcome",
            camera=subjects[0] if one_camera else None,
            facts=facts,
        )
        index = self.ledger.append_in(connection, entry).index
        ended = [change.row.id for change in changes if change.row is not None]
        if ended:
            connection.execute(update(table).where(table.c.id.in_(ended)).values(until_us=now_us))
        begun = [change.outcome for change in changes if change.outcome is not None]
        if begun:
            connection.execute(insert(table), [_values(one, now_us, index) for one in begun])

    def _named(self, scope: str, subject: str) -> str:
        salt = self.salts.get((Group(scope), subject))
        if salt is not None:
            return commit(subject, salt)[0]
        # a person who asked and was forgotten since leaves no salt, and no name either
        return "" if scope == Group.REQUEST else subject


def now(connection: Connection) -> dict[Key, Row]:
    """What is so now, by rule and subject."""
    columns = (
        table.c.id, table.c.pack, table.c.rule, table.c.scope, table.c.subject,
        table.c.status, table.c.due_us, table.c.why,
    )  # fmt: skip
    rows = connection.execute(select(*columns).where(table.c.until_us.is_(None)))
    return {(row.rule, row.subject): Row(*row) for row in rows}


def changes(was: Mapping[Key, Row], outcomes: Iterable[Outcome]) -> Iterator[Change]:
    """What is otherwise than it was, ended ones too."""
    left = dict(was)
    for one in outcomes:
        row = left.pop((one.rule.id, one.subject), None)
        verdict = one.verdict
        if row is None or (row.pack, row.status, row.due_us, row.why) != (
            one.pack,
            verdict.status.value,
            verdict.due_us,
            verdict.why,
        ):
            yield Change(row, one)
    for row in left.values():
        yield Change(row, None)


def counts(connection: Connection) -> dict[tuple[str, str, str], int]:
    """How many subjects each outcome has now, by pack, rule and outcome."""
    query = (
        select(table.c.pack, table.c.rule, table.c.status, func.count())
        .where(table.c.until_us.is_(None))
        .group_by(table.c.pack, table.c.rule, table.c.status)
    )
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(query)}


def rows(
    connection: Connection,
    *,
    statuses: Sequence[str] = (),
    rule: str | None = None,
    scope: str | None = None,
    subject: str | None = None,
    with_past: bool = False,
    most: int | None = 500,
) -> list[Any]:
    """Rows of the table: those that are so now or, with the past, the newest first.

    Args:
        connection: of any transaction.
        statuses: only these; all by default.
        rule: only of this one.
        scope: only of subjects of this kind.
        subject: only of the one of this id.
        with_past: those too that are so no more.
        most: no more than that; ``None``: all.
    """
    query = select(table)
    if not with_past:
        query = query.where(table.c.until_us.is_(None))
    if statuses:
        query = query.where(table.c.status.in_(statuses))
    for column, value in ((table.c.rule, rule), (table.c.scope, scope), (table.c.subject, subject)):
        if value is not None:
            query = query.where(column == value)
    order = (
        (table.c.since_us.desc(), table.c.id.desc())
        if with_past
        else (table.c.pack, table.c.rule, table.c.subject)
    )
    return list(connection.execute(query.order_by(*order).limit(most)))


def _alike(change: Change) -> _Alike:
    if change.outcome is None:
        assert change.row is not None
        row = change.row
        return _Alike(row.pack, row.rule, row.scope, NOT_ASKED, None)
    one = change.outcome
    verdict = one.verdict
    return _Alike(one.pack, one.rule.id, one.rule.scope.value, verdict.status.value, verdict.due_us)


def _subject(change: Change) -> str:
    if change.outcome is not None:
        return change.outcome.subject
    assert change.row is not None
    return change.row.subject


def _cut(alikes: list[Change]) -> Iterator[list[Change]]:
    for start in range(0, len(alikes), _ENTRY):
        yield alikes[start : start + _ENTRY]


def _filled(
    entries: Iterable[tuple[_Alike, list[Change]]],
) -> Iterator[list[tuple[_Alike, list[Change]]]]:
    batch: list[tuple[_Alike, list[Change]]] = []
    rows_in = 0
    for alike, some in entries:
        batch.append((alike, some))
        rows_in += len(some)
        if rows_in >= _ROWS:
            yield batch
            batch, rows_in = [], 0
    if batch:
        yield batch


def _values(one: Outcome, now_us: int, entry: int) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "pack": one.pack,
        "rule": one.rule.id,
        "scope": one.rule.scope.value,
        "subject": one.subject,
        "status": verdict.status.value,
        "due_us": verdict.due_us,
        "why": verdict.why,
        "facts": canonical(
            {path: shown(BY_PATH[path], value) for path, value in verdict.facts}
        ).decode(),
        "since_us": now_us,
        "entry": entry,
    }
