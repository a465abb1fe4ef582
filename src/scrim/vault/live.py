"""A live opening: from now on, and for an hour at most, one more recipient.

In an emergency k custodians approve before there is anything to open.  Nobody's
part is needed: the recorder, which holds no secret, seals what comes next to the
officer's one-time recipient too.  It believes no server about that, and judges by
the signed papers and what it knows itself.

Rules (what breaks one is refused, with the reason):

1. The request is a live one, for this deployment and this camera; its window is an
   hour at most (:mod:`~.request` holds that) and neither over nor expired.
2. k different custodians of the set that *this recorder seals to* approve.  An
   approval counts if it is signed with the key of that custodian in that set, over
   the hash of exactly this request.  Approvals of a set before or after count nothing.
3. A custodian who also refuses does not approve.  What else is wrong with one
   paper costs that paper and not the others.
4. The officer is no custodian: neither their signing key nor the one-time
   recipient is any custodian's, and neither their id nor their office is one.

Nothing here opens, and nothing here knows what was sealed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrim.errors import StatementInvalid
from scrim.vault.answer import Answer
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.request import Request
from scrim.vault.statement import Statement

_MOST_PAPERS = 64
"""More answers than that are none of nine custodians; each costs a signature to check."""


@dataclass(frozen=True, slots=True)
class LiveOpening:
    """Papers that hold: to whom, for which camera, and from when until when.

    Args:
        request_sha256: of the request's body.
        case: the case's id.
        camera: the one camera that was asked about.
        recipient: the officer's one-time recipient, ``age1…``.
        since_us, until_us: half open, UTC microseconds; the end is never later than
            the request's expiry.
        answers: SHA-256 of the approvals that counted, ascending.
        created_us: when it was asked for.
    """

    request_sha256: str
    case: str
    camera: str
    recipient: str
    since_us: int
    until_us: int
    answers: tuple[str, ...]
    created_us: int

    @classmethod
    def check(
        cls,
        request: bytes,
        answers: Sequence[bytes],
        *,
        camera: str,
        deployment: str,
        custodians: CustodianSet,
        now_us: int,
    ) -> LiveOpening:
        """Judge the papers of a live opening.

        Args:
            request: the signed request (canonical JSON of a statement).
            answers: signed answers, in any order.
            camera: the recorder's own camera.
            deployment: the origin of the recorder's own ledger.
            custodians: the set that the recorder seals to.
            now_us: by a clock that never goes back.

        Returns:
            What may be done.  It may begin later than now; see ``since_us``.

        Raises:
            StatementInvalid: refused; says which rule and whose paper.
        """
        asked = Request.of(Statement.parse(request))
        until_us = min(asked.until_us, asked.expires_us)
        if not asked.is_live:
            raise _refused("the request is not for a live opening")
        if asked.deployment != deployment:
            raise _refused("the request is for another deployment")
        if camera not in asked.cameras:
            raise _refused(f"the request is not for camera {camera}")
        if now_us >= until_us:
            raise _refused("its window is over")
        _check_apart(asked, custodians)
        counted = _approvals(asked, answers, custodians)
        return cls(
            asked.sha256,
            asked.case,
            camera,
            asked.recipient,
            asked.since_us,
            until_us,
            counted,
            asked.created_us,
        )

    def spans(self, start_us: int, end_us: int) -> bool:
        """Whether all of ``[start_us, end_us)`` lies inside the window."""
        return self.since_us <= start_us and end_us <= self.until_us


def _check_apart(asked: Request, custodians: CustodianSet) -> None:
    for member in custodians.custodians:
        if (
            asked.officer.verifier == member.verifier
            or asked.recipient == member.recipient
            or member.id in (asked.officer.id, asked.officer.office)
        ):
            raise _refused(f"the officer is custodian {member.id}")


def _approvals(
    asked: Request, answers: Sequence[bytes], custodians: CustodianSet
) -> tuple[str, ...]:
    """Hashes of the approvals that count, one for each custodian."""
    if len(answers) > _MOST_PAPERS:
        raise _refused(f"there are {len(answers)} answers to it")
    approved: dict[str, str] = {}
    refused: set[str] = set()
    faults: list[str] = []
    for paper in answers:
        try:
            statement = Statement.parse(paper)
            answer = Answer.of(statement)
            answer.check_answers(asked)
            _check_signer(answer.custodian, statement.verifier, custodians)
        except StatementInvalid as error:
            faults.append(error.message)
            continue
        if answer.approves:
            approved[answer.custodian] = statement.sha256
        else:
            refused.add(answer.custodian)
    counted = sorted(sha256 for name, sha256 in approved.items() if name not in refused)
    if len(counted) < custodians.k:
        why = f": {faults[0].rstrip('.')}" if faults else ""
        raise _refused(f"{len(counted)} of the {custodians.k} approvals needed are here{why}")
    return tuple(counted)


def _check_signer(name: str, verifier: str, custodians: CustodianSet) -> None:
    member = next((one for one in custodians.custodians if one.id == name), None)
    if member is None:
        raise _refused(f"{name} is no custodian of this recorder's set")
    if not member.verifier:
        raise _refused(f"the signing key of custodian {name} was never registered")
    if member.verifier != verifier:
        raise _refused(f"it is not signed by custodian {name}")


def _refused(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"No live opening: {reason}.",
        "Ask for another, with a new request and new approvals.",
    )
