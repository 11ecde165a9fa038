"""Judging ranks: what members have gathered, held against the rules, and written down where it changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from members.aliases_repository import find_aliases
from points import postings_repository, ranks_repository
from points.brought_ranks_repository import read_brought_ranks
from points.ranks import (
    DatedAmount,
    MemberRank,
    Rank,
    RankRules,
    RankStatus,
    evaluate_rank,
    group_by_member,
    hold_brought,
    measured_since,
)
from purchases import purchases_repository
from visits import behaviour_repository
from visits.visit import VisitTime


async def update_member_ranks(conn: Connection, holders: Mapping[MemberId, ProgramId], now: datetime) -> int:
    """Judge these members (member_id -> program_id) and write what changed; how many ranks did.

    The caller has their accounts locked.
    """
    every_rules = await ranks_repository.read_rank_rules(conn, set(holders.values()))
    return await write_member_ranks(conn, every_rules, holders, now)


async def write_member_ranks(
    conn: Connection, every_rules: Mapping[ProgramId, RankRules], holders: Mapping[MemberId, ProgramId], now: datetime
) -> int:
    """The same by rules that were read in this transaction."""
    changes = 0
    for program_id, rules in sorted(every_rules.items()):
        members = sorted(member_id for member_id, program in holders.items() if program == program_id)
        gathered = await _gather(conn, rules, members, now)
        brought = await read_brought_ranks(conn, members, now)
        standings = {
            member_id: hold_brought(
                rules, evaluate_rank(rules, gathered.get(member_id, ()), now), brought.get(member_id), now
            )
            for member_id in members
        }
        changes += await _write(conn, rules, standings, now)
    return changes


async def read_rank_status(conn: Connection, rules: RankRules, member_id: MemberId, now: datetime) -> RankStatus:
    """The rank as it is now, whether or not the worker has come round to writing it down."""
    gathered = await _gather(conn, rules, [member_id], now)
    brought = await read_brought_ranks(conn, [member_id], now)
    return hold_brought(rules, evaluate_rank(rules, gathered.get(member_id, ()), now), brought.get(member_id), now)


async def read_current_rank(conn: Connection, program_id: ProgramId, member_id: MemberId, now: datetime) -> Rank | None:
    """As written down, which is cheap; judged now where nothing is, or it has run out, or the rules are others."""
    rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
    if rules is None:
        return None
    written = (await ranks_repository.read_member_ranks(conn, [member_id])).get(member_id)
    if (
        written is not None
        and written.rules_version == rules.version
        and (written.valid_until is None or written.valid_until > now)
    ):
        return next((rank for rank in rules.ranks if rank.code == written.rank_code), None)
    return (await read_rank_status(conn, rules, member_id, now)).rank


async def _gather(
    conn: Connection, rules: RankRules, members: Sequence[MemberId], now: datetime
) -> dict[MemberId, list[DatedAmount]]:
    """By member, with what those gathered who became them: history stays where it was written."""
    whose = await find_aliases(conn, members) | {member_id: member_id for member_id in members}
    since = measured_since(rules, now)
    if rules.measure == "visits":
        return _count_visits(whose, await behaviour_repository.read_visit_times(conn, list(whose), since))
    if rules.measure == "points":
        amounts = await postings_repository.read_earned(conn, list(whose), since)
    else:
        spent = await purchases_repository.read_spend(conn, list(whose), since)
        amounts = group_by_member((each.member_id, DatedAmount(each.at, each.amount)) for each in spent)
    gathered: dict[MemberId, list[DatedAmount]] = {}
    for member_id, dated in amounts.items():
        gathered.setdefault(whose[member_id], []).extend(dated)
    return gathered


def _count_visits(whose: Mapping[MemberId, MemberId], visits: Sequence[VisitTime]) -> dict[MemberId, list[DatedAmount]]:
    """Two at one store on one day, of members who became one, are one visit."""
    first: dict[tuple[MemberId, StoreId, date], datetime] = {}
    for visit in visits:
        key = whose[visit.member_id], visit.store_id, visit.business_day
        first[key] = min(visit.at, first.get(key, visit.at))
    gathered: dict[MemberId, list[DatedAmount]] = {}
    for (member_id, _, _), visited_at in first.items():
        gathered.setdefault(member_id, []).append(DatedAmount(visited_at, 1))
    return gathered


async def _write(conn: Connection, rules: RankRules, standings: Mapping[MemberId, RankStatus], now: datetime) -> int:
    held = await ranks_repository.read_member_ranks(conn, list(standings))
    ranks, changes = [], []
    for member_id, standing in standings.items():
        former, code = held.get(member_id), standing.rank.code if standing.rank else None
        former_rank_code = former.rank_code if former else None
        since = former.since if former and former_rank_code == code else now
        rank = MemberRank(
            member_id=member_id,
            rank_code=code,
            since=since,
            valid_until=standing.valid_until,
            rules_version=rules.version,
        )
        if rank != former:
            ranks.append((rules.program_id, rank))
        if former_rank_code != code:
            changes.append((member_id, former_rank_code, code))
    if ranks:
        await ranks_repository.upsert_member_ranks(conn, ranks)
    if changes:
        await ranks_repository.insert_rank_changes(conn, changes, now)
    return len(changes)


async def find_falling(
    conn: Connection, program_id: ProgramId, members: Sequence[MemberId], at: datetime
) -> set[MemberId]:
    """Those of them who will have a lower rank at that moment, if they gather nothing more until then."""
    rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
    if rules is None or not members:
        return set()
    heights = {rank.code: rank.threshold for rank in rules.ranks}
    held = await ranks_repository.read_member_ranks(conn, members)
    gathered = await _gather(conn, rules, members, at)
    brought = await read_brought_ranks(conn, members, at)
    falling = set()
    for member_id, written in held.items():
        rank = evaluate_rank(rules, gathered.get(member_id, ()), at)
        then = hold_brought(rules, rank, brought.get(member_id), at).rank
        if (-1 if then is None else then.threshold) < heights.get(written.rank_code or "", -1):
            falling.add(member_id)
    return falling
