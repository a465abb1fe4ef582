from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.store import keys
from scrim.store.keys import ObjectName

cameras = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
numbers = st.integers(0, 10**12)


def test_keys_are_those_of_the_layout() -> None:
    assert keys.sealed_key("demo", 3, 1, 7) == "sealed/demo/000003/000001/0000000007.age"
    assert keys.masked_key("demo", 3, 1, 7) == "masked/demo/000003/000001/0000000007.mp4"
    assert keys.document_key("demo", 3, 1) == "period/demo/000003/000001.open.json"
    assert keys.manifest_key("demo", 3, 1) == "period/demo/000003/000001.json"


@given(cameras, numbers, numbers, numbers)
def test_a_key_is_taken_apart_as_it_was_made(
    camera: str, epoch: int, period: int, segment: int
) -> None:
    made = {
        keys.sealed_key(camera, epoch, period, segment): ("sealed", segment),
        keys.masked_key(camera, epoch, period, segment): ("masked", segment),
        keys.document_key(camera, epoch, period): ("document", None),
        keys.manifest_key(camera, epoch, period): ("manifest", None),
    }
    assert len(made) == 4
    for key, (kind, number) in made.items():
        assert keys.valid(key)
        assert keys.parse(key) == ObjectName(kind, camera, epoch, period, number)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "sealed",
        "sealed/demo/000003/000001/0000000007.mp4",
        "masked/demo/000003/000001/0000000007.age",
        "sealed/demo/3/1/7.age",
        "sealed/demo/0000003/000001/0000000007.age",  # one spelling only
        "sealed/demo/000003/000001/0000000007.age#1",
        "sealed/Demo/000003/000001/0000000007.age",
        "sealed/../000003/000001/0000000007.age",
        "period/demo/000003/000001.close.json",
        "other/demo/000003/000001.json",
        "sealed/demo/000003/000001/0000000007.age\n",
    ],
)
def test_what_scrim_did_not_name_is_no_object_of_its_own(key: str) -> None:
    assert keys.parse(key) is None


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a b", "A", "ü", "a#1", "a\\b", "..."]
)
def test_what_could_lead_out_of_a_folder_is_no_key(key: str) -> None:
    assert not keys.valid(key)


@pytest.mark.parametrize("camera", ["", "a/b", "..", "A", "a" * 41, "a b"])
def test_a_key_is_made_for_a_camera_s_id_only(camera: str) -> None:
    with pytest.raises(ValueError, match="camera"):
        keys.sealed_key(camera, 1, 1, 1)


def test_counters_are_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        keys.sealed_key("demo", 1, -1, 1)
    with pytest.raises(ValueError, match="negative"):
        keys.masked_key("demo", 1, 1, -1)
