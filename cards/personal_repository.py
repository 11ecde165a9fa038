"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "cards": QUERIES.export_cards,
    "card_keys": QUERIES.export_card_keys,
    "totp_passes": QUERIES.export_totp_passes,
    "google_passes": QUERIES.export_google_passes,
    "code_uses": QUERIES.export_code_uses,
    "apple_passes": QUERIES.export_apple_passes,
    "apple_registrations": QUERIES.export_apple_registrations,
}

# A row goes before what it refers to.
ERASING = (
    QUERIES.erase_apple_fingerprints,
    QUERIES.erase_apple_registrations,
    QUERIES.erase_apple_passes,
    QUERIES.erase_code_uses,
    QUERIES.erase_google_passes,
    QUERIES.erase_totp_passes,
    QUERIES.erase_card_keys,
    QUERIES.erase_cards,
)


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Serials of revoked keys stay without their member, for as long as a certificate of theirs can be shown."""
    for query in ERASING:
        await conn.execute(query, member_ids)
