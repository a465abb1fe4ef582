"""``scrim retention``: what is kept how long and why, what goes when, and a sweep now."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import CameraUnknown, NormsError

if TYPE_CHECKING:
    from scrim.fleet.deployment import Deployment
    from scrim.norms.limits import Limits
    from scrim.retention.plan import CameraPlan, LastSweep

app = typer.Typer(
    no_args_is_help=True,
    help="See how long recordings are kept and which rule says so, what goes when, and erase now "
    "what is past its time. `scrim up` does that by itself.",
    epilog="[bold]How long, and who says so?[/bold]\n\nscrim retention show\n\n"
    "[bold]What goes within a week?[/bold]\n\nscrim retention plan --days 7\n\n"
    "[bold]Keep one camera shorter:[/bold]\n\n"
    'scrim retention set gate --sealed-days 7 --reason "The school asked for it."',
)

_DAY_S = 86_400

OnlyCamera: TypeAlias = Annotated[
    str | None, typer.Argument(metavar="[CAMERA]", help="Only this one.", show_default=False)
]
ToFloor: TypeAlias = Annotated[
    int | None,
    typer.Option(min=0, max=3660, help="Keep for at least as long.", show_default=False),
]


@app.command()
def show(camera: OnlyCamera = None, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show how long each camera's sides are kept, which rule says so, and what is there."""
    plans, swept = _planned(data, camera, 1)
    if as_json:
        tell_json({"cameras": [_json(one) for one in plans], "last_sweep": _sweep_json(swept)})
        return
    rows = [
        [
            one.camera,
            side.side,
            _length(side.limits.floor),
            side.limits.floor_by,
            _length(side.limits.ceiling),
            side.limits.ceiling_by,
            _time(side.oldest_us),
        ]
        for one in plans
        for side in one.sides
    ]
    table(["Camera", "Side", "At least", "says", "At most", "says", "Oldest"], rows)
    for one in plans:
        for side_name, reason in one.reasons.items():
            tell(f"{one.camera}, {side_name}: {reason}")
    _tell_troubles(plans, swept)


@app.command("plan")
def plan_(
    camera: OnlyCamera = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How far to look.")] = 1,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say what goes when: past its time now, within so many days, and what is held."""
    plans, swept = _planned(data, camera, days)
    if as_json:
        tell_json({"cameras": [_json(one) for one in plans], "last_sweep": _sweep_json(swept)})
        return
    rows = [
        [
            one.camera,
            side.side,
            str(side.kept),
            str(side.over),
            str(side.soon),
            str(side.held),
            _time(side.next_us),
            side.limits.ceiling_by,
        ]
        for one in plans
        for side in one.sides
    ]
    heads = ["Camera", "Side", "Segments", "Over", f"In {days} d", "Held", "Next goes", "by"]
    table(heads, rows)
    _tell_troubles(plans, swept)


@app.command("set")
def set_(
    camera: Annotated[str, typer.Argument(metavar="CAMERA", show_default=False)],
    sealed_days: Annotated[
        int | None,
        typer.Option(min=1, max=3660, help="Keep sealed originals so long.", show_default=False),
    ] = None,
    masked_days: Annotated[
        int | None,
        typer.Option(min=1, max=3660, help="Keep masked recordings so long.", show_default=False),
    ] = None,
    at_least_days: ToFloor = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; kept, and not in the ledger.")
    ] = "",
    default: Annotated[
        bool, typer.Option("--default", help="Leave both sides to the settings again.")
    ] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Keep one camera for longer or shorter than the settings say, within its norm packs.

    Takes two people, as `scrim proposal` says.
    """
    from scrim.changes import RETENTION
    from scrim.changes.retention import retention_change
    from scrim.retention.limits import SIDES
    from scrim.retention.own import OwnLimit
    from scrim.store.database import reading

    asked = {"sealed": sealed_days, "masked": masked_days}
    if default == any(days is not None for days in asked.values()):
        raise NormsError(
            "Nothing, or two different things, were asked for.",
            "Give --sealed-days, --masked-days or both, or --default alone.",
        )
    sides = {
        side: None
        if (days := asked[side]) is None
        else OwnLimit(days * _DAY_S, (at_least_days or 0) * _DAY_S, reason)
        for side in SIDES
        if default or asked[side] is not None
    }
    code = "retention-default" if default else "retention-set"
    with closing(_deployment(data)) as here:
        if not changed(here, RETENTION, retention_change(camera, sides), code):
            return
        with reading(here.engine) as connection:
            found = here.retention().of(connection, camera)
        for side in sides:
            tell(f"{camera}, {side}: {_told(found.of(side))}")


@app.command()
def sweep(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Erase now what is past its time; also while `scrim up` runs."""
    with closing(_deployment(data)) as here:
        here.say_settings()
        swept = here.sweep().run()
    if as_json:
        tell_json(
            {
                "segments": swept.segments,
                "keys": swept.keys,
                "manifests": swept.manifests,
                "cameras": swept.cameras,
                "late_us": swept.late_us,
                "troubles": swept.troubles,
            }
        )
    else:
        tell(
            f"Erased {swept.segments} segments of {swept.cameras} cameras, the key parts of "
            f"{swept.keys} periods and {swept.manifests} manifests."
        )
        for camera, trouble in swept.troubles.items():
            note(f"{camera} is left as it is: {trouble}")
    if swept.troubles:
        raise typer.Exit(1)


@app.command("confirm-clock")
def confirm_clock(data: Data = DEFAULT_DATA) -> None:
    """Say that this machine's clock is right, where the sweep does not believe it."""
    from scrim.clock import to_text
    from scrim.retention.clock import TrustedClock

    with closing(_deployment(data)) as here:
        hours = here.settings.retention.clock_hours
        now_us = TrustedClock(here.engine, here.ledger, here.clock, hours).confirm()
    tell(f"It is {to_text(now_us)}; the next sweep goes by it.")


def _deployment(data: Path) -> Deployment:
    from scrim.fleet.deployment import Deployment

    return Deployment.open(data)


def _planned(data: Path, camera: str | None, days: int) -> tuple[list[CameraPlan], LastSweep]:
    from scrim.retention.due import all_cameras
    from scrim.retention.plan import last_sweep, plan
    from scrim.store.database import reading

    with closing(_deployment(data)) as here:
        if camera is not None:
            with reading(here.engine) as connection:
                if camera not in all_cameras(connection):
                    raise CameraUnknown(
                        f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`."
                    )
        now_us = here.clock.now_us()
        return plan(here.engine, here.retention(), now_us, days, camera), last_sweep(here.engine)


def _tell_troubles(plans: list[CameraPlan], swept: LastSweep) -> None:
    for one in plans:
        if one.trouble:
            note(f"{one.camera} keeps everything: {one.trouble}")
    if swept.trouble:
        note(f"The sweep: {swept.trouble}")
    if swept.swept_us is None:
        note("Nothing was ever swept here; `scrim up` does it, or `scrim retention sweep`.")


def _told(limits: Limits) -> str:
    most = f"at most {_length(limits.ceiling)} ({limits.ceiling_by})"
    if not limits.floor:
        return most
    return f"at least {_length(limits.floor)} ({limits.floor_by}), {most}"


def _length(seconds: int) -> str:
    if seconds == 0:
        return "-"
    return f"{seconds / _DAY_S:g} d" if seconds >= _DAY_S else f"{seconds / 3600:g} h"


def _time(us: int | None) -> str:
    from scrim.cli.times import shown

    return "-" if us is None else shown(us)


def _json(one: CameraPlan) -> dict[str, Any]:
    return {
        "camera": one.camera,
        "trouble": one.trouble,
        "reasons": one.reasons,
        "sides": [
            {
                "side": side.side,
                "floor_s": side.limits.floor,
                "floor_by": side.limits.floor_by,
                "ceiling_s": side.limits.ceiling,
                "ceiling_by": side.limits.ceiling_by,
                "reasons_by": list(side.limits.reasons_by),
                "segments": side.kept,
                "oldest_us": side.oldest_us,
                "over": side.over,
                "soon": side.soon,
                "held": side.held,
                "next_us": side.next_us,
            }
            for side in one.sides
        ],
    }


def _sweep_json(swept: LastSweep) -> dict[str, Any]:
    return {
        "swept_us": swept.swept_us,
        "interval_us": swept.interval_us,
        "late_us": swept.late_us,
        "objects": swept.objects,
        "trouble": swept.trouble,
    }
