"""Keeping the facts of members (facts.sql), last in the transaction of the flow that changes them.

A flow that only adds says what (`add_to_facts`); one that takes back, moves or joins has them counted anew
(`recount_facts`). Both hold the rows until the commit, in the order of their keys, and the books are read after that:
whoever writes a member's books holds the row before its own commit, so that nothing is counted twice or left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from audiences.facts import FactsDelta, MemberFacts
from ids import MemberId
from kit.copying import copy_rows
from kit.database import Connection
from kit.spread import split_members
from kit.sql import load_queries

QUERIES = load_queries(__file__, "facts.sql")

# So many members at once are counted anew in well under a second.
BATCH_SIZE = 2000


async def add_to_facts(conn: Connection, deltas: Mapping[MemberId, FactsDelta]) -> None:
    """Who became another member counts for that one. Nothing may be locked after it in the transaction."""
    if deltas and all(delta.is_of_coupons_alone for delta in deltas.values()):
        deltas = await _count_coupons(conn, deltas)
    if not deltas:
        return
    members = sorted(deltas)
    written: set[MemberId] = set()
    for part in split_members(conn, members):
        written |= await _add(conn, {member_id: deltas[member_id] for member_id in part})
    # For who was several members an addition is not enough.
    asked = [member_id for member_id in members if member_id in written and not deltas[member_id].is_of_one_member]
    several = [row["member_id"] for row in await conn.fetch(QUERIES.list_several, asked)] if asked else []
    if several:
        await conn.execute(QUERIES.write_facts, sorted(several))
    if missing := [member_id for member_id in members if member_id not in written]:
        await recount_facts(conn, missing)
        for row in await conn.fetch(QUERIES.find_survivors, missing):
            delta = msgspec.structs.replace(
                deltas[row["member_id"]], has_rewards=False, points=None, is_of_one_member=False
            )
            await add_to_facts(conn, {row["merged_into"]: delta})


async def _add(conn: Connection, deltas: Mapping[MemberId, FactsDelta]) -> set[MemberId]:
    """Those who have a row. The members are of one shard, and in the order of their keys."""
    added = deltas.values()
    rows = await conn.fetch(
        *QUERIES.add_to_facts(
            member_id=list(deltas),
            visits=[delta.visits for delta in added],
            first_visit_on=[delta.first_visit_on for delta in added],
            last_visit_on=[delta.last_visit_on for delta in added],
            purchases=[delta.purchases for delta in added],
            spend=[delta.spend for delta in added],
            last_purchase_at=[delta.last_purchase_at for delta in added],
            coupons_issued=[delta.coupons_issued for delta in added],
            coupons_used=[delta.coupons_used for delta in added],
            points=[delta.points for delta in added],
            is_rewarded=[delta.has_rewards for delta in added],
        )
    )
    return {row["member_id"] for row in rows}


async def _count_coupons(conn: Connection, deltas: Mapping[MemberId, FactsDelta]) -> Mapping[MemberId, FactsDelta]:
    """What is left: of those who have no row, or are another member now."""
    counted: set[MemberId] = set()
    for part in split_members(conn, deltas):
        issued = [deltas[member_id].coupons_issued for member_id in part]
        counted.update(row["member_id"] for row in await conn.fetch(QUERIES.count_coupons, part, issued))
    return {member_id: delta for member_id, delta in deltas.items() if member_id not in counted}


async def update_reward_facts(conn: Connection, member_ids: Iterable[MemberId]) -> None:
    """Of members whose points, stamps or ranks have changed, and whose accounts are locked."""
    await add_to_facts(conn, {member_id: FactsDelta(has_rewards=True) for member_id in member_ids})


async def recount_facts(conn: Connection, member_ids: Iterable[MemberId]) -> list[MemberId]:
    """Those whose facts differed. Of who became another member or is erased, the row goes."""
    members = await open_facts(conn, member_ids)
    if not members:
        return []
    await conn.execute(QUERIES.close_facts, members)
    return [row["member_id"] for row in await conn.fetch(QUERIES.write_facts, members)]


async def open_facts(conn: Connection, member_ids: Iterable[MemberId]) -> list[MemberId]:
    """With what is copied from the member. The members in order, for what is to be written next."""
    members = sorted(set(member_ids))
    if members:
        await conn.execute(QUERIES.open_facts, members)
    return members


async def add_facts(conn: Connection, facts: Sequence[MemberFacts]) -> None:
    """Of members who are new, by COPY: what is known of them is told and not counted."""
    columns = MemberFacts.__struct_fields__
    await copy_rows(conn, "member_facts", columns, [msgspec.structs.astuple(each) for each in facts])


async def read_facts(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MemberFacts]:
    """Who has no facts is absent."""
    rows = await conn.fetch(QUERIES.read_facts, member_ids)
    return {row["member_id"]: MemberFacts(**row) for row in rows}


async def find_differing_facts(conn: Connection, member_ids: Sequence[MemberId]) -> list[MemberId]:
    """Those whose facts are not what the books say, which are right afterwards."""
    unopened = {row["member_id"] for row in await conn.fetch(QUERIES.find_unopened, member_ids)}
    return sorted({*unopened, *await recount_facts(conn, member_ids)})


async def list_members_after(conn: Connection, member_id: MemberId | None) -> list[MemberId]:
    """The next `BATCH_SIZE` of all programs' in the order of their ids; None: from the first."""
    rows = await conn.fetch(QUERIES.list_members_after, member_id or UUID(int=0), BATCH_SIZE)
    return [row["member_id"] for row in rows]
