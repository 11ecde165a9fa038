"""Keys derived from the one secret of the installation: one for each purpose, so that none can stand in for another."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed bytes were written under another secret or context, or were changed."""


class Keyring:
    """HKDF-SHA256 (RFC 5869) over a secret of at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret must have at least 32 bytes")
        self._secret = secret
        self._macs: dict[str, hmac.HMAC] = {}

    def __reduce__(self) -> tuple[type["Keyring"], tuple[bytes]]:
        """For a process of ours, by a pipe: what was begun cannot go."""
        return Keyring, (self._secret,)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA256 of the message, 32 bytes. Also the hash for values that could be guessed (a phone number)."""
        begun = self._begun_mac(purpose).copy()  # the key is worked in once: half of the time
        begun.update(message)
        return begun.digest()

    def seal(self, purpose: str, context: bytes, plain: bytes) -> bytes:
        """AES-256-GCM under a key that needs both our secret and the context; the nonce stands in front."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._bound_key(purpose, context)).encrypt(nonce, plain, None)

    def unseal(self, purpose: str, context: bytes, sealed: bytes) -> bytes:
        try:
            box = AESGCM(self._bound_key(purpose, context))
            return box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag as error:
            raise Unsealable from error

    def _begun_mac(self, purpose: str) -> hmac.HMAC:
        begun = self._macs.get(purpose)
        if begun is None:
            key = HKDF(SHA256(), 32, None, purpose.encode()).derive(self._secret)
            begun = self._macs[purpose] = hmac.new(key, digestmod="sha256")
        return begun

    def _bound_key(self, purpose: str, context: bytes) -> bytes:
        return self.mac(purpose, hashlib.sha256(context).digest())
