"""Content credentials: only this deployment's, whole, and without a word to anybody."""

from __future__ import annotations

import io
import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import c2pa
import pytest
from cryptography import x509
from tests.unit.evidence.world import mp4

from scrim.clock import SECOND, SystemClock
from scrim.errors import BundleBroken
from scrim.evidence import credentials
from scrim.evidence.authority import (
    ANCHOR_FILE,
    KEY_FILE,
    Authority,
    read_anchor,
    read_chain,
    verifier_in,
)
from scrim.evidence.credentials import Claim, Reading
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer

NOW = SystemClock().now_us()
YEAR = 365 * 86_400 * SECOND
CLAIM = Claim("case-abcd2345", "a" * 64, "b" * 64)
OFFICER = Signer.of_identity(new_identity().secret)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("scrim.example/ledger", NOW)


@pytest.fixture(scope="module")
def chain(authority: Authority) -> bytes:
    return authority.certify(OFFICER.verifier, "officer-7", NOW)


def signed(chain: bytes, signer: Signer = OFFICER, *, fragmented: bool = False) -> bytes:
    target = io.BytesIO()
    credentials.sign(io.BytesIO(mp4(80, fragmented=fragmented)), target, CLAIM, signer, chain)
    return target.getvalue()


def read(data: bytes, authority: Authority) -> Reading:
    return credentials.read(io.BytesIO(data), authority.anchor_pem())


@pytest.mark.parametrize("fragmented", [False, True])
def test_what_was_signed_is_trusted(authority: Authority, chain: bytes, fragmented: bool) -> None:
    found = read(signed(chain, fragmented=fragmented), authority)
    assert (found.state, found.failures, found.claim) == ("Trusted", (), CLAIM)
    assert found.serial == read_chain(chain)[0].serial_number


def test_another_anchor_is_valid_and_that_is_not_enough(chain: bytes) -> None:
    found = read(signed(chain), Authority.new("scrim.example/ledger", NOW))
    assert found.state == "Valid"
    assert found.failures == ("signingCredential.untrusted",)


def test_an_altered_picture_is_invalid(authority: Authority, chain: bytes) -> None:
    data = bytearray(signed(chain))
    data[data.find(b"mdat") + 50] ^= 1
    found = read(bytes(data), authority)
    assert found.state == "Invalid"
    assert "assertion.bmffHash.mismatch" in found.failures


def test_no_credentials_and_no_video(authority: Authority) -> None:
    for data in (mp4(80), b"", b"no video at all" * 100):
        found = read(data, authority)
        assert found.state == "Invalid"
        assert found.claim is None
        assert found.failures


def test_another_officer_s_certificate_does_not_sign(authority: Authority, chain: bytes) -> None:
    other = Signer.of_identity(new_identity().secret)
    with pytest.raises(BundleBroken, match="cannot be signed"):
        signed(chain, other)


def test_a_certificate_that_has_lapsed_does_not_sign(authority: Authority) -> None:
    old = authority.certify(OFFICER.verifier, "officer-7", NOW - 11 * YEAR)
    with pytest.raises(BundleBroken, match="cannot be signed"):
        signed(old)


def test_what_is_no_video_is_not_signed(chain: bytes) -> None:
    with pytest.raises(BundleBroken, match="cannot be signed"):
        credentials.sign(io.BytesIO(b"words"), io.BytesIO(), CLAIM, OFFICER, chain)


def test_a_chain_that_is_none(chain: bytes) -> None:
    for text in (b"", b"no certificate", "é".encode()):
        with pytest.raises(BundleBroken):
            credentials.sign(io.BytesIO(mp4(80)), io.BytesIO(), CLAIM, OFFICER, text)
        with pytest.raises(BundleBroken):
            read_anchor(text)
    with pytest.raises(BundleBroken, match="one certificate"):
        read_anchor(chain)


def test_the_claim_names_nobody_and_has_no_time_stamp(chain: bytes, authority: Authority) -> None:
    settings = {"trust": {"trust_anchors": authority.anchor_pem().decode()}}
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader("video/mp4", io.BytesIO(signed(chain)), context=context) as reader,
    ):
        found = json.loads(reader.json())
    (manifest,) = found["manifests"].values()
    actions = [one["action"] for one in _assertion(manifest, "c2pa.actions.v2")["actions"]]
    assert actions == ["c2pa.opened", "c2pa.transcoded", "c2pa.edited"]
    assert manifest["title"] == CLAIM.case
    assert manifest["signature_info"]["issuer"] == "scrim.example/ledger"
    assert manifest["signature_info"]["common_name"] == "officer-7"
    assert "time" not in manifest["signature_info"]
    assert {one["label"] for one in manifest["assertions"]} == {
        "c2pa.actions.v2",
        "c2pa.hash.bmff.v3",
        "org.scrim.case",
    }
    assert "thumbnail" not in json.dumps(found)


def _assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    return next(one["data"] for one in manifest["assertions"] if one["label"] == label)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A server nobody should ask."""
    asked: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline())
            self.wfile.write(b"HTTP/1.0 404 Not Found\r\n\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/manifest.c2pa", asked
        server.shutdown()
        thread.join()


def test_reading_fetches_nothing(
    authority: Authority, chain: bytes, listener: tuple[str, list[bytes]]
) -> None:
    address, asked = listener
    target = io.BytesIO()
    definition = {
        "claim_generator_info": [{"name": "elsewhere", "version": "1"}],
        "format": "video/mp4",
    }
    with (
        c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
        c2pa.Signer.from_callback(
            lambda data: OFFICER.sign(bytes(data)),
            c2pa.C2paSigningAlg.ED25519,
            chain.decode(),
            None,
        ) as hand,
        c2pa.Builder(json.dumps(definition), context=context) as builder,
    ):
        builder.set_no_embed()
        builder.set_remote_url(address)
        builder.sign(hand, "video/mp4", io.BytesIO(mp4(80, fragmented=False)), target)
    found = read(target.getvalue(), authority)
    assert found.state == "Invalid"
    assert asked == []
    # left to itself, the library does ask: so the above shows something
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("video/mp4", io.BytesIO(target.getvalue()))
    assert asked == [b"GET /manifest.c2pa HTTP/1.1\r\n"]


def test_the_certificate_is_of_the_officer_s_own_key(authority: Authority, chain: bytes) -> None:
    assert verifier_in(read_chain(chain), authority.anchor) == OFFICER.verifier
    with pytest.raises(ValueError, match="did not issue"):
        verifier_in(read_chain(chain), Authority.new("scrim.example/ledger", NOW).anchor)
    with pytest.raises(ValueError, match="not Bech32"):
        authority.certify("scrimsig1nonsense", "officer-7", NOW)


def test_a_certificate_certifies_nobody_else(authority: Authority, chain: bytes) -> None:

    certificate = read_chain(chain)[0]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.value.ca is False
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.value.key_cert_sign is False
    anchor = authority.anchor.extensions.get_extension_for_class(x509.BasicConstraints)
    assert anchor.value.path_length == 0


def test_the_authority_is_kept_and_never_replaced(authority: Authority, tmp_path: Path) -> None:
    authority.write(tmp_path)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in (tmp_path / ANCHOR_FILE).read_bytes()
    again = Authority.read(tmp_path)
    assert again.anchor == authority.anchor
    assert verifier_in(
        read_chain(again.certify(OFFICER.verifier, "officer-7", NOW)), authority.anchor
    )
    with pytest.raises(BundleBroken, match="cannot be kept"):
        Authority.new("scrim.example/ledger", NOW).write(tmp_path)
    assert "PRIVATE" not in repr(again)


def test_an_authority_in_pieces(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(BundleBroken, match="no authority"):
        Authority.read(tmp_path)
    authority.write(tmp_path)
    (tmp_path / ANCHOR_FILE).unlink()  # the process was killed just then
    assert Authority.read(tmp_path).anchor == authority.anchor
    assert (tmp_path / ANCHOR_FILE).read_bytes() == authority.anchor_pem()
    (tmp_path / ANCHOR_FILE).write_bytes(Authority.new("x/ledger", NOW).anchor_pem())
    with pytest.raises(BundleBroken, match="another authority's"):
        Authority.read(tmp_path)
    (tmp_path / ANCHOR_FILE).write_bytes(b"nothing")
    with pytest.raises(BundleBroken):
        Authority.read(tmp_path)
    (tmp_path / ANCHOR_FILE).write_bytes(authority.anchor_pem())
    (tmp_path / KEY_FILE).write_bytes(b"nothing")
    with pytest.raises(BundleBroken, match="no authority"):
        Authority.read(tmp_path)
