"""Apple Wallet as it is set up here: who signs, and where phones ask for newer passes."""

import msgspec

from cards.apple_pass import PassFace, PassIdentity
from cards.apple_registration import PassId
from cards.pass_signing import PassSigner, read_signer
from cards.pass_tokens import make_pass_token, write_serial_number
from cards.pkpass import build_pkpass
from kit.sealing import Keyring
from server.problems import Problem
from server.settings import Settings

# Apple's phones add /v1/… to it.
PREFIX = "/apple-wallet"


class AppleWallet(msgspec.Struct, frozen=True):
    signer: PassSigner
    keyring: Keyring
    web_service_url: str

    @property
    def pass_type(self) -> str:
        return self.signer.pass_type

    def build(self, pass_id: PassId, face: PassFace) -> bytes:
        """The .pkpass."""
        identity = PassIdentity(
            pass_type=self.signer.pass_type,
            team=self.signer.team,
            serial_number=write_serial_number(pass_id),
            token=make_pass_token(self.keyring, pass_id),
            web_service_url=self.web_service_url,
        )
        return build_pkpass(face, identity, self.signer)


def open_apple_wallet(settings: Settings, keyring: Keyring) -> AppleWallet | None:
    """None where it is not set up. Raises UnusablePassFile or OSError where the files have changed meanwhile."""
    paths = (settings.apple_pass_certificate, settings.apple_pass_key, settings.apple_wwdr_certificate)
    if settings.public_url is None or None in paths:
        return None
    certificate, key, intermediate = (path.read_bytes() for path in paths if path is not None)
    return AppleWallet(read_signer(certificate, key, intermediate), keyring, settings.public_url + PREFIX)


def require_apple_wallet(wallet: AppleWallet | None) -> AppleWallet:
    if wallet is None:
        raise Problem(
            "wallet-not-configured", "Show the card in the app instead; the operator sets wallets up (docs/wallets.md)."
        )
    return wallet
