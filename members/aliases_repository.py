"""Two members become one by an alias: `merged_into`. No key is rewritten, so history stays where it was written.

To read a member's history, read it for all of `history_ids`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from ids import MemberId
from kit.database import Connection
from kit.sessions import shards_of
from kit.spread import fetch_by_shard
from members.member import HeldMember, MemberState
from members.members_repository import QUERIES

_THERE: tuple[MemberState, ...] = ("active", "blocked", "closed")


async def lock_members(conn: Connection, member_ids: Collection[MemberId]) -> dict[MemberId, MemberState]:
    """Their states, locked until the commit, in the order of their ids; who became another member after those: a merge
    holds the two before it passes on who became the one (lock order: server/web/writes.py).
    """
    gone = await find_survivors(conn, list(member_ids))
    turns = in_turn(conn, member_ids, gone)
    return {member_id: await conn.fetchval(QUERIES.lock_member, member_id) for member_id in turns}


async def hold_persons(conn: Connection, member_ids: Collection[MemberId]) -> dict[MemberId, HeldMember]:
    """Hold them, and those whom they became, against a merge and an erasure until the commit. In the order of
    `lock_members`, and before anything that refers to them is written.

    All of them are in the answer. Nobody can be verified meanwhile, since that locks the member (`lock_members`).
    """
    held = _standings(await fetch_by_shard(conn, QUERIES.hold_members, member_ids))
    others = [member_id for member_id in member_ids if member_id not in held]
    while others:
        survivors = await find_survivors(conn, others)
        try:
            async with conn.transaction():
                for member_id in in_turn(conn, {*others, *survivors.values()}, survivors):
                    await conn.execute(QUERIES.hold_member, member_id)
                if await find_survivors(conn, others) != survivors:
                    raise _MergedMeanwhile
        except _MergedMeanwhile:
            continue  # what was held is free again: in the former order it would be held before its survivor
        return held | _standings(await conn.fetch(QUERIES.read_standings, [*others, *survivors.values()]))
    return held


def _standings(rows: Sequence[asyncpg.Record]) -> dict[MemberId, HeldMember]:
    return {row["member_id"]: HeldMember(row["state"], is_verified=row["is_verified"]) for row in rows}


class _MergedMeanwhile(Exception):
    pass


def in_turn(conn: Connection, member_ids: Collection[MemberId], gone: Collection[MemberId]) -> list[MemberId]:
    """The order in which several are locked. Those of one shard stand together, as where one statement locks them."""
    shards = shards_of(conn)
    return sorted(member_ids, key=lambda member_id: (member_id in gone, shards.find(member_id), member_id))


async def lock_owner(conn: Connection, member_id: MemberId) -> MemberId | None:
    """Whose something of this member's is by now, locked until the commit: who became somebody else is those.

    None: they were erased, and nothing is to be written about them.
    """
    owner_id = (await find_survivors(conn, [member_id])).get(member_id, member_id)
    states = await lock_members(conn, [owner_id])
    return owner_id if states[owner_id] in _THERE else None


async def lock_states(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberState]:
    """Their states, which nobody changes until the commit."""
    rows = await fetch_by_shard(conn, QUERIES.lock_states, member_ids)
    return {row["member_id"]: row["state"] for row in rows}


async def lock_active_member(conn: Connection, member_id: MemberId) -> MemberState | None:
    """Their state, which nobody changes until the commit."""
    state: MemberState | None = await conn.fetchval(QUERIES.lock_active_member, member_id)
    return state


async def merge_member(conn: Connection, member_id: MemberId, survivor_id: MemberId, now: datetime) -> None:
    """From now on `member_id`, and all who were merged into it, are aliases of the survivor."""
    await conn.execute(QUERIES.merge_member, member_id, survivor_id, now)
    quiet_hours = await conn.fetch(QUERIES.find_quiet_hours, member_id)
    await conn.executemany(QUERIES.pass_quiet_hours_on, [(survivor_id, *row) for row in quiet_hours])
    await conn.execute(QUERIES.move_aliases, member_id, survivor_id)


async def history_ids(conn: Connection, member_id: MemberId) -> list[MemberId]:
    """The member, and all who became them."""
    return [member_id, *(row["member_id"] for row in await conn.fetch(QUERIES.list_aliases, member_id))]


async def find_aliases(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberId]:
    """All who became one of them, each with the survivor."""
    return {row["member_id"]: row["merged_into"] for row in await conn.fetch(QUERIES.find_aliases, member_ids)}


async def find_merge_links(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberId]:
    """In one query: who became one of them, and those of them who became another; each with the survivor."""
    return {row["member_id"]: row["merged_into"] for row in await conn.fetch(QUERIES.find_merge_links, member_ids)}


async def find_survivors(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberId]:
    """The survivor of each of them; who was never merged is absent."""
    return {row["member_id"]: row["merged_into"] for row in await conn.fetch(QUERIES.find_survivors, member_ids)}
