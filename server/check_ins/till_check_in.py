"""From a card that a till has read to a check-in, and which codes count: what `scan` and `report_scans` share."""

from collections.abc import Collection, Mapping, Sequence

from cards import code_uses_repository
from cards.code_use import CodeKey, CodeUse
from ids import ScanId, TillId
from kit.database import Connection
from kit.ids import new_id
from programs.tills_repository import Till
from purchases.purchase import Basket
from server.check_ins.check_in import CheckIn, make_visit
from server.credentials.identify import CardPresentation, IdentifiedCard
from server.purchases.purchase import new_purchase
from server.runtime.snapshot import Snapshot


class TillCheckIn(CheckIn, frozen=True, kw_only=True):
    """A card that a till has read. Online, its time and ours are the same."""

    till: Till
    shown: IdentifiedCard
    is_offline: bool


def make_check_in(
    snapshot: Snapshot, presented: CardPresentation, shown: IdentifiedCard, basket: Basket | None = None
) -> TillCheckIn | None:
    """None where the till's store is closed for good."""
    till, at, scan_id = presented.till, presented.at, ScanId(new_id())
    visit = make_visit(snapshot, till.program_id, shown.member_id, till.store_id, at)
    if visit is None:
        return None
    return TillCheckIn(
        id=scan_id,
        visit=visit,
        kind=shown.kind,
        till_id=till.id,
        is_verified=shown.is_verified,
        at=at,
        now=presented.now,
        purchase=None if basket is None else new_purchase(till, shown.member_id, scan_id, basket, presented.now),
        till=till,
        shown=shown,
        is_offline=presented.is_offline,
    )


async def count_codes(conn: Connection, check_ins: Sequence[TillCheckIn]) -> dict[ScanId, TillId]:
    """Check-in id -> the till for which its code counted before. A code that counts now and a number are absent."""
    uses = {each.id: _use(each, each.shown.code) for each in check_ins if each.shown.code is not None}
    if not uses:
        return {}
    first_ids: dict[CodeKey, ScanId] = {}
    for check_in_id, use in uses.items():
        first_ids.setdefault(use.key, check_in_id)
    fresh = {each.id for each in check_ins if each.seen_before is not None and not each.seen_before.is_recent}
    counted = await _count_first(conn, {each: uses[each] for each in first_ids.values()}, fresh)
    repeated = {each: use for each, use in uses.items() if first_ids[use.key] != each or use.key not in counted}
    if not repeated:
        return {}
    tills = await code_uses_repository.find_counted(conn, [use.key for use in repeated.values()])
    duplicates = [use for use in repeated.values() if tills[use.key] != use.till_id]
    await code_uses_repository.record_duplicates(conn, duplicates)
    return {check_in_id: tills[use.key] for check_in_id, use in repeated.items()}


async def _count_first(conn: Connection, uses: Mapping[ScanId, CodeUse], fresh: Collection[ScanId]) -> set[CodeKey]:
    """`fresh`: of members for whom nothing was recorded a moment ago, so that their codes cannot have been used."""
    unused = [use for check_in_id, use in uses.items() if check_in_id in fresh]
    others = [use for check_in_id, use in uses.items() if check_in_id not in fresh]
    counted: set[CodeKey] = set()
    if unused:
        counted |= await code_uses_repository.count_fresh_codes(conn, unused)
    if others:
        counted |= await code_uses_repository.count_codes(conn, others)
    return counted


def _use(check_in: TillCheckIn, code: CodeKey) -> CodeUse:
    till = check_in.till
    member_id, serial, step = code
    return CodeUse(
        member_id=member_id,
        serial=serial,
        step=step,
        till_id=till.id,
        store_id=till.store_id,
        at=check_in.at,
        reported_at=check_in.now,
        is_offline=check_in.is_offline,
    )
