"""One check: facts of the running system, held against the packs that are applied.

Rules:

1. :meth:`Checks.look` reads and writes nothing; :meth:`Checks.run` writes down what changed.
2. A check is of one moment: all facts are read in one transaction.
3. Whoever shows an outcome shows its rule's citation, whether that is unverified, and
   :data:`scrim.norms.NOT_ADVICE`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, Engine

from scrim.clock import Clock
from scrim.duties import changes as onward
from scrim.duties import marks, outcomes
from scrim.duties.collect import salts, subjects
from scrim.duties.ground import Ground
from scrim.ledger import Ledger
from scrim.norms.check import Checker, Outcome
from scrim.norms.facts import Facts, Group
from scrim.norms.pack import Severity, Status
from scrim.papers.applied import Applied
from scrim.papers.standing import applications
from scrim.settings import Settings
from scrim.store.database import reading, writing

_MOST_NEWS: Final = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What a check found to be otherwise.

    Attributes:
        changes: how many outcomes.
        news: what is breached or due since, a line each, for people.
    """

    changes: int
    news: tuple[str, ...]


class Checks:
    """Checks one deployment.

    Args:
        engine: the database.
        ledger: where changes of outcomes are written down.
        clock: what time it is.
        settings: of the deployment.
        applied: the packs in force.
    """

    def __init__(
        self, engine: Engine, ledger: Ledger, clock: Clock, settings: Settings, applied: Applied
    ) -> None:
        self.engine = engine
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._applied = applied

    def look(
        self, *, packs: Collection[str] = (), camera: str | None = None, rule: str | None = None
    ) -> list[Outcome]:
        """What would come of a check now.

        Args:
            packs: only of these; a pack that is applied nowhere is held against everything.
            camera: only of this camera.
            rule: only of this rule.

        Raises:
            PackInvalid: one of the packs is not there.
            StoreError: the database cannot be read.
        """
        with reading(self.engine) as connection:
            ground = self._ground(connection, packs)
            everywhere = frozenset(packs) - {one.pack for one in ground.applied}
            checker = Checker(
                norm.pack for id_, norm in ground.packs.items() if not packs or id_ in packs
            )
            found = (
                replace(one, packs=(one.packs & frozenset(packs)) | everywhere) if packs else one
                for one in subjects(ground, only=camera)
            )
            outcome = checker.check(found, ground.now_us)
            return [one for one in outcome if rule in (None, one.rule.id)]

    def facts(self, camera: str | None = None) -> dict[tuple[Group, str], Facts]:
        """The facts of every subject, by what it is and its id; nothing is written."""
        with reading(self.engine) as connection:
            ground = self._ground(connection)
            return {(one.scope, one.id): one.facts for one in subjects(ground, only=camera)}

    def run(self) -> Done:
        """Check everything, and write down what is otherwise than at the last check.

        Raises:
            PackInvalid: a pack that is applied is not there.
            LedgerUnavailable: a change could not be written down; the next check does.
            StoreError: the database cannot be read or written.
        """
        onward.read_on(self.engine, self._ledger)
        with reading(self.engine) as connection:
            was = outcomes.now(connection)
            if not was and not applications(connection):
                return Done(0, ())
            ground = self._ground(connection)
            checker = Checker(norm.pack for norm in ground.packs.values())
            found = checker.check(subjects(ground), ground.now_us)
            changed = list(outcomes.changes(was, found))
            opened_by = salts(ground)
        outcomes.Writer(self.engine, self._ledger, opened_by).write(changed, ground.now_us)
        with writing(self.engine) as connection:
            marks.put(connection, marks.CHECKED, len(changed), ground.now_us)
        return Done(len(changed), _news(changed))

    def _ground(self, connection: Connection, packs: Collection[str] = ()) -> Ground:
        ids = set(packs) | {one.pack for one in applications(connection)}
        return Ground(connection, self._settings, self._clock.now_us(), self._applied.packs(ids))


def _news(changed: list[outcomes.Change]) -> tuple[str, ...]:
    bad = [
        change.outcome
        for change in changed
        if change.outcome is not None
        and change.outcome.rule.severity is not Severity.NOTE
        and change.outcome.verdict.status in (Status.BREACHED, Status.DUE)
    ]
    lines = [said(one) for one in bad[:_MOST_NEWS]]
    if len(bad) > _MOST_NEWS:
        lines.append(f"and {len(bad) - _MOST_NEWS} more: scrim norms check")
    return tuple(lines)


def said(one: Outcome) -> str:
    """An outcome in a line for the log: no request's id, which belongs to a person."""
    of = one.rule.scope.value
    if one.rule.scope in (Group.CAMERA, Group.SITE):
        of = f"{of} {one.subject}"
    unverified = ", unverified" if one.rule.unverified else ""
    return f"{one.verdict.status} ({one.rule.id}{unverified}) for the {of}: {one.rule.sentence}"
