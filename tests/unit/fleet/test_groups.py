from dataclasses import replace

from scrim.fleet.cameras import Camera
from scrim.fleet.groups import Groups


def camera(name: str) -> Camera:
    return Camera(name, name, "file", f"/{name}.mp4", {}, 0, 1)


A, B, C, D = (camera(name) for name in "abcd")


def started(groups: Groups, *cameras: Camera) -> dict[int, str]:
    change = groups.follow(cameras)
    return {number: "".join(c.id for c in members) for number, members in change.started.items()}


def test_each_camera_has_its_own_process_by_default() -> None:
    groups = Groups(1)
    assert started(groups, A, B) == {0: "a", 1: "b"}
    assert started(groups, A, B) == {}


def test_a_new_camera_leaves_running_ones_alone() -> None:
    groups = Groups(3)
    assert started(groups, A, B) == {0: "ab"}
    assert started(groups, A, B, C, D) == {1: "cd"}


def test_a_changed_camera_starts_again_and_its_epoch_is_no_change() -> None:
    groups = Groups(1)
    started(groups, A, B)
    assert started(groups, replace(A, epoch=9), B) == {}
    assert started(groups, replace(A, source="/new.mp4"), B) == {0: "a"}
    assert started(groups, replace(A, source="/new.mp4"), replace(B, added_us=2)) == {1: "b"}


def test_a_camera_whose_sound_may_no_longer_be_recorded_starts_again() -> None:
    groups = Groups(1)
    started(groups, replace(A, sound=True), B)
    assert started(groups, replace(A, sound=True), B) == {}
    assert started(groups, A, B) == {0: "a"}


def test_a_camera_whose_policy_changed_starts_again() -> None:
    groups = Groups(1)
    started(groups, A, B)
    solid = replace(A, policy={"style": "solid"})
    assert started(groups, solid, B) == {0: "a"}
    assert started(groups, replace(A, policy={"style": "solid"}), B) == {}
    assert started(groups, A, B) == {0: "a"}


def test_a_removed_camera_ends_its_process_or_leaves_its_group() -> None:
    groups = Groups(2)
    started(groups, A, B, C)
    change = groups.follow([A])
    assert change.ended == (1,)
    assert [c.id for c in change.started[0]] == ["a"]
    assert groups.follow([]).ended == (0,)


def test_other_custodians_start_the_recorder_again() -> None:
    groups = Groups(1)
    assert started(groups, replace(A, custodian_set=1), B) == {0: "a", 1: "b"}
    assert started(groups, replace(A, custodian_set=2), B) == {0: "a"}
    assert started(groups, replace(A, custodian_set=2), B) == {}
