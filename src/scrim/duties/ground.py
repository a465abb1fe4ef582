"""What facts are read from: one state of the database, the settings and the time.

Rules:

1. All facts of one check are of one moment: one transaction that reads, one ``now``.
2. What several facts share (papers, sites, where cameras stand, packs) is read once.
3. Nothing here changes anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, select

from scrim.duties import marks
from scrim.norms.pack import Paper as Kind
from scrim.papers.gate import InForce
from scrim.papers.paper import PaperRow
from scrim.papers.register import papers_in
from scrim.papers.sites import Site, all_sites
from scrim.papers.standing import Application, Standing, applications, standings
from scrim.settings import Settings
from scrim.store import schema


@dataclass(frozen=True)
class Ground:
    """One moment of a deployment.

    Attributes:
        connection: of a transaction that reads.
        settings: of the deployment.
        now_us: UTC microseconds.
        packs: those in force, by id.
    """

    connection: Connection
    settings: Settings
    now_us: int
    packs: Mapping[str, InForce]

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """By id; ``default`` too."""
        return all_sites(self.connection)

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where each camera stands, removed ones too, by its id."""
        return {one.camera: one for one in standings(self.connection, with_removed=True)}

    @cached_property
    def removed(self) -> frozenset[str]:
        """Cameras that were taken away."""
        table = schema.camera
        query = select(table.c.id).where(table.c.removed_us.is_not(None))
        return frozenset(self.connection.execute(query).scalars())

    @cached_property
    def cameras_at(self) -> Mapping[str, int]:
        """How many cameras each site has that has any."""
        found: dict[str, int] = {}
        for one in self.standings.values():
            if one.camera not in self.removed:
                found[one.site] = found.get(one.site, 0) + 1
        return found

    @cached_property
    def papers(self) -> Sequence[PaperRow]:
        """All that are on record, whether they are good or not."""
        return papers_in(self.connection)

    @cached_property
    def papers_of(self) -> Mapping[tuple[str | None, str | None], Sequence[PaperRow]]:
        """By site and camera, one of them or both ``None``; the whole deployment's by neither."""
        found: dict[tuple[str | None, str | None], list[PaperRow]] = defaultdict(list)
        for one in self.papers:
            found[(None if one.camera else one.site), one.camera].append(one)
        return found

    @cached_property
    def papers_of_all(self) -> Sequence[PaperRow]:
        """Of the deployment as a whole, in force."""
        found = self.papers_of.get((None, None), ())
        return [one for one in found if one.in_force(self.now_us)]

    @cached_property
    def applied(self) -> Sequence[Application]:
        """Packs, and to what they are applied."""
        return applications(self.connection)

    @cached_property
    def marks(self) -> Mapping[str, marks.Mark]:
        """What checks wrote down for later ones."""
        return marks.all_marks(self.connection)

    def filings(self, papers: Sequence[PaperRow]) -> tuple[str, ...]:
        """Which filings are among papers that are in force."""
        return tuple(
            sorted(
                {
                    one.filing
                    for one in papers
                    if one.kind is Kind.FILING and one.filing and one.in_force(self.now_us)
                }
            )
        )
