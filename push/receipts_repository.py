"""Receipts of messages: each kind once a message, and counted for its campaign in the same transaction."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ids import CampaignId, MemberId
from kit.database import Connection
from kit.sql import load_queries
from push.latencies import Latency
from push.latencies_repository import count_latencies
from push.receipts import (
    BEHAVIOUR,
    Receipt,
    ReceiptCounts,
    ReceiptKind,
    Recorded,
    RecordedReceipts,
    SentMessage,
)

QUERIES = load_queries(__file__, "receipts.sql")
_SLOTS = 16

_Key = tuple[MemberId, UUID, ReceiptKind]


async def record_receipt(
    conn: Connection,
    member_id: MemberId,
    message_id: UUID,
    kind: ReceiptKind,
    at: datetime,
    provider_message_id: str | None = None,
) -> Recorded:
    """One receipt, as a provider's webhook tells it; as often as it is told, it counts once."""
    receipt = Receipt(
        member_ids=(member_id,), message_id=message_id, kind=kind, at=at, provider_message_id=provider_message_id
    )
    return (await record_receipts(conn, [receipt])).results[0]


async def record_receipts(conn: Connection, receipts: Sequence[Receipt]) -> RecordedReceipts:
    """What became of each, in order. Nothing is earlier than its message, whatever a clock says."""
    sent = await _find_sent(conn, receipts)
    wanted: dict[_Key, tuple[Receipt, SentMessage]] = {}
    results: list[Recorded] = []
    for receipt in receipts:
        message = next((sent[key] for key in _keys(receipt) if key in sent), None)
        if message is None:
            results.append("unknown")
        elif receipt.kind in BEHAVIOUR and not message.profiling_consent:
            results.append("no_consent")
        else:
            key = (message.member_id, message.id, receipt.kind)
            results.append("repeated" if key in wanted else "recorded")
            wanted.setdefault(key, (receipt, message))
    new = await _insert(conn, wanted)
    recorded = [wanted[key] for key in wanted if key in new]
    await _count(conn, recorded)
    latencies = [_latency(*each) for each in recorded if each[0].kind == "displayed" and each[1].is_timed]
    await count_latencies(conn, latencies)
    stood = set(wanted) - new
    settled = [_settle(each, receipt, sent, stood) for each, receipt in zip(results, receipts, strict=True)]
    return RecordedReceipts(settled, latencies)


async def sum_receipts(conn: Connection, campaign_id: CampaignId) -> dict[str, ReceiptCounts]:
    """By channel, of those that have had some."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await conn.fetch(QUERIES.sum_receipts, campaign_id):
        counts[row["channel"]][row["kind"]] = row["times"]
    return {channel: ReceiptCounts(**of_kind) for channel, of_kind in counts.items()}


def _keys(receipt: Receipt) -> list[tuple[MemberId, UUID]]:
    return [(member_id, receipt.message_id) for member_id in receipt.member_ids]


def _settle(
    result: Recorded, receipt: Receipt, sent: dict[tuple[MemberId, UUID], SentMessage], stood: set[_Key]
) -> Recorded:
    """One that stood there before is a repetition."""
    if result == "recorded" and any((*key, receipt.kind) in stood for key in _keys(receipt) if key in sent):
        return "repeated"
    return result


def _latency(receipt: Receipt, message: SentMessage) -> Latency:
    at = max(receipt.at, message.created_at)
    took = at - message.created_at
    return Latency(program_id=message.program_id, stage="displayed", at=at, seconds=took.total_seconds())


async def _find_sent(conn: Connection, receipts: Sequence[Receipt]) -> dict[tuple[MemberId, UUID], SentMessage]:
    asked = dict.fromkeys(key for receipt in receipts for key in _keys(receipt))
    if not asked:
        return {}
    rows = [dict(row) for row in await conn.fetch(QUERIES.find_sent, *zip(*asked, strict=True))]
    survivors = {row["merged_into"] for row in rows} - {None}
    consents = {}
    if survivors:
        found = await conn.fetch(QUERIES.list_consents, list(survivors))
        consents = {row["member_id"]: row["profiling_consent"] for row in found}
    for row in rows:
        # A person's consent stands with who they are now.
        survivor_id = row.pop("merged_into")
        row["profiling_consent"] = consents.get(survivor_id, row["profiling_consent"])
    return {(row["member_id"], row["id"]): SentMessage(**row) for row in rows}


async def _insert(conn: Connection, wanted: dict[_Key, tuple[Receipt, SentMessage]]) -> set[_Key]:
    if not wanted:
        return set()
    rows = await conn.fetch(
        *QUERIES.insert_receipts(
            member_id=[member_id for member_id, _, _ in wanted],
            message_id=[message_id for _, message_id, _ in wanted],
            kind=[kind for _, _, kind in wanted],
            channel=[message.channel for _, message in wanted.values()],
            at=[max(receipt.at, message.created_at) for receipt, message in wanted.values()],
            provider_message_id=[receipt.provider_message_id for receipt, _ in wanted.values()],
        )
    )
    return {(row["member_id"], row["message_id"], row["kind"]) for row in rows}


async def _count(conn: Connection, recorded: Sequence[tuple[Receipt, SentMessage]]) -> None:
    times = Counter(
        (message.campaign_id, message.channel, receipt.kind)
        for receipt, message in recorded
        if message.campaign_id is not None
    )
    if times:
        await conn.execute(
            *QUERIES.count_receipts(
                campaign_id=[campaign_id for campaign_id, _, _ in times],
                channel=[channel for _, channel, _ in times],
                kind=[kind for _, _, kind in times],
                times=list(times.values()),
                slot=random.randrange(_SLOTS),  # noqa: S311 - it spreads writers, and hides nothing
            )
        )
