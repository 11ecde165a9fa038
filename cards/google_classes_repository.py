"""Loyalty classes: how each program's card looks in Google Wallet, as its owner has set it."""

from collections.abc import Collection
from datetime import datetime

from cards.google_class import GoogleClass, GoogleWalletDesign
from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "google_classes.sql")


async def find_google_classes(conn: Connection, program_ids: Collection[ProgramId]) -> dict[ProgramId, GoogleClass]:
    """By program; one that has none is absent."""
    rows = await conn.fetch(QUERIES.find_google_classes, list(program_ids))
    return {
        row["program_id"]: GoogleClass(
            row["program_id"], GoogleWalletDesign(row["logo_url"], row["background_color"]), row["synced_hash"]
        )
        for row in rows
    }


async def upsert_google_class(
    conn: Connection, program_id: ProgramId, design: GoogleWalletDesign, now: datetime
) -> None:
    await conn.execute(QUERIES.upsert_google_class, program_id, design.logo_url, design.background_color, now)


async def record_class_synced(conn: Connection, synced: GoogleClass, synced_hash: bytes) -> None:
    design = synced.design
    await conn.execute(
        QUERIES.record_class_synced, synced.program_id, design.logo_url, design.background_color, synced_hash
    )
