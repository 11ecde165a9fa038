"""What must be done now and then on the database: partitions ahead, old ones dropped, old records forgotten."""

from datetime import datetime

from cards.card_keys_repository import forget_revoked_serials
from cards.code_uses_repository import forget_code_uses
from cards.google_passes_repository import forget_old_endings
from channels.deliveries_repository import forget_old_deliveries
from geo.transitions_repository import maintain_partitions
from kit.database import Connection, Pool, in_transaction
from members.claims_repository import forget_old_claims
from server.idempotency import forget_old_records

_LOCK = 0x6E6F72656E01


async def keep_house(pool: Pool, now: datetime, transition_days: int) -> None:
    """Any process may call it at any time; one does the work, and the next finds nothing left to do."""

    async def work(conn: Connection) -> None:
        await conn.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await maintain_partitions(conn, now, transition_days)
        await forget_old_records(conn, now)
        await forget_old_claims(conn, now)
        await forget_old_deliveries(conn, now)
        await forget_code_uses(conn, now)
        await forget_revoked_serials(conn, now)
        await forget_old_endings(conn, now)

    await in_transaction(pool, work)
