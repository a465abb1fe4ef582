"""Opening: a custodian's part, then the period's identity, then its segments.

::

    document ─┬─ sealed part ── custodian's identity ──► Part     open_part
              ├─ Part, Part, … (k of them) ──► AGE-SECRET-KEY-1…   combine
              └─ sealed segment ── that identity ──► clear bytes   open_segment

The recorder and the server never import this module (a test and the import
contract hold that).  A part is checked against the period document before it
is used: a wrong, corrupt, replayed or relabelled one is refused and its
custodian named.  The period's public recipient is the last check.
"""

from __future__ import annotations

from collections.abc import Sequence

from scrim.errors import PartInvalid, PartsTooFew, SealBroken
from scrim.vault import agekeys, sharing
from scrim.vault.document import PeriodDocument
from scrim.vault.openers import KeyOpener, Opener
from scrim.vault.part import Part

_REMEDY = "Leave it out and use another custodian's part, or take the document from a copy."


def _invalid(custodian: str, reason: str) -> PartInvalid:
    return PartInvalid(
        f"The part of custodian {custodian} is not usable: {reason}.",
        _REMEDY,
        custodian=custodian,
    )


def open_part(sealed: bytes, identity: str | Opener, document: bytes) -> Part:
    """A custodian opens their part of a period.

    Args:
        sealed: the age file, as it stands in the period document.
        identity: the custodian's own, ``AGE-SECRET-KEY-1…`` or what opens for
            them (``Identity.opener()``).
        document: the period document.

    Raises:
        SealBroken: the document is not one.
        PartInvalid: the part does not open with this identity, or is not
            this custodian's part of this period; ``custodian`` names them.
        TokenUnusable: the custodian's token did not do what was asked.
    """
    period = PeriodDocument.parse(document)
    try:
        opener = KeyOpener(identity) if isinstance(identity, str) else identity
    except ValueError as error:
        raise PartInvalid(
            f"The identity cannot be used: {error}.",
            "Give the line that begins with AGE-SECRET-KEY-1, all of it.",
        ) from None
    mine = opener.recipient
    holder = next((c.id for c in period.custodians.custodians if c.recipient == mine), None)
    if holder is None:
        raise PartInvalid(
            "This identity holds no part of this period.",
            "Use the identity whose public recipient stands in the period document.",
        )
    other = next((name for name, part in period.parts.items() if part == sealed), holder)
    if other != holder:
        raise _invalid(holder, f"this is the part of custodian {other}")
    try:
        part = Part.parse(opener.open(sealed))
    except SealBroken:
        raise _invalid(holder, "it is damaged, or was not sealed to this custodian") from None
    except ValueError as error:
        raise _invalid(holder, str(error)) from None
    if part.custodian != holder:
        raise _invalid(holder, f"inside it says that it is for custodian {part.custodian}")
    fault = period.fault_of(part)
    if fault is not None:
        raise _invalid(holder, fault)
    return part


def combine(document: bytes, parts: Sequence[Part]) -> str:
    """The period's identity, from the parts of k custodians.

    Args:
        document: the period document.
        parts: opened parts; the same custodian's counts once.

    Returns:
        ``AGE-SECRET-KEY-1…``, which stock ``age`` takes too.

    Raises:
        PartInvalid: a part is not of this period or was changed; ``custodian``
            names whose.
        PartsTooFew: fewer than k custodians' parts.
        SealBroken: the document is not one, or all its pieces are right and
            still do not make its recipient's secret.
    """
    period = PeriodDocument.parse(document)
    pieces: dict[int, bytes | bytearray] = {}
    for part in parts:
        fault = period.fault_of(part)
        if fault is not None:
            raise _invalid(part.custodian, fault)
        pieces.update(part.pieces)
    n, k = len(period.custodians.custodians), period.custodians.k
    present = {part.custodian for part in parts}
    if len(present) < k:
        raise PartsTooFew(
            f"{len(present)} of the {k} parts needed are here.",
            f"Ask {k - len(present)} more of the {n} custodians.",
        )
    secret = sharing.join(n, k, pieces)
    if agekeys.recipient_of(secret) != period.recipient:
        raise SealBroken(
            "The pieces are those of the document, but its recipient has another secret.",
            "The document was not written by a sound recorder; compare it with the ledger.",
        )
    return agekeys.identity_text(secret)


def open_segment(sealed: bytes, identity: str) -> bytes:
    """A sealed segment's clear bytes.

    Args:
        sealed: the age file.
        identity: from :func:`combine`.

    Raises:
        SealBroken: damaged, cut off, or sealed to another period.
    """
    try:
        return KeyOpener(identity).open(sealed)
    except (ValueError, SealBroken):
        raise SealBroken(
            "The segment does not open with this identity.",
            "It is damaged or of another period; `scrim verify` says which.",
        ) from None
