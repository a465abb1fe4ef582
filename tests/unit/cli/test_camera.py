import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.fleet import Deployment

Scrim = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Deployment.create(tmp_path / "data").close()
    return tmp_path / "data"


def test_add_list_and_remove(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    assert scrim("camera", "add", "clip", clip, "--loop", "--data", data).code == 0
    address = "rtsp://user:hunter2@192.0.2.7/1"
    done = scrim("camera", "add", "gate", address, "--transport", "udp", "--data", data)
    assert done.code == 0
    assert "hunter2" not in done.out + done.err

    text = scrim("camera", "list", "--data", data).out
    assert "hunter2" not in text
    assert [line.split()[0] for line in text.splitlines()] == ["ID", "clip", "gate"]
    listed = json.loads(scrim("camera", "list", "--data", data, "--json").out)
    assert [(camera["id"], camera["kind"], camera["options"]) for camera in listed] == [
        ("clip", "file", {"loop": True}),
        ("gate", "rtsp", {"transport": "udp"}),
    ]
    assert listed[0]["source"] == str(clip)

    assert scrim("camera", "remove", "gate", "--data", data).code == 0
    assert scrim("camera", "remove", "gate", "--data", data).code == 5
    assert len(json.loads(scrim("camera", "list", "--data", data, "--json").out)) == 1


def test_no_camera_yet(scrim: Scrim, data: Path) -> None:
    done = scrim("camera", "list", "--data", data)
    assert (done.code, done.out) == (0, "")
    assert "scrim camera add" in done.err
    assert scrim("camera", "list", "--data", data, "--json").out == "[]\n"


def test_sources_that_are_none(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    assert scrim("camera", "add", "a", tmp_path / "none.mp4", "--data", data).code == 5
    assert scrim("camera", "add", "a", tmp_path, "--data", data).code == 5
    assert scrim("camera", "add", "a", "gopher://x/y", "--data", data).code == 5
    assert scrim("camera", "add", "A!", "rtsp://192.0.2.7/1", "--data", data).code == 3
    assert scrim("camera", "add", "a", "rtsp://192.0.2.7/1", "--loop", "--data", data).code == 5
    assert scrim("camera", "list", "--data", data, "--json").out == "[]\n"


@pytest.mark.parametrize("way", ["add", "test"])
@pytest.mark.parametrize(
    "source",
    [
        "rtsp://user:hunter2/@192.0.2.7/1",
        "rtsp://user:#hunter2@192.0.2.7/1",
        "rtsp:/user:hunter2@192.0.2.7/1",
    ],
)
def test_a_password_with_a_slip_in_the_address_is_not_repeated(
    scrim_process: Scrim, data: Path, way: str, source: str
) -> None:
    name = ["gate"] if way == "add" else []
    done = scrim_process("--debug", "camera", way, *name, source, "--data", data)
    assert done.code == 5
    assert "hunter2" not in done.out + done.err


def test_white_space_around_an_address_is_no_part_of_it(scrim: Scrim, data: Path) -> None:
    assert scrim("camera", "add", "a", " rtsp://192.0.2.7/1 ", "--data", data).code == 0
    listed = json.loads(scrim("camera", "list", "--data", data, "--json").out)
    assert [(camera["kind"], camera["source"]) for camera in listed] == [
        ("rtsp", "rtsp://192.0.2.7/1")
    ]


def test_trying_a_camera(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    import av

    clip = tmp_path / "clip.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    done = scrim("camera", "test", clip, "--data", data, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["codec"], found["width"], found["height"]) == ("h264", 64, 48)
    assert scrim("camera", "add", "clip", clip, "--data", data).code == 0
    assert "64 x 48" in scrim("camera", "test", "clip", "--data", data).out


def test_trying_what_cannot_be_read_is_exit_code_5(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_text("dear")
    for what in (letter, tmp_path / "none.mp4", "nobody"):
        done = scrim("camera", "test", what, "--data", data)
        assert done.code == 5
        assert len(done.err.splitlines()) == 1


ZONE = "gate: 10%,20% 40%,20% 40%,50%"


def test_what_is_covered_is_said_shown_and_changed_in_parts(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    address = "rtsp://192.0.2.7/1"
    done = scrim("camera", "add", "gate", address, "--cover", "persons", "--data", data)
    assert (done.code, done.err) == (0, "")

    shown = scrim("camera", "cover", "gate", "--data", data)
    assert shown.out.splitlines() == [
        "Covers  faces, persons",
        "Style   solid",
        "Zones   none",
    ]

    options = ("--zone", ZONE, "--zone", ZONE.replace("gate", "door"), "--style", "mosaic")
    done = scrim("camera", "cover", "gate", *options, "--data", data)
    assert done.code == 0
    assert "weaker" in done.err
    told = json.loads(scrim("camera", "cover", "gate", "--json", "--data", data).out)
    assert told["cover"] == ["faces", "persons"]
    assert told["zones"][1] == "door: 0.1,0.2 0.4,0.2 0.4,0.5"
    assert len(told["warnings"]) == 1

    scrim("camera", "cover", "gate", "--no-zones", "--style", "silhouette", "--data", data)
    (listed,) = json.loads(scrim("camera", "list", "--data", data, "--json").out)
    assert listed["policy"] == {"cover": ["faces", "persons"], "style": "silhouette", "zones": []}
    assert "faces, persons; silhouette" in scrim("camera", "list", "--data", data).out


def test_the_settings_say_what_a_camera_does_not(scrim: Scrim, data: Path) -> None:
    (data / "scrim.toml").write_text('[redaction]\ncover = "vehicles"\nstyle = "silhouette"\n')
    scrim("camera", "add", "gate", "rtsp://192.0.2.7/1", "--style", "solid", "--data", data)
    (listed,) = json.loads(scrim("camera", "list", "--data", data, "--json").out)
    assert listed["policy"] == {"cover": ["faces", "vehicles"], "style": "solid", "zones": []}


@pytest.mark.parametrize(
    "options",
    [
        ("--cover", "cats"),
        ("--cover", ""),
        ("--cover", "faces,"),
        ("--zone", "10%,20% 40%,20% 40%,50%"),
        ("--zone", "gate: 0,0 1,1 1,0 0,1"),
        ("--zone", "gate: 0,0 2,0 2,2"),
        ("--zone", ZONE, "--zone", ZONE),
        ("--zone", ZONE, "--no-zones"),
    ],
)
def test_a_policy_that_cannot_be_is_one_line_and_changes_nothing(
    scrim: Scrim, data: Path, options: tuple[str, ...]
) -> None:
    scrim("camera", "add", "gate", "rtsp://192.0.2.7/1", "--data", data)
    done = scrim("camera", "cover", "gate", *options, "--data", data)
    assert done.code == 3
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    told = json.loads(scrim("camera", "cover", "gate", "--json", "--data", data).out)
    assert (told["cover"], told["zones"]) == (["faces"], [])


def test_a_style_that_is_none_is_a_wrong_command_line(scrim: Scrim, data: Path) -> None:
    done = scrim("camera", "cover", "gate", "--style", "blur", "--data", data)
    assert done.code == 2
    assert "silhouette" in done.err
    assert scrim("camera", "cover", "gate", "--data", data).code == 5
