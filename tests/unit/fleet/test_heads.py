import json

from sqlalchemy import insert, update

from scrim.canonical import digest
from scrim.fleet import Cameras, Deployment
from scrim.fleet.heads import Heads
from scrim.ledger import Act, Entry
from scrim.store.database import writing
from scrim.store.schema import period


def head(number: int) -> str:
    return f"{number:064x}"


def put(deployment: Deployment, camera: str, epoch: int, number: int, length: int) -> None:
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(period).values(
                camera=camera,
                epoch=epoch,
                period=number,
                opened_us=1,
                recipient="age1",
                document_key="k",
                document_sha256=head(0),
                chain_length=length,
                chain_head=head(length),
            )
        )


def move(deployment: Deployment, camera: str, epoch: int, number: int, **values: object) -> None:
    with writing(deployment.engine) as connection:
        connection.execute(
            update(period)
            .where(period.c.camera == camera, period.c.epoch == epoch, period.c.period == number)
            .values(**values)
        )


def published(deployment: Deployment) -> list[list[str]]:
    found = []
    for _, body in deployment.ledger.entries(0, 1000):
        entry = Entry.parse(body)
        if entry.act is Act.HEADS:
            facts = json.loads(body)["facts"]
            assert facts["count"] == len(facts["heads"])
            assert facts["sha256"] == digest(facts["heads"])
            found.append([":".join(text.split(":")[:4]) for text in facts["heads"]])
    return found


def heads(deployment: Deployment) -> Heads:
    return Heads(deployment.engine, deployment.ledger, deployment.clock)


def test_only_heads_that_moved_are_published_all_cameras_together(
    deployment: Deployment, cameras: Cameras
) -> None:
    publisher = heads(deployment)
    assert publisher.publish() == 0
    for name in ("gate", "yard"):
        cameras.add(name, "file", "/a.mp4")
        put(deployment, name, 1, 0, 3)
    assert publisher.publish() == 2
    assert publisher.publish() == 0
    move(deployment, "yard", 1, 0, chain_length=4, chain_head=head(4))
    assert publisher.publish() == 1
    assert published(deployment) == [["gate:1:0:3", "yard:1:0:3"], ["yard:1:0:4"]]


def test_an_older_period_that_is_still_open_is_watched_too(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    publisher = heads(deployment)
    put(deployment, "gate", 1, 0, 3)
    publisher.publish()
    put(deployment, "gate", 1, 1, 1)
    publisher.publish()
    move(deployment, "gate", 1, 0, chain_length=4, chain_head=head(4))  # the masked side is late
    publisher.publish()
    move(deployment, "gate", 1, 0, closed_us=9)
    publisher.publish()
    move(deployment, "gate", 1, 1, chain_length=2, chain_head=head(2))
    put(deployment, "gate", 2, 0, 1)
    publisher.publish()
    assert published(deployment) == [
        ["gate:1:0:3"],
        ["gate:1:1:1"],
        ["gate:1:0:4"],
        ["gate:1:1:2", "gate:2:0:1"],
    ]


def test_after_a_start_open_periods_are_published_and_closed_ones_are_not(
    deployment: Deployment, cameras: Cameras
) -> None:
    for name in ("gate", "yard"):
        cameras.add(name, "file", "/a.mp4")
    for number in range(5):
        put(deployment, "gate", 1, number, 3)
        move(deployment, "gate", 1, number, closed_us=9)
        put(deployment, "yard", 1, number, 2)
        if number != 3:
            move(deployment, "yard", 1, number, closed_us=9)
    publisher = heads(deployment)
    publisher.publish()
    (first,) = published(deployment)
    assert "yard:1:3:2" in first
    assert not any(text.startswith("gate") for text in first)
    put(deployment, "gate", 2, 0, 1)
    publisher.publish()
    assert published(deployment)[1] == ["gate:2:0:1"]


def test_many_cameras_fit_into_entries(deployment: Deployment, cameras: Cameras) -> None:
    names = [f"camera-with-a-rather-long-name-{number:04d}" for number in range(300)]
    with writing(deployment.engine) as connection:
        from scrim.store.schema import camera

        for name in names:
            connection.execute(
                insert(camera).values(
                    id=name,
                    name=name,
                    kind="file",
                    source="/a",
                    options="{}",
                    epoch=1,
                    next_segment=0,
                    added_us=1,
                )
            )
            connection.execute(
                insert(period).values(
                    camera=name,
                    epoch=1,
                    period=0,
                    opened_us=1,
                    recipient="age1",
                    document_key="k",
                    document_sha256=head(0),
                    chain_length=1,
                    chain_head=head(1),
                )
            )
    assert heads(deployment).publish() == 300
    assert [len(found) for found in published(deployment)] == [256, 44]
