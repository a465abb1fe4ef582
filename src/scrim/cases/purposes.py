"""For what originals of a camera may be opened, and what has to be answered before.

Rules:

1. A camera that is under packs is opened for a purpose of theirs; where none of them
   names any, or there is no pack, for one of the setting ``cases.purposes``.
2. A purpose that one pack over a camera names as none to release for is none.
3. What has to be answered is asked by all packs over all the cameras that name the purpose,
   together; one answer serves all who ask the same question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from scrim.norms.pack import Pack, Question

PacksOver: TypeAlias = Callable[[Connection, Sequence[str]], Mapping[str, tuple[Pack, ...]]]
"""The packs that each of some cameras is under, those taken away too."""


def no_packs(_connection: Connection, cameras: Sequence[str]) -> Mapping[str, tuple[Pack, ...]]:
    """Of a deployment that is under none."""
    return dict.fromkeys(cameras, ())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, and who asks it."""

    pack: Pack
    question: Question

    @property
    def rule(self) -> str:
        """The id of the rule that asks, or the pack's where it gives no rule."""
        return self.question.rule or self.pack.id

    def by(self) -> str:
        """The rule that asks, with its citation; the pack where the question names no rule."""
        if self.question.rule is None:
            return f"the pack {self.pack.id}"
        rule = self.pack.rule(self.question.rule)
        return f"{rule.id}, {rule.citation}{', unverified' if rule.unverified else ''}"

    def text(self) -> str:
        """The question's id, its words and who asks, for people."""
        return f"{self.question.id} ({self.question.asks} Asked by {self.by()})"


@dataclass(frozen=True, slots=True)
class Offer:
    """A purpose that originals may be opened for, and what has to be answered before."""

    purpose: str
    title: str
    questions: tuple[Wanted, ...]


def offers(packs: Mapping[str, tuple[Pack, ...]], own: Sequence[str]) -> tuple[Offer, ...]:
    """For what all of the cameras may be opened, in words, and what is asked before.

    Args:
        packs: over each camera.
        own: the deployment's setting.
    """
    return tuple(
        Offer(purpose, _title(packs, purpose), unanswered(packs, purpose, ()))
        for purpose in allowed(packs, own)
    )


def allowed(packs: Mapping[str, tuple[Pack, ...]], own: Sequence[str]) -> tuple[str, ...]:
    """For what all of the cameras may be opened.

    Args:
        packs: over each camera.
        own: the deployment's setting.
    """
    each = [_of_camera(over, own) for over in packs.values()]
    if not each:
        return tuple(own)
    return tuple(one for one in each[0] if all(one in others for others in each))


def unanswered(
    packs: Mapping[str, tuple[Pack, ...]], purpose: str, answered: Sequence[str]
) -> tuple[Wanted, ...]:
    """What a release for that purpose leaves open, each question once.

    Args:
        packs: over each camera.
        purpose: of the release.
        answered: the questions that have an answer.
    """
    found: dict[str, Wanted] = {}
    for over in packs.values():
        for one in _asked(over, purpose):
            if one.question.id not in answered:
                found.setdefault(one.question.id, one)
    return tuple(found.values())


def _of_camera(over: Sequence[Pack], own: Sequence[str]) -> tuple[str, ...]:
    named = [purpose for pack in over for purpose in pack.purposes]
    if not named:
        return tuple(own)
    closed = {purpose.id for purpose in named if not purpose.release}
    return tuple(dict.fromkeys(one.id for one in named if one.id not in closed))


def _title(packs: Mapping[str, tuple[Pack, ...]], purpose: str) -> str:
    """As the first pack has it that names it; the id where none does."""
    named = (pack.purpose(purpose) for over in packs.values() for pack in over)
    return next((one.title for one in named if one is not None), purpose)


def _asked(over: Sequence[Pack], purpose: str) -> Iterator[Wanted]:
    for pack in over:
        known = pack.purpose(purpose)
        if known is not None:
            for question in known.questions:
                if question.for_ == "release":
                    yield Wanted(pack, question)
