"""``scrim breach``: a breach of personal data, from when it is known until it is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from scrim.cli.hashed import sha256_of
from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.cli.times import moment, shown
from scrim.errors import DutyRefused

app = typer.Typer(
    no_args_is_help=True,
    help="Breaches of personal data: the authority is told within the hours that the packs in "
    "force say, counted from when somebody came to know. For privacy officers.",
    epilog="scrim breach open --happened 'An opened film was sent to the wrong address.' "
    "--known 2026-11-25T09:10+08:00 --camera gate",
)

Id: TypeAlias = Annotated[str, typer.Argument(metavar="BREACH", help="breach-xxxxxxxx.")]
DelayReasons: TypeAlias = Annotated[
    str, typer.Option("--delay-reasons", help="Why it is late, where it is.")
]


@app.command("open")
def open_breach(
    happened: Annotated[str, typer.Option("--happened", help="What happened, in words.")],
    known: Annotated[
        str | None, typer.Option("--known", help="When somebody came to know, if not now.")
    ] = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", help="Once for each; else it is all of them.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Of which time, from.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Of which time, until.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Enter a breach: its clock runs from when it was known."""
    with opened(data) as deployment:
        made = deployment.breaches().open(
            happened,
            known_us=None if known is None else moment("--known", known),
            cameras=camera or [],
            since_us=None if since is None else moment("--since", since),
            until_us=None if until is None else moment("--until", until),
        )
    tell(f"{made.id}: the authority is told by {shown(made.due_us)} ({made.term.rule})")


@app.command("list")
def list_breaches(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List breaches, the first that was known first."""
    with opened(data) as deployment:
        found = deployment.breaches().list()
    if as_json:
        tell_json([one.document() for one in found])
    elif not found:
        note("There are none.")
    else:
        rows = [
            [
                one.id,
                one.state,
                one.risk or "",
                shown(one.due_us),
                ", ".join(told.whom for told in one.told),
                "LATE" if one.overdue_us is not None else "",
            ]
            for one in found
        ]
        table(["BREACH", "STATE", "RISK", "TELL BY", "TOLD", ""], rows)


@app.command()
def assess(
    breach: Id,
    risk: Annotated[
        Literal["none", "risk", "high"], typer.Option("--risk", help="For the people filmed.")
    ],
    people: Annotated[int, typer.Option("--people", help="About how many.")],
    effects: Annotated[str, typer.Option("--effects", help="What may come of it.")],
    measures: Annotated[str, typer.Option("--measures", help="What is done about it.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Say how bad it is, and what is done about it."""
    with opened(data) as deployment:
        made = deployment.breaches().assess(
            breach, risk=risk, people=people, effects=effects, measures=measures
        )
    tell(f"{made.id}: {made.state}, {made.risk}")


@app.command()
def draft(
    breach: Id,
    out: Annotated[Path, typer.Option("--out", "-o", help="A text file.")],
    authority: Annotated[str, typer.Option("--authority", help="Who is told.")],
    site: Annotated[str, typer.Option("--site", help="Whose controller tells it.")] = "default",
    language: Annotated[str, typer.Option("--language", help="en, zh-Hant or zh-Hans.")] = "en",
    delay_reasons: DelayReasons = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Draft the notification, with what the system itself knows."""
    from scrim.duties.notification import Said

    with opened(data) as deployment:
        where = deployment.sites().get(site)
        said = Said(where.controller, where.contact, authority, delay_reasons)
        text = deployment.breaches().draft(breach, said, language=language)
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise DutyRefused(
            f"{out} cannot be written: {error.strerror}.", "Give another --out."
        ) from None
    tell(f"Wrote {out}.")


@app.command()
def notify(
    breach: Id,
    whom: Annotated[
        Literal["authority", "people", "other"], typer.Option("--whom", help="Who was told.")
    ],
    name: Annotated[str, typer.Option("--name", help="Whom exactly, or how; kept here alone.")],
    told: Annotated[str | None, typer.Option("--told", help="When, if not now.")] = None,
    document: Annotated[
        Path | None, typer.Option("--document", help="The file; only its SHA-256 is kept.")
    ] = None,
    delay_reasons: DelayReasons = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Say that somebody was told."""
    with opened(data) as deployment:
        made = deployment.breaches().notify(
            breach,
            whom,
            name,
            told_us=None if told is None else moment("--told", told),
            delay_reasons=delay_reasons,
            document_sha256=None if document is None else sha256_of(document, DutyRefused),
        )
    tell(f"{made.id}: {whom} told{', late' * (made.overdue_us is not None)}")


@app.command()
def close(
    breach: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why it is dealt with.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Close a breach; where the risk is high the people concerned were told."""
    with opened(data) as deployment:
        made = deployment.breaches().close(breach, reason)
    tell(f"{made.id}: {made.state}")
