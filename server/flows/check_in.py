"""From an identified member to a visit with its evidence, and what it earns: `scan` and `report_scans` share it."""

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
from visits import visits_repository
from visits.business_days import business_day
from visits.visits_repository import Evidence, Visit


class CheckIn(msgspec.Struct, frozen=True):
    """`at` is the event's time, `now` ours: the same for a scan with a line."""

    till: Till
    shown: Identified
    visit: Visit
    at: datetime
    now: datetime
    is_offline: bool


class CheckedIn(msgspec.Struct, frozen=True):
    """`is_first` tells whether it made the visit or only adds evidence to it."""

    is_first: bool
    coupon_ids: Sequence[UUID]


def make_check_in(catalogue: Catalogue, presented: Presented, shown: Identified) -> CheckIn | None:
    """None where the till's store is closed for good."""
    till, at = presented.till, presented.at
    store = catalogue.stores.get(till.store_id)
    if store is None:
        return None
    day = business_day(at.astimezone(store.time_zone), store.day_start_hour)
    visit = Visit(shown.member_id, till.store_id, day, till.program_id, at)
    return CheckIn(till, shown, visit, at, presented.now, presented.is_offline)


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
    """By id() of each: visits, coupons, evidence, in the caller's transaction."""
    new = await _insert_visits(conn, check_ins)
    verdicts = await _judge_visits(conn, catalogue, [each for each in check_ins if id(each) in new])
    none = Verdict({}, [])
    await visits_repository.insert_evidence(
        conn, [_evidence(each, verdicts.get(id(each), none).decisions) for each in check_ins]
    )
    return {id(each): CheckedIn(id(each) in new, verdicts.get(id(each), none).coupon_ids) for each in check_ins}


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


async def _judge_visits(conn: Connection, catalogue: Catalogue, check_ins: Sequence[CheckIn]) -> dict[int, Verdict]:
    if not check_ins:
        return {}
    member_ids = [each.shown.member_id for each in check_ins]
    addresses, claimed = await find_push_addresses(conn, member_ids), await find_claimed(conn, member_ids)
    happenings = []
    for each in check_ins:
        address = addresses.get(each.shown.member_id)
        target = PushTarget(address.device_id, address.locale) if address else None
        member_id, till = each.shown.member_id, each.till
        happenings.append(
            Happening(
                member_id,
                till.program_id,
                till.store_id,
                "visit",
                each.at,
                each.now,
                False,
                target,
                member_id in claimed,
            )
        )
    verdicts = await grant_offers(conn, catalogue, happenings)
    return {id(each): verdict for each, verdict in zip(check_ins, verdicts, strict=True)}


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
