"""Dependencies are pinned by hash, and nothing here names where they are fetched from."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

# Put together here, so that this file does not name one either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("yarnpkg", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("pkg", "github", "com"),
        ("artifactory",),
    )
]


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("needs git and a clone, to know which files are the project's: install git")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_names_a_registry() -> None:
    named = []
    files = [path for path in _tracked() if path.is_file() and path != Path(__file__)]
    assert len(files) > 50
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace").lower()
        named += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRIES if host in text]
    assert named == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_by_hash(lock: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", lock.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9][a-z0-9._\[\]-]*==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
        assert "://" not in line


def test_what_runs_is_what_is_tested() -> None:
    runtime, dev = (
        dict(
            re.findall(r"^(\S+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text("utf-8"), 8)
        )
        for name in ("runtime", "dev")
    )
    assert runtime
    assert runtime.items() <= dev.items()


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    locked = (ROOT / "requirements/runtime.txt").read_text("utf-8")
    for wanted in project["project"]["dependencies"]:
        name = re.split(r"[<>=~!\[; ]", wanted)[0]
        assert re.search(rf"^{re.escape(name)}==", locked, re.MULTILINE), wanted


def test_the_lock_of_the_page_holds_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text("utf-8"))["packages"]
    fetched = {path: told for path, told in packages.items() if path and not told.get("link")}
    assert fetched
    for path, told in fetched.items():
        assert "integrity" in told, path
        assert "resolved" not in told, path
    # npm can only install what every platform needs if the lock names it for every platform.
    for path, told in packages.items():
        for name in told.get("optionalDependencies", {}):
            assert any(other.endswith(f"node_modules/{name}") for other in packages), (path, name)
