"""INSTRUCTIONS.txt: how to check a bundle, with Scrim and by hand."""

from __future__ import annotations

from typing import Final

from scrim.vault.request import Request

_TEXT: Final = """\
HOW TO CHECK THIS BUNDLE

Case:        {case}
Deployment:  {deployment}

You need nothing from whoever gave you this but two public keys of the
deployment, from where it publishes them (its web page, a notice, a letter):
the ledger's key and the anchor of its content credentials. Copies lie in
compare/ so that you can compare; do not trust them because they lie here.


1. WITH SCRIM, without a network

    scrim verify THIS-FOLDER --key ledger.pub --anchor c2pa-anchor.pem

It says "All holds", or names each thing that does not. Exit code 0 or 1.
A ZIP of the folder, as Scrim made it, is verified without unpacking it.


2. BY HAND, with tools that are not Scrim's

a) No file was changed since the officer signed:

    sha256sum --check SHA256SUMS

   SHA256SUMS has its own hash in bundle.json, as every file; bundle.json is
   signed by the officer (Ed25519; docs/ref/formats/bundle.md says over what).

b) An original is what was sealed when it was recorded:

    sha256sum original/CAMERA/EPOCH/PERIOD/SEGMENT.mp4

   The same hash stands as "plain_sha256" in period/CAMERA/EPOCH/PERIOD.json,
   the period's manifest, beside "sha256" of the sealed object. Then

    sha256sum period/CAMERA/EPOCH/PERIOD.json

   gives the hash that stands as "manifest" in the ledger's entry
   "period-closed" (ledger/receipts.json; each "body" is base64), which
   was written minutes after the recording and long before this case.

c) The sealed object, where a court orders the store to hand it over, opens with
   stock age and the period's recombined key, which is not in this bundle since
   it would open more than was asked for:

    age --decrypt --identity PERIOD-KEY.txt SEGMENT.age | sha256sum

   gives "plain_sha256" again.

d) What is in a file, and that it was not cut or coded again since:

    ffprobe -show_streams -show_packets original/CAMERA/EPOCH/PERIOD/SEGMENT.mp4

e) A viewing copy's content credentials, with any C2PA reader that is given the
   anchor: the state must be Trusted. "Valid" only says that somebody signed.


3. WHAT IS WHERE

bundle.json       every file with size and SHA-256, signed by the officer
request.json      what was asked for and why, signed by the officer
answers/          what each custodian answered, signed by them; the parts of keys
                  inside are sealed to a key that is erased when the case ends
custody.json      where each file comes from and through whose hands (ISO/IEC 27037)
period/           what the recorder wrote down while recording
original/         the originals as recorded
viewing/          watermarked copies to look at
ledger/           a signed checkpoint, and entries with proofs that they are in it
compare/          public keys, to be compared
summary.html, summary.pdf    the same in plain words
"""


def instructions(request: Request) -> bytes:
    """The text, UTF-8."""
    return _TEXT.format(case=request.case, deployment=request.deployment).encode()
