"""Makes one period's key in a process of its own, and dies with the secret.

``python -m scrim.vault.mint`` reads a request (canonical JSON) from standard
input and writes the period document to standard output.  Nothing secret is
read or written: the pieces leave only inside the custodians' seals, the
secret not at all.

Why a process: Python and the libraries below it cannot promise to wipe
memory.  With everything wiped that Python lets one wipe, pieces were still
found in the memory of the process that had sealed them (ADR 0032).  A process
that has ended has no memory, so the recorder never had the secret anywhere.

What the secret does in the few milliseconds that it exists: it stands in one
``bytearray``, wiped; each piece also in the parts' text and in the buffers of
``pyrage``, not wiped.  The process refuses to be dumped or traced.  It cannot
keep the system from swapping a page out: swap must be off or encrypted.
"""

from __future__ import annotations

import ctypes
import resource
import sys

from scrim.errors import ScrimError
from scrim.vault import agekeys, recipients, sharing
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import Fields, load
from scrim.vault.part import Part, commitment

_FIELDS = frozenset({"camera", "epoch", "period", "opened_us", "custodians"})
_PR_SET_DUMPABLE = 4


def mint(asked: bytes) -> bytes:
    """The period document of a new secret that is then forgotten.

    Args:
        asked: canonical JSON with camera, epoch, period, opened_us and
            custodians (:meth:`CustodianSet.document`).

    Raises:
        ValueError: not a request.
        CustodianInvalid: these custodians cannot hold a key.
    """
    fields = Fields(load(asked), _FIELDS)
    camera, epoch, period = fields.name("camera"), fields.number("epoch"), fields.number("period")
    custodians = CustodianSet.from_document(fields.mapping("custodians"))
    n, k = len(custodians.custodians), custodians.k

    pieces = sharing.fresh_pieces(n, k)
    secret = sharing.join(n, k, dict(enumerate(pieces)))
    recipient = agekeys.recipient_of(secret)
    secret[:] = bytes(len(secret))

    parts: dict[str, bytes] = {}
    for index, custodian in enumerate(custodians.custodians):
        held = {number: pieces[number] for number in sharing.pieces_held(n, k, index)}
        part = Part(camera, epoch, period, recipient, custodian.id, held)
        parts[custodian.id] = recipients.seal(part.plaintext(), custodian.recipient)
    commitments = tuple(commitment(piece) for piece in pieces)
    for piece in pieces:
        piece[:] = bytes(len(piece))

    document = PeriodDocument(
        camera, epoch, period, fields.number("opened_us"), recipient, custodians, parts, commitments
    )
    return document.to_bytes()


def _hide() -> None:
    """No core dump, and no reading of this process's memory by another."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main() -> int:
    """Standard input to standard output; the exit code is that of the error, if any."""
    _hide()
    try:
        sys.stdout.buffer.write(mint(sys.stdin.buffer.read()))
        sys.stdout.buffer.flush()
    except ScrimError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:  # the recorder has died meanwhile: nobody needs this key
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
