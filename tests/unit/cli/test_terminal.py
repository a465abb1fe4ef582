"""What is shown is what there is, to the letter."""

from __future__ import annotations

import pytest

from scrim.cli.terminal import loud, table

ADDRESS = "rtsp://[fe80::a:b:1]/x"


@pytest.mark.parametrize(
    "text", [ADDRESS, "half past :100:, at :x: on the map", "[bold]gate[/bold]"]
)
def test_no_text_is_taken_for_a_picture_or_a_colour(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    table(["ID", "TEXT"], [["gate", text]])
    loud([text])
    out, err = capsys.readouterr()
    assert out.splitlines() == ["ID    TEXT", f"gate  {text}"]
    assert text in err
