"""Questions about what is recorded when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from scrim.canonical import Json, canonical
from scrim.errors import CameraUnknown, StoreError
from scrim.store import schema
from scrim.store.database import connect, migrate, writing
from scrim.store.timeline import HOLE_US, GapRow, Recordings

RECORD: dict[str, Json] = {
    "size": 10,
    "init_size": 4,
    "origin_us": 0,
    "codec": "avc1.64001f",
    "width": 2,
    "height": 2,
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(tmp_path / "scrim.db")
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(
            insert(schema.period).values(
                camera="a",
                epoch=1,
                period=1,
                opened_us=0,
                recipient="age1",
                document_key="period/a",
                document_sha256="0" * 64,
                chain_length=0,
                chain_head="0" * 64,
            )
        )
    yield engine
    engine.dispose()


def add(engine: Engine, *spans: tuple[int, int], **other: object) -> None:
    with writing(engine) as connection:
        for number, (start_us, end_us) in enumerate(spans):
            values = {
                "camera": "a",
                "segment": number,
                "side": "masked",
                "epoch": 1,
                "period": 1,
                "start_us": start_us,
                "end_us": end_us,
                "object_key": f"masked/a/{number}.mp4",
                "record": canonical(RECORD).decode(),
                "chain_index": number,
                "chain_head": "0" * 64,
                "state": "stored",
            }
            connection.execute(insert(schema.segment).values({**values, **other}))


SEGMENTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 6)).map(
        lambda pair: (pair[0] * HOLE_US, (pair[0] + pair[1]) * HOLE_US)
    ),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SEGMENTS, st.integers(0, 40), st.integers(1, 40))
def test_spans_are_the_union_of_segments_without_small_holes(
    engine: Engine, segments: list[tuple[int, int]], since: int, length: int
) -> None:
    with writing(engine) as connection:
        connection.execute(delete(schema.segment))
    add(engine, *segments)
    since_us, until_us = since * HOLE_US, (since + length) * HOLE_US
    # the plain way: walk them in order
    expected: list[list[int]] = []
    for start, end in sorted(segments):
        if start >= until_us or end <= since_us:
            continue
        if expected and start - expected[-1][1] <= HOLE_US:
            expected[-1][1] = max(expected[-1][1], end)
        else:
            expected.append([start, end])
    clipped = [(max(start, since_us), min(end, until_us)) for start, end in expected]
    assert Recordings(engine).spans("a", since_us, until_us) == clipped


def test_only_stored_masked_segments_of_the_camera_count(engine: Engine) -> None:
    add(engine, (0, 10), state="writing")
    recordings = Recordings(engine)
    assert recordings.spans("a", 0, 100) == []
    with writing(engine) as connection:
        connection.execute(delete(schema.segment))
    add(engine, (0, 10), side="sealed")
    assert recordings.spans("a", 0, 100) == []
    assert recordings.masked("a", 0, 100) == []
    assert recordings.masked_segment("a", 0, 0, 100) is None
    assert recordings.spans("b", 0, 100) == []


def test_a_segment_is_found_within_the_interval_only(engine: Engine) -> None:
    add(engine, (10, 20))
    recordings = Recordings(engine)
    assert recordings.masked_segment("a", 0, 0, 10) is None, "it begins where the interval ends"
    assert recordings.masked_segment("a", 0, 20, 30) is None
    found = recordings.masked_segment("a", 0, 19, 30)
    assert found is not None
    assert (found.start_us, found.size, found.init_size) == (10, 10, 4)
    assert found.init == "", "a record from before heads had a hash"


@pytest.mark.parametrize(
    "wrong",
    [
        {"record": "{}"},
        {"record": "no json"},
        {"object_key": "sealed/a/000001/000001/0000000000.age"},
    ],
)
def test_a_damaged_row_is_said_and_no_other_object_is_named(
    engine: Engine, wrong: dict[str, str]
) -> None:
    add(engine, (10, 20), **wrong)
    with pytest.raises(StoreError, match="damaged"):
        Recordings(engine).masked_segment("a", 0, 0, 30)


def test_gaps_that_touch_the_interval(engine: Engine) -> None:
    with writing(engine) as connection:
        for since, until in ((0, 10), (5, 15), (30, 40), (12, None)):
            connection.execute(
                insert(schema.gap).values(
                    camera="a", side="both", since_us=since, until_us=until, cause="c", detail="d"
                )
            )
    assert Recordings(engine).gaps("a", 10, 30) == [
        GapRow(5, 15, "c", "d", "both"),
        GapRow(12, None, "c", "d", "both"),
    ]


def test_a_camera_that_never_was_is_unknown(engine: Engine) -> None:
    with pytest.raises(CameraUnknown):
        Recordings(engine).check_camera("a")
