"""What ``scrim doctor`` looks at: this machine and, if there is one, a data folder.

Each check is a function that returns what it found, or raises a
:class:`~scrim.errors.ScrimError` that says what to do.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scrim.errors import (
    DataFolderError,
    DataFolderMissing,
    DetectorFailed,
    PackInvalid,
    RedactionError,
    ScrimError,
    SettingsError,
    StoreFull,
)

_OLDEST_PYTHON: Final = (3, 11)
_ROOM: Final = 2 * 1024**3
_YEAR_OF_THIS: Final = 2026
_YEARS_AHEAD: Final = 50
# import name -> distribution; each is a wheel with machine code of its own
_WHEELS: Final = {
    "av": "av",
    "cv2": "opencv-python-headless",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "obstore": "obstore",
    "pyrage": "pyrage",
    "cryptography": "cryptography",
    "sqlalchemy": "sqlalchemy",
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's result.

    Attributes:
        found: what is there, or what is wrong.
        remedy: what to do; "" where all is well.
    """

    name: str
    holds: bool
    found: str
    remedy: str = ""


def run_checks(data: Path) -> Iterator[Outcome]:
    """Run every check, one after the other, whatever the others found."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("Packages", _packages),
        ("Face model", _model),
        ("Detector", _detector),
        ("Engine", lambda: _engine(data)),
        ("H.264 encoder", _encoder),
        ("Clock", _clock),
        ("Settings", lambda: _settings(data)),
        ("Data folder", lambda: _folder(data)),
        ("Disk space", lambda: _space(data)),
        ("Ledger key", lambda: _key(data)),
        ("Custodians", lambda: _custodians(data)),
        ("Norm packs", lambda: _packs(data)),
        ("Port", lambda: _port(data)),
        ("Console", _console),
    ]
    for name, check in checks:
        try:
            yield Outcome(name, True, check())
        except ScrimError as error:
            yield Outcome(name, False, error.message, error.remedy)
        except OSError as error:  # a folder that may not be looked into, a name that is too long
            yield Outcome(name, False, f"{error}.", "Check the path, its permissions and the disk.")


def _python() -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _OLDEST_PYTHON:
        raise SettingsError(f"This is Python {version}.", "Scrim needs 3.11 or newer.")
    return version


def _packages() -> str:
    missing, found = [], []
    for module, distribution in _WHEELS.items():
        try:
            importlib.import_module(module)
            found.append(f"{distribution} {importlib.metadata.version(distribution)}")
        except (ImportError, OSError) as error:
            missing.append(f"{distribution} ({error})")
    if missing:
        raise SettingsError(
            f"Cannot be loaded: {', '.join(missing)}.", "Install Scrim again with pip."
        )
    return ", ".join(found)


def _model() -> str:
    from scrim.redact.model import default_model, read_model

    return f"{default_model().name}, {len(read_model(default_model())) // 1024} KiB, as pinned"


def _detector() -> str:
    import numpy as np

    from scrim.redact.centerface import CenterFace
    from scrim.redact.model import default_model

    detector = CenterFace(default_model())
    width, height = detector.input_size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[::8] = 255
    try:
        begun = time.monotonic()
        found = detector.detect(picture)
    except RedactionError:
        raise
    except (RuntimeError, ValueError) as error:
        raise DetectorFailed(f"It fails: {error}.", "Install Scrim again.") from error
    milliseconds = round((time.monotonic() - begun) * 1000)
    if found:
        raise DetectorFailed(
            "It sees faces in a picture of stripes.", "Install Scrim again; the model may differ."
        )
    return f"runs; {milliseconds} ms for a picture of {width} x {height}"


def _engine(data: Path) -> str:
    """Only what is known without measuring, which takes seconds: ``scrim engine list``."""
    from scrim.record.engines import Engines
    from scrim.settings import load

    said: list[str] = []
    settings = load(data)
    engines = Engines(data if data.is_dir() else None, settings, said.append)
    there = ", ".join(engines.kinds())
    if said:
        raise SettingsError(said[0])
    wanted, kept = settings.redaction.engine, engines.kept()
    if wanted != "auto":
        return f"{wanted}, by the settings; there are {there}"
    if len(engines.kinds()) == 1:
        return f"{there}, the only one there is"
    return f"{kept or 'measured at each start'}; there are {there}"


def _encoder() -> str:
    import av
    import av.codec

    try:
        codec = av.codec.Codec("libx264", "w")
    except (ValueError, LookupError, av.FFmpegError) as error:
        raise RedactionError(
            "FFmpeg in this installation has no H.264 encoder.",
            "Install the av wheel from the package index, not one built without libx264.",
        ) from error
    return f"{codec.name} of FFmpeg {av.ffmpeg_version_info}"


def _clock() -> str:
    year = time.gmtime().tm_year
    if not _YEAR_OF_THIS <= year < _YEAR_OF_THIS + _YEARS_AHEAD:
        raise SettingsError(
            f"The clock says it is the year {year}.",
            "Set it, and let a time service keep it right: every picture carries its time.",
        )
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())


def _settings(data: Path) -> str:
    from scrim.settings import FILE_NAME, load

    load(data)
    return FILE_NAME if (data / FILE_NAME).exists() else "defaults and environment"


def _folder(data: Path) -> str:
    from scrim.store.folder import FORMAT, DataFolder

    try:
        folder = DataFolder.open(data)
    except DataFolderMissing:
        return f"none at {data} yet"
    return f"{folder.path}, format {FORMAT}, writable"


def _space(data: Path) -> str:
    place = data.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < _ROOM:
        raise StoreFull(
            f"{free / 1e9:.1f} GB are free where the data folder is.",
            "Make room; a camera of 4 Mbit/s needs 43 GB a day for the originals alone.",
        )
    return f"{free / 1e9:.0f} GB free"


def _key(data: Path) -> str:
    file = data / "keys" / "ledger.key"
    if not (data / "format").exists():
        return "made with the data folder"
    from scrim.ledger import SigningKey

    key = SigningKey.read(file)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise DataFolderError(
            f"{file} can be read by others (mode {mode:04o}).", f"Run `chmod 600 {file}`."
        )
    return f"for its owner only; {key.verifier().to_text()}"


def _custodians(data: Path) -> str:
    if not (data / "format").exists():
        return "named with the data folder"
    from scrim.store.custodians import current_custodians
    from scrim.store.database import connect
    from scrim.store.folder import DataFolder

    engine = connect(DataFolder.open(data).database)
    try:
        custodians = current_custodians(engine)
    finally:
        engine.dispose()
    what = f"any {custodians.k} of {len(custodians.custodians)} can open"
    return f"DEMO, they protect nobody: {what}" if custodians.demo else what


def _packs(data: Path) -> str:
    from scrim.fleet.deployment import Deployment
    from scrim.norms.load import load_all
    from scrim.store.database import reading

    try:
        deployment = Deployment.open(data)
    except DataFolderMissing:
        return f"{', '.join(load_all())} come with Scrim"
    try:
        applied = deployment.applied()
        trouble = applied.trouble()
        if trouble is not None:
            raise PackInvalid(
                "The folder of packs is not taken; those in force stay as they were.", trouble.why
            )
        in_force = sorted({one.pack for one in applied.list()})
        applied.packs(in_force)
        with reading(deployment.engine) as connection:
            applied.check_limits(connection)
    finally:
        deployment.close()
    return f"in force: {', '.join(in_force)}" if in_force else "none in force"


def _port(data: Path) -> str:
    from scrim.errors import PortTaken
    from scrim.fleet.address import Address
    from scrim.settings import load
    from scrim.store.folder import DataFolder

    server = load(data).server
    try:
        address = Address.free(server.host, server.port, allow_remote=True)
    except PortTaken:
        running = Address.read(DataFolder(data.absolute()))
        if running is not None and running.port == server.port and running.answers():
            return f"{server.port}, Scrim answers there"
        raise
    return f"{address.port} of {address.host} is free"


def _console() -> str:
    import scrim

    page = Path(scrim.__file__).parent / "api" / "console" / "index.html"
    if not page.is_file():
        raise SettingsError(
            "The console is not built, so the address will show no page.",
            "`make run` builds it; or install Scrim from a wheel.",
        )
    return "built"
