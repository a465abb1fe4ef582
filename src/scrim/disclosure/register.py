"""Whose keys may make, review and release: the register of people, as a file on this machine.

It is what ``scrim officer list --json`` and ``scrim custodian list --json`` print; whose
key is whose was read aloud at its registration, and the change of the register is in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

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
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        raise _unusable(file, "it is not a list of people")
    for one in people:
        verifier = one.get("verifier")
        if verifier is None and "recipient" in one:
            continue  # a custodian whose card has no verifier signs nothing
        if not isinstance(verifier, str):
            raise _unusable(file, "somebody in it has no verifier")
        try:
            check_verifier(verifier)
        except ValueError as error:
            raise _unusable(file, str(error)) from None
        if one.get("retired_us") is None:
            found.append(verifier)
    return found


def _unusable(file: Path, why: str) -> DisclosureRefused:
    return DisclosureRefused(
        f"{file} cannot be used as the register of people: {why}.",
        "Ask the operator for what `scrim officer list --json` prints.",
    )
