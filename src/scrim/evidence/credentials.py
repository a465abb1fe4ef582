"""Content credentials (C2PA) of a viewing copy: what it is made of, and by whose hand.

Rules:

1. Read with the deployment's anchor and no other; only the state ``Trusted`` holds.
   ``Valid`` says that *somebody* signed it.
2. Nothing is fetched: no remote manifest, no OCSP, no time stamp.  Left to itself the
   library asks whatever address a file names (ADR 0115).
3. No name and no place: the claim holds hashes, the case's id and what was done.
4. Content credentials do not cover every byte of a file (C2PA leaves out ``free`` boxes and
   its own); the bundle's hash does.

Source: C2PA specification 2.2; ``c2pa-python``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import c2pa

from scrim import __version__
from scrim.errors import BundleBroken
from scrim.evidence.authority import CLAIM_SIGNING, read_chain, verifier_of
from scrim.vault.signing import Signer

TRUSTED: Final = "Trusted"

_ASSERTION: Final = "org.scrim.case"
_VIDEO: Final = "video/mp4"
_OFFLINE: Final[dict[str, Any]] = {
    "verify": {
        "verify_trust": True,
        "verify_timestamp_trust": True,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_after_sign": False,  # there is no anchor to do it with; the bundle is verified
    },
    "builder": {"thumbnail": {"enabled": False}},  # a picture more, without the watermark's size
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What the viewing copy says of itself.

    Attributes:
        request_sha256: of the request under which the originals were opened.
        originals_sha256: :func:`scrim.evidence.custody.originals_digest`.
    """

    case: str
    request_sha256: str
    originals_sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file.

    Attributes:
        state: as C2PA names it; :data:`TRUSTED` or it does not hold.
        failures: C2PA's codes of what does not.
        claim: what the file says, where it says it in this project's words.
        serial: of the signer's certificate.
    """

    state: str
    failures: tuple[str, ...]
    claim: Claim | None
    serial: int | None


def sign(source: BinaryIO, target: BinaryIO, claim: Claim, signer: Signer, chain: bytes) -> None:
    """Copy an MP4 and put signed content credentials into the copy.

    Args:
        source: the watermarked MP4, readable and seekable.
        target: writable, readable and seekable, empty.
        claim: what to say.
        signer: the officer's; its key stays inside.
        chain: PEM, the officer's certificate first.

    Raises:
        BundleBroken: not an MP4, or the certificate is not the signer's or has lapsed.
    """
    try:
        # the library would sign under a certificate of another key, and nobody could read it
        if verifier_of(read_chain(chain)[0]) != signer.verifier:
            raise ValueError("the certificate is of another key")
        with (
            c2pa.Context.from_dict(_OFFLINE) as context,
            c2pa.Signer.from_callback(
                lambda data: signer.sign(bytes(data)),
                c2pa.C2paSigningAlg.ED25519,
                chain.decode("ascii"),
                None,
            ) as hand,
            c2pa.Builder(json.dumps(_manifest(claim)), context=context) as builder,
        ):
            builder.sign(hand, _VIDEO, source, target)
    except (c2pa.C2paError, ValueError) as error:
        raise BundleBroken(
            f"The viewing copy cannot be signed: {_short(error)}.",
            "It must be an MP4, and the certificate the officer's own and in force.",
        ) from error


def read(file: BinaryIO, anchor: bytes) -> Reading:
    """Read an MP4's content credentials, offline.

    Args:
        file: readable and seekable.
        anchor: PEM; the only thing that is trusted.
    """
    settings = {
        **_OFFLINE,
        "trust": {"trust_anchors": anchor.decode("ascii"), "trust_config": CLAIM_SIGNING},
    }
    try:
        with (
            c2pa.Context.from_dict(settings) as context,
            c2pa.Reader(_VIDEO, file, context=context) as reader,
        ):
            state = reader.get_validation_state() or "Invalid"
            found = json.loads(reader.json())
    except c2pa.C2paError as error:
        return Reading("Invalid", (_short(error),), None, None)
    manifest = found.get("manifests", {}).get(found.get("active_manifest"), {})
    active = found.get("validation_results", {}).get("activeManifest", {})
    failures = tuple(str(one.get("code")) for one in active.get("failure", []))
    return Reading(state, failures, _claim(manifest), _serial(manifest))


def _manifest(claim: Claim) -> dict[str, Any]:
    actions = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": ["originals"]}},
        {"action": "c2pa.transcoded"},
        {"action": "c2pa.edited", "description": "watermarked with the case and the officer's id"},
    ]
    return {
        "claim_generator_info": [{"name": "Scrim", "version": __version__}],
        "title": claim.case,
        "format": _VIDEO,
        "ingredients": [
            {
                "label": "originals",
                "title": "sealed originals",
                "format": _VIDEO,
                "instance_id": f"sha256:{claim.originals_sha256}",
                "relationship": "parentOf",
            }
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {
                "label": _ASSERTION,
                "data": {
                    "case": claim.case,
                    "request_sha256": claim.request_sha256,
                    "originals_sha256": claim.originals_sha256,
                },
            },
        ],
    }


def _claim(manifest: dict[str, Any]) -> Claim | None:
    for assertion in manifest.get("assertions", []):
        if assertion.get("label") == _ASSERTION:
            data = assertion.get("data")
            if not isinstance(data, dict):
                return None
            texts = [data.get(key) for key in ("case", "request_sha256", "originals_sha256")]
            if all(isinstance(text, str) for text in texts):
                return Claim(*(str(text) for text in texts))
    return None


def _serial(manifest: dict[str, Any]) -> int | None:
    text = manifest.get("signature_info", {}).get("cert_serial_number")
    return int(text) if isinstance(text, str) and text.isdecimal() else None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
