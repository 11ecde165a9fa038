"""Points and stamps that coupons bring with a receipt, and that go back with it.

In the caller's transaction: the member is locked, and no use of a coupon yet (the lock order, server/web/writes.py).
The caller writes the facts of the member, last. What coupons bring counts for no rank: a rank is for what was bought.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from coupons.redemptions.bringing import NO_REWARDS, Earning
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from points import postings_repository, rules_repository, stamps_repository
from points.ledger import Memo
from points.rules import expires_at, points_for_amount
from points.stamps import NewStamp, full_rounds, may_revoke
from programs.tills_repository import Till
from server.rewards.complete_cards import grant_full_cards
from server.rewards.earn import EarningEvent, FullCard
from server.rewards.move_points import move_account
from server.rewards.reverse_points import open_expired_accounts, restore_expired
from server.runtime.snapshot import Snapshot


class CouponReward(msgspec.Struct, frozen=True, kw_only=True):
    """What the coupons of one receipt bring. `source_key`: of the receipt, once a member. `stamps`: by the code of the
    card.
    """

    member_id: MemberId
    source_key: str
    points: int
    stamps: Mapping[str, int]


async def read_earning(conn: Connection, program_id: ProgramId, *, is_asked: bool) -> Earning:
    """How the program rewards now. Nothing is read where no coupon asks for it."""
    if not is_asked:
        return NO_REWARDS
    rules = (await rules_repository.read_point_rules(conn, [program_id])).get(program_id)
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, ())
    points_for = None if rules is None else lambda amount: points_for_amount(rules, amount)
    return Earning(points_for, frozenset(card.code for card in cards))


async def bring_rewards(conn: Connection, snapshot: Snapshot, till: Till, reward: CouponReward, now: datetime) -> int:
    """How many coupons the stamp cards earned that they fill. Rules that have ended since bring nothing."""
    if not reward.points and not reward.stamps:
        return 0
    member_id = reward.member_id
    rules = (await rules_repository.read_point_rules(conn, [till.program_id])).get(till.program_id)
    accounts = await postings_repository.open_accounts(conn, {member_id: till.program_id})
    accounts[member_id].expire(now)
    if rules is not None and reward.points:
        memo = _memo(till, reward.source_key, now)
        accounts[member_id].earn(reward.points, expires_at(rules, now), memo)
    await postings_repository.write_accounts(conn, accounts)
    return await grant_full_cards(conn, snapshot, await _stamp(conn, till, reward, now))


async def take_back_rewards(
    conn: Connection,
    till: Till,
    member_id: MemberId,
    holder_id: MemberId,
    source_key: str,
    points: int,
    now: datetime,
    *,
    and_stamps: bool,
) -> int:
    """So many of the points that were brought and stand, and with `and_stamps` the stamps; how many points went or are
    owed. `holder_id`: who has the member's points now.
    """
    accounts = await open_expired_accounts(conn, dict.fromkeys((member_id, holder_id), till.program_id), now)
    key = member_id, source_key
    earned, taken = (await postings_repository.find_postings(conn, [key])).get(key), 0
    if earned is not None:
        reversals = await postings_repository.find_reversals(conn, member_id, earned.id)
        taken = min(points, earned.earned + sum(each.earned for each in reversals))
    if earned is not None and taken:
        memo = Memo(cause="expiry", source_key=f"back:{new_id()}", at=now)
        await restore_expired(conn, accounts, earned, taken, memo)
        accounts[member_id].reverse_earning(taken, earned, _memo(till, f"back:{new_id()}", now))
        move_account(accounts, member_id, holder_id, now)
    await postings_repository.write_accounts(conn, accounts)
    if and_stamps:
        await _revoke_stamps(conn, till.program_id, holder_id, source_key, now)
    return taken


async def _stamp(conn: Connection, till: Till, reward: CouponReward, now: datetime) -> list[FullCard]:
    """The cards that are full now."""
    cards = (await stamps_repository.read_stamp_cards(conn, [till.program_id])).get(till.program_id, ())
    stamped = [card for card in cards if card.code in reward.stamps]
    new = [
        NewStamp(reward.member_id, card.id, _stamp_key(reward.source_key, number), now)
        for card in stamped
        for number in range(reward.stamps[card.code])
    ]
    if not new:
        return []
    await stamps_repository.insert_stamps(conn, new)
    progress = await stamps_repository.read_progress(conn, [reward.member_id])
    event = EarningEvent(
        member_id=reward.member_id,
        program_id=till.program_id,
        store_id=till.store_id,
        actor=f"till:{till.id}",
        source="purchase",
        source_key=reward.source_key,
        at=now,
        now=now,
    )
    return [
        FullCard(event, card, number)
        for card in stamped
        for number in full_rounds(card, progress[reward.member_id, card.id])
    ]


async def _revoke_stamps(
    conn: Connection, program_id: ProgramId, member_id: MemberId, source_key: str, now: datetime
) -> None:
    """One by one, as far as their card is not full: as with a refund, what was full stays."""
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, ())
    number = 0
    while stamped := await stamps_repository.find_stamps(conn, member_id, key := _stamp_key(source_key, number)):
        progress = await stamps_repository.read_progress(conn, [member_id])
        gone = [
            (card.id, key) for card in cards if card.id in stamped and may_revoke(card, progress[member_id, card.id])
        ]
        await stamps_repository.revoke_stamps(conn, member_id, gone, now)
        number += 1


def _stamp_key(source_key: str, number: int) -> str:
    return f"{source_key}:{number}"


def _memo(till: Till, source_key: str, now: datetime) -> Memo:
    return Memo(cause="coupon", source_key=source_key, at=now, store_id=till.store_id, actor=f"till:{till.id}")
