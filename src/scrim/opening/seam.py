"""What opening asks of a server, and no more: the client of the API has these methods."""

from __future__ import annotations

from typing import Protocol


class Fetch(Protocol):
    """Fetches what a viewing may see.  Nothing that comes back is believed."""

    def manifest(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        """The manifest of a closed period.

        Raises:
            ObjectMissing: the server does not have it.
        """

    def sealed(self, viewing: str, camera: str, segment: int) -> bytes:
        """A sealed segment.

        Raises:
            ObjectMissing: the server does not have it.
        """
