"""Checks on change and on a timer; packs that are not right change nothing."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.duties.town import Town
from tests.unit.papers.office import write_pack

from scrim.duties import marks, outcomes
from scrim.duties.watch import Watch
from scrim.errors import LedgerUnavailable, PackInvalid
from scrim.norms.pack import Paper as Kind
from scrim.papers.applied import Applied
from scrim.store.database import reading


class Seconds:
    """A monotonic clock that somebody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def watch(town: Town, seconds: Seconds) -> Watch:
    here = town.deployment
    return Watch(
        here.checks(town.applied), town.applied, here.ledger, town.clock,
        folder=town.packs, check_seconds=300, monotonic=seconds,
    )  # fmt: skip


def _outcome(town: Town, rule: str) -> list[str]:
    found = town.deployment.checks(town.applied).look(rule=rule)
    return [one.verdict.status.value for one in found]


def _said(watch: Watch) -> str:
    return "\n".join(watch.look())


def test_a_change_is_checked_at_once_and_silence_is_not(
    town: Town, watch: Watch, seconds: Seconds
) -> None:
    town.enrol()
    town.applied.apply("hk")
    assert "hk-05" in _said(watch)
    size = len(town.entries())
    assert _said(watch) == ""
    assert len(town.entries()) == size
    town.paper(Kind.SIGN, camera="gate")
    watch.look()
    assert len(town.entries()) == size + 2  # the paper, and what came of it


def test_a_date_comes_by_itself(town: Town, watch: Watch, seconds: Seconds) -> None:
    town.enrol()
    town.applied.apply("hk")
    town.paper(Kind.SIGN, camera="gate", expires="2026-03-02")
    watch.look()
    town.clock.us += 3 * 86_400 * 1_000_000
    seconds.now = 299
    assert "hk-05" not in _said(watch)
    seconds.now = 300
    assert "breached (hk-05)" in _said(watch)


def test_the_ledger_is_verified_daily(town: Town, watch: Watch) -> None:
    town.enrol()
    watch.look()
    at = town.clock.us
    town.clock.us += 19 * 3600 * 1_000_000
    watch.look()
    assert _mark(town) == (1, at)
    town.clock.us += 2 * 3600 * 1_000_000
    watch.look()
    assert _mark(town) == (1, town.clock.us)


def _mark(town: Town) -> tuple[int, int]:
    with reading(town.deployment.engine) as connection:
        mark = marks.all_marks(connection)[marks.LEDGER_VERIFIED]
    return mark.value, mark.at_us


def test_a_look_in_the_thread_is_told_once(town: Town, watch: Watch, seconds: Seconds) -> None:
    town.enrol()
    town.applied.apply("hk")
    assert watch.news() == ()
    watch.stop()
    assert any("hk-05" in line for line in watch.news())


def test_a_changed_pack_comes_into_force_and_is_in_the_ledger(town: Town, watch: Watch) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    write_pack(town.packs, "town", {"town-1": "read", "town-9": "read"}, "")
    assert "norms: other packs are in force: town" in watch.look()
    assert _outcome(town, "town-9") == ["met"]
    assert [e.reason for e in town.entries()].count("pack-taken") == 2


@pytest.mark.parametrize(
    "bad",
    ["", "rules: [", "format: scrim-pack-v1\nid: town\n", "not-utf8"],
    ids=["empty", "no-yaml", "half", "bytes"],
)
def test_a_pack_that_is_not_right_changes_nothing(town: Town, watch: Watch, bad: str) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    body = b"\xff\xfe" if bad == "not-utf8" else bad.encode()
    (town.packs / "town.yaml").write_bytes(body)
    said = _said(watch)
    assert "the packs in force stay as they were" in said
    assert "town.yaml" in said
    assert _said(watch) == ""  # once
    assert _outcome(town, "town-1") == ["met"]
    assert [e.reason for e in town.entries()].count("packs-refused") == 1
    anew = Applied(town.deployment.engine, town.deployment.ledger, town.clock, town.packs)
    assert "town-1" in anew.packs(["town"])["town"].pack.by_id  # also after a restart
    trouble = anew.trouble()
    assert trouble is not None
    assert "town.yaml" in trouble.why


def test_a_file_that_is_put_right_is_taken(town: Town, watch: Watch) -> None:
    town.applied.apply("town")
    right = (town.packs / "town.yaml").read_bytes()
    (town.packs / "town.yaml").write_bytes(b"")
    watch.look()
    assert town.applied.trouble() is not None
    (town.packs / "town.yaml").write_bytes(right)
    watch.look()
    assert town.applied.trouble() is None


def test_a_file_that_is_gone_stays_in_force(town: Town, watch: Watch) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    (town.packs / "town.yaml").unlink()
    assert "its file is gone" in _said(watch)
    assert _outcome(town, "town-1") == ["met"]


def test_what_was_in_the_way_of_a_folder_is_gone(town: Town, watch: Watch) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    (town.packs / "town.yaml").unlink()
    watch.look()
    town.applied.remove("town")  # as the refusal says
    assert town.applied.trouble() is not None
    watch.look()
    assert town.applied.trouble() is None


def test_a_check_that_fails_is_made_at_the_next_look(
    town: Town, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    town.paper(Kind.SIGN, camera="gate")
    town.applied.apply("hk")
    with monkeypatch.context() as broken:
        broken.setattr(outcomes.Writer, "write", _unavailable)
        with pytest.raises(LedgerUnavailable):
            watch.look()
    assert "hk-07" in _said(watch)


def test_what_failed_is_well_again_when_a_look_worked_and_not_in_between(
    town: Town, watch: Watch, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.enrol()
    town.applied.apply("hk")
    with monkeypatch.context() as broken:
        broken.setattr(outcomes.Writer, "write", _unavailable)
        _until(lambda: _fails(watch))
        for _ in range(3):  # no other look is due
            assert _fails(watch)
    seconds.now += 60
    assert _fails(watch)  # the look is under way only now
    _until(lambda: not _fails(watch))
    assert watch.news() == ()


def _fails(watch: Watch) -> bool:
    try:
        watch.news()
    except LedgerUnavailable:
        return True
    return False


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


def _unavailable(*_: object) -> None:
    raise LedgerUnavailable("The ledger cannot be written.", "Mend it.")


def test_a_folder_that_is_gone_changes_nothing(town: Town, watch: Watch, tmp_path: Path) -> None:
    town.enrol()
    town.applied.apply("town")
    watch.look()
    town.packs.rename(tmp_path / "elsewhere")
    assert "stay as they were" in _said(watch)
    assert _outcome(town, "town-1") == ["met"]


def test_packs_that_came_to_contradict_each_other_are_not_taken(town: Town, watch: Watch) -> None:
    town.enrol()
    for id_, limit in (("long", "floor: {days: 30}"), ("short", "ceiling: {days: 40}")):
        write_pack(
            town.packs, id_, {f"{id_}-1": "read"}, f"retention: [{{rule: {id_}-1, {limit}}}]\n"
        )
        town.applied.apply(id_)
    watch.look()
    rest = "retention: [{rule: short-1, ceiling: {days: 3}}]\n"
    write_pack(town.packs, "short", {"short-1": "read"}, rest)
    said = _said(watch)
    assert "long-1" in said
    assert "short-1" in said
    kept = town.applied.packs(["short"])["short"].pack.retention[0].ceiling
    assert kept is not None
    assert kept.days == 40


def test_a_pack_that_never_was_right_is_refused_with_its_fault(town: Town) -> None:
    (town.packs / "mine.yaml").write_text("rules: [")
    with pytest.raises(PackInvalid, match=r"mine\.yaml"):
        town.applied.apply("mine")
    town.applied.apply("hk")  # what is shipped is not in the way of it
