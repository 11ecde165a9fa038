"""Batches of codes on paper: printed, listed as a table, withdrawn; and single codes of them cancelled."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.paper import paper_codes_repository
from coupons.paper.paper_code_batch import BatchKind, NewBatch, PaperCodeBatch
from coupons.paper.paper_codes import PaperCode, make_paper_code, make_qr_text, read_paper_code
from ids import CampaignId, PaperCodeBatchId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from kit.spreadsheets import make_lines, make_table
from server.problems import Problem, not_found

_ROWS_AT_ONCE = 1000
_HEADINGS = ("batch", "serial", "code", "qr")


class CodeBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of codes."""

    id: PaperCodeBatchId
    """The batch."""
    campaign_id: CampaignId
    """The campaign whose coupons its codes become."""
    name: str
    """What the staff call it."""
    kind: BatchKind
    """`single`: each code is for one person. `public`: one word for everybody, once a person."""
    size: int | None
    """How many single codes it has. Null: it is a public code."""
    word: str | None
    """The public code. Null: its codes are single."""
    claimed: int
    """How many of its single codes have become a coupon."""
    cancelled: int
    """How many of them are cancelled."""
    created_at: datetime
    """When it was made."""
    withdrawn_at: datetime | None
    """From this moment on no code of it becomes a coupon. Null: it is not withdrawn."""


class CancelledCodes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of codes that were to be cancelled."""

    cancelled: list[str]
    """Those that are cancelled, now or before."""
    refused: list[str]
    """Those that are not: they have become a coupon, or are none of this campaign's."""


async def make_batch(
    conn: Connection, campaign: Campaign, name: str, size: int | None, word: str | None, now: datetime
) -> CodeBatch:
    """Raises Problem."""
    if campaign.trigger.kind != "code":
        raise Problem("invalid-request", "Make codes of a campaign whose trigger is of the kind code.")
    if campaign.withdrawal is not None:
        raise Problem("campaign-withdrawn", "Write a new campaign: none of this one's coupons can be used.")
    if word is not None and campaign.cap is None:
        raise Problem("invalid-request", "Give the campaign a cap first: anybody can pass a public code on.")
    batch = NewBatch(
        id=PaperCodeBatchId(new_id()),
        program_id=campaign.program_id,
        campaign_id=campaign.id,
        name=name,
        kind="single" if word is None else "public",
        size=size,
        word=word,
        created_at=now,
    )
    number = await paper_codes_repository.insert_batch(conn, batch)
    if number is None:
        raise Problem("public-code-taken", "Choose another word: a campaign of your program has this one.")
    return view_batch(PaperCodeBatch(**msgspec.structs.asdict(batch), number=number, withdrawn_at=None))


async def withdraw_batch(conn: Connection, campaign: Campaign, batch_id: PaperCodeBatchId, now: datetime) -> datetime:
    """When it was withdrawn first. What its codes have become stays. Raises Problem."""
    withdrawn_at = await paper_codes_repository.withdraw_batch(conn, campaign.id, batch_id, now)
    if withdrawn_at is None:
        raise Problem("invalid-request", "Name in batch_id a batch of codes of this campaign.")
    return withdrawn_at


async def cancel_codes(
    conn: Connection, keyring: Keyring, campaign: Campaign, texts: Sequence[str], now: datetime
) -> CancelledCodes:
    read = {text: read_paper_code(keyring, text) for text in texts}
    codes = [code for code in read.values() if isinstance(code, PaperCode)]
    cancelled = await paper_codes_repository.cancel_codes(conn, campaign.id, codes, now) if codes else set()
    return CancelledCodes(
        cancelled=[text for text, code in read.items() if code in cancelled],
        refused=[text for text, code in read.items() if code not in cancelled],
    )


async def stream_codes(keyring: Keyring, batches: Sequence[PaperCodeBatch]) -> AsyncIterator[bytes]:
    """The single codes as a table for a spreadsheet or a printer; derived as they are written, a thread at a time."""
    yield make_table([_HEADINGS])
    pieces = _pieces(keyring, batches)
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def require_single(batches: Sequence[PaperCodeBatch], batch_id: PaperCodeBatchId | None) -> list[PaperCodeBatch]:
    """Those of them that have single codes; just this one, if one is named. Raises Problem."""
    single = [batch for batch in batches if batch.kind == "single" and batch_id in (None, batch.id)]
    if batch_id is not None and not single:
        raise not_found("batch of single codes")
    return single


def view_batch(batch: PaperCodeBatch) -> CodeBatch:
    return CodeBatch(
        id=batch.id,
        campaign_id=batch.campaign_id,
        name=batch.name,
        kind=batch.kind,
        size=batch.size,
        word=batch.word,
        claimed=batch.claimed,
        cancelled=batch.cancelled,
        created_at=batch.created_at,
        withdrawn_at=batch.withdrawn_at,
    )


def _pieces(keyring: Keyring, batches: Sequence[PaperCodeBatch]) -> Iterator[bytes]:
    for batch in batches:
        name, size = batch.name, batch.size or 0
        for first in range(0, size, _ROWS_AT_ONCE):
            rows = []
            for serial in range(first, min(size, first + _ROWS_AT_ONCE)):
                code = make_paper_code(keyring, PaperCode(batch.number, serial))
                rows.append((name, serial, code, make_qr_text(code)))
            yield make_lines(rows)
