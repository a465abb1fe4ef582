"""When a camera's sound may stay in its sealed original, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.papers.office import DAY_US, Office, write_pack

from scrim.errors import CameraError, CameraUnknown
from scrim.fleet.admission import Admission
from scrim.ledger import Act
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing

PURPOSES = """
purposes:
  - {{id: help-point, title: Help, legal_basis: Law of towns, source: read, sound: {sound}}}
  - {{id: traffic, title: Traffic, legal_basis: Law of towns, source: read}}
"""


@pytest.fixture
def loud(tmp_path: Path) -> Iterator[Office]:
    """An office with two packs that allow sound for help points, and one that does not."""
    office = Office(tmp_path)
    for name, sound in (("talk", "true"), ("speak", "true"), ("hush", "false")):
        write_pack(office.packs, name, {f"{name}-1": "read"}, PURPOSES.format(sound=sound))
    (office.packs / "once.yaml").write_text(
        (office.packs / "talk.yaml").read_text().replace("talk", "once")
        + "requires: [{rule: once-1, paper: purpose, valid: {days: 30}}]\n"
    )
    yield office
    office.deployment.close()


def enrol(office: Office, purpose: str | None = "help-point", *, sound: bool = True) -> None:
    options = {"sound": True} if sound else {}
    office.cameras.add(
        "gate", "rtsp", "rtsp://a/1", options=options, placing=Placing(purpose=purpose)
    )


def needed(office: Office, **said: object) -> str:
    given: dict[str, object] = {"purpose": "help-point", "says": ("sound",), "camera": "gate"}
    return office.paper(Kind.PURPOSE, **given | said).id


def allowed(office: Office) -> frozenset[str]:
    return office.gatekeeper.settle().sound


def why(office: Office) -> str | None:
    return office.gatekeeper.silent().get("gate")


def test_every_pack_and_the_purpose_allow_it(loud: Office) -> None:
    enrol(loud)
    loud.applied.apply("talk")
    loud.applied.apply("speak")
    needed(loud)
    assert why(loud) == ""
    assert allowed(loud) == {"gate"}


def test_under_no_pack_there_is_none_that_allows_it(loud: Office) -> None:
    enrol(loud)
    needed(loud)
    assert "No pack is in force" in (why(loud) or "")
    assert allowed(loud) == frozenset()


def test_one_pack_that_allows_none_is_enough(loud: Office) -> None:
    enrol(loud)
    loud.applied.apply("talk")
    loud.applied.apply("hush")
    needed(loud)
    assert why(loud) == "The pack hush allows no sound for the purpose help-point."
    assert allowed(loud) == frozenset()


def test_a_pack_that_does_not_know_the_purpose_allows_nothing(loud: Office) -> None:
    enrol(loud)
    loud.applied.apply("talk")
    loud.applied.apply("town")  # has no purposes at all
    needed(loud)
    assert why(loud) == "The pack town does not know the purpose help-point."


@pytest.mark.parametrize(
    ("purpose", "said"),
    [("traffic", "allows no sound for the purpose traffic"), (None, "has no purpose")],
)
def test_another_purpose_has_no_sound(loud: Office, purpose: str | None, said: str) -> None:
    enrol(loud, purpose)
    loud.applied.apply("talk")
    assert said in (why(loud) or "")


@pytest.mark.parametrize(
    "said",
    [
        {"says": ()},  # nothing of sound
        {"camera": None, "site": "default", "says": ("zoom",)},
        {"expires": "2026-02-20", "issued": "2026-02-01"},  # over
    ],
)
def test_a_paper_that_does_not_say_it_now_is_none(loud: Office, said: dict[str, object]) -> None:
    enrol(loud)
    loud.applied.apply("talk")
    needed(loud, **said)
    assert "says that sound is needed" in (why(loud) or "")


def test_it_ends_with_its_paper_and_with_the_time_that_a_pack_gives_it(loud: Office) -> None:
    enrol(loud)
    loud.applied.apply("once")
    paper = needed(loud)
    assert allowed(loud) == {"gate"}
    loud.clock.us += 31 * DAY_US
    assert allowed(loud) == frozenset()
    needed(loud, issued="2026-03-31")
    assert allowed(loud) == {"gate"}
    for one in (paper, needed(loud, issued="2026-03-30")):
        loud.papers.revoke(one, "no longer")
    assert allowed(loud) == {"gate"}  # one is left


def test_nobody_asked_for_it(loud: Office) -> None:
    enrol(loud, sound=False)
    loud.applied.apply("talk")
    needed(loud)
    assert loud.gatekeeper.silent() == {}
    assert allowed(loud) == frozenset()


def test_asking_for_it_is_in_the_ledger_and_so_is_asking_no_longer(loud: Office) -> None:
    enrol(loud, sound=False)
    loud.applied.apply("talk")
    needed(loud)
    loud.ask_sound("gate", True)
    assert loud.cameras.get("gate").options == {"sound": True}
    assert allowed(loud) == {"gate"}
    loud.ask_sound("gate", False)
    assert loud.cameras.get("gate").options == {}
    assert allowed(loud) == frozenset()
    said = [entry.facts for entry in loud.entries() if entry.act is Act.CONFIGURED]
    assert [one.get("sound") for one in said if one["change"] == "camera-sound-changed"] == [
        True,
        False,
    ]


def test_a_camera_without_a_microphone_and_one_that_is_not_there(loud: Office) -> None:
    loud.cameras.add("desk", "usb", "/dev/video0")
    with pytest.raises(CameraError, match="sends no sound"):
        loud.ask_sound("desk", True)
    with pytest.raises(CameraUnknown):
        loud.ask_sound("nowhere", True)


def test_the_supervisor_is_told_and_told_again_when_it_ends(loud: Office) -> None:
    enrol(loud)
    loud.applied.apply("talk")
    paper = needed(loud)
    admission = Admission(loud.gatekeeper, lambda _line: None, lambda: 0.0)
    assert [one.sound for one in admission.admitted(loud.cameras.list())] == [True]
    loud.papers.revoke(paper, "the microphone was taken away")
    assert [one.sound for one in admission.admitted(loud.cameras.list())] == [False]
