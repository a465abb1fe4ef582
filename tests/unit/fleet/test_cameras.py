import pytest
from sqlalchemy import text

from scrim.canonical import digest
from scrim.errors import CameraUnknown, LedgerUnavailable, SettingsError
from scrim.fleet import Cameras, Deployment
from scrim.ledger import Act, Entry
from scrim.store.database import reading, writing


def entries(deployment: Deployment) -> list[Entry]:
    return [Entry.parse(body) for _, body in deployment.ledger.entries(0, 1000)]


def test_a_camera_added_is_listed_and_in_the_ledger(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "rtsp", "rtsp://a:secret@host/1", name="North gate", options={"x": "y"})
    (camera,) = cameras.list()
    assert (camera.id, camera.name, camera.kind) == ("gate", "North gate", "rtsp")
    assert dict(camera.options) == {"x": "y"}
    (entry,) = entries(deployment)
    assert (entry.act, entry.camera, entry.reason) == (Act.CONFIGURED, "gate", "camera-added")
    assert b"secret" not in entry.body()
    assert b"host" not in entry.body()


def test_a_camera_is_not_there_when_its_entry_cannot_be_written(
    deployment: Deployment, cameras: Cameras
) -> None:
    with writing(deployment.engine) as connection:
        connection.execute(text("DROP TABLE entry"))
    with pytest.raises(LedgerUnavailable):
        cameras.add("gate", "file", "/a.mp4")
    assert cameras.list() == ()


@pytest.mark.parametrize("identifier", ["", "Gate", "a b", "a--b", "-a", "a-", "a" * 41, "tür"])
def test_an_id_that_is_none_is_refused(cameras: Cameras, identifier: str) -> None:
    with pytest.raises(SettingsError, match="id"):
        cameras.add(identifier, "file", "/a.mp4")


def test_the_longest_id_is_taken(cameras: Cameras) -> None:
    assert cameras.add("a" * 40, "file", "/a.mp4").id == "a" * 40


def test_an_id_is_not_given_twice_unless_it_replaces(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with pytest.raises(SettingsError, match="already"):
        cameras.add("gate", "file", "/b.mp4")
    cameras.add("gate", "file", "/b.mp4", replace=True)
    assert [camera.source for camera in cameras.list()] == ["/b.mp4"]
    assert [entry.reason for entry in entries(deployment)] == ["camera-added", "camera-changed"]


def test_a_camera_removed_is_gone_and_its_numbers_are_kept(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with writing(deployment.engine) as connection:
        connection.execute(text("UPDATE camera SET epoch = 7, next_segment = 40"))
    cameras.remove("gate")
    assert cameras.list() == ()
    with pytest.raises(CameraUnknown):
        cameras.get("gate")
    with pytest.raises(CameraUnknown):
        cameras.remove("gate")
    assert cameras.add("gate", "file", "/b.mp4").epoch == 7
    with reading(deployment.engine) as connection:
        assert connection.execute(text("SELECT next_segment FROM camera")).scalar() == 40
    assert [entry.reason for entry in entries(deployment)] == [
        "camera-added",
        "camera-removed",
        "camera-added",
    ]


GATE = "gate: 0.1,0.2 0.4,0.2 0.4,0.5"


def test_a_policy_is_kept_as_said_and_its_entry_says_no_place(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    assert cameras.get("gate").policy == {}
    changed = cameras.set_policy("gate", {"cover": ["plates"], "zones": [GATE]})
    said = {"cover": ["faces", "plates"], "zones": [GATE]}
    assert changed.policy == cameras.get("gate").policy == said
    _, entry = entries(deployment)
    assert (entry.act, entry.camera, entry.reason) == (
        Act.CONFIGURED,
        "gate",
        "camera-policy-changed",
    )
    assert entry.facts == {
        "change": "camera-policy-changed",
        "cover": ["faces", "plates"],
        "style": "default",
        "zones": 1,
        "policy": digest(said),
    }
    assert b"0.2" not in entry.body()


def test_a_policy_may_come_with_the_camera(deployment: Deployment, cameras: Cameras) -> None:
    camera = cameras.add("gate", "file", "/a.mp4", policy={"style": "silhouette"})
    assert camera.policy == {"style": "silhouette"}
    (entry,) = entries(deployment)
    assert entry.facts["style"] == "silhouette"


def test_a_policy_is_not_changed_when_its_entry_cannot_be_written(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4", policy={"zones": [GATE]})
    with writing(deployment.engine) as connection:
        connection.execute(text("DROP TABLE entry"))
    with pytest.raises(LedgerUnavailable):
        cameras.set_policy("gate", {})
    assert cameras.get("gate").policy == {"zones": [GATE]}


def test_a_policy_that_cannot_be_changes_nothing(deployment: Deployment, cameras: Cameras) -> None:
    cameras.add("gate", "file", "/a.mp4", policy={"zones": [GATE]})
    with pytest.raises(SettingsError, match="cats"):
        cameras.set_policy("gate", {"cover": ["cats"]})
    with pytest.raises(SettingsError, match="blur"):
        cameras.add("door", "file", "/a.mp4", policy={"style": "blur"})
    with pytest.raises(CameraUnknown):
        cameras.set_policy("door", {})
    assert [camera.policy for camera in cameras.list()] == [{"zones": [GATE]}]
    assert len(entries(deployment)) == 1


def test_another_source_keeps_the_policy_and_another_enrolment_does_not(cameras: Cameras) -> None:
    cameras.add("gate", "file", "/a.mp4", policy={"zones": [GATE]})
    assert cameras.add("gate", "file", "/b.mp4", replace=True).policy == {"zones": [GATE]}
    cameras.remove("gate")
    with pytest.raises(CameraUnknown):
        cameras.set_policy("gate", {})
    assert cameras.add("gate", "file", "/c.mp4").policy == {}
