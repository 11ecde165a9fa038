"""A program's rules of visits. They hold for what comes after they were set."""

from collections.abc import Iterable
from typing import Any

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from visits.rules import VisitRules
from visits.trust import TRUST_LEVELS, level

QUERIES = load_queries(__file__, "rules.sql")


async def upsert_visit_rules(conn: Connection, rules: VisitRules) -> None:
    min_level = level(rules.min_trust)
    await conn.execute(QUERIES.upsert_visit_rules, rules.program_id, rules.by_store_qr, rules.by_dwell, min_level)


async def read_visit_rules(conn: Connection) -> dict[ProgramId, VisitRules]:
    """Those of every program that has some of its own."""
    return {row["program_id"]: _rules(row) for row in await conn.fetch(QUERIES.read_visit_rules)}


async def find_visit_rules(conn: Connection, program_ids: Iterable[ProgramId]) -> dict[ProgramId, VisitRules]:
    """By program; those that have none of their own are absent."""
    return {row["program_id"]: _rules(row) for row in await conn.fetch(QUERIES.find_visit_rules, list(program_ids))}


def _rules(row: Any) -> VisitRules:
    return VisitRules(row["program_id"], row["by_store_qr"], row["by_dwell"], TRUST_LEVELS[row["min_trust"]])
