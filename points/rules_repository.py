"""A program's point rules. They hold for what is posted after they were set; what was posted stays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from points.rules import PointRules

QUERIES = load_queries(__file__, "rules.sql")


class EarningRules(msgspec.Struct, frozen=True):
    """What there is to earn in some programs: their rules of points, and which have stamp cards, and ranks."""

    points: Mapping[ProgramId, PointRules]
    with_stamp_cards: Sequence[ProgramId]
    with_ranks: Sequence[ProgramId]


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


async def read_earning_rules(conn: Connection, program_ids: Iterable[ProgramId]) -> EarningRules:
    rows = await conn.fetch(QUERIES.read_earning_rules, list(program_ids))
    points = {
        row["program_id"]: PointRules(**{name: row[name] for name in PointRules.__struct_fields__})
        for row in rows
        if row["currency"] is not None
    }
    return EarningRules(
        points,
        [row["program_id"] for row in rows if row["has_stamp_cards"]],
        [row["program_id"] for row in rows if row["has_ranks"]],
    )
