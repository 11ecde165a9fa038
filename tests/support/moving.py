"""Files of members that are imported into a shop's program, as the verb and the worker do it."""

import hashlib
import io
from datetime import datetime

from imports.run import Fault, ImportRun
from imports.runs_repository import list_faults
from kit.database import Connection, in_transaction
from points.ranks import Rank, RankRules
from points.ranks_repository import upsert_rank_rules
from points.rules import PointRules
from points.rules_repository import upsert_point_rules
from server.moving_in.begin import SentFile, begin_import
from server.moving_in.run_import import run_import
from tests.support.shop import NOON, Shop


async def set_rules(shop: Shop) -> None:
    points = PointRules(
        program_id=shop.program.id,
        currency="JPY",
        amount_step=100,
        step_points=1,
        visit_points=10,
        valid_days=365,
        time_zone="Asia/Tokyo",
    )
    ranks = RankRules(
        program_id=shop.program.id,
        measure="points",
        period="year",
        rolling_days=None,
        time_zone="Asia/Tokyo",
        ranks=(Rank("silver", {"ja": "シルバー"}, 100), Rank("gold", {"ja": "ゴールド"}, 10_000)),
        version=1,
    )

    async def work(conn: Connection) -> None:
        await upsert_point_rules(conn, points, NOON)
        await upsert_rank_rules(conn, ranks, NOON)

    await in_transaction(shop.pool, work)


async def begin(shop: Shop, body: bytes, *, is_dry_run: bool = False, now: datetime = NOON) -> ImportRun:
    sent = SentFile("kaiin.csv", hashlib.sha256(body).digest(), len(body))
    run, _ = await in_transaction(
        shop.pool,
        lambda conn: begin_import(conn, shop.program, sent, is_dry_run=is_dry_run, started_by="operator:test", now=now),
    )
    return run


async def move_in(
    shop: Shop, text: str | bytes, *, is_dry_run: bool = False, now: datetime = NOON
) -> tuple[ImportRun, list[Fault]]:
    """The run as it ended, and what was wrong."""
    body = text.encode("cp932") if isinstance(text, str) else text
    run = await begin(shop, body, is_dry_run=is_dry_run, now=now)
    ended = await run_import(shop.pool, shop.keyring, shop.program, run, io.BytesIO(body))
    async with shop.pool.acquire() as conn:
        return ended, await list_faults(conn, run.id)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    """New, changed, unchanged and refused."""
    return run.created, run.updated, run.unchanged, run.refused
