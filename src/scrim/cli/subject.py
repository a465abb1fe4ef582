"""``scrim subject``: people who were filmed and ask; on the server's data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.cli.times import moment, shown
from scrim.errors import DutyRefused, PaperUnknown, ScrimError

if TYPE_CHECKING:
    from scrim.fleet.deployment import Deployment
    from scrim.subjects.file import Place, RequestFile
    from scrim.subjects.footage import Footage
    from scrim.subjects.letters import Said

app = typer.Typer(
    no_args_is_help=True,
    help="Requests of people who were filmed: when each is due by the packs in force, what is held "
    "for it, and what became of it. For privacy officers.",
    epilog="[bold]Somebody asks for the film of themselves:[/bold]\n\n"
    "scrim subject add --camera gate --since 2026-11-25T14:00+08:00 "
    "--until 2026-11-25T14:30+08:00 --contact 'chan@example.org' "
    "--description 'red coat, yellow umbrella' --language zh-Hant",
)

Id: TypeAlias = Annotated[str, typer.Argument(metavar="REQUEST", help="req-xxxxxxxx.")]
Note: TypeAlias = Annotated[str, typer.Option("--note", help="What was seen; kept here alone.")]


@app.command()
def add(
    since: Annotated[str, typer.Option("--since", help="From when, with the time zone.")],
    until: Annotated[str, typer.Option("--until", help="Until when, with the time zone.")],
    contact: Annotated[
        str,
        typer.Option(
            "--contact", prompt=True, help="How to reach the person; asked for if not given."
        ),
    ],
    description: Annotated[
        str,
        typer.Option(
            "--description", prompt=True, help="Whom to look for; asked for if not given."
        ),
    ],
    camera: Annotated[list[str] | None, typer.Option("--camera", help="Once for each.")] = None,
    site: Annotated[
        str | None, typer.Option("--site", help="All cameras of a site, the removed too.")
    ] = None,
    kind: Annotated[
        Literal["access", "erasure", "objection"], typer.Option("--kind", help="What is asked.")
    ] = "access",
    language: Annotated[
        Literal["en", "zh-Hant", "zh-Hans"], typer.Option("--language", help="Of its letters.")
    ] = "en",
    received: Annotated[
        str | None, typer.Option("--received", help="When it came, if not now.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Enter a request: its clock starts, and what it asks for is held."""
    from scrim.subjects.asked import Asked

    with opened(data) as deployment:
        cameras = [*(camera or []), *(_of_site(deployment, site) if site is not None else [])]
        asked = Asked(
            cameras=tuple(cameras),
            since_us=moment("--since", since),
            until_us=moment("--until", until),
            contact=contact,
            description=description,
            kind=kind,
            language=language,
            received_us=None if received is None else moment("--received", received),
        )
        file, found = deployment.subjects().receive(asked)
        now = deployment.clock.now_us()
    if as_json:
        tell_json({**file.document(now), "footage": [one.document() for one in found]})
        return
    tell(f"{file.id}: due by {shown(file.due_us)} ({file.term.rule}), held until it is over")
    _tell_footage(found)


@app.command("list")
def list_requests(
    open_only: Annotated[bool, typer.Option("--open", help="Only those that wait.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List requests, the first to come first."""
    with opened(data) as deployment:
        found = deployment.subjects().list(open_only=open_only)
        now = deployment.clock.now_us()
    if as_json:
        tell_json([one.document(now) for one in found])
    elif not found:
        note("There are none.")
    else:
        rows = [
            [
                one.id,
                one.kind,
                one.state.value,
                ", ".join(one.cameras),
                shown(one.due_us),
                one.term.rule,
                "LATE" if one.is_late(now) else "",
            ]
            for one in found
        ]
        table(["REQUEST", "KIND", "STATE", "CAMERAS", "DUE", "RULE", ""], rows)


@app.command()
def show(request: Id, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print a request, who asked, and what is there of what it asks for."""
    with opened(data) as deployment:
        desk = deployment.subjects()
        file, found = desk.get(request), desk.footage(request)
        whom = None if file.erased_us is not None else desk.person(request)
        now = deployment.clock.now_us()
    if as_json:
        who = None if whom is None else {"contact": whom.contact, "description": whom.description}
        footage = [one.document() for one in found]
        tell_json({**file.document(now), "person": who, "footage": footage})
        return
    _tell(file, now)
    if whom is not None:
        tell(f"Contact    {whom.contact}")
        tell(f"Looks for  {whom.description}")
    _tell_footage(found)


@app.command()
def identify(request: Id, note_: Note, data: Data = DEFAULT_DATA) -> None:
    """Say that it is known who asks, and how that was seen."""
    with opened(data) as deployment:
        _say(deployment.subjects().identify(request, note_))


@app.command()
def locate(
    request: Id,
    place: Annotated[
        list[str],
        typer.Option(
            "--place",
            metavar="CAMERA,SINCE,UNTIL",
            help="Where they are on the masked timeline. Once for each.",
        ),
    ],
    note_: Note = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Say where you found the person, by looking at the masked timeline."""
    places = [_place(text) for text in place]
    with opened(data) as deployment:
        _say(deployment.subjects().locate(request, places, note_))


@app.command()
def disclose(
    request: Id,
    case: Annotated[str, typer.Option("--case", help="The case that opens what is given.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Link the case through which the film goes out."""
    with opened(data) as deployment:
        _say(deployment.subjects().disclose(request, case))


@app.command()
def extend(
    request: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; the person is told.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Take the longer time that the rules allow, before the first is over."""
    with opened(data) as deployment:
        _say(deployment.subjects().extend(request, reason))


@app.command()
def answer(
    request: Id,
    given: Annotated[
        Literal["given", "partly", "nothing-held", "already-erased"],
        typer.Option("--with", help="What the answer is."),
    ],
    reply: Annotated[str, typer.Option("--reply", help="What is given or not, for the letter.")],
    ground: Annotated[str, typer.Option("--ground", help="Of the rest: one word.")] = "",
    reasons: Annotated[str, typer.Option("--reasons", help="Why not the rest.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Answer a request."""
    with opened(data) as deployment:
        _say(deployment.subjects().answer(request, given, reply, ground=ground, reasons=reasons))


@app.command()
def refuse(
    request: Id,
    ground: Annotated[str, typer.Option("--ground", help="One word: others-identified.")],
    reasons: Annotated[str, typer.Option("--reasons", help="Why, for the register.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Refuse a request, with reasons, into the register."""
    with opened(data) as deployment:
        _say(deployment.subjects().refuse(request, ground, reasons))


@app.command()
def withdraw(request: Id, data: Data = DEFAULT_DATA) -> None:
    """Say that the person asks no more."""
    with opened(data) as deployment:
        _say(deployment.subjects().withdraw(request))


@app.command()
def letter(
    request: Id,
    kind: Annotated[
        Literal["acknowledgement", "extension", "refusal", "answer"],
        typer.Argument(help="Which letter."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file: .txt, .html or .pdf.")],
    language: Annotated[
        str | None, typer.Option("--language", help="en, zh-Hant or zh-Hans.")
    ] = None,
    site: Annotated[
        str, typer.Option("--site", help="Whose controller and contact it names.")
    ] = "default",
    authority: Annotated[
        str, typer.Option("--authority", help="Where the person may complain.")
    ] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a letter from the packs' texts."""
    from scrim.subjects.letters import Kind

    if out.suffix not in (".txt", ".html", ".pdf"):
        raise DutyRefused(f"{out.suffix!r} is no kind of letter.", "Take .txt, .html or .pdf.")
    with opened(data) as deployment, _to_be_written(out) as write:
        said = _answering(deployment, site, authority)
        made = deployment.subjects().letter(request, Kind(kind), said, language)
        if out.suffix == ".pdf":
            write(made.pdf())
        else:
            write((made.html() if out.suffix == ".html" else made.text).encode())
    tell(f"Wrote {out} ({made.pack}, {made.language}).")


@app.command()
def refusals(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print the register of refusals, as a commissioner may read it."""
    with opened(data) as deployment:
        found = deployment.subjects().refusals()
    if as_json:
        tell_json([one.document() for one in found])
        return
    if not found:
        note("There are none.")
    for one in found:
        part = "in part" if one.partial else "whole"
        tell(f"{one.request}  {one.kind}, {part}  {shown(one.refused_us)}  {one.ground}")
        tell(f"    {one.reasons}")


def _of_site(deployment: Deployment, site: str) -> list[str]:
    from scrim.papers.standing import standings
    from scrim.store.database import reading

    with reading(deployment.engine) as connection:
        # one that was removed may have filmed them
        everything = standings(connection, with_removed=True, with_first=False)
        found = [one.camera for one in everything if one.site == site]
    if not found:
        raise PaperUnknown(f"There is no camera at the site {site!r}.", "See `scrim site list`.")
    return found


@contextmanager
def _to_be_written(out: Path) -> Iterator[Callable[[bytes], object]]:
    """See that a file can be written before a letter is on record that would go there."""
    is_new = not out.exists()
    try:
        with out.open("ab"):
            pass
    except OSError as error:
        raise _unwritable(out, error) from None
    try:
        yield out.write_bytes
    except OSError as error:
        raise _unwritable(out, error) from None
    except ScrimError:
        if is_new:
            out.unlink()
        raise


def _unwritable(out: Path, error: OSError) -> DutyRefused:
    return DutyRefused(f"{out} cannot be written: {error.strerror}.", "Give another --out.")


def _answering(deployment: Deployment, site: str, authority: str) -> Said:
    from scrim.subjects.letters import Said

    found = deployment.sites().get(site)
    return Said(found.controller, found.contact, authority)


def _place(text: str) -> Place:
    from scrim.subjects.file import Place

    parts = text.split(",")
    if len(parts) != 3:
        raise DutyRefused(
            f"--place {text!r} is not CAMERA,SINCE,UNTIL.",
            "For example gate,2026-11-25T14:03+08:00,2026-11-25T14:05+08:00.",
        )
    return Place(parts[0].strip(), moment("--place", parts[1]), moment("--place", parts[2]))


def _say(file: RequestFile) -> None:
    tell(f"{file.id}: {file.state}" + (f", due by {shown(file.due_us)}" if file.is_open else ""))


def _tell(file: RequestFile, now: int) -> None:
    tell(f"Request    {file.id}: {file.kind}, {file.state}{', LATE' * file.is_late(now)}")
    tell(f"Received   {shown(file.received_us)}")
    tell(f"Due        {shown(file.due_us)} ({file.term.rule})")
    for place in file.places:
        tell(f"Found      {place.camera}  {shown(place.since_us)} to {shown(place.until_us)}")
    if file.case is not None:
        tell(f"Case       {file.case}")
    if file.answer is not None:
        tell(f"Answer     {file.answer}")


def _tell_footage(found: tuple[Footage, ...]) -> None:
    for one in found:
        for since_us, until_us in one.kept:
            tell(f"Kept       {one.camera}  {shown(since_us)} to {shown(until_us)}")
        for since_us, until_us in one.erased:
            entries = ", ".join(map(str, one.entries))
            tell(
                f"Erased     {one.camera}  {shown(since_us)} to {shown(until_us)} "
                f"(ledger entries {entries})"
            )
        if one.gaps:
            tell(f"Gaps       {one.camera}  {', '.join(one.gaps)}")
        if not one.kept and not one.erased:
            tell(f"Nothing    {one.camera} did not record then")
