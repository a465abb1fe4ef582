"""What an officer answers to the questions that norms ask before a release.

Rules (what breaks one is not a request):

1. A question has a name, and is answered once: 1 to 2,000 characters, not all of them blank.
2. A request without answers has no field for them, so that it has one form and one hash.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from scrim.canonical import Json
from scrim.vault.fields import Fields, is_name

Answers: TypeAlias = tuple[tuple[str, str], ...]
"""Question and answer, by question."""

FIELD: Final = "answers"
MOST: Final = 50
LONGEST: Final = 2_000


def read(fields: Fields, *, empty: bool = False) -> Answers:
    """The answers in a JSON object, in order of their questions; none where it has no field.

    Args:
        fields: the object.
        empty: whether the field may be there with nothing in it.

    Raises:
        ValueError: one of them is not text.
    """
    value = fields.mapping(FIELD) if fields.has(FIELD) else None
    if not value:
        if value is not None and not empty:
            raise ValueError("without answers there is no field for them")
        return ()
    if not all(isinstance(answer, str) for answer in value.values()):
        raise ValueError("an answer is not text")
    return tuple(sorted(value.items()))


def check(answers: Answers) -> None:
    """See that these can be answers.

    Raises:
        ValueError: they cannot, and why.
    """
    if len(answers) > MOST:
        raise ValueError(f"it answers more than {MOST} questions")
    names = [question for question, _ in answers]
    if not all(is_name(question) for question in names) or names != sorted(set(names)):
        raise ValueError("questions are names of a-z, 0-9 and -, ascending, each once")
    for question, answer in answers:
        if not 1 <= len(answer.strip()) <= len(answer) <= LONGEST:
            raise ValueError(f"the answer to {question} has 1 to {LONGEST} characters")


def field_of(answers: Answers) -> dict[str, Json]:
    """The field of a body: none where nothing was answered."""
    return {FIELD: dict(answers)} if answers else {}
