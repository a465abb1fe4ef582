from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.errors import SealBroken
from scrim.vault import chain_head, manifest
from scrim.vault.manifest import build, parse

RECORDS: list[dict[str, Any]] = [
    {
        "side": side,
        "segment": segment,
        "start_us": segment * 4_000_000,
        "end_us": (segment + 1) * 4_000_000,
        "key": f"{side}/gate/000002/000005/{segment:010d}",
        "size": 1000 + segment,
        "sha256": f"{segment:064x}",
    }
    for segment in range(3)
    for side in ("sealed", "masked")
]
DOCUMENT = "ab" * 32


def _build(records: list[dict[str, Any]] = RECORDS, document: str = DOCUMENT, **more: Any) -> bytes:
    arguments: dict[str, Any] = {
        "document_sha256": document,
        "camera": "gate",
        "epoch": 2,
        "period": 5,
        "opened_us": 0,
        "closed_us": 12_000_000,
        "records": records,
        "chain_head": chain_head(document, records),
        "closed_by": "recorder",
    }
    return build(**{**arguments, **more})


def test_a_manifest_is_read_back() -> None:
    data = _build()
    found = parse(data, sha256=hashlib.sha256(data).hexdigest())
    assert list(found.records) == RECORDS
    assert found.closed_by == "recorder"
    assert found.chain_head == chain_head(DOCUMENT, RECORDS)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert (found.camera, found.epoch, found.period) == ("gate", 2, 5)


def test_an_empty_period_has_a_manifest_too() -> None:
    assert parse(_build([])).records == ()


def test_records_whose_object_never_came_to_be_are_named() -> None:
    assert parse(_build()).lost == ()
    assert parse(_build(lost=[1, 5])).lost == (1, 5)
    for wrong in ([6], [-1], [1, 1], [2, 1], [True], ["1"], [0, None]):
        with pytest.raises(SealBroken, match="lost"):
            _build(lost=wrong)


def test_a_record_may_say_more() -> None:
    more = {**RECORDS[0], "codec": "h264", "camera_clock": {"first": None}}
    assert parse(_build([more])).records == (more,)


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["records"].pop(),
        lambda m: m["records"].pop(0),
        lambda m: m["records"].reverse(),
        lambda m: m["records"].append(m["records"][0]),
        lambda m: m["records"][2].update(size=7),
        lambda m: m["records"][2].update(sha256="00" * 32),
        lambda m: m["records"][2].update(start_us=1),
        lambda m: m["records"][2].update(note="added"),
        lambda m: m["records"][2].pop("end_us") and m["records"][2].update(end_us=0),
        lambda m: m.update(chain_head="00" * 32),
        lambda m: m.update(document_sha256="cd" * 32),
    ],
)
def test_an_edited_record_does_not_lead_to_the_head(edit: Any) -> None:
    value = json.loads(_build())
    edit(value)
    with pytest.raises(SealBroken, match="chain head"):
        parse(canonical(value))


@pytest.mark.parametrize("field", ["camera", "epoch", "period", "opened_us", "closed_us"])
def test_an_edit_outside_the_chain_is_found_by_the_hash_on_record(field: str) -> None:
    data = _build()
    value = json.loads(data)
    value[field] = "door" if field == "camera" else value[field] + 1
    with pytest.raises(SealBroken, match="on record"):
        parse(canonical(value), sha256=hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    "change",
    [
        {"side": "other"},
        {"side": None},
        {"segment": -1},
        {"segment": "1"},
        {"end_us": None},
        {"size": -1},
        {"size": None},
        {"key": 1},
        {"sha256": "ab"},
        {"start_us": True},
    ],
    ids=str,
)
def test_what_is_no_record_is_neither_written_nor_read(change: dict[str, Any]) -> None:
    records = [{**RECORDS[0], **change}]
    with pytest.raises(SealBroken):
        _build(records)


def test_a_manifest_that_could_not_be_verified_is_not_written() -> None:
    with pytest.raises(SealBroken, match="chain head"):
        _build(chain_head="00" * 32)
    with pytest.raises(SealBroken, match="float"):
        _build([], closed_us=0.5)
    with pytest.raises(SealBroken, match="closed_by"):
        _build(closed_by="The Recorder")
    with pytest.raises(SealBroken, match="closed_us"):
        _build(closed_us=-1)


def test_it_belongs_to_one_document_only(period: Any, make_period: Any) -> None:
    sha256 = hashlib.sha256(period.document).hexdigest()
    opened_us = period.parsed.opened_us
    right = parse(_build(document=sha256, opened_us=opened_us))
    assert right.check_belongs_to(period.document).camera == "gate"
    with pytest.raises(SealBroken, match="on record"):
        right.check_belongs_to(make_period().document)
    for change in ({"camera": "door"}, {"epoch": 9}, {"period": 9}, {"opened_us": 9}):
        arguments = {"document": sha256, "opened_us": opened_us, **change}
        with pytest.raises(SealBroken, match="do not agree"):
            parse(_build(**arguments)).check_belongs_to(period.document)


@given(st.data())
def test_any_changed_byte_is_refused_or_changes_the_hash(data: st.DataObject) -> None:
    whole = _build()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    changed = whole[:at] + bytes([byte]) + whole[at + 1 :]
    with pytest.raises(SealBroken):
        parse(changed, sha256=hashlib.sha256(whole).hexdigest())
    try:
        parse(changed)
    except SealBroken:
        pass


@given(st.binary())
def test_any_bytes_are_refused_cleanly(data: bytes) -> None:
    with pytest.raises(SealBroken):
        parse(data)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["side", "segment", "state", "key"]), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(json.loads(_build()))), JSON)
def test_any_value_in_any_field_is_refused_cleanly(field: str, value: Any) -> None:
    changed = {**json.loads(_build()), field: value}
    try:
        found = parse(canonical(changed))
    except SealBroken:
        return
    assert isinstance(found, manifest.Manifest)
