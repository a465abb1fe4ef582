"""Addresses, and that no password gets out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.camera.address import checked_rtsp, file_path, kind_of, without_secrets
from scrim.errors import CameraError


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("rtsp://admin:hunter2@cam/1", "rtsp://admin:***@cam/1"),
        ("rtsp://admin:p%40ss@cam:554/1?a=b", "rtsp://admin:***@cam:554/1?a=b"),
        ("rtsp://admin:p@ss@cam/1", "rtsp://admin:***@cam/1"),
        ("rtsp://admin@cam/1", "rtsp://admin@cam/1"),
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("rtsp://cam/1?user=a&password=hunter2&x=1", "rtsp://cam/1?user=a&password=***&x=1"),
        ("rtsp://cam/a@b", "rtsp://cam/a@b"),
        ("RTSP://admin:hunter2@cam/1", "RTSP://admin:***@cam/1"),
        ("/srv/a@b:c.mp4", "/srv/a@b:c.mp4"),
        (" rtsp://admin:hunter2@cam/1", " rtsp://admin:***@cam/1"),
        ("rtsp:/admin:hunter2@cam/1", "rtsp:/admin:***@cam/1"),
        ("rtsp://admin:p@ss/word@cam/1", "rtsp://admin:***@cam/1"),
        ("rtsp://cam:554/user=a_password=hunter2_x=1", "rtsp://cam:554/user=a_password=***"),
        ("rtsp://cam/1?auth=hunter2", "rtsp://cam/1?auth=***"),
    ],
)
def test_secrets_are_hidden(source: str, shown: str) -> None:
    assert without_secrets(source) == shown


@given(st.text(alphabet="abcXYZ019%!$&'()*+,;=:@._~-/?#[] ", min_size=6))
def test_no_password_is_ever_shown(password: str) -> None:
    shown = without_secrets(f"rtsp://user:{password}@host.example/path")
    assert shown == "rtsp://user:***@host.example/path"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("clip.mp4", "file"),
        ("/a/b.gif", "file"),
        ("file:///a/b.gif", "file"),
        ("/dev/video0", "usb"),
        ("/dev/v4l/by-id/x", "usb"),
        ("rtsp://cam/1", "rtsp"),
        ("rtsps://cam/1", "rtsp"),
        ("C:clip.mp4", "file"),
    ],
)
def test_the_kind_is_told_by_the_address(source: str, kind: str) -> None:
    assert kind_of(source) == kind


@pytest.mark.parametrize("source", ["http://a/b", "rtmp://user:secret@a/b", "concat://x"])
def test_another_scheme_is_refused(source: str) -> None:
    with pytest.raises(CameraError, match="does not read") as caught:
        kind_of(source)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "source", ["", "rtsp://", "rtsp:///x", "rtsp://u:secret@/x", "rtsp://u:secret@h:port/x", "x"]
)
def test_an_address_that_cannot_be_one(source: str) -> None:
    with pytest.raises(CameraError) as caught:
        checked_rtsp(source)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


def test_a_file_address_is_a_path() -> None:
    assert file_path("file:///a%20b.mp4") == "/a b.mp4"
    assert file_path("a%20b.mp4") == "a%20b.mp4"
