"""The guide to releasing a case, typed line by line as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sim.ports import free_port

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide/release-a-case.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("age"), reason="needs age: apt-get install age")
def test_a_newcomer_who_types_the_guide_releases_a_case(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8").replace("8460", str(free_port()))
    lines = "".join(_BLOCK.findall(text))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-em", "-c", lines],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = shell.communicate(timeout=1800)
    finally:
        try:  # whatever it left running
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert shell.returncode == 0, said
    assert said.count("refused, as it should be") == 2, said
    assert "the same film" in said
    release = tmp_path / "release"
    assert not list((release / "scrim-case-keys").glob("case-*"))
    assert (release / "opened/viewing/demo-1.mp4").stat().st_size > 10_000
