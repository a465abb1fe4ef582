"""Reading a camera's options: unknown or wrong ones are named, never ignored."""

from __future__ import annotations

from collections.abc import Mapping

from scrim.camera.live import LiveOptions
from scrim.canonical import Json
from scrim.errors import CameraError

_LIVE = ("open_timeout_s", "stall_s", "backoff_first_s", "backoff_most_s")
KNOWN: dict[str, frozenset[str]] = {
    "file": frozenset({"loop", "pace", "sound"}),
    "rtsp": frozenset({"transport", "sound", *_LIVE}),
    "usb": frozenset({"format", "size", "rate", *_LIVE}),
}


def check_names(kind: str, options: Mapping[str, Json]) -> None:
    """Refuse options that the kind of camera does not have.

    Raises:
        CameraError: an option that the kind of camera does not have.
    """
    for name in options:
        if name not in KNOWN[kind]:
            known = ", ".join(sorted(KNOWN[kind]))
            raise CameraError(f"A {kind} camera has no option {name!r}.", f"It has: {known}.")


def flag(options: Mapping[str, Json], name: str, default: bool) -> bool:
    """An option that is true or false."""
    value = options.get(name, default)
    if not isinstance(value, bool):
        raise CameraError(f"Option {name!r} is {value!r}.", "It must be true or false.")
    return value


def text(options: Mapping[str, Json], name: str, default: str) -> str:
    """An option that is a word."""
    value = options.get(name, default)
    if not isinstance(value, str):
        raise CameraError(f"Option {name!r} is {value!r}.", "It must be text.")
    return value


def number(options: Mapping[str, Json], name: str, default: float) -> float:
    """An option that is a number above 0, also as text (canonical JSON has no fractions)."""
    value = options.get(name, default)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        result = float(value)
        if not 0 < result <= 86_400:
            raise ValueError
    except ValueError:
        raise CameraError(
            f"Option {name!r} is {value!r}.", "It must be a number above 0, such as 10."
        ) from None
    return result


def live(options: Mapping[str, Json]) -> LiveOptions:
    """The options that all live cameras have."""
    default = LiveOptions()
    found = LiveOptions(
        open_timeout_s=number(options, "open_timeout_s", default.open_timeout_s),
        stall_s=number(options, "stall_s", default.stall_s),
        backoff_first_s=number(options, "backoff_first_s", default.backoff_first_s),
        backoff_most_s=number(options, "backoff_most_s", default.backoff_most_s),
    )
    if found.backoff_first_s > found.backoff_most_s:
        raise CameraError(
            "Option 'backoff_first_s' is above 'backoff_most_s'.", "Make it the smaller of the two."
        )
    return found
