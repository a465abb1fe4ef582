"""What the API itself refuses, and the HTTP status of every error in Scrim's tree."""

from __future__ import annotations

from typing import Final

from scrim.access import ViewRefused
from scrim.errors import (
    AccessDenied,
    CameraUnknown,
    CaseError,
    CaseRefused,
    CaseState,
    CaseUnknown,
    DutyError,
    DutyState,
    DutyUnknown,
    LedgerBroken,
    NormsConflict,
    ObjectMissing,
    PaperUnknown,
    PlaceForbidden,
    ScrimError,
    StatementInvalid,
)


class NotSignedIn(AccessDenied):
    """The door opens to somebody who is signed in, and nobody is."""


class NotYours(AccessDenied):
    """The door opens to other roles than that of whoever is signed in."""


class TooManyAttempts(AccessDenied):
    """More failed sign-ins are waiting for their answer than are let wait."""


class BadRequest(ScrimError):
    """The request makes no sense."""


class NotFound(ScrimError):
    """There is no such thing here, or no longer."""


class NotYet(ScrimError):
    """It may come; ask again."""


class RangeRefused(ScrimError):
    """The byte range lies outside the object."""


# the first that fits wins, so what is more special stands first; everything else,
# an unavailable ledger above all, is 503: the act is refused, and may be tried again
_STATUS: Final[tuple[tuple[type[ScrimError], int], ...]] = (
    (NotSignedIn, 401),
    (TooManyAttempts, 429),
    (ViewRefused, 422),
    (AccessDenied, 403),
    (CameraUnknown, 404),
    (CaseUnknown, 404),
    (CaseRefused, 422),
    (CaseState, 409),
    (CaseError, 422),
    (StatementInvalid, 422),
    (DutyUnknown, 404),
    (DutyState, 409),
    (DutyError, 422),
    (PaperUnknown, 404),
    (PlaceForbidden, 409),
    (NormsConflict, 409),
    (ObjectMissing, 404),
    (BadRequest, 400),
    (NotFound, 404),
    (RangeRefused, 416),
    (LedgerBroken, 500),
    (ScrimError, 503),
)


def status_of(error: ScrimError) -> int:
    """The HTTP status for an error of Scrim's tree."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))
