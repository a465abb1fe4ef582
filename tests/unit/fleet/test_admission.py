"""How often the gate is asked, and that nobody passes it unasked."""

from __future__ import annotations

import pytest

from scrim.errors import PackInvalid
from scrim.fleet import Cameras, Deployment
from scrim.fleet.admission import Admission
from scrim.papers.gatekeeper import Gatekeeper, Settled


class Gate(Gatekeeper):
    """Says what it is told to, and takes its time."""

    def __init__(self) -> None:
        self.withheld: frozenset[str] = frozenset()
        self.broken = False
        self.asked = 0
        self.seconds = 0.0

    def settle(self) -> Settled:
        self.asked += 1
        self.seconds += 1.0  # each judging takes a second
        if self.broken:
            raise PackInvalid("A pack is not right.", "Correct it.")
        return Settled(self.withheld, ("something changed",))


def test_it_is_asked_as_often_as_is_cheap_and_at_once_for_a_new_camera(
    deployment: Deployment, cameras: Cameras
) -> None:
    gate, said = Gate(), list[str]()
    admission = Admission(gate, said.append, lambda: gate.seconds)
    cameras.add("gate", "file", "/a.mp4")
    assert [camera.id for camera in admission.admitted(cameras.list())] == ["gate"]
    gate.withheld = frozenset({"gate", "yard"})
    assert [camera.id for camera in admission.admitted(cameras.list())] == ["gate"]
    assert gate.asked == 1
    cameras.add("yard", "file", "/b.mp4")
    assert admission.admitted(cameras.list()) == []
    assert gate.asked == 2
    gate.withheld = frozenset()
    gate.seconds += 20.0
    assert len(admission.admitted(cameras.list())) == 2
    assert said == ["something changed"] * 3


def test_a_gate_that_cannot_be_asked_lets_nobody_new_through(
    deployment: Deployment, cameras: Cameras
) -> None:
    gate = Gate()
    admission = Admission(gate, lambda _line: None, lambda: gate.seconds)
    gate.broken = True
    cameras.add("gate", "file", "/a.mp4")
    for _ in range(2):
        with pytest.raises(PackInvalid):
            admission.admitted(cameras.list())
