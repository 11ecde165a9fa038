"""How a program's card looks in Google Wallet (its loyalty class). Pure."""

from uuid import UUID

import msgspec


class GoogleCardDesign(msgspec.Struct, frozen=True):
    """`background_color`: `#` and six hex digits; null takes the logo's."""

    logo_url: str
    background_color: str | None


class GoogleClass(msgspec.Struct, frozen=True):
    """`synced_hash`: the fingerprint of what Google has last taken; None: it is to be sent."""

    program_id: UUID
    look: GoogleCardDesign
    synced_hash: bytes | None
