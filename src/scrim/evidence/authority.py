"""The deployment's own certificate authority, for content credentials alone.

Rules:

1. It certifies what the register already says: that this verifier is this
   officer's.  The certified key *is* the officer's signing key, so there is
   nothing more to keep, to send or to lose (ADR 0114).
2. No person's name: the subject is the deployment and the officer's id.
3. A certificate is good for ten years and the anchor for thirty.  There is no
   time-stamping authority without a network, and what a court is to read years later must
   not have lapsed by then; who may sign *today* is a matter of the register.
4. The key signs certificates, opens nothing, and is read by one command.

Profile: C2PA specification 2.2, section 14.5 (X.509 certificates); RFC 5280; RFC 8410.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

from scrim.clock import SECOND
from scrim.errors import BundleBroken
from scrim.store.files import write_once
from scrim.vault import agekeys, signing

KEY_FILE: Final = "c2pa-authority.pem"
ANCHOR_FILE: Final = "c2pa-anchor.pem"
CLAIM_SIGNING: Final = "1.3.6.1.4.1.62558.2.1"
"""c2pa-kp-claimSigning: what a certificate must be for to sign content credentials."""

_ANCHOR_LIFE: Final = timedelta(days=30 * 365)
_LIFE: Final = timedelta(days=10 * 365)
_NO_USE: Final = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}
_LONGEST_NAME: Final = 64  # X.520's upper bound


@dataclass(frozen=True, slots=True)
class Authority:
    """The key that certifies officers, and the anchor that everybody may have."""

    anchor: x509.Certificate
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def new(cls, deployment: str, now_us: int) -> Authority:
        """A new authority of the deployment with that ledger origin."""
        key = Ed25519PrivateKey.generate()
        name = _name(deployment, "Scrim content credentials")
        built = (
            _builder(name, name, key.public_key(), key.public_key(), now_us, _ANCHOR_LIFE)
            .add_extension(x509.BasicConstraints(True, 0), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
        )
        return cls(built.sign(key, None), key)

    def certify(self, verifier: str, officer: str, now_us: int) -> bytes:
        """The chain (PEM, the officer's certificate first) for an officer's signing key.

        Args:
            verifier: ``scrimsig1…``, as registered.
            officer: the officer's id, as registered.
            now_us: UTC microseconds; valid from an hour before, for clocks that are slow.

        Raises:
            ValueError: not a verifier.
        """
        signing.check_verifier(verifier)
        public = Ed25519PublicKey.from_public_bytes(agekeys.decode("scrimsig", verifier))
        issuer = self.anchor.subject
        organisation = issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        subject = _name(str(organisation), officer)
        built = (
            _builder(subject, issuer, public, self._key.public_key(), now_us, _LIFE)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(CLAIM_SIGNING)]), critical=False)
        )
        return _pem(built.sign(self._key, None)) + self.anchor_pem()

    def anchor_pem(self) -> bytes:
        """The public anchor, PEM."""
        return _pem(self.anchor)

    def write(self, keys: Path) -> None:
        """Keep key and anchor in the folder ``keys``; neither is ever replaced.

        One private file (mode 0600) holds both, so that no crash leaves half an authority;
        the anchor's own file, for everybody, is put there again where it is missing.

        Raises:
            BundleBroken: they cannot be written, or are there already.
        """
        secret = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            write_once(keys / KEY_FILE, secret + self.anchor_pem(), 0o600)
            self._publish(keys)
        except OSError as error:
            raise BundleBroken(
                f"The authority's key cannot be kept in {keys}: {error.strerror}.",
                "An existing key is never replaced; else check the folder's permissions.",
            ) from error

    @classmethod
    def read(cls, keys: Path) -> Authority:
        """The authority that :meth:`write` kept.

        Raises:
            BundleBroken: there is none, or the two files do not belong together.
        """
        try:
            data = (keys / KEY_FILE).read_bytes()
            key = load_pem_private_key(data, None)
            anchor = read_anchor(data)
            if not isinstance(key, Ed25519PrivateKey) or anchor.public_key() != key.public_key():
                raise ValueError("the key is not the anchor's")
            authority = cls(anchor, key)
            authority._publish(keys)
        except (OSError, ValueError, TypeError) as error:
            raise BundleBroken(
                f"There is no authority for content credentials in {keys}: "
                f"{getattr(error, 'strerror', None) or error}.",
                "Restore both files from a copy; certificates that were issued stay good.",
            ) from error
        return authority

    def _publish(self, keys: Path) -> None:
        file = keys / ANCHOR_FILE
        if not file.exists():
            write_once(file, self.anchor_pem(), 0o644)
        if read_anchor(file.read_bytes()) != self.anchor:
            raise ValueError(f"{ANCHOR_FILE} is another authority's")


def read_anchor(pem: bytes) -> x509.Certificate:
    """The one certificate of an anchor file.

    Raises:
        BundleBroken: not one certificate.
    """
    chain = read_chain(pem)
    if len(chain) != 1:
        raise BundleBroken(
            f"An anchor is one certificate; here are {len(chain)}.",
            "Give keys/c2pa-anchor.pem of the deployment.",
        )
    return chain[0]


def read_chain(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file, in its order.

    Raises:
        BundleBroken: none, or not certificates.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BundleBroken(
            "This is no certificate in PEM.", "Give the file as the deployment published it."
        ) from error


def verifier_in(chain: list[x509.Certificate], anchor: x509.Certificate) -> str:
    """The verifier (``scrimsig1…``) that the first certificate says is the officer's.

    Raises:
        ValueError: the anchor did not sign it, or it is of another kind of key.
    """
    certificate = chain[0]
    try:
        certificate.verify_directly_issued_by(anchor)
    except (InvalidSignature, TypeError):
        raise ValueError("the anchor did not issue it") from None
    return verifier_of(certificate)


def verifier_of(certificate: x509.Certificate) -> str:
    """The key of a certificate as a verifier; whoever issued it.

    Raises:
        ValueError: another kind of key.
    """
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("it is not of an officer's signing key")
    return agekeys.encode("scrimsig", key.public_bytes_raw())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: Ed25519PublicKey,
    signer: Ed25519PublicKey,
    now_us: int,
    life: timedelta,
) -> x509.CertificateBuilder:
    start = datetime.fromtimestamp(now_us // SECOND, UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:_LONGEST_NAME]),
        ]
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{**_NO_USE, **allowed})


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
