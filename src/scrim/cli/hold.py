"""``scrim hold``: what must not be erased yet, and until when somebody looks again."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.cli.times import moment, moment_or_span, shown

app = typer.Typer(
    no_args_is_help=True,
    help="Holds: an interval of a camera that the sweep leaves, for a reason, until it is lifted. "
    "Requests and cases place and lift their own. For privacy officers.",
    epilog="scrim hold add --camera gate --since 2026-11-25T14:00+08:00 "
    "--until 2026-11-25T15:00+08:00 --reason 'complaint to the Commissioner' --review 90d",
)

Number: TypeAlias = Annotated[
    int, typer.Argument(metavar="HOLD", min=1, max=2**53 - 1, help="Its number.")
]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", help="Why.")]
Review: TypeAlias = Annotated[
    str, typer.Option("--review", help="When somebody looks again: a time, or 90d. A year at most.")
]


@app.command()
def add(
    camera: Annotated[list[str], typer.Option("--camera", help="Once for each.")],
    since: Annotated[str, typer.Option("--since", help="From when, with the time zone.")],
    until: Annotated[str, typer.Option("--until", help="Until when, with the time zone.")],
    reason: Reason,
    review: Review,
    data: Data = DEFAULT_DATA,
) -> None:
    """Hold an interval of 31 days at most."""
    with opened(data) as deployment:
        made = deployment.holding().add(
            camera,
            moment("--since", since),
            moment("--until", until),
            reason=reason,
            review_us=moment_or_span("--review", review, deployment.clock.now_us()),
        )
    for one in made:
        tell(f"Hold {one.id}: {one.camera}, review by {shown(one.review_us or 0)}")


@app.command("list")
def list_holds(
    due: Annotated[bool, typer.Option("--due", help="Only those to look at now.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List holds in force, those that somebody has to look at first."""
    with opened(data) as deployment:
        found = [one for one in deployment.holding().list() if one.is_due or not due]
    if as_json:
        tell_json([one.document() for one in found])
    elif not found:
        note("There are none.")
    else:
        rows = [
            [
                str(one.hold.id),
                one.hold.camera,
                shown(one.hold.since_us),
                shown(one.hold.until_us),
                one.hold.case or one.hold.request or one.hold.words or one.hold.reason,
                "" if one.hold.review_us is None else shown(one.hold.review_us),
                "REVIEW" if one.is_due else "",
            ]
            for one in found
        ]
        table(["HOLD", "CAMERA", "FROM", "UNTIL", "FOR", "REVIEW", ""], rows)


@app.command()
def review(number: Number, reason: Reason, until: Review, data: Data = DEFAULT_DATA) -> None:
    """Say that a hold is still needed, why, and when somebody looks again."""
    with opened(data) as deployment:
        at = moment_or_span("--review", until, deployment.clock.now_us())
        made = deployment.holding().review(number, reason=reason, review_us=at)
    tell(f"Hold {made.id}: {made.camera}, review by {shown(made.review_us or 0)}")


@app.command()
def lift(number: Number, reason: Reason, data: Data = DEFAULT_DATA) -> None:
    """Lift a hold; what is past its time goes with the next sweep."""
    with opened(data) as deployment:
        done = deployment.holding().lift(number, reason=reason)
    tell(f"Hold {done.id} of {done.camera} is lifted.")
