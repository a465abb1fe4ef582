"""A key period: seal to it for ten minutes, and never be able to open it.

The recorder's whole acquaintance with the vault is this module, the chain and
the manifest.  The secret is made and split in another process
(:mod:`scrim.vault.mint`) that has ended when :meth:`PeriodKey.open` returns;
only public halves and sealed parts come back.  Nothing here can open, and
:mod:`scrim.vault.opening` is never imported (tests hold both; invariant 3).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyrage

from scrim.canonical import Json, canonical
from scrim.errors import SealBroken, VaultError
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.fields import is_name

_PATIENCE_S = 60.0
"""It takes a tenth of a second; a machine that needs this long is in trouble."""


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """The public half of one camera's key for one period.

    Args:
        document: the period document (canonical JSON), to be stored before the
            first segment is.
        document_sha256: its SHA-256 in hexadecimal, for ledger and chain.
        recipient: the age recipient, ``age1…``.
    """

    document: bytes = field(repr=False)
    document_sha256: str
    recipient: str

    @classmethod
    def open(
        cls, *, camera: str, epoch: int, period: int, opened_us: int, custodians: CustodianSet
    ) -> PeriodKey:
        """Begin a period: a new secret, split among the custodians and forgotten.

        Takes about a tenth of a second, most of it the start of a process: ask
        for the next period before the last one ends.

        Args:
            camera: id of the camera, 1 to 40 of ``a-z 0-9 -``.
            epoch: 0 or more; grows with every start of the recorder.
            period: 0 or more; with camera and epoch it names the period.
            opened_us: UTC microseconds.
            custodians: who will hold the parts.

        Raises:
            VaultError: the key could not be made; nothing may be recorded
                under this period.
            ValueError: an argument is out of its range.
        """
        if not is_name(camera):
            raise ValueError(f"{camera!r} cannot name a camera")
        if min(epoch, period, opened_us) < 0:
            raise ValueError("epoch, period and opened_us are 0 or more")
        asked: dict[str, Json] = {
            "camera": camera,
            "epoch": epoch,
            "period": period,
            "opened_us": opened_us,
            "custodians": custodians.document(),
        }
        document = _minted(canonical(asked))
        found = PeriodDocument.parse(document)
        if (camera, epoch, period, opened_us, custodians) != (
            found.camera,
            found.epoch,
            found.period,
            found.opened_us,
            found.custodians,
        ):
            raise SealBroken(
                "The new period's document is not what was asked for.", "Report this as a fault."
            )
        return cls(document, document_digest(document), found.recipient)

    def seal(self, data: bytes, also: Sequence[str] = ()) -> bytes:
        """``data`` as an age v1 file to this period's recipient.

        200 bytes longer, and 16 for every 64 KiB.  Stock ``age -d`` opens it
        with the recombined identity.

        Args:
            data: what to seal.
            also: recipients (``age1…``) of the live openings in force, who open it
                with an identity of their own; about 100 bytes each.
        """
        to = [pyrage.x25519.Recipient.from_str(text) for text in (self.recipient, *also)]
        return bytes(pyrage.encrypt(data, to))


def _minted(asked: bytes) -> bytes:
    # -P: what lies in the current folder cannot stand in for a library.
    command = [sys.executable, "-P", "-m", "scrim.vault.mint"]
    remedy = "See the log for why; nothing is recorded until a key can be made."
    try:
        done = subprocess.run(
            command, input=asked, stdout=subprocess.PIPE, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VaultError(
            f"A period's key could not be made: {type(error).__name__}.", remedy
        ) from error
    if done.returncode != 0:
        raise VaultError(
            f"A period's key could not be made: its process ended with code {done.returncode}.",
            remedy,
        )
    return done.stdout
