from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.errors import NormsConflict
from scrim.norms.limits import Own, Situation, put_together
from scrim.norms.load import load_all
from scrim.norms.pack import Pack, Side

PACKS = load_all()
DAY = 86400
SEALED = Own("retention.sealed_days", 30 * DAY)
HERE = Situation(purpose="public-safety")
LUXEMBOURG = Situation(purpose="public-safety", country="LU")


def _packs(*ids: str) -> list[Pack]:
    return [PACKS[id_] for id_ in ids]


def test_without_a_pack_the_deployments_own_settings_hold() -> None:
    limits = put_together([], Side.SEALED, HERE, SEALED)
    assert (limits.floor, limits.ceiling) == (0, 30 * DAY)
    assert (limits.floor_by, limits.ceiling_by) == ("", "retention.sealed_days")


def test_hong_kong_and_the_mainland_meet_at_thirty_days() -> None:
    limits = put_together(_packs("hk", "cn"), Side.SEALED, HERE, SEALED)
    assert (limits.floor, limits.ceiling) == (30 * DAY, 30 * DAY)
    assert limits.floor_by == "cn-01"
    assert limits.reasons_by == ("hk-07-retention",)


@pytest.mark.parametrize("reasoned", [False, True])
@pytest.mark.parametrize(
    ("country", "ceiling_by"), [("", "eu-01"), ("LU", "eu-01"), ("FR", "eu-01")]
)
def test_thirty_days_at_least_and_three_at_most_are_refused_together(
    country: str, ceiling_by: str, reasoned: bool
) -> None:
    situation = Situation(purpose="public-safety", country=country, reasoned=reasoned)
    with pytest.raises(NormsConflict) as refused:
        put_together(_packs("cn", "eu"), Side.SEALED, situation, SEALED)
    assert refused.value.rules == ("cn-01", ceiling_by)
    assert "cn-01: at least 30 days; eu-01: at most 72 hours" in refused.value.message


def test_thirty_days_at_least_and_luxembourgs_eight_at_most_are_refused_together() -> None:
    # without eu-01, so that eu-02 is what stands in the way
    eight = PACKS["eu"].model_copy(update={"retention": PACKS["eu"].retention[1:]})
    with pytest.raises(NormsConflict) as refused:
        put_together([PACKS["cn"], eight], Side.SEALED, LUXEMBOURG, SEALED)
    assert refused.value.rules == ("cn-01", "eu-02")
    # elsewhere eu-02 says nothing
    put_together([PACKS["cn"], eight], Side.SEALED, HERE, SEALED)


def test_a_reason_on_record_passes_a_ceiling_as_far_as_the_second_one() -> None:
    eu = _packs("eu")
    own = Own("retention.sealed_days", 60 * DAY)
    assert put_together(eu, Side.SEALED, HERE, own).ceiling == 3 * DAY
    with_reason = put_together(eu, Side.SEALED, Situation(reasoned=True), own)
    assert (with_reason.ceiling, with_reason.reasons_by) == (60 * DAY, ("eu-01",))
    there = Situation(country="LU", reasoned=True)
    limits = put_together(eu, Side.SEALED, there, own)
    assert (limits.ceiling, limits.ceiling_by) == (30 * DAY, "eu-02")
    assert set(limits.reasons_by) == {"eu-01", "eu-02"}


def test_a_label_of_the_camera_brings_a_floor_that_the_setting_does_not_allow() -> None:
    target = Situation(purpose="public-safety", labels=frozenset({"key-target"}))
    with pytest.raises(NormsConflict) as refused:
        put_together(_packs("cn"), Side.SEALED, target, SEALED)
    assert refused.value.rules == ("cn-11", "retention.sealed_days")
    longer = Own("retention.sealed_days", 120 * DAY)
    limits = put_together(_packs("cn"), Side.SEALED, target, longer)
    assert (limits.floor, limits.floor_by, limits.ceiling) == (90 * DAY, "cn-11", 120 * DAY)


def test_a_floor_of_originals_says_nothing_of_masked_recordings() -> None:
    masked = Own("retention.masked_days", 10 * DAY)
    assert put_together(_packs("cn"), Side.MASKED, HERE, masked).floor == 0
    assert put_together(_packs("eu"), Side.MASKED, HERE, masked).ceiling == 3 * DAY


@settings(deadline=None)
@given(
    ids=st.sets(st.sampled_from(sorted(PACKS))),
    days=st.integers(1, 400),
    floor=st.integers(0, 400),
    side=st.sampled_from(list(Side)),
    situation=st.builds(
        Situation,
        purpose=st.sampled_from(["public-safety", "traffic"]),
        country=st.sampled_from(["", "LU", "HK"]),
        labels=st.sampled_from([frozenset(), frozenset({"key-target"})]),
        reasoned=st.booleans(),
    ),
)
def test_what_is_put_together_is_within_every_limit_or_refused(
    ids: set[str], days: int, floor: int, side: Side, situation: Situation
) -> None:
    packs = _packs(*sorted(ids))
    own = Own("retention.days", days * DAY, floor * DAY)
    try:
        limits = put_together(packs, side, situation, own)
    except NormsConflict as conflict:
        named = conflict.rules
        assert len(named) == 2
        assert set(named) <= {rule.id for pack in packs for rule in pack.rules} | {own.name}
        return
    assert floor * DAY <= limits.floor <= limits.ceiling <= days * DAY
    # whatever the order of the packs
    again = put_together(packs[::-1], side, situation, own)
    assert (again.floor, again.ceiling) == (limits.floor, limits.ceiling)
    # one pack more never loosens anything
    for pack in packs:
        alone = put_together([pack], side, situation, own)
        assert alone.floor <= limits.floor
        assert limits.ceiling <= alone.ceiling
