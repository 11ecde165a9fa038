"""A .pkpass: the pass, its words and pictures, a manifest of their hashes, and the signature over it. Pure.

The same pass makes the same bytes, but for the signature, which holds the time of signing.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from functools import cache

import msgspec

from cards.apple_pass import STRINGS, PassFace, PassIdentity, write_pass, write_strings
from cards.pass_images import draw_pass_images
from cards.pass_signing import PassSigner

MEDIA_TYPE = "application/vnd.apple.pkpass"

_PASS, _MANIFEST, _SIGNATURE = "pass.json", "manifest.json", "signature"
# The earliest time that a zip file can name.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def build_pkpass(face: PassFace, identity: PassIdentity, signer: PassSigner) -> bytes:
    """`identity` names the pass type and the team of the signer's certificate."""
    files = {_PASS: write_pass(face, identity), **_unchanging_files()}
    hashes = {_PASS: _hash(files[_PASS]), **_unchanging_hashes()}
    manifest = msgspec.json.encode(hashes)
    return _zip(files | {_MANIFEST: manifest, _SIGNATURE: signer.sign(manifest)})


@cache
def _unchanging_files() -> Mapping[str, bytes]:
    words = {f"{locale}.lproj/pass.strings": write_strings(locale) for locale in STRINGS}
    return {**words, **draw_pass_images()}


@cache
def _unchanging_hashes() -> Mapping[str, str]:
    return {name: _hash(content) for name, content in _unchanging_files().items()}


def _hash(content: bytes) -> str:
    """Apple's manifest has SHA-1; what keeps a pass from being changed is the signature (SHA-256)."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.create_system = 3  # Unix, whatever this machine is
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()
