"""What an officer asks for, and the check of what the server gives them to sign.

Rules:

1. A body that does not say what was asked, letter by letter, is not signed: not for
   another interval or camera, nor in another's name, nor to another's recipient.
2. What only the server knows may be in it and nothing else: the case's id, when it
   was made, the officer's id and office, the periods, the salt.  The periods are held
   against the ledger when the package comes (:mod:`scrim.opening.package`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrim.canonical import Json
from scrim.errors import PackageBroken, StatementInvalid
from scrim.vault import questions
from scrim.vault.questions import Answers
from scrim.vault.request import Authority, Request


@dataclass(frozen=True, slots=True)
class Draft:
    """A request without what the server adds; each field is that of the request.

    Args:
        kind: ``recorded`` or ``live``.
        purpose: one of the deployment's.
        authority: under what, and the hash of its paper.
        cameras: in any order.
        since_us, until_us: half open, UTC microseconds.
        reason: for the custodians to read.
        recipient: ``age1…``, made on this machine for this case alone.
        expires_us: after this nothing is opened under the case.
        answers: to the questions that norms ask before a release.
    """

    kind: str
    purpose: str
    authority: Authority
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    reason: str
    recipient: str
    expires_us: int
    answers: Answers = ()

    def document(self) -> dict[str, Json]:
        """As the API takes it."""
        return {
            "kind": self.kind,
            "purpose": self.purpose,
            "authority": self.authority.body(),
            "cameras": sorted(set(self.cameras)),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "reason": self.reason,
            "recipient": self.recipient,
            "expires_us": self.expires_us,
            **questions.field_of(self.answers),
        }

    def check(self, case: str, body: Mapping[str, Json], verifier: str) -> Request:
        """The request that ``body`` makes, if it says what was asked.

        Raises:
            PackageBroken: it does not, or makes none; it is not to be signed.
        """
        try:
            request = Request.from_body(body)
        except StatementInvalid as error:
            raise _other(error.message) from None
        wanted = {**self.document(), "case": case}
        for name, value in wanted.items():
            if request.body().get(name) != value:
                raise _other(f"{name} is another than was asked for.")
        if request.answers != self.answers:
            raise _other("the answers are others than were given.")
        if request.officer.verifier != verifier:
            raise _other("it is in the name of another officer.")
        return request


def _other(what: str) -> PackageBroken:
    return PackageBroken(
        f"The server gives something else to sign than was asked for: {what}",
        "Nothing was signed; tell the operator and the custodians.",
    )
