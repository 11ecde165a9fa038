"""Decisions: written with what they are about, kept in daily partitions, and counted before they are dropped."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.issuing.decision import KEPT_DAYS, DecisionRecord, Outcome
from ids import CampaignId, MemberId, StoreId
from kit.copying import copy_rows
from kit.database import Connection
from kit.partition_upkeep import maintain_partitions
from kit.partitions import Partitioning
from kit.sql import load_queries

QUERIES = load_queries(__file__, "decisions.sql")
PARTITIONING = Partitioning(table="decisions", column="decided_at", days=1, ahead=7)
# What is older is counted: by then every transaction has ended, and no process's clock is that far behind.
COUNTED_AFTER = timedelta(hours=1)
_COUNTED_AT_ONCE = timedelta(days=1)

_encode = msgspec.json.Encoder().encode
_read_inputs = msgspec.json.Decoder(dict[str, Any]).decode


async def insert_outcomes(conn: Connection, rows: Sequence[Outcome]) -> None:
    """Nobody else writes any of them, so they are copied in: there is no conflict to look for."""
    await copy_rows(conn, "decisions", Outcome.__struct_fields__, [_columns(row) for row in rows])


def _columns(row: Outcome) -> tuple[object, ...]:
    """In the order of its fields."""
    *before, inputs, coupon_ids, variants = msgspec.structs.astuple(row)
    return *before, _encode(inputs).decode() if any(inputs) else None, coupon_ids, variants


async def find_outcomes(
    conn: Connection, sources: Sequence[tuple[MemberId, UUID]], since: datetime
) -> dict[UUID, dict[CampaignId, str]]:
    """By source: what each campaign made of it, since that moment. Absent where none did, or it was dropped."""
    found: dict[UUID, dict[CampaignId, str]] = defaultdict(dict)
    if sources:
        members, source_ids = sorted({member_id for member_id, _ in sources}), [source_id for _, source_id in sources]
        for row in await conn.fetch(QUERIES.find_outcomes, members, source_ids, since):
            found[row["source_id"]][row["campaign_id"]] = row["outcome"]
    return found


async def list_decisions(
    conn: Connection,
    campaign_id: CampaignId,
    member_ids: Sequence[MemberId],
    store_id: StoreId | None,
    between: tuple[datetime, datetime, datetime],
    limit: int,
) -> list[DecisionRecord]:
    """A campaign's, of a member and all who became them: the newest first. `store_id` None: at all stores.

    `between`: from when, until when it happened, and until when it was decided.
    """
    from_at, to_at, decided_until = between
    rows = await conn.fetch(
        *QUERIES.list_decisions(
            member_ids=member_ids,
            campaign_id=campaign_id,
            store_id=store_id,
            from_at=from_at,
            to_at=to_at,
            decided_until=decided_until,
            limit=limit,
        )
    )
    return [DecisionRecord(**{**row, "inputs": _read_inputs(row["inputs"] or "{}")}) for row in rows]


async def count_outcomes_at_store(
    conn: Connection, campaign: Campaign, store_id: StoreId, between: tuple[datetime, datetime]
) -> dict[str, int]:
    """The most frequent first."""
    query = QUERIES.count_outcomes_at_store(
        program_id=campaign.program_id,
        campaign_id=campaign.id,
        store_id=store_id,
        from_at=between[0],
        to_at=between[1],
    )
    return {row["outcome"]: row["times"] for row in await conn.fetch(*query)}


async def count_outcomes(conn: Connection, campaign_id: CampaignId) -> dict[str, int]:
    """All that the campaign has ever decided, also what was dropped since."""
    return {row["outcome"]: row["times"] for row in await conn.fetch(QUERIES.count_outcomes, campaign_id)}


async def maintain_decisions(conn: Connection, now: datetime) -> None:
    """Count what has come to rest, then drop what is older than a month and was counted."""
    oldest = now - timedelta(days=KEPT_DAYS)
    counted_until = await _count(conn, now - COUNTED_AFTER, oldest)
    await maintain_partitions(conn, PARTITIONING, now, min(oldest, counted_until))


async def _count(conn: Connection, limit: datetime, oldest: datetime) -> datetime:
    """Up to which moment all are counted. Each exactly once: `until` moves in the transaction that adds them up."""
    await conn.execute(QUERIES.open_counting, oldest)
    until: datetime = await conn.fetchval(QUERIES.hold_counting)
    while until < limit:
        step = min(limit, until + _COUNTED_AT_ONCE)
        await conn.execute(QUERIES.count_decisions, until, step)
        until = step
    await conn.execute(QUERIES.move_counting, until)
    return until
