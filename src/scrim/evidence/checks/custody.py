"""Does the custody record say what the papers say?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from scrim.canonical import Json, canonical
from scrim.errors import BundleBroken, SealBroken
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.custody import record
from scrim.evidence.kinds import Kind
from scrim.vault.fields import Fields, load

_MOST: Final = 20


class CustodyCheck:
    """Makes the record again from request, manifests and index, and compares line by line."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def verify(self) -> None:
        found, request, index = self._found, self._found.request, self._found.index
        if request is None or index is None or found.periods.keys() != found.wanted:
            return  # said already
        try:
            said = load(found.source.read(layout.CUSTODY))
            acquisition = Fields(said, frozenset({"acquisition"}), more=True).mapping("acquisition")
            at_us = Fields(acquisition, frozenset({"at_us"}), more=True).number("at_us")
            expected = record(request, found.periods.values(), index, at_us)
        except (ValueError, BundleBroken, SealBroken) as error:
            found.problem(
                Kind.CUSTODY_CONTRADICTS, layout.CUSTODY, f"It is no custody record: {error}."
            )
            return
        if canonical(said) == canonical(expected):
            return
        for where, here, there in islice(_differences("", said, expected), _MOST):
            found.problem(
                Kind.CUSTODY_CONTRADICTS,
                layout.CUSTODY,
                f"{where} is {here}; by the papers it is {there}.",
            )


def _differences(where: str, here: Any, there: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(here, Mapping) and isinstance(there, Mapping):
        for key in sorted(here.keys() | there.keys()):
            yield from _differences(f"{where}.{key}".lstrip("."), here.get(key), there.get(key))
    elif _is_list(here) and _is_list(there) and len(here) == len(there):
        for number, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from _differences(f"{where}[{number}]", one, other)
    elif here != there or type(here) is not type(there):
        yield where, _short(here), _short(there)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _short(value: Json) -> str:
    if isinstance(value, Mapping) or _is_list(value):
        return f"{len(value)} things"  # type: ignore[arg-type]
    text = "not there" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
