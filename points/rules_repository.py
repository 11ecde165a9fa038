"""A program's point rules. They hold for what is posted after they were set; what was posted stays."""

from collections.abc import Iterable
from datetime import datetime

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from points.rules import PointRules

QUERIES = load_queries(__file__, "rules.sql")


async def upsert_point_rules(conn: Connection, rules: PointRules, now: datetime) -> None:
    await conn.execute(
        *QUERIES.upsert_point_rules(
            program_id=rules.program_id,
            currency=rules.currency,
            amount_step=rules.amount_step,
            step_points=rules.step_points,
            visit_points=rules.visit_points,
            valid_days=rules.valid_days,
            time_zone=rules.time_zone,
            now=now,
        )
    )


async def read_point_rules(conn: Connection, program_ids: Iterable[ProgramId]) -> dict[ProgramId, PointRules]:
    """By program; those that have none are absent."""
    rows = await conn.fetch(QUERIES.read_point_rules, list(program_ids))
    return {row["program_id"]: PointRules(**row) for row in rows}
