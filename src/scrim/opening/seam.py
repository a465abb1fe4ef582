"""What opening and answering ask of a server, and no more.

The client of the API has these methods; so has a server in memory, for tests.
Nothing that comes back is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Fetch(Protocol):
    """Fetches what a viewing may see."""

    def manifest(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        """The manifest of a closed period.

        Raises:
            ObjectMissing, CaseUnknown: the server does not have it.
        """

    def sealed(self, viewing: str, camera: str, segment: int) -> bytes:
        """A sealed segment.

        Raises:
            ObjectMissing, CaseUnknown: the server does not have it.
        """


class Looked(Protocol):
    """A look that is in the ledger."""

    @property
    def id(self) -> str:
        """By which its objects are asked for."""

    @property
    def segments(self) -> Sequence[object]:
        """The server's list."""


class Server(Fetch, Protocol):
    """An officer's connection."""

    def open_viewing(
        self, case: str, act: str, cameras: Sequence[str], since_us: int, until_us: int
    ) -> Looked:
        """Have a look logged."""


class LiveServer(Server, Protocol):
    """An officer's connection, for a live case."""

    def look_again(self, viewing: str) -> Looked:
        """The same look, with what came since."""

    def document(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        """The document of a period.

        Raises:
            ObjectMissing, CaseUnknown: the server does not have it.
        """

    def record(self, case: str) -> bytes:
        """The case's record.

        Raises:
            CaseState: no checkpoint holds its newest entry yet.
        """
