"""Sealing: originals go in for everybody, and come out for k of n custodians.

What an auditor reads, in this order:

=====================  =====================================================
:mod:`~.sharing`       splitting a secret by replicated XOR sharing
:mod:`~.agekeys`       age's keys as text; fingerprints
:mod:`~.recipients`    whom a part is sealed to: an age key, or a hardware token
:mod:`~.signing`       keys that sign, from the same secret; cards
:mod:`~.custodian_set` who can open, and how many must agree
:mod:`~.part`          a custodian's part, as it stands inside its seal
:mod:`~.document`      the period document: all about a key but the key
:mod:`~.mint`          the process that makes the key, and dies with it
:mod:`~.period`        what the recorder holds: it can seal, and not open
:mod:`~.chain`         the hash chain over a period's records
:mod:`~.manifest`      what a closed period holds
:mod:`~.openers`       what opens for a custodian: a secret, or a token
:mod:`~.opening`       parts, the period's identity, the segments
:mod:`~.custodian`     a custodian's identity file
:mod:`~.secret_file`   new files for their owner only
:mod:`~.statement`     a document and its signature
:mod:`~.request`       what is asked, of whom, why and until when
:mod:`~.answer`        a custodian's yes with their parts, or no
:mod:`~.handover`      a custodian's parts, sealed again to the officer
:mod:`~.receiving`     the officer's end: checked, combined
:mod:`~.live`          one more recipient, for an hour at most, on k people's word
:mod:`~.ageheader`     to how many a file is sealed, from outside
:mod:`~.deal`          an old custodian hands pieces on to a new set
:mod:`~.reshare`       all deals of one period
:mod:`~.dealing`       splitting, opening and combining what was dealt
:mod:`~.backup`        that secret on paper
:mod:`~.demo`          custodians that protect nobody
:mod:`~.fields`        strict reading of the above
=====================  =====================================================

Rules: nothing here knows video or the web; of Scrim only ``errors``,
``canonical`` and ``clock`` are imported.  ``openers``, ``opening``, ``dealing``,
``custodian``, ``handover``, ``receiving``, ``backup`` and ``demo`` handle
secrets and are imported by their own names where they are needed, never by the
recorder or the server; so they are not offered here.  ``period``, which seals,
is loaded when it is first asked for: the server reads documents and seals nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrim.vault.chain import chain_head, chain_next, chain_start
from scrim.vault.custodian_set import Custodian, CustodianSet
from scrim.vault.document import PeriodDocument
from scrim.vault.manifest import Manifest

if TYPE_CHECKING:
    from scrim.vault.period import PeriodKey

__all__ = [
    "Custodian",
    "CustodianSet",
    "Manifest",
    "PeriodDocument",
    "PeriodKey",
    "chain_head",
    "chain_next",
    "chain_start",
]


def __getattr__(name: str) -> Any:
    if name == "PeriodKey":
        from scrim.vault.period import PeriodKey

        return PeriodKey
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
