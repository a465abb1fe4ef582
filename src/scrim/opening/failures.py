"""What goes wrong between this machine and a server, as errors of Scrim's tree.

Rules:

1. An error that the server names is raised as that error, with its own sentence and
   remedy; but not one that would be about this machine.
2. What a server says is shown in printable characters only, and not at any length:
   it cannot move the cursor of a terminal.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Final

import httpx

from scrim import errors
from scrim.errors import (
    AccessDenied,
    CaseError,
    CaseRefused,
    CaseUnknown,
    PackageBroken,
    ScrimError,
    ServerAway,
    ServerError,
    ServerUntrusted,
)

_LONGEST_SAYING: Final = 600
_AGAIN: Final = "Check the address and the network, then run it again; nothing is lost."


class SessionOver(AccessDenied):
    """Nobody is signed in (any more)."""


def away(error: BaseException) -> ServerError:
    """The error of a connection that was not made, or lost."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ServerUntrusted(
                f"The server's certificate is not to be trusted: {cause.verify_message}.",
                "Compare it with the operator over the telephone; "
                "give their certificate with --certificate.",
            )
        if isinstance(cause, ssl.SSLError):
            return ServerUntrusted(
                "The server does not speak TLS as it should.", "Check the address and its port."
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return ServerAway("The server does not answer.", _AGAIN)
    return ServerAway("The connection to the server was lost.", _AGAIN)


def of_problem(status: int, data: bytes) -> ScrimError:
    """The error that a problem document stands for."""
    if status < httpx.codes.BAD_REQUEST:
        return strange("it sends us elsewhere")
    try:
        problem = json.loads(data)
        kind = str(problem["type"]).removeprefix("urn:scrim:problem:")
        said = printable(problem["detail"]), printable(problem.get("remedy") or _AGAIN)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return strange(f"it answers with status {status} and no reason")
    if kind == "NotSignedIn":
        return SessionOver(*said)
    if kind == "CaseRefused":
        return CaseRefused(*said, rule=printable(problem.get("rule") or ""))
    found = getattr(errors, kind, None)
    if isinstance(found, type) and issubclass(found, ScrimError) and found not in _LOCAL:
        return found(*said)
    if status in _KINDS:
        return _KINDS[status](*said)
    return ServerError(*said) if status >= 500 else CaseError(*said)


# what a server may not make its client say, since it would be about this machine
_LOCAL: Final = frozenset({errors.SettingsError, ServerAway, ServerUntrusted, PackageBroken})
_KINDS: Final[Mapping[int, type[ScrimError]]] = {
    401: AccessDenied,
    403: AccessDenied,
    404: CaseUnknown,
    429: AccessDenied,
}


def printable(text: object) -> str:
    """What a server said, for a terminal: one line, of some hundred letters at most."""
    line = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return line[:_LONGEST_SAYING]


def strange(what: str) -> ServerError:
    """The error of an answer that no Scrim gives; ``what`` says in what way."""
    return ServerError(
        f"The server does not answer as a Scrim does: {what}.",
        "Check the address; if it is right, tell the operator.",
    )
