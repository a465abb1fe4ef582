"""One-time links and the sessions that follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from scrim.access import LINK_US, SignIn
from scrim.clock import SECOND
from scrim.errors import AccessDenied, LedgerUnavailable
from scrim.ledger import Ledger, holds
from scrim.store import schema
from scrim.store.database import connect, migrate, reading, writing


class SetClock:
    def __init__(self) -> None:
        self.us = 1_795_331_600 * SECOND

    def now_us(self) -> int:
        return self.us


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(tmp_path / "scrim.db")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sign_in(engine: Engine, clock: SetClock) -> SignIn:
    return SignIn(engine, Ledger(engine), clock, session_hours=2)


def test_a_link_becomes_a_session_and_an_entry(engine: Engine, sign_in: SignIn) -> None:
    token, session = sign_in.redeem(sign_in.new_link())
    found = sign_in.session(token)
    assert found == session
    assert session.expires_us - session.created_us == 2 * 3600 * SECOND
    ((_, body),) = Ledger(engine).entries(0, 1)
    entry = json.loads(body)
    assert entry["act"] == "signed-in"
    assert holds(entry["who"], session.id, session.salt)
    assert session.salt.hex() not in repr(session)


def test_the_database_holds_nothing_that_signs_in(engine: Engine, sign_in: SignIn) -> None:
    link = sign_in.new_link()
    token, session = sign_in.redeem(link)
    other = sign_in.new_link()
    with reading(engine) as connection:
        rows = [
            str(row)
            for table in (schema.session, schema.sign_in_link, schema.entry)
            for row in connection.execute(select(table))
        ]
    for secret in (link, token, other):
        assert len(secret) >= 43, "32 random bytes"
        assert not any(secret in row for row in rows)
    assert sign_in.session(session.id) is None, "the stored hash is no token"
    with pytest.raises(AccessDenied):
        sign_in.redeem(session.id)


def test_a_link_works_once(sign_in: SignIn) -> None:
    link = sign_in.new_link()
    sign_in.redeem(link)
    with pytest.raises(AccessDenied, match="does not sign in"):
        sign_in.redeem(link)


def test_a_link_works_once_however_many_try_at_the_same_moment(sign_in: SignIn) -> None:
    link = sign_in.new_link()

    def attempt(_: int) -> bool:
        try:
            sign_in.redeem(link)
        except AccessDenied:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1


def test_a_link_is_good_for_fifteen_minutes(sign_in: SignIn, clock: SetClock) -> None:
    early, late = sign_in.new_link(), sign_in.new_link()
    clock.us += LINK_US - 1
    sign_in.redeem(early)
    clock.us += 1
    with pytest.raises(AccessDenied):
        sign_in.redeem(late)


def test_old_links_are_forgotten(engine: Engine, sign_in: SignIn, clock: SetClock) -> None:
    sign_in.new_link()
    clock.us += LINK_US
    sign_in.new_link()
    with reading(engine) as connection:
        assert len(connection.execute(select(schema.sign_in_link)).all()) == 1


def test_a_session_ends_by_itself_and_looking_does_not_prolong_it(
    sign_in: SignIn, clock: SetClock
) -> None:
    token, session = sign_in.redeem(sign_in.new_link())
    for _ in range(4):
        assert sign_in.session(token) == session
        clock.us += 1800 * SECOND - 1
    assert sign_in.session(token) is not None
    clock.us += 4
    assert sign_in.session(token) is None


def test_a_session_can_be_ended_and_takes_its_views_with_it(
    engine: Engine, sign_in: SignIn
) -> None:
    token, session = sign_in.redeem(sign_in.new_link())
    with writing(engine) as connection:
        for view, owner in (("mine", session.id), ("another's", "f" * 64)):
            connection.execute(
                insert(schema.view).values(
                    id=view, session=owner, camera="a", mode="live", opened_us=1, entry=0
                )
            )
    sign_in.end(token)
    assert sign_in.session(token) is None
    with reading(engine) as connection:
        assert connection.execute(select(schema.view.c.id)).scalars().all() == ["another's"]
    sign_in.end(token)
    sign_in.end("nobody's")


def test_signing_in_takes_away_views_whose_session_is_over(
    engine: Engine, sign_in: SignIn, clock: SetClock
) -> None:
    _, session = sign_in.redeem(sign_in.new_link())
    with writing(engine) as connection:
        connection.execute(
            insert(schema.view).values(
                id="old", session=session.id, camera="a", mode="live", opened_us=1, entry=0
            )
        )
    sign_in.redeem(sign_in.new_link())
    with reading(engine) as connection:
        assert connection.execute(select(schema.view.c.id)).scalars().all() == ["old"]
    clock.us += 2 * 3600 * SECOND
    sign_in.redeem(sign_in.new_link())
    with reading(engine) as connection:
        assert connection.execute(select(schema.view.c.id)).scalars().all() == []


def test_nobody_is_signed_in_unlogged_and_the_link_stays_good(
    engine: Engine, sign_in: SignIn
) -> None:
    link = sign_in.new_link()
    with writing(engine) as connection:
        connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
    with pytest.raises(LedgerUnavailable):
        sign_in.redeem(link)
    with reading(engine) as connection:
        assert connection.execute(select(schema.session)).all() == []
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER full"))
    sign_in.redeem(link)
