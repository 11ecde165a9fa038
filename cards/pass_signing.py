"""Who signs Apple Wallet passes: the pass type's certificate and key, and Apple's intermediate that issued it. Pure."""

from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificate
from cryptography.x509.oid import NameOID

PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey
PassFile = Literal["certificate", "key", "intermediate"]

T = TypeVar("T")


class UnusablePassFile(ValueError):
    """Names which of the three files is not usable, and what it must be."""

    def __init__(self, file: PassFile, must: str) -> None:
        super().__init__(f"{file} {must}")
        self.file = file
        self.must = must


class PassSigner(msgspec.Struct, frozen=True, kw_only=True):
    """`pass_type` and `team` are what Apple wrote into the certificate."""

    certificate: Certificate
    key: PrivateKey
    intermediate: Certificate
    pass_type: str
    team: str

    def sign(self, manifest: bytes) -> bytes:
        """A detached PKCS #7 signature in DER, with the chain and the time at which it was made (this machine's)."""
        builder = PKCS7SignatureBuilder().set_data(manifest).add_signer(self.certificate, self.key, SHA256())
        options = (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities)
        return builder.add_certificate(self.intermediate).sign(Encoding.DER, options)


def read_signer(certificate_pem: bytes, key_pem: bytes, intermediate_pem: bytes) -> PassSigner:
    """Raises UnusablePassFile for the first of the files that is not what it must be."""
    certificate = _load("certificate", "must be a certificate in PEM", load_pem_x509_certificate, certificate_pem)
    pass_type, team = _subject(certificate, NameOID.USER_ID), _subject(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if pass_type is None or team is None or not pass_type.startswith("pass."):
        raise UnusablePassFile("certificate", "must be the certificate of a pass type, as Apple issues it")
    key = _load("key", "must be a private key in PEM without a password", _load_key, key_pem)
    if not isinstance(key, PrivateKey) or key.public_key() != certificate.public_key():
        raise UnusablePassFile("key", "must be the private key of the pass type's certificate")
    intermediate = _load("intermediate", "must be a certificate in PEM", load_pem_x509_certificate, intermediate_pem)
    try:
        certificate.verify_directly_issued_by(intermediate)
    except (ValueError, TypeError, InvalidSignature):
        raise UnusablePassFile(
            "intermediate", "must be the certificate that issued the pass type's certificate"
        ) from None
    return PassSigner(certificate=certificate, key=key, intermediate=intermediate, pass_type=pass_type, team=team)


def _load(file: PassFile, must: str, load: Callable[[bytes], T], pem: bytes) -> T:
    try:
        return load(pem)
    except (ValueError, TypeError):  # TypeError: a key that needs a password
        raise UnusablePassFile(file, must) from None


def _load_key(pem: bytes) -> object:
    return load_pem_private_key(pem, None)


def _subject(certificate: Certificate, oid: ObjectIdentifier) -> str | None:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else None
