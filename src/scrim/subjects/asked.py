"""What a person asks for, as it is entered.

Rules:

1. Where and when are a few cameras and an interval that is over, 31 days at most: a hold
   on everything is not a request for pictures of oneself.
2. A request counts from when it came, which is not in the future, and one for pictures not
   before they begin: a slip in a date would be late for good.
3. Words that describe the person are for people to read; nothing searches with them.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from scrim.clock import SECOND
from scrim.errors import DutyRefused

DAY_US: Final = 86_400 * SECOND
LONGEST_US: Final = 31 * DAY_US
MOST_CAMERAS: Final = 50
LONGEST_TEXT: Final = 4000
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ID: Final = re.compile(r"req-[a-z0-9]{8}")

KINDS: Final = ("access", "erasure", "objection")
LANGUAGES: Final = ("en", "zh-Hant", "zh-Hans")


def new_id() -> str:
    """``req-`` and eight letters or digits, drawn at random (40 bits)."""
    return "req-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def is_id(text: str) -> bool:
    """Whether ``text`` may name a request."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, and by whom.

    Attributes:
        cameras: ids.
        since_us, until_us: half open, UTC microseconds.
        contact: how to reach the person; never leaves the database but in letters.
        description: of what they look for, in words.
        received_us: when it came; ``None``: now.
    """

    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    contact: str = field(repr=False)
    description: str = field(repr=False)
    kind: str = "access"
    language: str = "en"
    received_us: int | None = None

    def check(self, now_us: int) -> None:
        """See that it can be dealt with.

        Raises:
            DutyRefused: says what is missing or too much.
        """
        if self.kind not in KINDS:
            raise DutyRefused(f"There is no request of the kind {self.kind!r}.", _one_of(KINDS))
        if self.language not in LANGUAGES:
            raise DutyRefused(f"There are no letters in {self.language!r}.", _one_of(LANGUAGES))
        if not self.cameras:
            raise DutyRefused("A request needs a camera.", "Say where the person was.")
        if len(set(self.cameras)) > MOST_CAMERAS:
            raise DutyRefused(
                f"A request names {MOST_CAMERAS} cameras at most.",
                "Ask the person where they were, or enter several requests.",
            )
        check_interval(self.since_us, self.until_us)
        if self.until_us > now_us:
            raise DutyRefused(
                "The interval reaches into the future.",
                "Let it end now; only what is past is held.",
            )
        if self.received_us is not None and self.received_us > now_us:
            raise DutyRefused(
                "The request cannot have come in the future.", "Check the date and the clock."
            )
        if self.received_us is not None and self.received_us < 0:
            raise DutyRefused("The request cannot have come before 1970.", "Check the date.")
        if (
            self.kind == "access"
            and self.received_us is not None
            and self.received_us <= self.since_us
        ):
            raise DutyRefused(
                "The request came before what it asks for begins.", "Check both dates."
            )
        check_text("contact", self.contact)
        check_text("description", self.description)


def check_interval(since_us: int, until_us: int) -> None:
    """See that an interval can be asked for, or held.

    Raises:
        DutyRefused: it cannot.
    """
    if since_us < 0 or until_us <= since_us:
        raise DutyRefused("The interval is empty.", "Give a beginning, and an end after it.")
    if until_us - since_us > LONGEST_US:
        raise DutyRefused("The interval is longer than 31 days.", "Say when it was within 31 days.")


def check_text(name: str, text: str, *, needed: bool = True) -> None:
    """See that words were given, and not too many.

    Raises:
        DutyRefused: names the field, never what is in it.
    """
    if needed and not text.strip():
        verb = "are" if name.endswith("s") else "is"
        raise DutyRefused(f"The {name} {verb} missing.", f"Say it with --{name.replace(' ', '-')}.")
    if len(text) > LONGEST_TEXT:
        raise DutyRefused(f"The {name} is longer than {LONGEST_TEXT} letters.", "Say less.")
    if _CONTROL.search(text) is not None:  # no database takes all of them, and no letter
        raise DutyRefused(f"The {name} has control characters in it.", "Type it anew.")


def _one_of(words: tuple[str, ...]) -> str:
    return f"Use one of {', '.join(words)}."
