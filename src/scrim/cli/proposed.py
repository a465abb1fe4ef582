"""A proposal in plain words, for whoever is to agree to it.

Rules:

1. All of the change is said, whatever its kind: nothing is agreed to that was not shown.
2. Text that somebody wrote is shown in printable characters only, so that it cannot move
   the cursor or look like a line of Scrim's.
3. The hash is made here, of what is shown; the ledger has the same of the proposal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scrim.canonical import Json, canonical, digest
from scrim.clock import to_text
from scrim.opening.connection import Connection
from scrim.opening.failures import strange
from scrim.opening.words import plain

_KINDS = {
    "custodians": "other custodians of a group of cameras",
    "camera-group": "other custodians for a camera",
    "camera-policy": "what a camera's masks cover",
    "access-policies": "who may do what, in place of all policies before",
    "retention": "how long a camera is kept",
    "apply-pack": "a norm pack comes into force",
    "remove-pack": "a norm pack is in force no longer",
    "camera-sound": "a camera's sound is recorded",
    "camera-placed": "where a camera stands and what it is for",
    "site-changed": "what is said of a site",
}
_DAY_S = 86_400


def waiting(server: Connection) -> Iterator[Mapping[str, Any]]:
    """The proposals that this person can decide.

    Raises:
        ServerError: it cannot be dealt with, or what it answers is no list of proposals.
    """
    found = server.get("/api/proposals").json()
    if not isinstance(found, list):
        raise strange("its proposals are no list")
    for one in found:
        if not _is_proposal(one):
            raise strange("one of its proposals is none")
        yield one


def describe(proposal: Mapping[str, Any]) -> list[str]:
    """A proposal as :func:`waiting` gives it, whole, a line each."""
    kind = plain(proposal["kind"])
    return [
        f"Proposal {plain(proposal['id'])}",
        f"  Kind           {kind}" + (f": {_KINDS[kind]}" if kind in _KINDS else ""),
        f"  Proposed by    {plain(proposal['proposer'])}, {_time(proposal['proposed_us'])}",
        f"  Reason         {plain(proposal['reason'])}",
        f"  Ends           {_time(proposal['expires_us'])}",
        f"  SHA-256        {digest(proposal['change'])}, as in the ledger",
        "What it changes",
        *_lines(proposal["change"], "  "),
    ]


def _is_proposal(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("change"), dict):
        return False
    if not all(isinstance(one.get(key), str) for key in ("id", "kind", "reason", "proposer")):
        return False
    try:
        canonical(one["change"])
        _time(one["proposed_us"])
        _time(one["expires_us"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return False
    return True


def _lines(value: Json, indent: str) -> Iterator[str]:
    named: list[tuple[str, Json]]
    if isinstance(value, Mapping):
        named = [(f"{plain(key)}:", inner) for key, inner in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        named = [("-", inner) for inner in value]
    else:
        named = [("", value)]
    if not named:
        yield f"{indent}(nothing)"
    for name, inner in named:
        if isinstance(inner, Mapping) or (
            isinstance(inner, Sequence) and not isinstance(inner, str)
        ):
            yield f"{indent}{name}"
            yield from _lines(inner, f"{indent}  ")
        elif isinstance(inner, str) and len(inner.splitlines()) > 1:
            yield f"{indent}{name}"
            for line in inner.splitlines():
                yield f"{indent}  | {plain(line.expandtabs())}"
        else:
            yield f"{indent}{name} {_word(inner)}{_days(name, inner)}"


def _word(value: Json) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(str(value))


def _days(name: str, value: Json) -> str:
    """A length in words, beside its seconds."""
    if not name.endswith("_s:") or not isinstance(value, int):
        return ""
    return f" ({value / _DAY_S:g} days)"


def _time(us: int) -> str:
    return f"{to_text(us)[:19].replace('T', ' ')} UTC"
