"""Rank rules, and the rank that each member was last judged to have, with its history.

A member's rank is written only while their account is locked (`open_accounts`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from kit.pages import PageRequest
from kit.sql import load_queries
from points.ranks import MemberRank, Rank, RankChange, RankRules
from points.rules import Names

QUERIES = load_queries(__file__, "ranks.sql")


async def upsert_rank_rules(conn: Connection, rules: RankRules, now: datetime) -> int:
    """Replace them, and return their version."""
    version: int = await conn.fetchval(
        *QUERIES.upsert_rank_rules(
            program_id=rules.program_id,
            measure=rules.measure,
            period=rules.period,
            rolling_days=rules.rolling_days,
            time_zone=rules.time_zone,
            now=now,
        )
    )
    await conn.execute(QUERIES.remove_ranks, rules.program_id)
    await conn.execute(
        QUERIES.insert_ranks,
        rules.program_id,
        [rank.code for rank in rules.ranks],
        [msgspec.json.encode(rank.name).decode() for rank in rules.ranks],
        [rank.threshold for rank in rules.ranks],
    )
    return version


async def read_rank_rules(conn: Connection, program_ids: Iterable[ProgramId]) -> dict[ProgramId, RankRules]:
    """By program; those that have none are absent."""
    programs = list(program_ids)
    heads = await conn.fetch(QUERIES.read_rank_rules, programs)
    if not heads:
        return {}
    ranks: dict[ProgramId, list[Rank]] = {}
    for row in await conn.fetch(QUERIES.read_ranks, programs):
        name = msgspec.json.decode(row["name"], type=Names)
        ranks.setdefault(row["program_id"], []).append(Rank(row["code"], name, row["threshold"]))
    return {row["program_id"]: RankRules(**row, ranks=tuple(ranks.get(row["program_id"], ()))) for row in heads}


async def read_member_ranks(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberRank]:
    rows = await conn.fetch(QUERIES.read_member_ranks, member_ids)
    return {row["member_id"]: MemberRank(**row) for row in rows}


async def upsert_member_ranks(conn: Connection, ranks: Sequence[tuple[ProgramId, MemberRank]]) -> None:
    """(program_id, rank) each."""
    await conn.execute(
        *QUERIES.upsert_member_ranks(
            member_id=[rank.member_id for _, rank in ranks],
            program_id=[program_id for program_id, _ in ranks],
            rank_code=[rank.rank_code for _, rank in ranks],
            since=[rank.since for _, rank in ranks],
            valid_until=[rank.valid_until for _, rank in ranks],
            rules_version=[rank.rules_version for _, rank in ranks],
        )
    )


async def delete_member_rank(conn: Connection, member_id: MemberId) -> None:
    """Of a member who is to be judged no more; the history of it stays."""
    await conn.execute(QUERIES.delete_member_rank, member_id)


async def insert_rank_changes(
    conn: Connection, changes: Sequence[tuple[MemberId, str | None, str | None]], now: datetime
) -> None:
    """(member_id, former rank's code, the new one's) each."""
    await conn.execute(
        *QUERIES.insert_rank_changes(
            member_id=[member_id for member_id, _, _ in changes],
            id=[new_id() for _ in changes],
            former_rank_code=[former for _, former, _ in changes],
            rank_code=[code for _, _, code in changes],
            at=[now for _ in changes],
        )
    )


async def list_rank_changes(conn: Connection, member_id: MemberId, page: PageRequest) -> list[RankChange]:
    rows = await conn.fetch(QUERIES.list_rank_changes, member_id, page.before, page.fetch_count)
    return [RankChange(**row) for row in rows]


async def find_members_due_for_ranking(conn: Connection, now: datetime, limit: int) -> dict[MemberId, ProgramId]:
    """Members (with their program) whose rank has run out, or was judged by rules that have changed since."""
    rows = await conn.fetch(QUERIES.find_due_ranks, now, limit)
    rows += await conn.fetch(QUERIES.find_outdated_ranks, limit - len(rows))
    return {row["member_id"]: row["program_id"] for row in rows}
