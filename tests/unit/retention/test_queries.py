"""What a sweep asks does not cost more with more recordings: it finds its rows by an index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.store.database import reading


@contextmanager
def asked(world: RetentionWorld) -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, values: object, *_: object
    ) -> None:
        found.append((statement, values))

    event.listen(world.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(world.engine, "before_cursor_execute", note)


def test_no_statement_of_a_sweep_scans_segments_or_periods(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 4)
    world.record("yard", 1, START_US + 50 * DAY_US, 4)
    world.at(START_US + 40 * DAY_US)
    with asked(world) as statements:
        world.sweep()
    plans = {}
    with reading(world.engine) as connection:
        for statement, values in statements:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans[statement] = [row.detail for row in rows]
    assert len(plans) > 10
    for statement, plan in plans.items():
        for step in plan:
            if "segment" in step or "period" in step:
                assert "INDEX" in step, (statement, plan)
                assert not step.startswith("SCAN segment USING INDEX segment_by"), statement
    marked = [
        plan for statement, plan in plans.items() if "segment.state IN ('erasing'" in statement
    ]
    assert marked
    assert all("segment_erased" in plan[0] for plan in marked), marked
