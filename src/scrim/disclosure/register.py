"""Whose keys may make, review and release: the register of people, as a file on this machine.

It is what ``scrim officer list --json`` and ``scrim custodian list --json`` print; whose
key is whose was read aloud at its registration, and the change of the register is in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrim.errors import DisclosureRefused
from scrim.vault.signing import check_verifier

_LARGEST = 1 << 20


def registered(files: Sequence[Path]) -> frozenset[str]:
    """Verifiers of everybody in these files who is not retired.

    Raises:
        DisclosureRefused: one of them cannot be read, or is no list of people.
    """
    return frozenset(verifier for file in files for verifier in _verifiers(file))


def _verifiers(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            people = json.loads(opened.read(_LARGEST).decode("utf-8"))
    except OSError as error:
        raise _unusable(file, f"it cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _unusable(file, "it is not JSON") from None
    found = []
    for one in _people(file, people):
        if "card" in one:
            verifier: object = str(one["card"]).partition("/")[2]
            if not verifier:
                continue  # a custodian whose card has no verifier signs nothing
        else:
            verifier = one.get("verifier")
        if not isinstance(verifier, str):
            raise _unusable(file, "somebody in it has no verifier")
        try:
            check_verifier(verifier)
        except ValueError as error:
            raise _unusable(file, str(error)) from None
        if one.get("retired_us") is None:
            found.append(verifier)
    return found


def _people(file: Path, listed: object) -> list[dict[str, Any]]:
    """Officers stand in the list themselves, custodians in their groups."""
    found: list[Any] = []
    for one in listed if isinstance(listed, list) else [None]:
        members = one.get("custodians", [one]) if isinstance(one, dict) else None
        found += members if isinstance(members, list) else [None]
    if not all(isinstance(one, dict) for one in found):
        raise _unusable(file, "it is not a list of people")
    return found


def _unusable(file: Path, why: str) -> DisclosureRefused:
    return DisclosureRefused(
        f"{file} cannot be used as the register of people: {why}.",
        "Ask the operator for what `scrim officer list --json` prints.",
    )
