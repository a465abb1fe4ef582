"""``scrim disclosure``: one person of an opened film, everybody else solid."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from scrim.cli.options import AsJson
from scrim.cli.policy import ZoneOption
from scrim.cli.terminal import note, progress, table, tell, tell_json
from scrim.errors import SettingsError

if TYPE_CHECKING:
    from scrim.disclosure.tracks import Track
    from scrim.disclosure.watch import Eyes, Film
    from scrim.redact import Zone
    from scrim.vault.signing import Signer

app = typer.Typer(
    no_args_is_help=True,
    help="Give a film of one person away, everybody else solid. Run this on the machine on "
    "which the original was opened.",
)

Original: TypeAlias = Annotated[
    Path, typer.Argument(metavar="ORIGINAL", help="The opened film.", show_default=False)
]
Folder: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="The disclosure's folder.", show_default=False),
]
As: TypeAlias = Annotated[
    Path,
    typer.Option("--as", envvar="SCRIM_IDENTITY", metavar="FILE", help="Your identity file."),
]
People: TypeAlias = Annotated[
    list[Path],
    typer.Option(
        "--people",
        envvar="SCRIM_PEOPLE",
        metavar="FILE",
        help="Who is registered: what `scrim officer list --json` printed. May be repeated.",
    ),
]

_SHORTEST_US = 400_000


@app.command("tracks")
def list_tracks(
    original: Original,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only who is there then: seconds, or M:SS."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the masked picture of that time, numbered."),
    ] = None,
    zone: ZoneOption = None,
    as_json: AsJson = False,
) -> None:
    """List who can be chosen: where, from when to when, and why a track ends.

    Numbers are for reading; who is shown is chosen by place and time.
    """
    from scrim.disclosure.preview import Preview
    from scrim.disclosure.tracks import tracks
    from scrim.disclosure.words import time_of

    if picture is not None and at is None:
        raise SettingsError("A picture is of one time.", "Say which with --at.")
    at_us = None if at is None else time_of(at)
    preview = Preview(at_us or 0)
    film = _watched(original, _zones(zone), preview)
    found = tracks(film)
    if picture is not None:
        _write(picture, preview.png(found))
        note(f"Masked picture: {picture}")
    rows = [_facts(film, track, at_us) for track in found]
    rows = [row for row in rows if row["there"]]
    if as_json:
        tell_json([{k: v for k, v in row.items() if k != "there"} for row in rows])
    elif not rows:
        note("Nobody can be followed there. Try other moments, or the whole film.")
    else:
        table(
            ["TRACK", "FROM", "TO", "POINT", "ENDS BECAUSE"],
            [
                [
                    str(row["track"]),
                    f"{row['from']:.2f}",
                    f"{row['to']:.2f}",
                    row["point"],
                    row["ends"],
                ]
                for row in rows
            ],
        )


@app.command()
def make(
    original: Original,
    folder: Folder,
    case: Annotated[str, typer.Option(metavar="CASE", help="The case's id.")],
    identity: As,
    at: Annotated[
        list[str],
        typer.Option(
            metavar="TIME",
            help="When the one to show is at --point: seconds, or M:SS. Repeat both where a "
            "track was interrupted.",
        ),
    ],
    point: Annotated[
        list[str],
        typer.Option(metavar="X,Y", help="Where, in shares of the picture: 0.4,0.6 or 40%,60%."),
    ],
    cover: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H[@FROM-TO]",
            help="Cover a rectangle too, such as a screen; may be repeated.",
            show_default=False,
        ),
    ] = None,
    request: Annotated[
        str, typer.Option(metavar="SHA256", help="The request's hash, for the record.")
    ] = "",
    zone: ZoneOption = None,
) -> None:
    """Make a folder with the film and the signed list of its masks."""
    from scrim.clock import SystemClock
    from scrim.disclosure import make as making
    from scrim.disclosure.folder import DisclosureFolder
    from scrim.disclosure.masks import check_names
    from scrim.disclosure.words import cover_of, picks

    check_names(case, request)
    zones = _zones(zone)
    order = making.Order(
        case,
        request,
        picks(at, point),
        tuple(cover_of(text) for text in cover or ()),
        zones,
        _detectors(),
    )
    place = DisclosureFolder(folder)
    place.check_free()
    signer = _signer(identity)
    with progress("Looking") as watching, progress("Drawing") as drawing:
        statement, drawn = making.make(
            original,
            place,
            order,
            eyes=_eyes(),
            signer=signer,
            clock=SystemClock(),
            watching=watching,
            drawing=drawing,
        )
    tell(f"{place.film}: {drawn.frames} frames, somebody shown in {drawn.shown} of them.")
    tell(f"Masks {statement.sha256}")
    if drawn.whole:
        note(f"{drawn.whole} frames are covered whole, since nothing certain is known of them.")
    if drawn.sound:
        note("Sound was left out: a voice tells who as well as a face does.")
    note("A second person has to look at it now: scrim disclosure review " + str(folder))


@app.command()
def again(
    original: Original,
    folder: Folder,
    output: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="An .mp4 file.")],
) -> None:
    """Draw the film of a list of masks once more; says whether it is the same to the byte."""
    from scrim.disclosure.folder import DisclosureFolder
    from scrim.disclosure.make import again as once_more
    from scrim.disclosure.watch import file_digest

    place = DisclosureFolder(folder)
    with progress("Drawing") as drawing:
        drawn = once_more(original, place.made(), output, drawing=drawing)
    if drawn.sha256 != file_digest(place.film):
        tell("It is another film than the one in the folder.")
        note("The list says with which libraries that one was made.")
        raise typer.Exit(1)
    tell("It is the same film, to the byte.")


@app.command()
def review(
    folder: Folder,
    identity: As,
    people: People,
    port: Annotated[int, typer.Option(help="0 finds a free one.", min=0, max=65535)] = 0,
) -> None:
    """Step through it as a second person, on a page that only this machine can reach."""
    from scrim.clock import SystemClock
    from scrim.disclosure.folder import DisclosureFolder
    from scrim.disclosure.page import ReviewPage
    from scrim.disclosure.register import registered
    from scrim.disclosure.session import ReviewSession

    place = DisclosureFolder(folder)
    known = registered(people)
    session = ReviewSession(place, _signer(identity), known, SystemClock())
    page = ReviewPage(session, place, port)
    tell(page.address)
    note(f"{len(session.weak)} frames to look at. Open the address; Ctrl-C ends without a review.")
    page.serve()
    if session.ended is None:
        note("No review was given.")
        raise typer.Exit(1)
    passed = session.ended.body["passed"]
    tell(f"Review {session.ended.sha256}: {'it may go out' if passed else 'refused'}.")


@app.command()
def release(
    folder: Folder,
    output: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the film is to be put.")
    ],
    name: Annotated[str, typer.Option(help="Who gets it.")],
    organisation: Annotated[str, typer.Option(help="For whom; none for a private person.")],
    why: Annotated[str, typer.Option(help="Why they get it.")],
    identity: As,
    people: People,
    server: Annotated[
        str, typer.Option(envvar="SCRIM_ADDRESS", help="The server: https://host[:port].")
    ],
    certificate: Annotated[
        Path | None,
        typer.Option(
            envvar="SCRIM_CERTIFICATE",
            metavar="FILE",
            help="Trust this certificate (PEM) in place of the system's.",
        ),
    ] = None,
) -> None:
    """Have it put on record that it leaves, then put the film where it can be taken.

    Organisation and reason go into the register of disclosures, with the name of who stands for
    an organisation. Of a private person the server learns a commitment and no name, which
    stands in the release record in the folder.
    """
    from scrim.clock import SystemClock
    from scrim.disclosure.folder import DisclosureFolder
    from scrim.disclosure.register import registered
    from scrim.disclosure.release import Recipient
    from scrim.disclosure.release import release as let_out
    from scrim.opening.client import Client

    recipient = Recipient(name, organisation, why)
    known = registered(people)
    signer = _signer(identity)
    with Client(server, signer, certificate=certificate) as client:
        record = let_out(
            DisclosureFolder(folder),
            output,
            recipient,
            signer=signer,
            registered=known,
            exports=client,
            clock=SystemClock(),
        )
    tell(f"{output}: on record as entry {record.body['entry']}.")


def _watched(original: Path, zones: tuple[Zone, ...], preview: Any) -> Film:
    from scrim.disclosure.watch import watch

    with progress("Looking") as update:
        return watch(original, _eyes(), zones=zones, shown=preview, progress=update)


def _eyes() -> Eyes:
    from scrim.disclosure.watch import EVERYBODY, Eyes
    from scrim.record.detectors import extra_detectors
    from scrim.redact import CenterFace, default_model
    from scrim.redact.people import PersonFinder
    from scrim.settings import load

    threads = len(os.sched_getaffinity(0))
    others = extra_detectors(load(None).redaction, EVERYBODY, Path.cwd(), threads)
    return Eyes(CenterFace(default_model(), threads=threads), others, PersonFinder())


def _detectors() -> Any:
    from scrim.redact.known import defaults
    from scrim.settings import load

    built_in = [{"name": one.name, "sha256": list(one.sha256)} for one in defaults()]
    own = [{"name": one.name, "sha256": [one.sha256]} for one in load(None).redaction.detectors]
    return [*built_in, *own]


def _signer(file: Path) -> Signer:
    from scrim.vault.custodian import is_sealed, read_identity

    words = None
    if is_sealed(file):
        words = str(typer.prompt("Passphrase", hide_input=True, err=True))
    return read_identity(file, words).signer


def _facts(film: Film, track: Track, at_us: int | None) -> dict[str, Any]:
    begin, end = film.verdicts[track.first].at_us, film.verdicts[track.last].at_us
    index = track.first + len(track.places) // 2
    if at_us is not None:
        index = max(v.index for v in film.verdicts if v.at_us <= max(0, at_us))
        there = track.at(index) is not None
    else:
        there = end - begin >= _SHORTEST_US
    place = track.at(index) or track.places[0]
    x, y = place.box.middle
    return {
        "track": track.number,
        "from": round(begin / 1_000_000, 3),
        "to": round(end / 1_000_000, 3),
        "at": round(film.verdicts[index].at_us / 1_000_000, 3),
        "point": f"{x / film.size[0]:.3f},{y / film.size[1]:.3f}",
        "guessed": place.guessed,
        "ends": track.ended,
        "there": there,
    }


def _zones(texts: list[str] | None) -> tuple[Zone, ...]:
    from scrim.redact import Zone

    return tuple(Zone.parse(text) for text in texts or ())


def _write(path: Path, data: bytes) -> None:
    from scrim.record.film import Beside, store_error

    with Beside(path) as beside:
        try:
            beside.path.write_bytes(data)
        except OSError as error:
            raise store_error(error, path) from error
        beside.keep()
