"""``scrim redact``: mask a video file, offline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from scrim.cli.policy import CoverOption, StyleOption, ZoneOption, asked, warn
from scrim.errors import StoreError
from scrim.record.detectors import extra_detectors
from scrim.record.offline import Result, check_paths, redact_file
from scrim.redact import CenterFace, Policy, default_model
from scrim.redact.people import PersonFinder
from scrim.settings import load

EPILOG = (
    "[bold]Mask a clip:[/bold] scrim redact street.mp4 street-masked.mp4\n\n"
    "[bold]And say what was covered:[/bold] "
    "scrim redact street.mp4 street-masked.mp4 --report street.json\n\n"
    "[bold]Whole people, as figures:[/bold] "
    "scrim redact street.mp4 street-masked.mp4 --cover persons --style silhouette"
)


def redact(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Any video FFmpeg can read.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Argument(
            metavar="OUTPUT", help="The masked video, .mp4 or .mkv.", show_default=False
        ),
    ],
    cover: CoverOption = None,
    zone: ZoneOption = None,
    style: StyleOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the boxes covered in each frame as JSON.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Cover every face in a video file, and what else is asked for.

    Frame count, frame rate and time stamps are kept; sound is dropped. A frame about which
    nothing certain is known (it is damaged, or the detector failed) is covered whole.
    """
    policy = Policy.parse(asked(cover, zone, style))
    for place in (output, report):
        if place is not None and place.is_dir():  # `.` too, which has no name to write beside
            raise StoreError(f"{place} is a folder.", "Give a file's name.")
    check_paths(source, output, report)
    warn(policy)
    console = Console(stderr=True)
    threads = len(os.sched_getaffinity(0))
    detector = CenterFace(default_model(), threads=threads)
    columns = (
        TextColumn("Masking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        result = redact_file(
            source,
            output,
            detector=detector,
            others=extra_detectors(load(None).redaction, policy.cover, Path.cwd(), threads),
            people=PersonFinder(),
            policy=policy,
            report=report,
            threads=threads,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    for line in _told(result, output):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _told(result: Result, output: Path) -> list[str]:
    counts = f"{result.masked} with masks, {result.clear} with nothing to cover"
    lines = [f"{output}: {result.frames} frames, {counts}, {result.blanked} covered whole."]
    lines += [f"Covered whole: {n} because {why}." for why, n in result.blanked_because.items()]
    if result.sound:
        lines.append("Sound was dropped: a voice tells who as well as a face does.")
    if result.cut_off:
        lines.append("The input breaks off before its end; what could be decoded is there.")
    return lines
