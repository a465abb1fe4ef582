"""``scrim token``: tokens for programs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.person import CameraNames, SiteNames, opened, scope_of
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.clock import to_text

app = typer.Typer(
    no_args_is_help=True,
    help="Tokens for programs: a monitor, an auditor's script. Each has one role, an end, and "
    "no more actions than it needs (the x-scrim-action of a route, docs/ref/api.md).",
    epilog="[bold]A monitor that reads metrics and nothing else:[/bold]\n\n"
    "scrim token new prometheus --role engineer --action get-metrics --days 90\n\n"
    "curl -H 'Authorization: Bearer scrim_...' http://localhost:8460/metrics",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is for; never used twice.")]


@app.command()
def new(
    name: Name,
    role: Annotated[Literal["auditor", "engineer"], typer.Option("--role", help="What it is.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="When it ends.")],
    action: Annotated[
        list[str] | None,
        typer.Option("--action", help="It is for this action only. Once for each."),
    ] = None,
    camera: CameraNames = None,
    site: SiteNames = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a token and print it, once."""
    from scrim.access import Role

    with opened(data) as deployment:
        scope = scope_of(deployment, camera, site)
        text = deployment.tokens().make(name, Role(role), days, actions=action or (), scope=scope)
    tell(text)
    note("It is shown this once. Send it as `Authorization: Bearer ...`, over TLS.")


@app.command("list")
def list_tokens(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print which there are, without themselves."""
    with opened(data) as deployment:
        found = deployment.tokens().list()
        now = deployment.clock.now_us()
    if as_json:
        tell_json(
            [
                {
                    "name": one.name,
                    "role": one.role.value,
                    "actions": sorted(one.actions),
                    "created_us": one.created_us,
                    "expires_us": one.expires_us,
                    "ended_us": one.ended_us,
                }
                for one in found
            ]
        )
        return
    rows = [
        [
            one.name,
            one.role.value,
            " ".join(sorted(one.actions)) or "all of the role's",
            to_text(one.expires_us),
            "" if one.ended_us is None and now < one.expires_us else "ended",
        ]
        for one in found
    ]
    table(["NAME", "ROLE", "ACTIONS", "UNTIL", ""], rows)


@app.command()
def end(name: Name, data: Data = DEFAULT_DATA) -> None:
    """Make a token worth nothing, at once."""
    with opened(data) as deployment:
        deployment.tokens().end(name)
    tell(f"{name} is ended.")
