"""A recorder that died half-way: what is there stays, what is not is said."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select
from tests.sim.street import Street, recorder_of

from scrim.camera.packet import Gap, GapCause, SourceEnded
from scrim.ledger import Entry, Ledger
from scrim.record.catalogue import PeriodId
from scrim.record.recovery import recover
from scrim.store import schema
from scrim.store.database import reading
from scrim.store.keys import document_key, masked_key, sealed_key
from scrim.vault import manifest
from scrim.vault.period import PeriodKey

DATA = b"sealed bytes"
NOW = 9_000_000


def begun(street: Street) -> PeriodId:
    """An epoch and a period that were opened and never closed."""
    epoch, _ = street.catalogue.begin_epoch("street", 1_000_000)
    period = PeriodId("street", epoch, 1)
    street.catalogue.open_period(period, key_of(street, epoch))
    return period


def key_of(street: Street, epoch: int) -> PeriodKey:
    return PeriodKey.open(
        camera="street",
        epoch=epoch,
        period=1,
        opened_us=1_000_000,
        custodians=street.custodians,
    )


def begin(
    street: Street, period: PeriodId, segment: int, side: str = "sealed", **facts: int
) -> str:
    name = sealed_key if side == "sealed" else masked_key
    key = name("street", period.epoch, 1, segment)
    street.catalogue.begin_segment(
        period,
        {
            "side": side,
            "segment": segment,
            "start_us": 1_000_000 + segment * 2_000_000,
            "end_us": 3_000_000 + segment * 2_000_000,
            "key": key,
            "size": len(DATA),
            "sha256": hashlib.sha256(DATA).hexdigest(),
            "packets" if side == "sealed" else "frames": 50,
            **facts,
        },
    )
    return key


def states(street: Street) -> list[str]:
    table = schema.segment
    with reading(street.engine) as connection:
        return list(connection.execute(select(table.c.state).order_by(table.c.segment)).scalars())


def gaps(street: Street) -> list[tuple[str, int, int | None]]:
    table = schema.gap
    with reading(street.engine) as connection:
        found = connection.execute(select(table).order_by(table.c.id)).all()
    return [(g.cause, g.since_us, g.until_us) for g in found]


def recovered(street: Street) -> object:
    return recover(street.engine, street.catalogue, "street", NOW)


def test_a_segment_whose_object_is_whole_is_kept(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    recovered(street)
    assert states(street) == ["stored"]
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert made.closed_by == "recovery"
    assert len(made.records) == 1
    assert list(made.lost) == []
    assert gaps(street) == [
        ("recorder-stopped", 1_000_000, 3_000_000),  # of the masked side alone
        ("recorder-stopped", 3_000_000, None),
    ]


def test_a_period_knows_where_its_entries_stand(street: Street) -> None:
    begun(street)
    recovered(street)
    ledger = Ledger(street.engine)
    entries = {i: Entry.parse(body) for i, body in ledger.entries(0, ledger.size())}
    with reading(street.engine) as connection:
        row = connection.execute(select(schema.period)).one()
    for index, act in ((row.opened_entry, "period-opened"), (row.closed_entry, "period-closed")):
        assert (entries[index].act.value, entries[index].facts["period"]) == (act, row.period)


@pytest.mark.parametrize("written", [None, DATA[:-1]])
def test_a_segment_without_a_whole_object_is_lost_with_a_gap(
    street: Street, written: bytes | None
) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.catalogue.finish_segment("street", 0, "sealed", "stored")
    key = begin(street, period, 1)
    if written is not None:
        street.objects.put(key, written)
    recovered(street)
    assert states(street) == ["stored", "lost"]
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert list(made.lost) == [1]
    assert ("recorder-stopped", 3_000_000, 5_000_000) in gaps(street)


def test_a_document_stored_without_its_row_is_taken_up(street: Street) -> None:
    epoch, _ = street.catalogue.begin_epoch("street", 1_000_000)
    street.objects.put(document_key("street", epoch, 1), key_of(street, epoch).document)
    recovered(street)
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert made.records == ()


def test_a_manifest_stored_without_its_row_is_taken_up(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.catalogue.finish_segment("street", 0, "sealed", "stored")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(street.ledger, "append_in", die)
        with pytest.raises(KeyboardInterrupt):
            street.catalogue.close_period(period, 3_000_000, "recorder")
    recovered(street)
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert made.closed_by == "recorder"
    with reading(street.engine) as connection:
        row = connection.execute(select(schema.period)).one()
    assert row.manifest_sha256 == made.sha256


def test_recovery_twice_changes_nothing_more(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    first = recovered(street)
    size = street.ledger.size()
    second = recovered(street)
    assert street.ledger.size() == size
    assert (first.gap, second.gap) == (first.gap, first.gap)  # type: ignore[attr-defined]


def test_the_stop_gap_ends_with_the_next_picture(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    found = recover(street.engine, street.catalogue, "street", NOW)
    events = street.events(50, gop=50)
    recorder_of(street, [*events, SourceEnded()], stop_gap=found.gap).run()
    first = events[1].captured_us  # type: ignore[union-attr]
    assert (GapCause.RECORDER_STOPPED.value, 3_000_000, first) in gaps(street)


def test_a_gap_left_open_by_the_dead_recorder_ends_where_its_pictures_did(
    street: Street,
) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.catalogue.gaps.open("street", 1, "both", Gap(4_000_000, None, GapCause.STALLED))
    recovered(street)
    assert ("stalled", 4_000_000, 4_000_000) in gaps(street)


def test_a_long_outage_stays_an_outage_when_the_recorder_dies_in_it(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.catalogue.gaps.open("street", 1, "both", Gap(3_000_000, None, GapCause.REFUSED))
    street.catalogue.alive("street", 8_000_000)
    recovered(street)
    assert gaps(street) == [
        ("refused", 3_000_000, 8_000_000),
        ("recorder-stopped", 1_000_000, 3_000_000),  # of the masked side alone
        ("recorder-stopped", 8_000_000, None),
    ]


def test_an_outage_at_an_orderly_stop_lasts_until_the_stop(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.catalogue.finish_segment("street", 0, "sealed", "stored")
    street.catalogue.gaps.open("street", 1, "both", Gap(3_000_000, None, GapCause.REFUSED))
    street.catalogue.end_epoch("street", 1, 7_000_000, 1)
    recovered(street)
    assert ("refused", 3_000_000, 7_000_000) in gaps(street)
    assert ("recorder-stopped", 7_000_000, None) in gaps(street)


def test_only_a_gap_of_both_sides_is_taken_for_the_stop(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    stopped = Gap(1_500_000, None, GapCause.RECORDER_STOPPED)
    half = street.catalogue.gaps.open("street", 1, "sealed", stopped)
    found = recover(street.engine, street.catalogue, "street", NOW)
    assert found.gap is not None
    assert found.gap.row != half
    assert found.gap.since_us == 3_000_000


def test_numbers_on_their_way_when_it_died_are_not_used_again(street: Street) -> None:
    period = begun(street)
    begin(street, period, 7)
    _, following = street.catalogue.begin_epoch("street", 5_000_000)
    assert following > 500
    street.catalogue.end_epoch("street", 2, 6_000_000, following + 3)
    assert street.catalogue.begin_epoch("street", 7_000_000)[1] == following + 3


@pytest.mark.parametrize("name", ["000001.open.json", "000001.json"])
def test_a_document_torn_by_a_power_cut_does_not_stop_the_camera(street: Street, name: str) -> None:
    if name == "000001.json":
        begun(street)
    else:
        street.catalogue.begin_epoch("street", 1_000_000)
    street.objects.put(f"period/street/000001/{name}", b"")
    recovered(street)
    keys = [key for key, _ in street.objects.list("period/")]
    whole = [manifest.parse(street.objects.get(k)) for k in keys if not k.endswith("open.json")]
    assert len(whole) == (name == "000001.json")


def test_a_period_that_stored_nothing_closes_no_earlier_than_it_opened(street: Street) -> None:
    period = begun(street)
    street.catalogue.close_period(period, 0, "recorder")
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert made.closed_us == made.opened_us == 1_000_000


def test_what_was_sealed_and_not_masked_yet_is_a_gap_of_the_masked_side(street: Street) -> None:
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    street.objects.put(begin(street, period, 0, "masked"), DATA)
    street.objects.put(begin(street, period, 1), DATA)
    recovered(street)
    table = schema.gap
    with reading(street.engine) as connection:
        found = connection.execute(select(table.c.side, table.c.since_us, table.c.until_us)).all()
    assert {tuple(gap) for gap in found} == {
        ("masked", 3_000_000, 5_000_000),
        ("both", 5_000_000, None),
    }


def test_dying_twice_leaves_no_other_gap_open(street: Street) -> None:
    """The second recorder found no camera and was killed before a picture came."""
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    recovered(street)
    street.catalogue.gaps.open("street", 1, "both", Gap(NOW, None, GapCause.UNREACHABLE))
    recovered(street)
    still_open = [gap for gap in gaps(street) if gap[2] is None]
    assert still_open == [("recorder-stopped", 3_000_000, None)]
    assert ("unreachable", NOW, NOW) in gaps(street)


def test_a_period_is_not_closed_over_a_segment_still_being_written(street: Street) -> None:
    """A stop that gave up on a failing store must not contradict what recovery finds."""
    period = begun(street)
    begin(street, period, 0)
    street.catalogue.close_period(period, 3_000_000, "recorder")
    assert states(street) == ["lost"]
    made = manifest.parse(street.objects.get("period/street/000001/000001.json"))
    assert list(made.lost) == [0]
    assert ("recorder-stopped", 1_000_000, 3_000_000) in gaps(street)


def test_staging_files_of_puts_that_died_are_removed(street: Street) -> None:
    period = begun(street)
    key = begin(street, period, 0)
    street.objects.put(key, DATA)
    staging = street.folder.objects / f"{key[:-5]}9.age#1"
    staging.write_bytes(DATA[:3])
    recovered(street)
    assert not staging.exists()
    assert street.objects.get(key) == DATA


def test_a_gap_that_was_told_hides_nothing_that_was_sealed_and_not_masked(street: Street) -> None:
    """The camera went away, and the recorder was killed before it had masked what came before."""
    period = begun(street)
    for number, side in ((0, "sealed"), (0, "masked"), (1, "sealed"), (3, "sealed")):
        street.objects.put(begin(street, period, number, side), DATA)
    street.catalogue.gaps.write("street", 1, "both", Gap(5_000_000, 7_000_000, GapCause.STALLED))
    gone = Gap(9_000_000, None, GapCause.DISCONNECTED)
    street.catalogue.gaps.open("street", 1, "both", gone)
    street.catalogue.alive("street", 9_500_000)
    recover(street.engine, street.catalogue, "street", 10_000_000)
    recover(street.engine, street.catalogue, "street", 10_000_000)
    table = schema.gap
    with reading(street.engine) as connection:
        found = connection.execute(select(table).where(table.c.side == "masked")).all()
    assert sorted((one.since_us, one.until_us) for one in found) == [
        (3_000_000, 5_000_000),
        (7_000_000, 9_000_000),
    ]


def test_invariant_10_a_gap_that_was_told_hides_no_segment_that_was_not_stored_yet(
    street: Street,
) -> None:
    """That the camera went away was written before the last of its pictures, and then it died."""
    period = begun(street)
    street.objects.put(begin(street, period, 0), DATA)
    gone = Gap(5_000_000, None, GapCause.DISCONNECTED)
    street.catalogue.gaps.open("street", 1, "both", gone)
    street.catalogue.alive("street", 6_000_000)
    recovered(street)
    assert ("disconnected", 5_000_000, 6_000_000) in gaps(street)
    assert ("recorder-stopped", 3_000_000, 5_000_000) in gaps(street)
    assert ("recorder-stopped", 6_000_000, None) in gaps(street)
    told = gaps(street)
    recovered(street)
    assert gaps(street) == told


def test_nothing_is_missing_before_a_camera_ever_recorded(street: Street) -> None:
    begun(street)
    street.catalogue.gaps.write("street", 1, "both", Gap(5_000_000, 6_000_000, GapCause.REFUSED))
    recovered(street)
    assert gaps(street) == [
        ("refused", 5_000_000, 6_000_000),
        ("recorder-stopped", 6_000_000, None),
    ]


@pytest.mark.parametrize(("frames", "thinned"), [(2, 1), (2, 2), (4, 0)])
def test_the_rest_of_a_segment_that_was_masked_in_part_is_a_gap(
    street: Street, frames: int, thinned: int
) -> None:
    """A stop let out what had been looked at, and it was killed before it said where that ends."""
    period = begun(street)
    street.objects.put(begin(street, period, 0, packets=4), DATA)
    counts = {"frames": frames, "thinned": thinned, "end_us": 1_500_000}
    street.objects.put(begin(street, period, 0, "masked", **counts), DATA)
    recovered(street)
    # all four: it is a slow camera, of whose pictures nobody knew how long they last
    rest = [("recorder-stopped", 1_500_000, 3_000_000)] if frames + thinned < 4 else []
    assert gaps(street) == [*rest, ("recorder-stopped", 3_000_000, None)]
