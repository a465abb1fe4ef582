"""Years after a case ended what people said of it in words is gone, and its hashes stay."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text
from tests.unit.cases.test_erasing import files_of
from tests.unit.cases.test_way import look
from tests.unit.cases.world import World

from scrim.canonical import digest
from scrim.cases.exports import Recipient
from scrim.cases.file import CaseFile
from scrim.cases.forgetting import forget
from scrim.cases.room import Room
from scrim.errors import LedgerUnavailable
from scrim.ledger import Act
from scrim.store.database import reading, writing
from scrim.store.schema import session

DAY_US = 86_400 * 1_000_000
YEARS_US = 1461 * DAY_US
WHY = "A robbery at the corner kiosk of Madame Okonjo-Reyes."
WHOM = "Magistrate Featherstonehaugh"
EXPORT = (WHOM, "Court of Little Wenlock", "Ordered at Michaelmas.")
ANSWERED = "Nobody else saw Mrs Abernathy."
WORDS = (
    *(WHY, *EXPORT),
    "The owner came to an agreement.",
    "warrant 77/2026 Quixley",
    ANSWERED,
)


def room(world: World) -> Room:
    return Room(world.engine, world.ledger, world.objects, world.clock, world.settings)


def ended(world: World) -> CaseFile:
    """A case with all the words that one can have, closed now."""
    draft = world.draft(reason=WHY)
    authority = type(draft.authority)(draft.authority.kind, WORDS[5], "a" * 64)
    file = world.ask(
        world.draft(reason=WHY, authority=authority, answers=(("relevance", ANSWERED),))
    )
    world.answer(2, file, "refused")
    for number in (0, 1):
        file = world.answer(number, file)
    look(world, file.id)
    world.cases.export(world.officer, file.id, "evidence", "b" * 64, 9, Recipient(*EXPORT))
    return world.cases.close(world.officer, file.id, WORDS[4])


def found(world: World) -> list[str]:
    held = b"".join(path.read_bytes() for path in files_of(world))
    return [word for word in WORDS if word.encode() in held]


def test_words_go_when_their_time_is_over_and_hashes_stay(world: World) -> None:
    before = ended(world)
    assert found(world)
    assert before.ended_us is not None
    refusal = next(answer.reason for answer in before.answers if answer.decision == "refused")
    assert forget(room(world), before.ended_us + YEARS_US - 1) == 0
    assert world.cases.get(world.officer, before.id) == before

    assert forget(room(world), before.ended_us + YEARS_US) == 1
    world.cases.expire()  # as the supervisor does, which empties the database's log
    file = world.cases.get(world.officer, before.id)
    assert found(world) == []
    assert file.statement is None
    assert (file.body["reason"], file.reason) == ("", None)
    assert file.body["answers"] == {"relevance": ""}
    assert [(one.reason, one.statement) for one in file.answers] == [("", None)] * 3
    assert [one.sha256 for one in file.answers] == [one.sha256 for one in before.answers]
    assert file.request_sha256 == before.request_sha256
    assert (file.cameras, file.since_us, file.state) == (
        before.cameras,
        before.since_us,
        before.state,
    )
    (entry,) = (one for one in world.entries(file) if one.act is Act.CASE_FORGOTTEN)
    pieces = sorted(
        file.committed(word)
        for word in [*WORDS, refusal, *(a.reason for a in before.answers if a.reason != refusal)]
        if word
    )
    assert (entry.who, entry.facts["pieces"]) == ("retention", len(pieces))
    assert entry.facts["sha256"] == digest(list(pieces))
    assert forget(room(world), before.ended_us + 2 * YEARS_US) == 0, "once"
    world.checkpoint()
    assert world.cases.record(world.officer, file.id), "its entries are still to be had"


def test_a_case_that_is_alive_forgets_nothing(world: World) -> None:
    file = world.approved()
    assert forget(room(world), file.drafted_us + 2 * YEARS_US) == 0
    assert world.cases.get(world.officer, file.id) == file


def test_invariant_5_without_the_ledger_no_word_goes(world: World) -> None:
    file = ended(world)
    with writing(world.engine) as connection:
        connection.execute(
            text("CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    assert file.ended_us is not None
    with pytest.raises(LedgerUnavailable):
        forget(room(world), file.ended_us + YEARS_US)
    assert world.cases.get(world.officer, file.id) == file


def test_sign_ins_that_ended_long_ago_go(world: World) -> None:
    now_us = world.clock.us
    with writing(world.engine) as connection:
        for token, expires_us, ended_us in (("a", 5, 3), ("b", 5, None), ("c", 5 + YEARS_US, None)):
            connection.execute(
                insert(session).values(
                    token_sha256=token,
                    created_us=now_us,
                    expires_us=now_us + expires_us,
                    ended_us=None if ended_us is None else now_us + ended_us,
                    salt=b"s" * 16,
                )
            )
    forget(room(world), now_us + 4 + YEARS_US)
    with reading(world.engine) as connection:
        assert set(connection.execute(text("SELECT token_sha256 FROM session")).scalars()) == {
            "b",
            "c",
        }
    (entry,) = (one for one in world.entries() if one.act is Act.SIGN_INS_FORGOTTEN)
    assert (entry.facts["sessions"], entry.facts["links"]) == (1, 0)
