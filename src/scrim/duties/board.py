"""What came of the last check, with the rules' words: for pages, figures and programs.

Reads what checks wrote down, computes nothing, writes nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from scrim.duties import marks, outcomes
from scrim.errors import NormsError
from scrim.norms.pack import Pack, Rule
from scrim.papers.applied import Applied
from scrim.papers.shelf import Trouble
from scrim.store.database import reading


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule of a pack in force, and how many subjects it has by outcome.

    Attributes:
        rule: ``None``: its pack has no such rule any more, or cannot be read.
        counts: by the word of the outcome; those that are 0 left out.
    """

    pack: str
    id: str
    rule: Rule | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stood:
    """An outcome and since when.

    Attributes:
        facts: those read when it became so.
        until_us: ``None`` while it is so.
    """

    pack: str
    rule: str
    scope: str
    subject: str
    status: str
    due_us: int | None
    why: str
    facts: Mapping[str, Any]
    since_us: int
    until_us: int | None


class Board:
    """The outcomes of one deployment.

    What pages ask for every second is read once a check.

    Args:
        engine: the database.
        applied: the packs in force.
    """

    def __init__(self, engine: Engine, applied: Applied) -> None:
        self._engine = engine
        self._applied = applied
        self._lock = threading.Lock()
        self._last: tuple[object, _Read] = (None, _Read({}, (), {}))

    def rules(self) -> Sequence[Ruled]:
        """Every rule that was asked at the last check, by pack."""
        return self._read().rules

    def of_cameras(self) -> Mapping[str, Sequence[Stood]]:
        """What is due or breached of each camera now."""
        return self._read().of_cameras

    def counts(self) -> Mapping[tuple[str, str, str], int]:
        """How many subjects each outcome has now, by pack, rule and outcome."""
        return self._read().counts

    def stood(self, **asked: Any) -> list[Stood]:
        """Outcomes, as :func:`scrim.duties.outcomes.rows` takes what is asked for."""
        with reading(self._engine) as connection:
            return [_stood(row) for row in outcomes.rows(connection, **asked)]

    def checked_us(self) -> int | None:
        """When the running system was last checked; ``None``: never."""
        with reading(self._engine) as connection:
            mark = marks.all_marks(connection).get(marks.CHECKED)
        return None if mark is None else mark.at_us

    def trouble(self) -> Trouble | None:
        """Why the folder of packs is not taken; ``None``: it is, or there is none."""
        return self._applied.trouble()

    def _read(self) -> _Read:
        with self._lock, reading(self._engine) as connection:
            mark = marks.all_marks(connection).get(marks.CHECKED)
            if mark is None or mark != self._last[0]:
                counts = outcomes.counts(connection)
                rows = outcomes.rows(
                    connection, statuses=["due", "breached"], scope="camera", most=None
                )
                self._last = (mark, _Read(counts, self._ruled(counts), _by_subject(rows)))
            return self._last[1]

    def _ruled(self, counts: Mapping[tuple[str, str, str], int]) -> tuple[Ruled, ...]:
        by_rule: dict[tuple[str, str], dict[str, int]] = {}
        for (pack, rule, status), count in counts.items():
            by_rule.setdefault((pack, rule), {})[status] = count
        packs: dict[str, Pack] = {}
        for id_ in {pack for pack, _ in by_rule}:
            with suppress(NormsError):  # shown without its rules' words
                packs[id_] = self._applied.packs([id_])[id_].pack
        return tuple(
            Ruled(pack, rule, packs[pack].by_id.get(rule) if pack in packs else None, found)
            for (pack, rule), found in sorted(by_rule.items())
        )


@dataclass(frozen=True, slots=True)
class _Read:
    counts: Mapping[tuple[str, str, str], int]
    rules: tuple[Ruled, ...]
    of_cameras: Mapping[str, Sequence[Stood]]


def _by_subject(rows: Iterable[Any]) -> dict[str, list[Stood]]:
    found: dict[str, list[Stood]] = {}
    for row in rows:
        found.setdefault(row.subject, []).append(_stood(row))
    return found


def _stood(row: Any) -> Stood:
    return Stood(
        pack=row.pack,
        rule=row.rule,
        scope=row.scope,
        subject=row.subject,
        status=row.status,
        due_us=row.due_us,
        why=row.why,
        facts=json.loads(row.facts),
        since_us=row.since_us,
        until_us=row.until_us,
    )
