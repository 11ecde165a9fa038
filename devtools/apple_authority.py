"""An authority of our own that stands for Apple's: a root, an intermediate, and the certificate of a pass type."""

import atexit
import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cards.pass_signing import PassSigner, read_signer

PASS_TYPE, TEAM = "pass.jp.example.card", "TEAM123456"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Holder:
    certificate: x509.Certificate
    key: Key

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class AppleFiles:
    """Paths of PEM files, as the settings name them; `root` is for whoever verifies."""

    root: Path
    intermediate: Path
    certificate: Path
    key: Path


def issue(names: dict[x509.ObjectIdentifier, str], key: Key, issuer: Holder | None, *, is_authority: bool) -> Holder:
    now = dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in names.items()])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    )
    return Holder(builder.sign(issuer.key if issuer else key, SHA256()), key)


@cache
def make_root() -> Holder:
    return issue({NameOID.COMMON_NAME: "Root"}, ec.generate_private_key(ec.SECP256R1()), None, is_authority=True)


@cache
def make_intermediate() -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    return issue({NameOID.COMMON_NAME: "Intermediate"}, key, make_root(), is_authority=True)


def make_pass_holder(pass_type: str = PASS_TYPE, key: Key | None = None) -> Holder:
    """With an RSA key, as Apple's are, unless told otherwise."""
    names = {
        NameOID.USER_ID: pass_type,
        NameOID.COMMON_NAME: f"Pass Type ID: {pass_type}",
        NameOID.ORGANIZATIONAL_UNIT_NAME: TEAM,
    }
    key = key or rsa.generate_private_key(65537, 2048)
    return issue(names, key, make_intermediate(), is_authority=False)


@cache
def make_signer() -> PassSigner:
    files = write_files()
    return read_signer(files.certificate.read_bytes(), files.key.read_bytes(), files.intermediate.read_bytes())


@cache
def write_files() -> AppleFiles:
    """Once a process, and gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="noren-apple-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = AppleFiles(*(folder / f"{name}.pem" for name in ("root", "intermediate", "certificate", "key")))
    holder = make_pass_holder()
    files.root.write_bytes(make_root().certificate_pem)
    files.intermediate.write_bytes(make_intermediate().certificate_pem)
    files.certificate.write_bytes(holder.certificate_pem)
    files.key.write_bytes(holder.key_pem)
    return files
