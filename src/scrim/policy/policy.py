"""What a camera's masks cover and how they look: the policy a recorder works under.

Rules kept here:

- A policy can only ever add cover.  ``faces`` is in every policy, whatever was asked for,
  and there is none that covers nothing.
- It says *what kind of thing* is covered, never whose.
- A document may leave out what it has nothing to say about; the deployment's settings
  say the rest (:meth:`Policy.parse` with a ``default``).  What it does say is checked whole:
  an unknown key or word is refused, so that a slip never covers less than was meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from scrim.canonical import Json
from scrim.errors import SettingsError
from scrim.policy.zone import Zone

MOST_ZONES: Final = 64


class Cover(StrEnum):
    """A kind of thing to cover."""

    FACES = "faces"  # the whole head; a person whose face is not found gets one too
    PERSONS = "persons"  # whole people, whether they move or stand
    PLATES = "plates"  # number plates, as far as the detector finds them
    VEHICLES = "vehicles"  # whole moving vehicles: the safe choice where plates matter


class Style(StrEnum):
    """How a mask looks."""

    SOLID = "solid"
    SILHOUETTE = "silhouette"  # a flat figure over the learned background
    MOSAIC = "mosaic"  # weaker: coarse blocks can be partly undone


@dataclass(frozen=True, slots=True)
class Policy:
    """What is covered, where always, and how it is drawn.

    Attributes:
        cover: kinds of things; always has ``faces``, which is added where it is not named.
        zones: 64 at most, their names all different.
        style: of all masks; zones are always solid.

    Raises:
        SettingsError: too many zones, or two of one name.
    """

    cover: frozenset[Cover] = field(default=frozenset({Cover.FACES}))
    zones: tuple[Zone, ...] = ()
    style: Style = Style.SOLID

    def __post_init__(self) -> None:
        object.__setattr__(self, "cover", frozenset(self.cover) | {Cover.FACES})
        if len(self.zones) > MOST_ZONES:
            raise SettingsError(
                f"{len(self.zones)} zones are too many; {MOST_ZONES} are the most.",
                "Join neighbouring zones into one.",
            )
        names = [zone.name for zone in self.zones]
        for name in names:
            if names.count(name) > 1:
                raise SettingsError(
                    f"Two zones are called {name!r}.", "Give each zone a name of its own."
                )

    @classmethod
    def parse(cls, document: Mapping[str, Any], default: Policy | None = None) -> Policy:
        """The policy that ``document`` asks for.

        Args:
            document: as :meth:`document` gives it, with any of its keys left out.
            default: says what the document does not; faces, solid, no zones if left out.

        Raises:
            SettingsError: an unknown key, kind of cover or style, nothing to cover, or a
                zone that cannot be drawn; the sentence lists what is allowed.
        """
        default = default or cls()
        keys = ("cover", "style", "zones")
        for key in document:
            if key not in keys:
                raise SettingsError(
                    f"A policy has no {_short(key)}.", f"It may have {_listed(keys)}."
                )
        cover, zones, style = default.cover, default.zones, default.style
        if "cover" in document:
            cover = _cover(document["cover"])
        if "zones" in document:
            zones = tuple(Zone.parse(text) for text in _items("zones", document["zones"]))
        if "style" in document:
            style = _style(document["style"])
        return cls(cover, zones, style)

    def document(self) -> dict[str, Json]:
        """The policy as canonical JSON keeps it; every key is there, in one spelling."""
        return {
            "cover": [cover.value for cover in Cover if cover in self.cover],
            "style": self.style.value,
            "zones": [zone.text() for zone in self.zones],
        }


def said(document: Mapping[str, Any]) -> dict[str, Json]:
    """What ``document`` says, and nothing else, in the one spelling of :meth:`Policy.document`.

    Raises:
        SettingsError: as :meth:`Policy.parse`.
    """
    whole = Policy.parse(document).document()
    return {key: value for key, value in whole.items() if key in document}


def cover_in(text: str) -> list[str]:
    """The words of ``"faces, plates"``; checked where they are used."""
    return [word.strip() for word in text.split(",")] if text.strip() else []


def warnings(policy: Policy) -> list[str]:
    """What whoever looks at the camera should know about its policy, one sentence each."""
    found = []
    if policy.style is Style.MOSAIC:
        found.append("Mosaic is weaker than solid: parts of what it covers may be recovered.")
    if Cover.PLATES in policy.cover and Cover.VEHICLES not in policy.cover:
        found.append(
            "Number plates: the built-in detector finds only some; cover vehicles to be safe."
        )
    return found


def _cover(value: object) -> frozenset[Cover]:
    words = _items("cover", value)
    if not words:
        raise SettingsError("A policy has to cover something.", f"Cover any of {_listed(Cover)}.")
    found = set()
    for word in words:
        if word not in set(Cover):
            raise SettingsError(
                f"{_short(word)} is nothing that can be covered.", f"Cover any of {_listed(Cover)}."
            )
        found.add(Cover(word))
    return frozenset(found)


def _style(value: object) -> Style:
    if not isinstance(value, str) or value not in set(Style):
        raise SettingsError(f"There is no style {_short(value)}.", f"Use one of {_listed(Style)}.")
    return Style(value)


def _items(key: str, value: object) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise SettingsError(
            f"A policy's {key} is not a list of texts.",
            f"Cover any of {_listed(Cover)}."
            if key == "cover"
            else 'Write each zone as "gate: 0.1,0.2 0.4,0.2 0.4,0.5".',
        )
    return list(value)


def _listed(words: Collection[str] | type[StrEnum]) -> str:
    names = [str(word) for word in words]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
