"""What belongs to one disclosure, in one folder.

::

    FOLDER/
      film.mp4          what may go out
      masks.json        the list of masks, signed by who made it
      review.json       what the second person said, signed by them
      release-1.json    to whom it went, signed; one for each time

Rules:

1. A folder is made new; what was made is not made over.
2. Documents appear whole or not at all; a review may be replaced by a later one, a release
   never.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from scrim.errors import DisclosureRefused, StoreError
from scrim.record.film import Beside, store_error
from scrim.vault.fields import LARGEST_DOCUMENT
from scrim.vault.statement import Statement

_MOST_RELEASES = 1000


@dataclass(frozen=True, slots=True)
class DisclosureFolder:
    """Paths of one disclosure, and what stands there."""

    path: Path

    @property
    def film(self) -> Path:
        """The film."""
        return self.path / "film.mp4"

    @property
    def masks(self) -> Path:
        """The list of masks."""
        return self.path / "masks.json"

    @property
    def review(self) -> Path:
        """The review."""
        return self.path / "review.json"

    def check_free(self) -> None:
        """Refuse a place that is taken, before the work is done.

        Raises:
            StoreError: something is there.
        """
        if self.path.exists():
            raise StoreError(f"{self.path} is there already.", "Give a name that is free.")

    def create(self) -> None:
        """Make the folder, for its owner alone.

        Raises:
            StoreError: something is there, or it cannot be made.
        """
        try:
            self.path.mkdir(mode=0o700)
        except FileExistsError:
            raise StoreError(
                f"{self.path} is there already.", "Give a name that is free."
            ) from None
        except OSError as error:
            raise store_error(error, self.path) from error

    def discard(self) -> None:
        """Remove a folder that was just made, and what was drawn into it."""
        self.film.unlink(missing_ok=True)
        self.path.rmdir()

    def made(self) -> Statement:
        """The list of masks.

        Raises:
            DisclosureRefused: it is not there.
            StatementInvalid: it is not as it was signed.
        """
        return _read(self.masks, "Make the disclosure with `scrim disclosure make`.")

    def reviewed(self) -> Statement:
        """The review.

        Raises:
            DisclosureRefused: it is not there.
            StatementInvalid: it is not as it was signed.
        """
        return _read(self.review, "A second person has to `scrim disclosure review` it first.")

    def keep_made(self, statement: Statement) -> None:
        """Write the list of masks."""
        _write(self.masks, statement)

    def keep_review(self, statement: Statement) -> None:
        """Write the review."""
        _write(self.review, statement)

    def keep_release(self, statement: Statement) -> Path:
        """Write a release record under the next free number."""
        for number in range(1, _MOST_RELEASES):
            path = self.path / f"release-{number}.json"
            if not path.exists():
                _write(path, statement)
                return path
        raise StoreError("There are too many releases of one film.", "Make it again.")


def _read(path: Path, remedy: str) -> Statement:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_DOCUMENT + 1)
    except FileNotFoundError:
        raise DisclosureRefused(f"There is no {path.name} in {path.parent}.", remedy) from None
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror}).", "Mend its rights, or the disk."
        ) from None
    return Statement.parse(data)


def _write(path: Path, statement: Statement) -> None:
    with Beside(path) as beside:
        try:
            with beside.path.open("wb") as file:
                file.write(statement.to_bytes())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise store_error(error, path) from error
        beside.keep()
