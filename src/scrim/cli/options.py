"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

DEFAULT_DATA = Path("scrim-data")

Data: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--data",
        "-d",
        envvar="SCRIM_DATA",
        help="The data folder.",
        file_okay=False,
        show_default=True,
    ),
]

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print JSON for a program to read.")
]
