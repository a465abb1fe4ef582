"""A recorder sees the papers of approved live cases, and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from scrim.canonical import canonical
from scrim.store import schema
from scrim.store.database import connect, reading, writing
from scrim.store.live_papers import belongs_to_case, live_papers


@pytest.fixture
def live_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(tmp_path / "scrim.db")
    with writing(engine) as connection:
        schema.metadata.create_all(connection)
    yield engine
    engine.dispose()


def file_case(engine: Engine, **changes: object) -> None:
    values = {
        "id": "case-aaaaaaaa",
        "kind": "live",
        "state": "approved",
        "salt": b"s" * 16,
        "officer": "officer-7",
        "recipient": "age1",
        "body": canonical({"cameras": ["gate"], "until_us": 100}).decode(),
        "locks": "[]",
        "statement": b"request",
        "request_sha256": "c" * 64,
        "drafted_us": 1,
        "requested_us": 2,
        "expires_us": 200,
        "seen_us": 1,
    } | changes
    with writing(engine) as connection:
        connection.execute(insert(schema.case_file).values(**values))
        connection.execute(
            insert(schema.case_answer).values(
                case=values["id"],
                custodian="court-1",
                verifier="scrimsig1",
                decision="approved",
                reason="",
                sha256="d" * 64,
                decided_us=3,
                kept_us=3,
                parts="{}",
                statement=b"answer",
            )
        )


def test_papers_of_an_approved_case_until_it_expires(live_engine: Engine) -> None:
    file_case(live_engine)
    (papers,) = live_papers(live_engine, 199)
    assert (papers.request, papers.answers) == (b"request", (b"answer",))
    assert (papers.request_sha256, papers.case_salt) == ("c" * 64, b"s" * 16)
    assert live_papers(live_engine, 200) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "recorded"},
        {"state": "requested"},
        {"state": "closed"},
        {"state": "expired"},
        {"expires_us": 50},
    ],
)
def test_no_papers_of_others(live_engine: Engine, changes: dict[str, object]) -> None:
    file_case(live_engine, **changes)
    assert live_papers(live_engine, 50) == ()


def test_an_entry_of_the_recorder_belongs_to_the_case(live_engine: Engine) -> None:
    file_case(live_engine)
    with writing(live_engine) as connection:
        belongs_to_case(connection, "c" * 64, 12)
        belongs_to_case(connection, "e" * 64, 13)
    with reading(live_engine) as connection:
        rows = connection.execute(select(schema.case_entry)).all()
    assert [tuple(row) for row in rows] == [("case-aaaaaaaa", 12)]
