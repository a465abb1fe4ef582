"""The hand-over: from what ``make run`` was told to the command it becomes."""

from __future__ import annotations

import os
from pathlib import Path

from child import SetupError
from packages import VENV


def scrim(*, data: str, camera: str | None, port: int) -> None:
    """Become ``scrim up``: this process is replaced and the call does not come back.

    Args:
        data: the data folder, made when it is not there.
        camera: a file or an address; None for the drawn street.
        port: where the page will be.
    """
    program = VENV / "bin" / "scrim"
    folder = Path(data)
    command = [str(program), "up", "--data", data, "--port", str(port)]
    # "--demo" makes what is missing. A folder with custodians of its own gets nothing of the sort.
    if not (folder / "format").exists() or (folder / "demo-custodians").exists():
        command.append("--demo")
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    if camera:
        env["SCRIM_CAMERA"] = camera  # its password must not stand in the process list
    try:
        os.execve(program, command, env)
    except OSError as error:
        raise SetupError(
            f"{program} does not start ({error.strerror}). Remove .venv, then make run."
        ) from None
