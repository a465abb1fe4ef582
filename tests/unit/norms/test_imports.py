"""Norms stand alone: a lawyer and a programmer can read them, and nothing else, together."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import scrim.norms

NORMS = Path(scrim.norms.__file__).parent
OWN = {"scrim.errors", "scrim.canonical", "scrim.clock", "scrim.norms"}
LIBRARIES = {"celpy", "pydantic", "yaml"}


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_they_need_three_libraries_and_no_more_of_scrim_than_errors_canonical_and_clock() -> None:
    for file in NORMS.glob("*.py"):
        names = _imports(file)
        own = {".".join(name.split(".")[:2]) for name in names if name.startswith("scrim")}
        assert own <= OWN, file.name
        roots = {name.split(".")[0] for name in names} - {"scrim"}
        assert roots - LIBRARIES - sys.stdlib_module_names == set(), file.name


def test_nothing_is_evaluated_as_python() -> None:
    for file in NORMS.glob("*.py"):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__"}, file.name
