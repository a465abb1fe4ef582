"""The hand-over: from what ``make run`` was told to the command it becomes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from child import SetupError
from packages import VENV


def scrim(*, data: str, camera: str | None, port: int) -> NoReturn:
    """Become ``scrim up``; does not come back.

    Args:
        data: the data folder, made when it is not there.
        camera: a file or an address; None for the drawn street.
        port: where the page will be.
    """
    program = VENV / "bin" / "scrim"
    command = [str(program), "up", "--data", data, "--port", str(port)]
    if not (Path(data) / "format").exists():
        command.append("--demo")
    if camera:
        command += ["--camera", camera]
    try:
        os.execv(program, command)
    except OSError as error:
        raise SetupError(
            f"{program} does not start ({error.strerror}). Remove .venv, then make run."
        ) from None
