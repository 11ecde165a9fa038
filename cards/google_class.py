"""How a program's card looks in Google Wallet (its loyalty class). Pure."""

import msgspec

from ids import ProgramId


class GoogleWalletDesign(msgspec.Struct, frozen=True):
    """How a program's card looks in Google Wallet."""

    logo_url: str
    """Where Google fetches the logo."""
    background_color: str | None
    """`#` and six hexadecimal digits; null: the logo's colour."""


class GoogleClass(msgspec.Struct, frozen=True):
    """A program's loyalty class. `synced_hash`: the fingerprint of what Google took last; None: it is to be sent."""

    program_id: ProgramId
    design: GoogleWalletDesign
    synced_hash: bytes | None
