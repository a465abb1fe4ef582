"""From an opened case to a bundle: sign the copies, have it logged, get the record, build.

Rules:

1. Nothing is logged while something is missing that would stop the bundle later.
2. Nothing is built before it is logged (invariant 5).
3. Signed copies lie beside the bundle while it is made, and nowhere afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scrim.errors import BundleBroken
from scrim.evidence import credentials, opened
from scrim.evidence.authority import read_chain
from scrim.evidence.build import build, content_of, originals_digest_of, pack
from scrim.evidence.credentials import Claim
from scrim.evidence.inputs import Asked, Pictures, Record
from scrim.ledger import VerifierKey
from scrim.vault.request import Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement


@dataclass(frozen=True, slots=True)
class Officer:
    """Who exports: their key, and the chain (PEM) that certifies it."""

    signer: Signer
    chain: bytes

    def anchor(self) -> bytes:
        """The anchor at the chain's end, PEM.

        Raises:
            BundleBroken: no chain of two certificates.
        """
        mark = b"-----BEGIN CERTIFICATE-----"
        if len(read_chain(self.chain)) != 2:
            raise BundleBroken(
                "That is not a certificate and its anchor.",
                "Give the file that `scrim certificate` wrote for this officer.",
            )
        return self.chain[self.chain.rindex(mark) :]


@dataclass(frozen=True, slots=True)
class Server:
    """What is asked of the server.

    Args:
        log: has it logged that pictures with this SHA-256 and size leave the machine.
        record: the case's record, ``scrim-record-v1``, after that.
        key: the ledger's, as this machine remembers it.
        sets: the custodian sets that the record names, canonical JSON.
    """

    log: Callable[[str, int], object]
    record: Callable[[], bytes]
    key: VerifierKey
    sets: Callable[[], Sequence[bytes]] = tuple


def export(
    request: Statement,
    answers: Sequence[Statement],
    folder: Path,
    officer: Officer,
    server: Server,
    out: Path,
    now_us: int,
    reshares: Sequence[bytes] = (),
) -> Path:
    """Make the bundle of a case that was opened into ``folder``.

    Args:
        request: as signed.
        answers: as signed, whole.
        folder: what `scrim case open --native` wrote.
        officer: who exports.
        server: what is asked of it.
        out: the bundle, a folder; one file where the name ends in ``.zip``.
        now_us: UTC microseconds.
        reshares: re-sharings of its periods.

    Raises:
        BundleBroken: something is missing or would not hold: says what.
        ScrimError: as the server says.
    """
    if out.exists() or out.is_symlink():
        raise BundleBroken(f"{out} is there already.", "Give another place; nothing is replaced.")
    anchor = officer.anchor()
    periods = opened.periods_in(folder, Request.of(request))
    asked = Asked(request, answers, periods, server.sets(), reshares)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out.parent, prefix=out.name + "."))
    except OSError as error:
        raise BundleBroken(
            f"The bundle cannot be written to {out}: {error.strerror}.", "Give another place."
        ) from error
    try:
        pictures = _pictures(asked, folder, officer, work)
        server.log(*content_of(asked, pictures))
        checkpoint, receipts = opened.read_record(server.record(), Request.of(request).case)
        record = Record(checkpoint, receipts, server.key, anchor)
        if out.suffix != ".zip":
            return build(asked, pictures, record, officer.signer, now_us, out)
        made = build(asked, pictures, record, officer.signer, now_us, work / "bundle")
        return pack(made, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pictures(asked: Asked, folder: Path, officer: Officer, work: Path) -> Pictures:
    request = Request.of(asked.request)
    originals = opened.originals_in(folder, request, asked.periods)
    acquired_us = max((path.stat().st_mtime_ns // 1000 for path in originals.values()), default=0)
    plain = Pictures(originals, (), officer.chain, acquired_us)
    claim = Claim(request.case, request.sha256, originals_digest_of(asked, plain))
    signed = []
    for copy in opened.copies_in(folder):
        target = work / copy.name
        with copy.open("rb") as source, target.open("x+b") as file:
            credentials.sign(source, file, claim, officer.signer, officer.chain)
        signed.append(target)
    return Pictures(originals, signed, officer.chain, acquired_us)
