"""Is every viewing copy made of these originals, and signed by this officer?"""

from __future__ import annotations

from cryptography.x509 import Certificate

from scrim.errors import BundleBroken
from scrim.evidence import credentials, layout
from scrim.evidence.authority import read_anchor, read_chain, verifier_in
from scrim.evidence.checks.found import Found
from scrim.evidence.custody import originals_digest
from scrim.evidence.kinds import Kind
from scrim.vault.request import Request


class CredentialsCheck:
    """Content credentials in state ``Trusted`` under the deployment's anchor.

    Args:
        pinned: the anchor (PEM) as the deployment published it; without it the one in
            the bundle is used, and a note says what that is worth.
    """

    def __init__(self, found: Found, pinned: bytes | None) -> None:
        self._found = found
        self._pinned = pinned

    def verify(self) -> None:
        found, anchor = self._found, self._anchor()
        copies = [path for path in found.below(layout.VIEWING) if layout.is_viewing(path)]
        if not copies:
            found.problem(Kind.FILE_MISSING, layout.VIEWING, "There is no viewing copy.")
        if anchor is None:
            return
        for path in copies:
            found.report.checked["viewing"] += 1
            self._copy(path, anchor)

    def _copy(self, path: str, anchor: bytes) -> None:
        found = self._found
        with found.source.open(path) as file:
            reading = credentials.read(file, anchor)
        if reading.state != credentials.TRUSTED:
            found.problem(
                Kind.CREDENTIALS_INVALID,
                path,
                f"Its content credentials are {reading.state}, not {credentials.TRUSTED}: "
                f"{', '.join(reading.failures) or 'no reason given'}.",
            )
        elif found.request is not None:
            self._claim(path, reading, found.request)
            self._signer(path, reading.serial, read_anchor(anchor), found.request)

    def _anchor(self) -> bytes | None:
        found = self._found
        try:
            own = found.source.read(layout.ANCHOR)
            certificate = read_anchor(own)
        except BundleBroken:
            found.problem(Kind.ANCHOR_MISSING, layout.ANCHOR, "It is gone, or is no certificate.")
            return self._pinned
        if self._pinned is None:
            found.report.note(
                Kind.ANCHOR_NOT_PINNED,
                layout.ANCHOR,
                "Content credentials were checked with the anchor that lies in the bundle.",
                "Give the anchor that the deployment published with --anchor.",
            )
            return own
        if certificate != read_anchor(self._pinned):
            found.problem(
                Kind.ANCHOR_DIFFERS, layout.ANCHOR, "It is not the anchor given with --anchor."
            )
        return self._pinned

    def _claim(self, path: str, reading: credentials.Reading, request: Request) -> None:
        found = self._found
        expected = credentials.Claim(request.case, request.sha256, originals_digest(found.stamps))
        if reading.claim != expected:
            found.problem(
                Kind.CREDENTIALS_CONTRADICT,
                path,
                "It says that it was made of other originals, or under another request.",
            )

    def _signer(self, path: str, serial: int | None, anchor: Certificate, request: Request) -> None:
        found = self._found
        try:
            chain = read_chain(found.source.read(layout.CERTIFICATE))
            verifier = verifier_in(chain, anchor)
            if chain[0].serial_number != serial:
                raise ValueError("the copy was signed under another one")
            if verifier != request.officer.verifier:
                raise ValueError("it is not of the key with which the request is signed")
        except (ValueError, BundleBroken) as error:
            found.problem(
                Kind.CREDENTIALS_CONTRADICT,
                layout.CERTIFICATE,
                f"It does not show that the officer signed {path}: {error}.",
            )
