"""``scrim engine``: what computes the face network here, and what encodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json

if TYPE_CHECKING:
    from scrim.record.engines import Engines
    from scrim.redact.choice import Trial

app = typer.Typer(
    no_args_is_help=True,
    help="Measure what finds faces and what encodes on this machine, and choose.\n\n"
    "Every engine is held against onnxruntime in float32 on drawn pictures, and used only if "
    "its masks are the same. Settings: redaction.engine, encoding.encoder.",
)


@app.command("list")
def list_(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Measure every engine and encoder that is there; changes nothing. Takes some seconds."""
    engines = _engines(data, must_exist=False)
    _show(engines, engines.measure(), data, as_json)


@app.command()
def choose(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Measure, and keep the choice, so that recorders need not measure at their start.

    It counts until the machine, a version, a model or a setting it depends on changes.
    """
    engines = _engines(data, must_exist=True)
    trials = engines.measure()
    engines.keep(trials)
    _show(engines, trials, data, as_json)


@app.command()
def quantise(
    pictures: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Pictures or films of the cameras' own, for the ranges; the drawn street without.",
            show_default=False,
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make the face network's 8-bit version, and say whether it may be used.

    Needs the extra accel: pip install "scrim-cctv[accel]". Nothing of the pictures is kept but
    the ranges of numbers between the network's layers. Takes half a minute.
    """
    from scrim.record.engine_pictures import named_pictures

    engines = _engines(data, must_exist=True)
    named = list(named_pictures(pictures or []))
    note("Quantising; this takes half a minute.")
    trial = engines.quantise(named, "named pictures" if pictures else "drawn street")
    if trial.refused:
        tell(f"Made, but not used: {trial.refused}")
    else:
        tell(f"Made; its masks are the same, at {trial.milliseconds:.1f} ms a look.")


def _engines(data: Path, *, must_exist: bool) -> Engines:
    import av.logging
    import cv2

    from scrim.errors import DataFolderMissing
    from scrim.record.engines import Engines
    from scrim.settings import load
    from scrim.store.folder import DataFolder

    av.logging.set_level(av.logging.PANIC)
    folder: Path | None = None
    try:
        folder = DataFolder.open(data, write=must_exist).path
    except DataFolderMissing:
        if must_exist:
            raise
    settings = load(folder)
    cv2.setNumThreads(settings.recorder.threads)
    return Engines(folder, settings, note)


def _show(engines: Engines, trials: list[Trial], data: Path, as_json: bool) -> None:
    from scrim.record.encoder_choice import try_encoders
    from scrim.record.engines import facts
    from scrim.record.hardware import HARDWARE, opener
    from scrim.redact.choice import fastest
    from scrim.settings import load

    encoding = load(data).encoding
    encoders = try_encoders(encoding, {name: opener(name) for name in HARDWARE})
    best, kept = fastest(trials), engines.kept()
    if as_json:
        tell_json(
            {
                "fastest": best.value,
                "kept": kept.value if kept is not None else None,
                "engines": [facts(trial) for trial in trials],
                "encoders": [
                    {"encoder": trial.name, "refused": trial.refused} for trial in encoders
                ],
            }
        )
        return
    rows = []
    for trial in trials:
        taken = f"{trial.milliseconds:.1f}" if trial.milliseconds is not None else ""
        said = trial.refused or ("the fastest" if trial.kind is best else "")
        rows.append([trial.kind.value, taken, _masks(trial), said])
    table(["engine", "ms a look", "boxes: lost, loose, extra", ""], rows)
    tell()
    table(["encoder", ""], [[trial.name, trial.refused] for trial in encoders])
    tell()
    tell(f"Kept: {kept}" if kept is not None else "Kept: nothing (scrim engine choose).")


def _masks(trial: Trial) -> str:
    if trial.agreement is None:
        return "" if trial.refused else "reference"
    a = trial.agreement
    return f"{a.boxes}: {a.lost}, {a.loose}, {a.extra}"
