"""``scrim case exports``: the register of disclosures, on the server's own machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scrim.cli.case import tell
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, tell_json
from scrim.cli.times import shown


def exports(
    data: Annotated[
        Path, typer.Option("--data", "-d", help="On the server: the register of this folder.")
    ],
    case: Annotated[str | None, typer.Option("--case", help="Only of this case.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the register of disclosures: what left, to whom, for which organisation, and why.

    A private person's name is not in it: sha256:... stands for it, and the release record of
    whoever handed it out opens that.
    """
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        found = deployment.cases().register_of_exports()
    finally:
        deployment.close()
    found = tuple(one for one in found if case in (None, one.case))
    if as_json:
        tell_json([asdict(one) for one in found])
    elif not found:
        note("Nothing has left.")
    else:
        for one in found:
            tell(f"{shown(one.exported_us)}  {one.case}  {one.kind}  entry {one.entry}")
            tell(
                f"    to {one.name}, {one.organisation or '(not said)'}: {one.why or '(not said)'}"
            )
            tell(f"    by {one.officer}, SHA-256 {one.sha256}")


def attach(cases: typer.Typer) -> None:
    """Add the command to ``scrim case``."""
    cases.command("exports")(exports)
