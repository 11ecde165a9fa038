"""From an identified member to a visit with its evidence, and what it earns: `scan` and `report_scans` share it.

Locks are taken in one order: used codes, receipts (`scan` claims them), visits, point accounts, budgets, coupons.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cards import code_uses_repository
from cards.code_uses_repository import CodeKey, CodeUse
from kit.database import Connection
from kit.ids import new_id
from members.devices_repository import find_push_addresses
from members.members_repository import find_claimed
from programs.tills_repository import Till
from server.catalogue import Catalogue
from server.flows.granting import Happening, PushTarget, Verdict, grant_offers
from server.flows.identify import Identified, Presented
from server.flows.purchase import deed_of
from server.flows.rewarding import Deed, Rewarded, happening_of, record_completions, reward_deeds
from visits import visits_repository
from visits.business_days import business_day
from visits.purchases_repository import Purchase
from visits.visits_repository import Evidence, Visit


class CheckIn(msgspec.Struct, frozen=True):
    """`at` is the event's time, `now` ours: the same for a scan with a line. `purchase`: written already."""

    till: Till
    shown: Identified
    visit: Visit
    at: datetime
    now: datetime
    is_offline: bool
    purchase: Purchase | None = None


class CheckedIn(msgspec.Struct, frozen=True):
    """`scan_id` is its evidence's. `is_first` tells whether it made the visit or only adds evidence to it.

    `points_balance`: after all check-ins of the list; None where nothing was posted.
    """

    scan_id: UUID
    is_first: bool
    coupon_count: int
    points_earned: int
    points_balance: int | None


class _Earned(msgspec.Struct, frozen=True):
    """`decisions`: of the visit's campaigns; empty where it was not the day's first."""

    decisions: dict[str, str]
    coupon_count: int
    rewards: Sequence[Rewarded]


def make_check_in(
    catalogue: Catalogue, presented: Presented, shown: Identified, purchase: Purchase | None = None
) -> CheckIn | None:
    """None where the till's store is closed for good."""
    till, at = presented.till, presented.at
    store = catalogue.stores.get(till.store_id)
    if store is None:
        return None
    day = business_day(at.astimezone(store.time_zone), store.day_start_hour)
    visit = Visit(shown.member_id, till.store_id, day, till.program_id, at)
    return CheckIn(till, shown, visit, at, presented.now, presented.is_offline, purchase)


async def count_codes(conn: Connection, check_ins: Sequence[CheckIn]) -> dict[int, UUID]:
    """The till for which a code counted already, by id() of each that comes second. A number is no code."""
    uses = {id(each): _use(each, each.shown.code) for each in check_ins if each.shown.code is not None}
    if not uses:
        return {}
    first = {use.key: use for use in reversed(uses.values())}
    counted = await code_uses_repository.count_codes(conn, list(first.values()))
    second = {place: use for place, use in uses.items() if first[use.key] is not use or use.key not in counted}
    if not second:
        return {}
    holders = await code_uses_repository.find_counted(conn, [use.key for use in second.values()])
    copies = [use for use in second.values() if holders[use.key] != use.till_id]
    await code_uses_repository.record_duplicates(conn, copies)
    return {place: holders[use.key] for place, use in second.items()}


async def record_check_ins(
    conn: Connection, catalogue: Catalogue, check_ins: Sequence[CheckIn]
) -> dict[int, CheckedIn]:
    """By id() of each: visits, points, stamps, coupons, evidence, in the caller's transaction."""
    new = await _insert_visits(conn, check_ins)
    earned = await _earn(conn, catalogue, check_ins, new)
    evidence = {id(each): _evidence(each, earned[id(each)].decisions) for each in check_ins}
    await visits_repository.insert_evidence(conn, list(evidence.values()))
    return {place: _tell(proof.id, earned[place], is_first=place in new) for place, proof in evidence.items()}


async def _insert_visits(conn: Connection, check_ins: Sequence[CheckIn]) -> set[int]:
    """The id() of each that made a visit; of several in one batch the earliest."""
    first: dict[object, CheckIn] = {}
    for each in check_ins:
        if each.visit.key not in first or each.at < first[each.visit.key].at:
            first[each.visit.key] = each
    new = await visits_repository.insert_visits(conn, [each.visit for each in first.values()])
    late = [each.visit for key, each in first.items() if key not in new and each.is_offline]
    if late:  # what a till reports may have come before the scan that made the visit
        await visits_repository.begin_visits_earlier(conn, late)
    return {id(each) for key, each in first.items() if key in new}


async def _earn(
    conn: Connection, catalogue: Catalogue, check_ins: Sequence[CheckIn], new: set[int]
) -> dict[int, _Earned]:
    """Points and stamps first, then all coupons in one call: accounts are locked before budgets. By id() of each."""
    deeds = [(each, deed) for each in check_ins for deed in _deeds(each, is_new=id(each) in new)]
    rewards: dict[int, list[Rewarded]] = {id(each): [] for each in check_ins}
    for (each, _), reward in zip(deeds, await reward_deeds(conn, [deed for _, deed in deeds]), strict=True):
        rewards[id(each)].append(reward)
    full = [(each, card) for each in check_ins for reward in rewards[id(each)] for card in reward.full_cards]
    visiting = [each for each in check_ins if id(each) in new]
    heard = {each.shown.member_id for each in (*visiting, *(each for each, _ in full))}
    targets, claimed = await _find_targets(conn, heard), await find_claimed(conn, sorted(heard)) if heard else set()
    visits = [_visit_happening(each, targets.get(each.visit.member_id), claimed) for each in visiting]
    filled = [
        happening_of(card, targets.get(each.visit.member_id), is_claimed=each.visit.member_id in claimed)
        for each, card in full
    ]
    verdicts = iter(await grant_offers(conn, catalogue, [*visits, *(each for each in filled if each is not None)]))
    of_visit = {id(each): next(verdicts) for each in visiting}
    of_card = [None if happening is None else next(verdicts) for happening in filled]
    await record_completions(conn, [(card, verdict) for (_, card), verdict in zip(full, of_card, strict=True)])
    counts = Counter({place: len(verdict.coupon_ids) for place, verdict in of_visit.items()})
    for (each, _), verdict in zip(full, of_card, strict=True):
        counts[id(each)] += len(verdict.coupon_ids) if verdict else 0
    none = Verdict({}, [])
    return {place: _Earned(of_visit.get(place, none).decisions, counts[place], got) for place, got in rewards.items()}


def _deeds(check_in: CheckIn, *, is_new: bool) -> list[Deed]:
    visit, actor = check_in.visit, f"till:{check_in.till.id}"
    source_key = f"visit:{visit.store_id}:{visit.business_day}"
    made = Deed(
        visit.member_id, visit.program_id, visit.store_id, actor, "visit", source_key, check_in.at, check_in.now
    )
    return [*([made] if is_new else []), *([deed_of(check_in.purchase)] if check_in.purchase else [])]


async def _find_targets(conn: Connection, members: set[UUID]) -> dict[UUID, PushTarget]:
    addresses = await find_push_addresses(conn, sorted(members)) if members else {}
    return {member_id: PushTarget(address.device_id, address.locale) for member_id, address in addresses.items()}


def _visit_happening(check_in: CheckIn, target: PushTarget | None, claimed: set[UUID]) -> Happening:
    member_id, till, at = check_in.shown.member_id, check_in.till, check_in.at
    is_claimed = member_id in claimed
    return Happening(member_id, till.program_id, till.store_id, "visit", at, check_in.now, False, target, is_claimed)


def _tell(scan_id: UUID, earned: _Earned, *, is_first: bool) -> CheckedIn:
    balances = [reward.balance for reward in earned.rewards if reward.balance is not None]
    points = sum(reward.points for reward in earned.rewards)
    return CheckedIn(scan_id, is_first, earned.coupon_count, points, balances[-1] if balances else None)


def _use(check_in: CheckIn, code: CodeKey) -> CodeUse:
    till = check_in.till
    return CodeUse(*code, till.id, till.store_id, check_in.at, check_in.now, check_in.is_offline)


def _evidence(check_in: CheckIn, decisions: dict[str, str]) -> Evidence:
    visit = check_in.visit
    return Evidence(
        new_id(),
        visit.member_id,
        visit.store_id,
        visit.business_day,
        check_in.shown.kind,
        check_in.till.id,
        decisions,
        check_in.at,
    )
