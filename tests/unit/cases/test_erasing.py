"""When a case is over its sealed parts are gone: from the rows, the file and its log."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.unit.cases.world import NOW_US, PERIOD_US, SEGMENT_US, World, new_recipient

from scrim.cases.case import State
from scrim.cases.file import CaseFile
from scrim.store.database import connect, reading
from scrim.vault.answer import Answer
from scrim.vault.statement import Statement


def files_of(world: World) -> list[Path]:
    return [path for path in world.folder.glob("scrim.db*") if not path.name.endswith("-shm")]


def pieces(file: CaseFile) -> list[bytes]:
    """From the middle of every part of a case, as it is written down."""
    found = []
    for kept in file.answers:
        assert kept.statement is not None
        for part in Answer.of(Statement.parse(kept.statement)).parts:
            sealed = base64.b64encode(part.sealed)
            found += [sealed[at : at + 24] for at in range(300, len(sealed) - 24, 200)]
    assert found
    return found


def still_there(world: World, wanted: list[bytes]) -> int:
    held = b"".join(path.read_bytes() for path in files_of(world))
    return sum(piece in held for piece in wanted)


MOST = 0.8
"""A piece that lies across two of the file's pages is not found; emptying the file moves pages."""


def share_found(world: World, wanted: list[bytes]) -> float:
    return still_there(world, wanted) / len(wanted)


@pytest.mark.parametrize("how", ["closed", "expired", "refused"])
def test_parts_are_gone_from_the_databases_files(world: World, how: str) -> None:
    for number in range(2, 20):
        world.seal(period=number, since_us=NOW_US - PERIOD_US + number * SEGMENT_US)
    draft = world.draft(until_us=NOW_US)
    file = world.ask(draft)
    # what stays: another case, whose rows share pages with this one's
    other = world.ask(world.draft(recipient=new_recipient(), expires_us=draft.expires_us + 9))
    for number in (0, 1) if how != "refused" else (0,):
        file = world.answer(number, file)
        other = world.answer(number, other)
    mine, others = pieces(file), pieces(other)
    assert min(share_found(world, mine), share_found(world, others)) > MOST
    if how == "closed":
        file = world.cases.close(world.officer, file.id, "Done with it.")
    elif how == "expired":
        world.clock.us = file.expires_us
        assert world.cases.expire() == (file.id,)
    else:
        world.answer(1, file, "refused")
        world.answer(2, file, "refused")
    file = world.cases.get(world.officer, file.id)
    assert file.state.value == how
    assert file.scrubbed_us is not None
    assert still_there(world, mine) == 0
    assert world.cases.get(world.officer, other.id).answers == other.answers, "not a byte of it"
    assert share_found(world, others) > MOST, "the search still finds what is there"
    assert world.acts(file)[-1] == "case-erased"


def test_a_reader_holds_the_last_step_up_and_the_supervisor_finishes_it(world: World) -> None:
    file = world.approved()
    wanted = pieces(file)
    assert still_there(world, wanted) > 0
    other = connect(world.folder / "scrim.db", read_only=True)
    with reading(other) as connection:
        connection.execute(text("SELECT count(*) FROM case_answer")).all()
        closed = world.cases.close(world.officer, file.id, "Done with it.")
        assert closed.state is State.CLOSED
        assert closed.erased_us is not None
        assert closed.scrubbed_us is None, "not said before it is true"
    other.dispose()
    world.cases.expire()
    assert still_there(world, wanted) == 0
    assert world.cases.get(world.officer, file.id).scrubbed_us == NOW_US
    assert world.acts(file).count("case-erased") == 1


def test_a_case_without_parts_erases_nothing(world: World) -> None:
    file = world.ask()
    world.answer(0, file, "refused")
    file = world.cases.close(world.officer, file.id, "Not needed.")
    assert "case-erased" not in world.acts(file)
    assert file.answers[0].statement is not None, "a refusal stays to be read"
