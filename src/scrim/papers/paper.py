"""A paper on record, and from when to when it is good.

Rules:

1. A paper is of one camera, of one site, or of the deployment; a site's is good for each
   of its cameras, the deployment's for all.
2. It is good from the moment that it was issued to the moment before it expires, and where a
   pack says how long one is good for, no longer than that.  Revoked, it is good no more,
   whatever a clock that was ahead then says now.
3. What it says beside that is words of a short list, so that rules can ask for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scrim.norms.calendar import Calendar
from scrim.norms.clocks import Span, due
from scrim.norms.pack import Paper as Kind

SAYS: Final[Mapping[Kind, tuple[str, ...]]] = {
    # sound, zoom and analysis are needed, and why; so is keeping it for longer than usual
    Kind.PURPOSE: ("sound", "zoom", "analysis", "retention", "over"),
    Kind.SIGN: ("at-entrance", "inside", "en", "zh-hant", "zh-hans"),
    Kind.ASSESSMENT: (),
    Kind.FILING: ("change",),
}
"""What a paper of each kind may say."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper.

    Attributes:
        id: ``paper-`` and eight letters or digits.
        kind: purpose, sign, assessment or filing.
        site, camera: of what it is; both ``None``: of the deployment.
        purpose: of a purpose's paper its word.
        filing: of a filing's which one.
        says: words of :data:`SAYS`.
        reference: what it is called where it is kept; empty once its words are forgotten.
        document_sha256: of the document itself.
        issued_us, expires_us: UTC microseconds; good until the moment before the second.
        recorded_us, recorded_by: when it was put on record, and by whom.
        revoked_us, revoked_why: ``None`` while it is not.
    """

    id: str
    kind: Kind
    site: str | None
    camera: str | None
    purpose: str | None
    filing: str | None
    says: tuple[str, ...]
    reference: str
    document_sha256: str | None
    issued_us: int
    expires_us: int | None
    recorded_us: int
    recorded_by: str
    revoked_us: int | None
    revoked_why: str | None

    @classmethod
    def of(cls, row: Any) -> PaperRow:
        """A row of the table."""
        values = {name: getattr(row, name) for name in cls.__slots__}
        return cls(**values | {"kind": Kind(row.kind), "says": tuple(json.loads(row.says))})

    def covers(self, camera: str, site: str) -> bool:
        """Whether it is that camera's: its own, its site's, or everybody's."""
        if self.camera is not None:
            return self.camera == camera
        return self.site is None or self.site == site

    def ends_us(self, valid: Span | None = None, calendar: Calendar | None = None) -> int | None:
        """When it ends by itself; ``None``: it does not.

        Args:
            valid: how long a paper of its kind is good for, by a pack.
            calendar: of that pack.

        Raises:
            CalendarUnknown: working days of a year whose holidays are not known.
        """
        ends = [] if self.expires_us is None else [self.expires_us]
        if valid is not None and calendar is not None:
            ends.append(due(self.issued_us, valid, calendar))
        return min(ends, default=None)

    def in_force(self, now_us: int) -> bool:
        """Whether it is good now, as far as it says itself."""
        return (
            self.issued_us <= now_us
            and (self.expires_us is None or now_us < self.expires_us)
            and self.revoked_us is None
        )
