"""docs/guide/norms.md is what the commands say of the demonstration, but for dates."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.unit.cli.conftest import Outcome

from scrim.cli import up
from scrim.clock import SECOND
from scrim.fleet import Cameras, Deployment
from scrim.store import schema
from scrim.store.database import writing

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "norms.md"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?")


def commands() -> list[tuple[list[str], str]]:
    """Each command of the guide with the text that follows it in its block."""
    blocks = re.findall(
        r"^```console\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [
        (line.split(), text)
        for block in blocks
        for line, text in re.findall(r"^\$ scrim (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def made(data: Path) -> None:
    """The demonstration as `scrim up --demo` leaves it after a moment, without its pictures."""
    deployment = Deployment.create(data)
    up._ensure_custodians(deployment, demo=True)
    clip = data / "demo" / "street.mp4"
    clip.parent.mkdir()
    clip.touch()
    cameras = Cameras(deployment.engine, deployment.ledger, applied=deployment.applied())
    up._enrol_demo(deployment, cameras)
    now = deployment.clock.now_us()
    period = {"camera": "demo", "epoch": 1, "period": 0}
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(schema.period).values(
                **period, opened_us=now, recipient="age1", document_key="k",
                document_sha256="", chain_length=0, chain_head="",
            )
        )  # fmt: skip
        for side in ("sealed", "masked"):
            connection.execute(
                insert(schema.segment).values(
                    **period, segment=0, side=side, start_us=now, end_us=now + 2 * SECOND,
                    object_key="k", record="{}", chain_index=0, chain_head="", state="stored",
                )
            )  # fmt: skip
    deployment.publish_checkpoint()
    deployment.watch(lambda: 0.0).look()
    deployment.publish_checkpoint()
    deployment.close()


def words(text: str) -> list[str]:
    """A text's words, dates and the width of columns left out."""
    return _DATE.sub("DATE", text).split()


@pytest.mark.parametrize("pack", ["baseline", "hk", "cn", "uk", "eu"])
def test_the_guide_shows_each_pack(pack: str) -> None:
    assert ["norms", "check", "--pack", pack] in [command for command, _ in commands()]


def test_the_guide_says_what_the_commands_say(
    scrim: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "data")
    monkeypatch.setenv("SCRIM_DATA", str(tmp_path / "data"))
    for command, text in commands():
        done = scrim(*command)
        assert words(done.out + done.err) == words(text), command
