"""How a program's card looks in Google Wallet. Pure."""

from uuid import UUID

import msgspec


class GoogleLook(msgspec.Struct, frozen=True):
    """`background_color`: `#` and six hex digits; null takes the logo's."""

    logo_url: str
    background_color: str | None


class GoogleClass(msgspec.Struct, frozen=True):
    """`synced_hash`: the fingerprint of what Google has last taken; None: it is to be told."""

    program_id: UUID
    look: GoogleLook
    synced_hash: bytes | None
