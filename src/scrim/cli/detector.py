"""``scrim detector``: what finds faces, people, plates and vehicles here, and whether it works."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import table, tell_json
from scrim.errors import RedactionError

if TYPE_CHECKING:
    from scrim.redact.detector import Detector

app = typer.Typer(
    no_args_is_help=True,
    help="List and try the detectors: the ones Scrim brings, and those in scrim.toml.",
    epilog="[bold]After adding a model to scrim.toml:[/bold]\n\nscrim detector check",
)

_CALLS = 5
_UNKNOWN = "not measured here"


@app.command("list")
def list_detectors(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List all detectors with kind, licence, hash, layout and measured recall."""
    from scrim.redact.known import defaults
    from scrim.settings import load

    rows: list[dict[str, Any]] = [
        {
            "name": known.name,
            "kind": known.kind,
            "licence": known.licence,
            "sha256": list(known.sha256),
            "decoder": known.decoder,
            "configured": False,
            "recall": known.recall,
        }
        for known in defaults()
    ]
    rows += [
        {
            "name": one.name,
            "kind": one.kind,
            "licence": one.licence,
            "sha256": [one.sha256.lower()],
            "decoder": one.decoder,
            "configured": True,
            "recall": _UNKNOWN,
        }
        for one in load(data).redaction.detectors
    ]
    if as_json:
        tell_json(rows)
        return
    table(
        ["NAME", "KIND", "LICENCE", "SHA-256", "LAYOUT", "RECALL"],
        [
            [
                row["name"],
                row["kind"],
                row["licence"],
                " ".join(f"{part[:12]}…" for part in row["sha256"]) or "in OpenCV's code",
                row["decoder"],
                row["recall"],
            ]
            for row in rows
        ],
    )


@app.command()
def check(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Load each detector and ask it about a grey and a noisy picture.

    Exit code 0 if all answer sanely, 1 if one does not.
    """
    outcomes = list(_check_all(data))
    if as_json:
        tell_json(
            [
                {
                    "name": outcome.name,
                    "kind": outcome.kind,
                    "holds": outcome.holds,
                    "milliseconds": outcome.milliseconds,
                    "found": outcome.found,
                    "remedy": outcome.remedy,
                }
                for outcome in outcomes
            ]
        )
    else:
        table(
            ["", "NAME", "KIND", "MS A CALL", "FOUND"],
            [
                [
                    "ok" if outcome.holds else "PROBLEM",
                    outcome.name,
                    outcome.kind,
                    "" if outcome.milliseconds is None else f"{outcome.milliseconds:.1f}",
                    f"{outcome.found} {outcome.remedy}".strip(),
                ]
                for outcome in outcomes
            ],
        )
    raise typer.Exit(0 if all(outcome.holds for outcome in outcomes) else 1)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One detector's: ``found`` says what it answered, or what is wrong."""

    name: str
    kind: str
    holds: bool
    milliseconds: float | None
    found: str
    remedy: str = ""


def _check_all(data: Path) -> Iterator[_Outcome]:
    import cv2

    from scrim.record.detectors import recipe_of
    from scrim.redact.cascade import PlateCascade
    from scrim.redact.centerface import CenterFace
    from scrim.redact.configured import ConfiguredDetector
    from scrim.redact.model import default_model
    from scrim.redact.people import PersonFinder
    from scrim.settings import load

    settings = load(data)
    threads = settings.recorder.threads
    cv2.setNumThreads(threads)
    yield _checked("centerface", "face", lambda: CenterFace(default_model(), threads))
    yield _checked("opencv-people", "person", PersonFinder)
    yield _checked("opencv-plates", "plate", PlateCascade)
    for one in settings.redaction.detectors:
        make = partial(ConfiguredDetector, recipe_of(one, data), threads)
        yield _checked(one.name, one.kind, make)


def _checked(name: str, kind: str, make: Callable[[], Detector]) -> _Outcome:
    import numpy as np

    from scrim.redact.detector import look_size, verdict

    try:
        detector = make()
        width, height = look_size(detector, 1280, 720)
        grey = np.full((height, width, 3), 128, np.uint8)
        noise = np.random.default_rng(0).integers(0, 256, grey.shape, dtype=np.uint8)
        in_grey, in_noise = len(verdict(detector, grey)), len(verdict(detector, noise))
        taken = []
        for _ in range(_CALLS):
            begun = time.perf_counter()
            verdict(detector, noise)
            taken.append((time.perf_counter() - begun) * 1000)
    except RedactionError as error:
        return _Outcome(name, kind, False, None, error.message, error.remedy)
    return _Outcome(
        name,
        kind,
        True,
        round(statistics.median(taken), 1),
        f"{in_grey} in grey and {in_noise} in noise at {width} x {height}",
    )
