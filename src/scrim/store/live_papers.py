"""The signed papers of live openings, as they lie in the database for the recorders.

Read only.  Whoever can write the database can put anything here; the recorder
believes the signatures and nothing else (:mod:`scrim.vault.live`).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LivePapers:
    """What was signed for one request.

    Attributes:
        request_sha256: of the request's body, as the row says.
        request: the signed request, canonical JSON.
        answers: the signed answers so far.
        case_salt: opens the ledger's commitments to the case's id; 16 bytes.
    """

    request_sha256: str
    request: bytes = field(repr=False)
    answers: tuple[bytes, ...] = field(repr=False)
    case_salt: bytes = field(repr=False)
