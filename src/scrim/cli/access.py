"""``scrim access``: the policies that say who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.person import opened
from scrim.cli.proposal import changed
from scrim.cli.terminal import note, tell

if TYPE_CHECKING:
    from scrim.access.policy_files import PolicyFiles
    from scrim.canonical import Json

app = typer.Typer(
    no_args_is_help=True,
    help="Show, check and change the access policies (Cedar). They take away from what the "
    "routes declare, and never add to it.",
    epilog="[bold]Change them:[/bold]\n\nscrim access show --out policies\n\n"
    "scrim access check policies\n\nscrim access set policies",
)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="With files that end in .cedar.")]


@app.command()
def show(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new folder for them, to change there.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Print the policies in force."""
    from scrim.access.own_policies import OwnPolicies

    with opened(data) as deployment:
        in_force = OwnPolicies(deployment.engine)()
    if out is None:
        for name, text in sorted(in_force.texts.items()):
            tell(f"// {name}\n{text}")
    else:
        _write(out, in_force)
        tell(f"Wrote {len(in_force.texts)} files to {out}.")
    note(f"SHA-256 {in_force.sha256}")


@app.command()
def check(folder: Folder) -> None:
    """Say whether policies are usable, without putting them in force."""
    from scrim.access.own_policies import check_way_back
    from scrim.access.policy_files import PolicyFiles

    found = PolicyFiles.load(folder)
    check_way_back(found)
    tell(f"{len(found.ids)} policies, usable. SHA-256 {found.sha256}")


@app.command("set")
def put(folder: Folder, data: Data = DEFAULT_DATA) -> None:
    """Put policies in force in place of all before; where Scrim runs, within seconds."""
    from scrim.access.policy_files import PolicyFiles

    found = PolicyFiles.load(folder)
    change: dict[str, Json] = {"files": dict(found.texts)}
    with opened(data) as deployment:
        if changed(deployment, "access-policies", change, "access-policies-changed"):
            tell(f"{len(found.ids)} policies are in force. SHA-256 {found.sha256}")


def _write(out: Path, policies: PolicyFiles) -> None:
    from scrim.errors import SettingsError

    try:
        out.mkdir()
        for name, text in policies.texts.items():
            (out / Path(name).name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{out} cannot be written: {error.strerror}.", "Name a folder that is not there yet."
        ) from error
