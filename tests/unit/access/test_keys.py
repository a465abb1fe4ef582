"""Signing in with the key of a registered person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from scrim.access import NONCE_US, KeySignIn, Role, SignIn
from scrim.clock import SECOND
from scrim.errors import AccessDenied, LedgerUnavailable
from scrim.ledger import Ledger, holds
from scrim.store import schema
from scrim.store.database import connect, migrate, reading, writing
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer, sign_in_message

HOST = "cctv.example:8460"


class SetClock:
    def __init__(self) -> None:
        self.us = 1_795_331_600 * SECOND

    def now_us(self) -> int:
        return self.us


@dataclass(frozen=True)
class Person:
    id: str
    role: str
    verifier: str
    salt: bytes = b"s" * 16
    registered_us: int = 1


@dataclass
class Register:
    people: list[Person] = field(default_factory=list)

    def by_verifier(self, connection: Connection, verifier: str) -> Person | None:
        return next((one for one in self.people if one.verifier == verifier), None)

    def by_id(self, connection: Connection, person: str) -> Person | None:
        return next((one for one in self.people if one.id == person), None)


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
def signer() -> Signer:
    return Signer.of_identity(new_identity().secret)


@pytest.fixture
def register(signer: Signer) -> Register:
    return Register([Person("inspector", "officer", signer.verifier)])


@pytest.fixture
def sign_in(engine: Engine, clock: SetClock, register: Register) -> SignIn:
    return SignIn(engine, Ledger(engine), clock, session_hours=2, register=register)


@pytest.fixture
def keys(engine: Engine, clock: SetClock, sign_in: SignIn, register: Register) -> KeySignIn:
    return KeySignIn(engine, clock, sign_in, register)


def sessions(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(
            connection.execute(select(func.count()).select_from(schema.session)).scalar_one()
        )


def attempt(keys: KeySignIn, signer: Signer, nonce: str, host: str = HOST) -> str:
    token, _ = keys.sign_in(signer.verifier, nonce, signer.sign(sign_in_message(host, nonce)), host)
    return token


def test_a_key_signs_in_as_its_person_and_the_ledger_has_a_commitment(
    engine: Engine, keys: KeySignIn, sign_in: SignIn, signer: Signer
) -> None:
    session = sign_in.session(attempt(keys, signer, keys.nonce(signer.verifier)))
    assert session is not None
    assert (session.role, session.person) == (Role.OFFICER, "inspector")
    ((_, body),) = Ledger(engine).entries(0, 1)
    entry = json.loads(body)
    assert (entry["act"], entry["authority"]) == ("signed-in", "key")
    assert entry["facts"] == {"role": "officer"}
    assert holds(entry["who"], "inspector", b"s" * 16)
    assert b"inspector" not in body
    assert signer.verifier.encode() not in body


def test_a_link_makes_an_operator_and_never_anybody_else(sign_in: SignIn) -> None:
    _, session = sign_in.redeem(sign_in.new_link())
    assert (session.role, session.person) == (Role.OPERATOR, None)


def test_a_nonce_signs_in_once(engine: Engine, keys: KeySignIn, signer: Signer) -> None:
    nonce = keys.nonce(signer.verifier)
    attempt(keys, signer, nonce)
    for same in (nonce, nonce + "=", nonce + "==", f" {nonce}"):
        with pytest.raises(AccessDenied):
            attempt(keys, signer, same)
    assert sessions(engine) == 1


def test_a_nonce_signs_in_once_however_many_try_at_the_same_moment(
    keys: KeySignIn, signer: Signer
) -> None:
    nonce = keys.nonce(signer.verifier)

    def once(_: int) -> bool:
        try:
            attempt(keys, signer, nonce)
        except AccessDenied:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(once, range(16))) == 1


def test_a_nonce_is_good_for_two_minutes(keys: KeySignIn, signer: Signer, clock: SetClock) -> None:
    early, late = keys.nonce(signer.verifier), keys.nonce(signer.verifier)
    clock.us += NONCE_US - 1
    attempt(keys, signer, early)
    clock.us += 1
    with pytest.raises(AccessDenied):
        attempt(keys, signer, late)


def test_a_nonce_of_somebody_else_or_of_before_a_restart_does_not_sign_in(
    engine: Engine,
    keys: KeySignIn,
    sign_in: SignIn,
    register: Register,
    signer: Signer,
    clock: SetClock,
) -> None:
    other = Signer.of_identity(new_identity().secret)
    with pytest.raises(AccessDenied):
        attempt(keys, signer, keys.nonce(other.verifier))
    again = KeySignIn(engine, clock, sign_in, register)
    with pytest.raises(AccessDenied):
        attempt(again, signer, keys.nonce(signer.verifier))
    for invented in ("", "x", "A" * 75, "ÿ"):
        with pytest.raises(AccessDenied):
            attempt(keys, signer, invented)


def test_a_signature_for_one_server_signs_in_at_no_other(keys: KeySignIn, signer: Signer) -> None:
    nonce = keys.nonce(signer.verifier)
    for_another = signer.sign(sign_in_message("relay.example", nonce))
    with pytest.raises(AccessDenied):
        keys.sign_in(signer.verifier, nonce, for_another, HOST)
    bare = signer.sign(nonce.encode())
    with pytest.raises(AccessDenied):
        keys.sign_in(signer.verifier, nonce, bare, HOST)


def test_all_refusals_say_the_same(keys: KeySignIn, signer: Signer) -> None:
    stranger = Signer.of_identity(new_identity().secret)
    good = keys.nonce(signer.verifier)
    said = set()
    for who, nonce, signature in (
        (stranger, keys.nonce(stranger.verifier), None),
        (signer, "x" * 75, None),
        (signer, good, b"0" * 64),
        (signer, good, b""),
    ):
        made = who.sign(sign_in_message(HOST, nonce)) if signature is None else signature
        with pytest.raises(AccessDenied) as refused:
            keys.sign_in(who.verifier, nonce, made, HOST)
        said.add(str(refused.value))
    assert len(said) == 1


def test_asking_for_a_nonce_writes_nothing_and_tells_nobody_apart(
    engine: Engine, keys: KeySignIn, signer: Signer
) -> None:
    stranger = Signer.of_identity(new_identity().secret)
    lengths = {len(keys.nonce(one.verifier)) for one in (signer, stranger)}
    assert len(lengths) == 1
    assert keys.nonce(signer.verifier) != keys.nonce(signer.verifier)
    with reading(engine) as connection:
        for table in schema.metadata.sorted_tables:
            assert connection.execute(select(table)).first() is None, table.name


def test_a_session_ends_when_its_person_is_retired_or_given_another_role(
    keys: KeySignIn, sign_in: SignIn, register: Register, signer: Signer
) -> None:
    token = attempt(keys, signer, keys.nonce(signer.verifier))
    (person,) = register.people
    for other in (
        Person(person.id, "custodian", person.verifier),
        Person("another", person.role, person.verifier),
        Person(person.id, person.role, "scrimsig1other"),
    ):
        register.people = [other]
        assert sign_in.session(token) is None
    register.people = [person]
    assert sign_in.session(token) is not None
    register.people = []
    assert sign_in.session(token) is None
    with pytest.raises(AccessDenied):
        attempt(keys, signer, keys.nonce(signer.verifier))


def test_invariant_5_nobody_signs_in_with_a_key_unlogged(
    engine: Engine, keys: KeySignIn, signer: Signer
) -> None:
    nonce = keys.nonce(signer.verifier)
    with writing(engine) as connection:
        connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
    with pytest.raises(LedgerUnavailable):
        attempt(keys, signer, nonce)
    assert sessions(engine) == 0
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER full"))
    attempt(keys, signer, nonce)
