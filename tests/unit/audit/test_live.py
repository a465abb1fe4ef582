"""An officer who can open what no entry accounts for is found without any key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from tests.unit.audit.conftest import GATE_1, SECOND, Folder

from scrim.audit import Kind
from scrim.canonical import Json
from scrim.ledger import Act, Entry
from scrim.store.keys import sealed_key
from scrim.vault.custodian import new_identity
from scrim.vault.document import PeriodDocument
from scrim.vault.period import PeriodKey

Found = Callable[..., list[tuple[Kind, str]]]

REQUEST = "a" * 64
SEGMENT = sealed_key("gate", 1, 1, 4)
START_US, END_US = 8 * SECOND, 10 * SECOND


def says(folder: Folder, act: Act, since_us: int, until_us: int, **changed: object) -> None:
    values: dict[str, object] = {
        "act": act,
        "at_us": since_us,
        "who": "recorder",
        "authority": "case",
        "reason": "live-opening",
        "camera": "gate",
        "epoch": 1,
        "since_us": since_us,
        "until_us": until_us,
        "facts": {"case": "sha256:" + "0" * 64, "request": REQUEST},
    }
    folder.deployment.ledger.append(Entry(**(values | changed)))  # type: ignore[arg-type]


def record(folder: Folder, *, also: int, live: Json) -> None:
    """Segment 4 of gate's open period, sealed to others too, as a recorder would write it."""
    document = folder.catalogue.objects.get("period/gate/000001/000001.open.json")
    key = PeriodKey(document, "", PeriodDocument.parse(document).recipient)
    data = key.seal(b"pictures", [new_identity().recipient for _ in range(also)])
    made: dict[str, Json] = {
        "side": "sealed",
        "segment": 4,
        "start_us": START_US,
        "end_us": END_US,
        "key": SEGMENT,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if live is not None:
        made["live"] = live
    folder.catalogue.begin_segment(GATE_1, made)
    folder.catalogue.objects.put(SEGMENT, data)
    folder.catalogue.finish_segment("gate", 4, "sealed", "stored")
    folder.publish()


def test_what_the_ledger_said_first_is_in_order(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_OPENED, START_US, END_US + 1)
    record(again, also=1, live=[REQUEST])
    says(again, Act.LIVE_ENDED, START_US, END_US)
    assert found() == []


def test_a_recipient_that_no_record_names(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_OPENED, START_US, END_US)
    record(again, also=1, live=None)
    assert found() == [(Kind.SEAL_RECIPIENTS, SEGMENT)]


def test_one_recipient_more_than_named(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_OPENED, START_US, END_US)
    record(again, also=2, live=[REQUEST, REQUEST])
    assert found() == [(Kind.SEAL_RECIPIENTS, SEGMENT)]


def test_a_request_without_an_entry(again: Folder, found: Found) -> None:
    record(again, also=1, live=[REQUEST])
    assert found() == [(Kind.LIVE_UNLOGGED, SEGMENT)]


@pytest.mark.parametrize(
    ("since_us", "until_us"),
    [(START_US + 1, END_US), (START_US, END_US - 1), (0, 1), (END_US, END_US + SECOND)],
)
def test_a_segment_that_is_not_wholly_inside(
    again: Folder, found: Found, since_us: int, until_us: int
) -> None:
    says(again, Act.LIVE_OPENED, since_us, until_us)
    record(again, also=1, live=[REQUEST])
    assert found() == [(Kind.LIVE_UNLOGGED, SEGMENT)]


def test_a_segment_after_the_opening_was_ended(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_OPENED, START_US, END_US)
    says(again, Act.LIVE_ENDED, START_US, END_US - SECOND)
    record(again, also=1, live=[REQUEST])
    assert found() == [(Kind.LIVE_UNLOGGED, SEGMENT)]


def test_an_opening_of_another_camera(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_OPENED, START_US, END_US, camera="yard")
    record(again, also=1, live=[REQUEST])
    assert found() == [(Kind.LIVE_UNLOGGED, SEGMENT)]


@pytest.mark.parametrize("live", ["a" * 64, [7], {}, 7], ids=str)
def test_a_record_that_names_no_request(again: Folder, found: Found, live: Json) -> None:
    record(again, also=1, live=live)
    assert {kind for kind, _ in found()} >= {Kind.LIVE_UNLOGGED}


def test_entries_that_say_too_little(again: Folder, found: Found) -> None:
    says(again, Act.LIVE_ENDED, 5, 6)
    says(again, Act.LIVE_OPENED, 5, 6, camera=None)
    says(again, Act.LIVE_OPENED, 5, 6, facts={"request": 7})
    says(again, Act.LIVE_OPENED, 5, 6, facts={})
    again.publish()
    kinds = [kind for kind, _ in found()]
    assert sorted(kinds) == sorted([Kind.LIVE_UNLOGGED, *[Kind.ENTRY_UNREADABLE] * 3])
