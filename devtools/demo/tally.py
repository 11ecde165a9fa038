"""The truth at the end: what the database holds and the double accepted, beside what the clients were told."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeAlias

import asyncpg
import msgspec

from devtools.demo.board import Board
from devtools.fcm_double import FcmDouble
from kit.sql import load_queries

QUERIES = load_queries(__file__, "tally.sql")
_DRAIN_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.1
_CHANNELS = ("push", "email", "sms", "call", "line", "messenger")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """`--json`. `fixes` were sent, repeats not counted; deferred pushes wait for the end of quiet hours; `acknowledged`
    is there for a trace only. `told_by_…`: what reached the one member who has every channel (devtools.demo.told).
    """

    stores: int
    geofences: int
    members: int
    fixes: int
    transitions: int
    coupons_issued: int
    pushes_sent: int
    pushes_deferred: int
    visits: int
    redemptions: int
    duplicate_coupons: int
    seconds_setup: float
    seconds_run: float
    acknowledged: int | None = None
    told_by_push: int = 0
    told_by_email: int = 0
    told_by_sms: int = 0
    told_by_call: int = 0
    told_by_line: int = 0
    told_by_messenger: int = 0


async def drain_outbox(conn: Connection) -> None:
    """Give the worker time to send what waits."""
    for _ in range(int(_DRAIN_WITHIN_S / _LOOK_EVERY_S)):
        if not await conn.fetchval(QUERIES.count_waiting_pushes):
            return
        await asyncio.sleep(_LOOK_EVERY_S)


async def take_stock(conn: Connection, board: Board, double: FcmDouble, seconds: tuple[float, float]) -> Summary:
    """Count, and put on the board as faults what does not fit together. `seconds` of the set-up and of the run."""
    await drain_outbox(conn)
    row: Any = await conn.fetchrow(QUERIES.count_all)
    lost = len(await conn.fetch(QUERIES.find_missing_coupons, board.coupon_ids))
    for line in find_misfits(row, lost, board):
        board.fault(line)
    # No phone is told of what a sweeper issues: the last view counts what the summary counts.
    board.counts["coupons"] = row["coupons_issued"]
    return Summary(
        row["stores"],
        row["geofences"],
        row["members"],
        board.counts["fixes"],
        row["transitions"],
        row["coupons_issued"],
        len(double.accepted()),
        row["pushes_deferred"],
        row["visits"],
        row["redemptions"],
        row["duplicate_coupons"],
        round(seconds[0], 1),
        round(seconds[1], 1),
        board.counts["acknowledged"] or None,
        *(board.counts[f"told_by_{by}"] for by in _CHANNELS),
    )


def find_misfits(row: Mapping[str, int], lost_coupons: int, board: Board) -> list[str]:
    """What does not fit together. `row` is that of `count_all`."""
    told = board.counts
    checks = (
        (row["duplicate_coupons"] > 0, f"{row['duplicate_coupons']} coupons exist twice"),
        (row["caps_exceeded"] > 0, "a campaign issued more than its cap"),
        (lost_coupons > 0, f"{lost_coupons} coupons that a phone was told of are not there"),
        (row["visits"] < told["visits"], "a visit that was acknowledged is not there"),
        (row["redemptions"] < told["redemptions"], "a redemption that was acknowledged is not there"),
        (row["pushes_waiting"] > 0, f"{row['pushes_waiting']} pushes were not sent"),
    )
    return [line for is_wrong, line in checks if is_wrong]
