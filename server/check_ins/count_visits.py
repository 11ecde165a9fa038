"""The number of a visit, for campaigns that ask for the first, the n-th or every n-th: counted from the books.

Only where such a campaign runs. The count is made behind a lock of the person, which is held until the commit, so that
two visits at once have two numbers. A number earns once, by the key of the coupon, whatever is undone.
"""

from collections.abc import Iterable, Mapping, Sequence

from coupons.campaigns.triggers import COUNTED
from coupons.campaigns.visit_counts import VisitCounts
from ids import MemberId, ProgramId, ScanId, StoreId
from kit.database import Connection
from kit.sql import load_queries
from server.check_ins.check_in import CheckIn
from server.runtime.snapshot import Snapshot
from visits.trust import TrustRise, level

QUERIES = load_queries(__file__, "visit_counts.sql")


async def count_visits(
    conn: Connection, snapshot: Snapshot, check_ins: Sequence[CheckIn], rises: Mapping[ScanId, TrustRise]
) -> dict[ScanId, VisitCounts]:
    """By the check-in that made or raised a visit: the person's visits with it, without what came later."""
    counting = [each for each in check_ins if each.id in rises and _asks(snapshot, each.visit.program_id)]
    if not counting:
        return {}
    counts = await _read(conn, sorted({each.visit.member_id for each in counting}))
    found: dict[ScanId, VisitCounts] = {}
    for each in sorted(counting, key=lambda each: each.at, reverse=True):
        member_id, rise = each.visit.member_id, rises[each.id]
        found[each.id] = counts[member_id]
        former = None if rise.former is None else level(rise.former)
        counts[member_id] = counts[member_id].without(each.visit.store_id, level(rise.trust), former)
    return found


def _asks(snapshot: Snapshot, program_id: ProgramId) -> bool:
    return any(campaign.trigger.kind in COUNTED for campaign in snapshot.campaigns.get(program_id, ()))


async def _read(conn: Connection, member_ids: Iterable[MemberId]) -> dict[MemberId, VisitCounts]:
    ids = list(member_ids)
    await conn.fetch(QUERIES.lock_counts, ids)
    of: dict[MemberId, dict[tuple[StoreId, int], int]] = {member_id: {} for member_id in ids}
    before: dict[MemberId, int] = {}
    for row in await conn.fetch(QUERIES.count_visits, ids):
        if row["store_id"] is None:
            before[row["member_id"]] = row["visits"]
        else:
            of[row["member_id"]][row["store_id"], row["trust"]] = row["visits"]
    return {member_id: VisitCounts(of[member_id], before.get(member_id, 0)) for member_id in ids}
