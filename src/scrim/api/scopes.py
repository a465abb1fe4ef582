"""What is of a camera outside somebody's scope, or of the whole deployment, is not theirs.

The policies ask about scope where a route's path names a camera; here it is asked about
where a body, a row or a query does.
"""

from __future__ import annotations

from collections.abc import Iterable

from scrim.access import Session
from scrim.api.services import Services
from scrim.errors import AccessDenied, CameraUnknown


def shows_all(have: Services, session: Session, cameras: Iterable[str]) -> bool:
    """Whether all these cameras are within where their roles hold."""
    return all(have.gate.shows(session, camera) for camera in cameras)


def check_cameras(have: Services, session: Session, cameras: Iterable[str]) -> None:
    """See that these cameras are.

    Raises:
        CameraUnknown: one is not; whether it exists is not said.
    """
    for camera in cameras:
        if not have.gate.shows(session, camera):
            raise CameraUnknown(f"No camera {camera!r} is yours.", "See the list of cameras.")


def check_everywhere(session: Session) -> None:
    """See that their roles hold everywhere.

    Raises:
        AccessDenied: for some cameras only.
    """
    if not session.scope.everywhere:
        raise AccessDenied(
            "What is of the whole deployment is not for who is limited to some cameras.",
            "Ask somebody in the same role who is not.",
        )
