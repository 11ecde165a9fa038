"""Batches of codes on paper, and which codes are spent. The key of `spent_paper_codes` decides who comes first."""

from collections.abc import Sequence
from datetime import datetime

from coupons.paper.paper_code_batch import NewBatch, PaperCodeBatch, SpentCode
from coupons.paper.paper_codes import PaperCode
from ids import CampaignId, CouponId, MemberId, PaperCodeBatchId, ProgramId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "paper_codes.sql")


async def insert_batch(conn: Connection, batch: NewBatch) -> int | None:
    """Its number; None where the program has a public code of this word already."""
    number: int | None = await conn.fetchval(
        *QUERIES.insert_batch(
            id=batch.id,
            program_id=batch.program_id,
            campaign_id=batch.campaign_id,
            name=batch.name,
            kind=batch.kind,
            size=batch.size,
            word=batch.word,
            created_at=batch.created_at,
        )
    )
    return number


async def list_batches(conn: Connection, campaign_id: CampaignId, page: PageRequest) -> list[PaperCodeBatch]:
    """Newest first."""
    rows = await conn.fetch(QUERIES.list_batches, campaign_id, page.before, page.fetch_count)
    return [PaperCodeBatch(**row) for row in rows]


async def withdraw_batch(
    conn: Connection, campaign_id: CampaignId, batch_id: PaperCodeBatchId, now: datetime
) -> datetime | None:
    """When it was withdrawn first; None: the campaign has no such batch."""
    withdrawn_at: datetime | None = await conn.fetchval(QUERIES.withdraw_batch, campaign_id, batch_id, now)
    return withdrawn_at


async def hold_batch(
    conn: Connection, program_id: ProgramId, number: int | None, word: str | None
) -> PaperCodeBatch | None:
    """By the number of its codes or by its word. It and its campaign are not withdrawn until the commit."""
    row = await conn.fetchrow(QUERIES.hold_batch, program_id, number, word)
    return PaperCodeBatch(**row) if row else None


async def claim_code(conn: Connection, code: PaperCode, member_id: MemberId, now: datetime) -> bool:
    """False where it is spent; then that has been committed."""
    made = await conn.fetchval(QUERIES.claim_code, code.batch_number, code.serial, member_id, now)
    return made is not None


async def find_spent_code(conn: Connection, code: PaperCode) -> SpentCode | None:
    row = await conn.fetchrow(QUERIES.find_spent_code, code.batch_number, code.serial)
    return SpentCode(**row) if row else None


async def cancel_codes(
    conn: Connection, campaign_id: CampaignId, codes: Sequence[PaperCode], now: datetime
) -> set[PaperCode]:
    """Those that are cancelled now, or were before; the others are claimed, or none of the campaign's."""
    rows = await conn.fetch(
        QUERIES.cancel_codes,
        campaign_id,
        [code.batch_number for code in codes],
        [code.serial for code in codes],
        now,
    )
    return {PaperCode(**row) for row in rows}


async def find_claimed_coupon(
    conn: Connection, member_ids: Sequence[MemberId], campaign_id: CampaignId, period_key: str
) -> tuple[MemberId, CouponId] | None:
    """The one that the code has become, of a member and all who became them."""
    row = await conn.fetchrow(QUERIES.find_claimed_coupon, member_ids, campaign_id, period_key)
    return None if row is None else (row["member_id"], row["id"])
