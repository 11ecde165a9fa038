"""`report_redemptions`: a till reports the coupons that it took without a line.

Who reports a coupon first has it, whatever the clocks say, as with scans: what another till reports of the same use is
kept as a conflict, which names the use that stands. A report that is repeated changes nothing. What somebody holds for
a receipt in this moment is neither booked nor in conflict yet: the till reports it again when the hold is over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from cards.signing_keys import trusted_keys
from cards.signing_keys_repository import list_signing_keys
from coupons.moves_repository import end_second_uses
from coupons.redemptions import offline_repository, redemptions_repository
from coupons.redemptions.offline_coupons import (
    OfflineCoupon,
    ProgramKey,
    is_before_use,
    judge_signature,
    read_offline_coupon,
)
from coupons.redemptions.offline_repository import FirstUse, OfflineRedemption
from coupons.redemptions.redemption import RedeemableCoupon, Taking
from coupons.redemptions.usability import judge_coupon
from ids import CouponId, MemberId, ProgramId, RedemptionId
from kit.database import Connection
from kit.ids import new_id
from members.aliases_repository import find_survivors, in_turn, lock_active_member
from members.member import MemberState
from programs.tills_repository import Till
from visits.event_times import EventTimeRefusal, judge_event_time

OfflineOutcome = Literal["booked", "already_booked", "conflict", "later", "refused"]
OfflineRefusalReason: TypeAlias = (
    EventTimeRefusal | Literal["malformed", "not_a_coupon", "foreign_program", "forged", "revoked", "coupon_unknown"]
)
ConflictReason = Literal[
    "moved", "undone", "had", "voided", "redeemed", "withdrawn", "expired", "other_store", "too_early", "outside_hours",
    "blocked",
]  # fmt: skip


class OfflineUse(msgspec.Struct, frozen=True):
    """`redeemed_at` by the till's corrected clock."""

    coupon: str
    redeemed_at: datetime


class OfflineUseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one coupon that was taken offline."""

    outcome: OfflineOutcome
    """`booked`: now. `already_booked`: this till reported it before. `conflict`: it should not have been taken, see
    `conflict`; the staff's list has it. `later`: another receipt holds the coupon until `held_until`; report it again
    then. `refused`: see `reason`."""
    reason: OfflineRefusalReason | None = None
    """Why it was refused."""
    conflict: ConflictReason | None = None
    """Why it should not have been taken."""
    first: FirstUse | None = None
    """The use that stands in its place, where there is one."""
    held_until: datetime | None = None
    """Report it again then."""
    coupon_id: CouponId | None = None
    """The coupon; null where it was refused."""
    member_id: MemberId | None = None
    """Whose it is; null where it was refused."""
    redemption_id: RedemptionId | None = None
    """Where it was booked: an undo refers to it."""


class _Signed(msgspec.Struct, frozen=True):
    place: int
    coupon: OfflineCoupon
    redeemed_at: datetime

    @property
    def named(self) -> tuple[MemberId, CouponId]:
        return self.coupon.member_id, self.coupon.coupon_id

    @property
    def order(self) -> tuple[MemberId, CouponId, datetime]:
        return self.coupon.member_id, self.coupon.coupon_id, self.redeemed_at


class _Locked(msgspec.Struct, frozen=True):
    """What stays as it is until the commit. `states` of the members, and of those whom they became."""

    states: Mapping[MemberId, MemberState | None]
    survivors: Mapping[MemberId, MemberId]
    moved: Mapping[CouponId, tuple[MemberId, CouponId]]

    def find(self, signed: _Signed) -> tuple[MemberId, CouponId]:
        """As whose and as what the coupon exists now."""
        return self.moved.get(signed.coupon.coupon_id, signed.named)

    def is_blocked(self, member_id: MemberId) -> bool:
        return self.states.get(self.survivors.get(member_id, member_id)) == "blocked"


async def report_redemptions(
    conn: Connection, till: Till, uses: Sequence[OfflineUse | None], now: datetime
) -> list[OfflineUseResult]:
    """One answer each, in order; None is a record that could not be read. What is not `later` need not come again."""
    keys = await read_program_keys(conn, till.program_id, now)
    read = [_read(place, use, keys, now) for place, use in enumerate(uses)]
    signed = sorted((each for each in read if isinstance(each, _Signed)), key=lambda each: each.order)
    answers = {place: each for place, each in enumerate(read) if isinstance(each, OfflineUseResult)}
    if signed:
        answers |= await _book_all(conn, till, signed, now)
    return [answers[place] for place in range(len(uses))]


async def read_program_keys(conn: Connection, program_id: ProgramId, now: datetime) -> dict[bytes, ProgramKey]:
    keys = (await list_signing_keys(conn, [program_id]))[program_id]
    return {name: ProgramKey(key.public_key, key.is_revoked) for name, key in trusted_keys(keys, now).items()}


def _read(
    place: int, use: OfflineUse | None, keys: Mapping[bytes, ProgramKey], now: datetime
) -> _Signed | OfflineUseResult:
    if use is None:
        return OfflineUseResult(outcome="refused", reason="malformed")
    coupon = read_offline_coupon(use.coupon)
    if coupon is None:
        return OfflineUseResult(outcome="refused", reason="not_a_coupon")
    reason: OfflineRefusalReason | None = judge_signature(coupon, keys) or judge_event_time(use.redeemed_at, now)
    if reason is not None:
        return OfflineUseResult(outcome="refused", reason=reason)
    return _Signed(place, coupon, use.redeemed_at)


async def _book_all(
    conn: Connection, till: Till, signed: Sequence[_Signed], now: datetime
) -> dict[int, OfflineUseResult]:
    wanted = [each.named for each in signed]
    await redemptions_repository.hold_campaigns(conn, [(*named, till.store_id) for named in wanted])
    locked = await _lock(conn, wanted)
    answers = {each.place: await _book(conn, till, each, locked, now) for each in signed}
    used = Counter(
        each.member_id for each in answers.values() if each.outcome == "booked" and each.member_id is not None
    )
    # Somebody who became another member may have had the period's coupon as both.
    for survivor_id in sorted({locked.survivors.get(member_id, member_id) for member_id in used}):
        if survivor_id in locked.survivors.values():
            await end_second_uses(conn, survivor_id, now)
    if used:
        await add_to_facts(conn, {member_id: FactsDelta(coupons_used=count) for member_id, count in used.items()})
    return answers


async def _lock(conn: Connection, wanted: Sequence[tuple[MemberId, CouponId]]) -> _Locked:
    """Members, then coupons, in the order of server/web/writes.py. A coupon that moves meanwhile counts as `moved`."""
    members = {member_id for member_id, _ in wanted}
    survivors = await find_survivors(conn, list(members))
    turns = in_turn(conn, members | set(survivors.values()), survivors)
    states = {member_id: await lock_active_member(conn, member_id) for member_id in turns}
    moved = await offline_repository.find_moved_coupons(conn, wanted)
    moved = {coupon_id: now for coupon_id, now in moved.items() if now[0] in states}
    await offline_repository.lock_coupons(conn, {*wanted, *moved.values()})
    return _Locked(states, survivors, moved)


async def _book(conn: Connection, till: Till, signed: _Signed, locked: _Locked, now: datetime) -> OfflineUseResult:
    named = locked.find(signed)
    for member_id, coupon_id in dict.fromkeys((signed.named, named)):
        known = await offline_repository.find_offline_redemption(
            conn, member_id, coupon_id, till.id, signed.redeemed_at
        )
        if known is not None:
            return _answer(known, is_new=False)
    new = OfflineRedemption(
        id=new_id(),
        member_id=named[0],
        coupon_id=named[1],
        campaign_id=signed.coupon.campaign_id,
        program_id=till.program_id,
        store_id=till.store_id,
        till_id=till.id,
        redeemed_at=signed.redeemed_at,
        reported_at=now,
    )
    if locked.is_blocked(new.member_id):
        return await _keep(conn, msgspec.structs.replace(new, conflict="blocked"))
    return await _book_new(conn, till, signed, new)


async def _book_new(conn: Connection, till: Till, signed: _Signed, new: OfflineRedemption) -> OfflineUseResult:
    asked = (new.member_id, new.coupon_id, till.store_id)
    found = (await redemptions_repository.read_redeemables(conn, [asked], new.reported_at)).values()
    held = next(iter(found), None)
    if held is None:  # erased since: nothing is kept of anybody who has gone
        return OfflineUseResult(outcome="refused", reason="coupon_unknown")
    conflict = _judge(held, signed)
    if conflict == "held":
        return _later(held)
    if conflict is None:
        taking = _take(till, held, signed, new.reported_at)
        if await redemptions_repository.take_uses(conn, [taking]):
            return await _keep(conn, msgspec.structs.replace(new, redemption_id=taking.id))
        # At another till in this very moment, and committed now: a hold, or a use that stands first.
        held = (await redemptions_repository.read_redeemables(conn, [asked], new.reported_at)).popitem()[1]
        if held.held_until is not None:
            return _later(held)
        conflict = "redeemed"
    has_first = conflict in ("redeemed", "had", "moved")
    first = await offline_repository.find_last_use(conn, *asked[:2]) if has_first else None
    return await _keep(conn, msgspec.structs.replace(new, conflict=conflict, first=first))


def _judge(held: RedeemableCoupon, signed: _Signed) -> str | None:
    """As of its use; what was withdrawn later counts. None: nothing is against it.

    From when it is usable the code says, as to the till, whose clock may be behind.
    """
    at = signed.redeemed_at
    if held.withdrawal is not None and held.withdrawal.at > at:
        held = msgspec.structs.replace(held, withdrawal=None)
    conditions = msgspec.structs.replace(held.grant.conditions, usable_from=None)
    grant = msgspec.structs.replace(held.grant, conditions=conditions)
    refusal = judge_coupon(msgspec.structs.replace(held, grant=grant), at)
    if refusal is not None:
        return refusal.reason
    return "too_early" if is_before_use(signed.coupon, at) else None


def _take(till: Till, held: RedeemableCoupon, signed: _Signed, now: datetime) -> Taking:
    return Taking(
        id=RedemptionId(new_id()),
        member_id=held.member_id,
        coupon_id=held.coupon_id,
        uses=held.grant.uses,
        store_id=till.store_id,
        till_id=till.id,
        taken_at=signed.redeemed_at,
        as_of=now,
    )


async def _keep(conn: Connection, new: OfflineRedemption) -> OfflineUseResult:
    await offline_repository.insert_offline_redemption(conn, new)
    return _answer(new, is_new=True)


def _answer(kept: OfflineRedemption, *, is_new: bool) -> OfflineUseResult:
    if kept.conflict is None:
        outcome: OfflineOutcome = "booked" if is_new else "already_booked"
    else:
        outcome = "conflict"
    return OfflineUseResult(
        outcome=outcome,
        conflict=msgspec.convert(kept.conflict, ConflictReason | None),
        first=kept.first,
        coupon_id=kept.coupon_id,
        member_id=kept.member_id,
        redemption_id=kept.redemption_id,
    )


def _later(held: RedeemableCoupon) -> OfflineUseResult:
    return OfflineUseResult(
        outcome="later", held_until=held.held_until, coupon_id=held.coupon_id, member_id=held.member_id
    )
