"""A made-up deployment: cameras, papers, recordings, cases, put straight into the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from tests.unit.papers.office import DAY_US, START, Office

from scrim.duties.cameras import Cameras, Seen
from scrim.duties.ground import Ground
from scrim.duties.unknown import Told
from scrim.norms.facts import Group
from scrim.store import schema
from scrim.store.database import reading, writing

__all__ = ["DAY_US", "START", "Town"]


class Town(Office):
    """An office with ways to make things so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._segments = 0

    def put(self, table: Any, **values: Any) -> None:
        with writing(self.deployment.engine) as connection:
            connection.execute(insert(table).values(**values))

    def change(self, table: Any, where: Any, **values: Any) -> None:
        with writing(self.deployment.engine) as connection:
            connection.execute(update(table).where(where).values(**values))

    def record(
        self, camera: str, start_us: int, side: str = "sealed", *, state: str = "stored"
    ) -> None:
        """A segment of two seconds."""
        self._segments += 1
        with writing(self.deployment.engine) as connection:
            period = {"camera": camera, "epoch": 1, "period": 0}
            known = schema.period.select().where(schema.period.c.camera == camera)
            if connection.execute(known).first() is None:
                connection.execute(
                    insert(schema.period).values(
                        **period,
                        opened_us=start_us,
                        recipient="age1x",
                        document_key="k",
                        document_sha256="0" * 64,
                        chain_length=0,
                        chain_head="0" * 64,
                    )
                )
            connection.execute(
                insert(schema.segment).values(
                    **period,
                    segment=self._segments,
                    side=side,
                    start_us=start_us,
                    end_us=start_us + 2_000_000,
                    object_key=f"k{self._segments}",
                    record="{}",
                    chain_index=0,
                    chain_head="0" * 64,
                    state=state,
                )
            )

    def hold(self, camera: str, since_us: int, until_us: int, **values: Any) -> None:
        self.put(
            schema.hold,
            camera=camera,
            since_us=since_us,
            until_us=until_us,
            placed_us=START,
            **({"reason": "asked", "placed_by": "operator"} | values),
        )

    def fact(self, path: str, subject: str | None = None) -> Told:
        """The value of a fact now; of the one subject of its kind, or the one named."""
        group, name = path.split(".")
        found = {
            id_: facts
            for (scope, id_), facts in self.deployment.checks(self.applied).facts().items()
            if scope == group
        }
        facts = found[subject] if subject is not None else next(iter(found.values()))
        return facts.value(Group(group), name)

    def seen(self, camera: str) -> Seen:
        with reading(self.deployment.engine) as connection:
            ground = Ground(connection, self.deployment.settings, self.clock.us, {})
            return next(one for one in Cameras(ground) if one.row.id == camera)
