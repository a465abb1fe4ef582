"""What was asked for, and is this bundle about that?"""

from __future__ import annotations

from scrim.errors import BundleBroken, StatementInvalid
from scrim.evidence import layout
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.vault.request import Request


class RequestCheck:
    """The request as its officer signed it; the bundle is signed by the same."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def verify(self) -> None:
        found = self._found
        try:
            request = Request.of(found.statement(layout.REQUEST))
        except (StatementInvalid, BundleBroken) as error:
            found.failed(Kind.REQUEST_INVALID, layout.REQUEST, error)
            return
        found.request = request
        self._index(request)

    def _index(self, request: Request) -> None:
        found, index = self._found, self._found.index
        if index is None:
            return
        if found.sealed_by != request.officer.verifier:
            found.problem(
                Kind.SIGNER_DIFFERS,
                layout.INDEX,
                "It is not signed with the key of the officer who made the request.",
            )
        for what, here, there in (
            ("case", index.case, request.case),
            ("deployment", index.deployment, request.deployment),
            ("request", index.request_sha256, request.sha256),
            ("officer", index.made_by, (request.officer.id, request.officer.office)),
        ):
            if here != there:
                found.problem(
                    Kind.INDEX_INVALID,
                    layout.INDEX,
                    f"It is of another {what} than the request beside it.",
                )
