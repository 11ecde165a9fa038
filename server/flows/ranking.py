"""Judging ranks: what members have gathered, held against the rules, and written down where it changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kit.database import Connection
from points import postings_repository, ranks_repository
from points.postings_repository import group_dated
from points.ranks import Dated, RankRules, Standing, judge, measured_since
from points.ranks_repository import MemberRank
from visits import behaviour_repository, purchases_repository


async def may_have_rank(conn: Connection, program_ids: Iterable[UUID]) -> set[UUID]:
    """The programs that have ranks."""
    return set(await ranks_repository.read_rank_rules(conn, program_ids))


async def judge_members(conn: Connection, holders: Mapping[UUID, UUID], now: datetime) -> int:
    """Judge these members (member_id -> program_id) and write what changed; how many ranks did.

    The caller has their accounts locked.
    """
    every_rules = await ranks_repository.read_rank_rules(conn, set(holders.values()))
    changes = 0
    for program_id, rules in sorted(every_rules.items()):
        members = sorted(member_id for member_id, program in holders.items() if program == program_id)
        gathered = await _gather(conn, rules, members, now)
        standings = {member_id: judge(rules, gathered.get(member_id, ()), now) for member_id in members}
        changes += await _write(conn, rules, standings, now)
    return changes


async def read_standing(conn: Connection, rules: RankRules, member_id: UUID, now: datetime) -> Standing:
    """The rank as it is now, whether or not the worker has come round to writing it down."""
    gathered = await _gather(conn, rules, [member_id], now)
    return judge(rules, gathered.get(member_id, ()), now)


async def _gather(
    conn: Connection, rules: RankRules, members: Sequence[UUID], now: datetime
) -> dict[UUID, list[Dated]]:
    since = measured_since(rules, now)
    if rules.measure == "points":
        return await postings_repository.read_earned(conn, members, since)
    if rules.measure == "visits":
        return group_dated(await behaviour_repository.read_visit_times(conn, members, since))
    return group_dated(await purchases_repository.read_spend(conn, members, since))


async def _write(conn: Connection, rules: RankRules, standings: Mapping[UUID, Standing], now: datetime) -> int:
    held = await ranks_repository.read_member_ranks(conn, list(standings))
    ranks, changes = [], []
    for member_id, standing in standings.items():
        former, code = held.get(member_id), standing.rank.code if standing.rank else None
        former_code = former.rank_code if former else None
        since = former.since if former and former_code == code else now
        rank = MemberRank(member_id, code, since, standing.valid_until, rules.version)
        if rank != former:
            ranks.append((rules.program_id, rank))
        if former_code != code:
            changes.append((member_id, former_code, code))
    if ranks:
        await ranks_repository.put_member_ranks(conn, ranks)
    if changes:
        await ranks_repository.insert_rank_changes(conn, changes, now)
    return len(changes)
