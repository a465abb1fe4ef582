"""The vault stands alone: an auditor reads it and nothing else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import scrim.vault

VAULT = Path(scrim.vault.__file__).parent
OWN = {"scrim.errors", "scrim.canonical", "scrim.clock", "scrim.vault"}
LIBRARIES = {"pyrage", "bech32", "cryptography", "shamir_mnemonic"}


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


def test_it_imports_nothing_of_scrim_but_errors_canonical_and_clock() -> None:
    for file in VAULT.glob("*.py"):
        own = {name for name in _imports(file) if name.startswith("scrim")}
        beyond = {name for name in own if ".".join(name.split(".")[:2]) not in OWN}
        assert beyond == set(), file.name


def test_it_needs_four_libraries_and_no_more() -> None:
    for file in VAULT.glob("*.py"):
        roots = {name.split(".")[0] for name in _imports(file)} - {"scrim"}
        assert roots - LIBRARIES - sys.stdlib_module_names == set(), file.name


def test_it_can_be_read_in_an_afternoon() -> None:
    lines = {file.name: len(file.read_text().splitlines()) for file in VAULT.glob("*.py")}
    assert max(lines.values()) <= 300
    assert sum(lines.values()) <= 4900
