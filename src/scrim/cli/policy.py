"""What masks cover and how they look, on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from scrim.canonical import Json
from scrim.cli.terminal import note
from scrim.policy import Policy, Style, cover_in, said, warnings

CoverOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--cover",
        metavar="WORDS",
        help="What to cover besides faces, with commas: faces, persons, plates, vehicles.",
        show_default=False,
    ),
]

ZoneOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--zone",
        metavar="ZONE",
        help="A part of the picture that is always covered, such as "
        '"gate: 10%,20% 40%,20% 40%,50%"; once for each zone.',
        show_default=False,
    ),
]

StyleOption: TypeAlias = Annotated[
    Style | None,
    typer.Option(
        "--style",
        help="How masks look; mosaic is weaker: parts of what it covers may be recovered.",
        show_default=False,
    ),
]


def asked(cover: str | None, zones: Sequence[str] | None, style: Style | None) -> dict[str, Json]:
    """What the options say of a policy, checked; what was not given is left out.

    Raises:
        SettingsError: a word, a zone or a style that cannot be.
    """
    document: dict[str, Json] = {}
    if cover is not None:
        document["cover"] = list(cover_in(cover))
    if zones:
        document["zones"] = list(zones)
    if style is not None:
        document["style"] = style.value
    return said(document)


def told(policy: Policy) -> list[str]:
    """A policy in lines for people."""
    document = policy.document()
    lines = [f"Covers  {_listed(document['cover'])}", f"Style   {policy.style}"]
    zones = [zone.text() for zone in policy.zones] or ["none"]
    lines += [f"{'Zones' if i == 0 else '':8}{zone}" for i, zone in enumerate(zones)]
    return lines


def in_short(policy: Policy) -> str:
    """A policy in a few words."""
    words = [_listed(policy.document()["cover"]), str(policy.style)]
    if policy.zones:
        words.append("1 zone" if len(policy.zones) == 1 else f"{len(policy.zones)} zones")
    return "; ".join(words)


def warn(policy: Policy) -> None:
    """Say what is weak about a policy, on standard error."""
    for warning in warnings(policy):
        note(f"Note: {warning}")


def _listed(words: Json) -> str:
    assert isinstance(words, list)
    return ", ".join(map(str, words))
