"""``scrim doctor``: is this machine fit for Scrim?"""

from __future__ import annotations

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, tell, tell_json

EPILOG = "[bold]For a program:[/bold] scrim doctor --json"


def doctor(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Look at this machine and the data folder, and say what to mend.

    Exit code 0 if all is well, 1 if there is a problem.
    """
    from scrim.cli.checks import run_checks

    outcomes = []
    for outcome in run_checks(data):
        outcomes.append(outcome)
        if as_json:
            continue
        mark = "ok     " if outcome.holds else "PROBLEM"
        tell(f"{mark}  {outcome.name:<14} {outcome.found} {outcome.remedy}".rstrip())
    problems = sum(not outcome.holds for outcome in outcomes)
    if as_json:
        tell_json(
            {
                "well": problems == 0,
                "checks": [
                    {
                        "name": outcome.name,
                        "holds": outcome.holds,
                        "found": outcome.found,
                        "remedy": outcome.remedy,
                    }
                    for outcome in outcomes
                ],
            }
        )
    elif problems:
        note(f"{problems} {'problem' if problems == 1 else 'problems'}.")
    raise typer.Exit(1 if problems else 0)
