"""The second look: nothing goes out that another person has not stepped through.

Body of a statement, ``scrim-review-v1``; docs/ref/formats/masks.md describes it.

Rules:

1. The reviewer's key is registered, and is not the key of whoever made the list.
2. A review is of one list and one film, by their hashes: what was changed since has none.
3. Every frame that :func:`~scrim.disclosure.weakness.weak_frames` names was looked at.
4. A refusal is a review too, with its reason, and lets nothing out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from scrim.canonical import Json
from scrim.disclosure.masks import MaskList
from scrim.disclosure.weakness import weak_frames
from scrim.errors import DisclosureRefused
from scrim.vault.fields import Fields
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-review-v1"
LONGEST_REASON: Final = 2_000

_FIELDS: Final = frozenset(
    {"format", "case", "masks_sha256", "film_sha256", "looked", "passed", "reason", "reviewed_us"}
)
_AGAIN: Final = "Have it reviewed again with `scrim disclosure review`."


@dataclass(frozen=True, slots=True)
class Review:
    """What a second person says of a film.

    Attributes:
        case: the case's id.
        masks_sha256: of the mask list's body.
        film_sha256: of the film.
        looked: frames that were looked at, by their number in the source, ascending.
        passed: it may go out.
        reason: why not; may be empty where it may.
        reviewed_us: when, UTC.
    """

    case: str
    masks_sha256: str
    film_sha256: str
    looked: tuple[int, ...]
    passed: bool
    reason: str
    reviewed_us: int

    def __post_init__(self) -> None:
        if not self.passed and not self.reason.strip():
            raise DisclosureRefused("A refusal has no reason.", "Say what is wrong with the film.")
        if len(self.reason) > LONGEST_REASON:
            raise DisclosureRefused(
                "The reason is too long.", f"Use {LONGEST_REASON} characters at most."
            )

    def body(self) -> dict[str, Json]:
        """The body of the statement."""
        return {
            "format": FORMAT,
            "case": self.case,
            "masks_sha256": self.masks_sha256,
            "film_sha256": self.film_sha256,
            "looked": list(self.looked),
            "passed": self.passed,
            "reason": self.reason,
            "reviewed_us": self.reviewed_us,
        }

    @classmethod
    def of(cls, statement: Statement) -> Review:
        """The review that a statement holds.

        Raises:
            DisclosureRefused: it is no review.
        """
        try:
            return cls._read(statement.body)
        except ValueError as error:
            raise DisclosureRefused(f"This is not a review: {error}.", _AGAIN) from None

    @classmethod
    def _read(cls, body: Mapping[str, Json]) -> Review:
        fields = Fields(body, _FIELDS)
        fields.is_exactly("format", FORMAT)
        looked = [
            n for n in fields.items("looked") if isinstance(n, int) and not isinstance(n, bool)
        ]
        if looked != list(fields.items("looked")) or looked != sorted(set(looked)):
            raise ValueError("the frames looked at are not numbers in their order")
        return cls(
            fields.name("case"),
            fields.sha256("masks_sha256"),
            fields.sha256("film_sha256"),
            tuple(looked),
            fields.truth("passed"),
            fields.text("reason"),
            fields.number("reviewed_us"),
        )


def check_reviewer(verifier: str, made: Statement, registered: Collection[str]) -> None:
    """Refuse somebody who may not review a list.

    Args:
        verifier: of the reviewer.
        made: the list's statement.
        registered: verifiers of the register of people.

    Raises:
        DisclosureRefused: they made it, or they are not registered.
    """
    if verifier == made.verifier:
        raise DisclosureRefused(
            "Who made the masks cannot review them.", "Ask a second person, with their own key."
        )
    if verifier not in registered:
        raise DisclosureRefused(
            "The reviewer's key is not registered.",
            "Ask somebody whose card was registered, or register theirs first.",
        )


def check(
    reviewed: Statement, made: Statement, film_sha256: str, registered: Collection[str]
) -> Review:
    """The review, if it lets this film out.

    Args:
        reviewed: the review's statement.
        made: the mask list's.
        film_sha256: of the film as it is now.
        registered: verifiers of the register of people.

    Raises:
        DisclosureRefused: it does not; the sentence says why.
    """
    review = Review.of(reviewed)
    masks = MaskList.of(made)
    check_reviewer(reviewed.verifier, made, registered)
    if made.verifier not in registered:
        raise DisclosureRefused(
            "The key of who made the masks is not registered.",
            "Let an officer whose card was registered make them.",
        )
    if review.masks_sha256 != made.sha256 or review.case != masks.case:
        raise DisclosureRefused("The review is of another list of masks.", _AGAIN)
    if review.film_sha256 != film_sha256:
        raise DisclosureRefused("The film is not the one that was reviewed.", _AGAIN)
    if not review.passed:
        raise DisclosureRefused(
            f"The reviewer refused it: {review.reason.strip().rstrip('.')}.",
            "Make it again with what is missing covered.",
        )
    missing = {frame.index for frame in weak_frames(masks)} - set(review.looked)
    if missing:
        raise DisclosureRefused(
            f"{len(missing)} of the frames that had to be looked at were not,"
            f" frame {min(missing)} among them.",
            _AGAIN,
        )
    return review
