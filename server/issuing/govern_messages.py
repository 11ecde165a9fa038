"""The governor's pass over what `grant_offers` issues: each coupon has a message that is sent, deferred or dropped.

What it decides stands with the message (`outbox`), so that one can tell why no phone rang. The coupon is the member's
in any case.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

import msgspec

from coupons.campaigns.triggers import TRIGGERS
from coupons.coupon import CouponPush, NewCoupon
from coupons.coupon_messages_repository import insert_coupon_messages
from coupons.issuing.rules import CouponTerms
from ids import CampaignId, CouponId, MemberId
from kit.database import Connection
from kit.ids import new_id
from outbox.kinds import ChannelKind, Lane
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies
from push.caps import allot
from push.counts_repository import Days, lock_counts, write_counts
from push.governor import Defer, Drop, DropReason, Recipient
from server.issuing.candidates import Candidate
from server.issuing.pass_memo import Judged, PassMemo, encode_payload
from server.messages.coupon_words import CouponToTell, write_words
from server.messages.offers_of_variants import offer_of
from server.messages.readers import NOBODY, Reader
from server.messages.recipients import Address, read_recipients

Recipients = Mapping[Address, Recipient]


def address_of(candidate: Candidate) -> Address:
    return candidate.event.member_id, candidate.event.push_to


class Wanting(msgspec.Struct, frozen=True):
    """A message that is sent now, if its member's caps have a place for it."""

    member_id: MemberId
    push: CouponPush
    recipient: Recipient


def make_push(
    candidate: Candidate,
    terms: CouponTerms,
    coupon_id: CouponId,
    recipient: Recipient,
    reader: Reader = NOBODY,
    memo: PassMemo | None = None,
) -> CouponPush:
    """All of the governor's steps but the caps, in which only a coupon that is really issued takes a place."""
    campaign, memo = candidate.campaign, memo or PassMemo()
    judged = memo.judge(campaign, terms, recipient, candidate.event.now)

    def write_to(channel: ChannelKind, message_id: UUID, coupon_id: CouponId) -> Mapping[str, object]:
        told = CouponToTell(
            campaign=campaign,
            coupon_id=coupon_id,
            offer=offer_of(campaign, candidate.variant),
            texts=campaign.messages,
            store_id=candidate.event.store_id,
            store_name=None if candidate.place is None else candidate.place.store_name,
            issued_at=candidate.event.now,
            expires_at=terms.expires_at,
        )
        return write_words(told, message_id, channel, recipient, reader)

    def write(message_id: UUID, channel: ChannelKind) -> str:
        if channel == "push" and reader is NOBODY:
            return judged.write_push(candidate, (message_id, coupon_id), partial(write_to, channel))
        return encode_payload(write_to(channel, message_id, coupon_id))

    lane: Lane = "bulk" if TRIGGERS[candidate.event.trigger].recorded_with == "run" else "urgent"
    return govern(judged, recipient, campaign.priority, write, lane)


def govern(
    judged: Judged,
    recipient: Recipient,
    priority: int,
    write: Callable[[UUID, ChannelKind], str],
    lane: Lane = "urgent",
) -> CouponPush:
    """`write`: the words of a message of that id by that channel."""
    message_id, verdict, channel = new_id(), judged.verdict, judged.channel
    if isinstance(verdict, Drop):
        return CouponPush(
            message_id, None, None, judged.good_until,
            state="dropped", reason=verdict.reason, channel=channel, lane=lane,
        )  # fmt: skip
    payload = write(message_id, channel)
    device_id = recipient.device_id if channel == "push" else None
    if isinstance(verdict, Defer):
        return CouponPush(
            message_id, device_id, payload, judged.good_until, channel=channel, lane=lane,
            state="deferred", due_at=verdict.until, reason="quiet_hours", priority=priority,
        )  # fmt: skip
    return CouponPush(
        message_id, device_id, payload, judged.good_until, channel=channel, lane=lane,
        rings_until=verdict.rings_until, counted_on=judged.counted_on, priority=priority,
    )  # fmt: skip


def _rings(candidate: Candidate) -> bool:
    return TRIGGERS[candidate.event.trigger].rings


async def find_recipients(conn: Connection, wanted: Iterable[Candidate]) -> Recipients:
    """Of all whose coupon would have a message; a member who claims one by a code has it in hand."""
    told = [each for each in wanted if _rings(each)]
    channels = {channel for each in told for channel in each.campaign.channels}
    if not told:
        return {}
    return await read_recipients(conn, map(address_of, told), max(each.event.now for each in told), channels)


async def tell_of_coupons(
    conn: Connection,
    issued: Iterable[tuple[Candidate, CouponTerms, NewCoupon]],
    recipients: Recipients,
    readers: Mapping[MemberId, Reader],
) -> None:
    """Each has a message from now on, but for those in hand. `recipients`: of all of the others."""
    told, wanting, memo = [], [], PassMemo()
    for each, terms, coupon in issued:
        if not _rings(each):
            continue
        recipient = recipients[address_of(each)]
        push = make_push(each, terms, coupon.id, recipient, readers.get(coupon.member_id, NOBODY), memo)
        told.append((coupon, push))
        if push.state == "pending":
            wanting.append(Wanting(coupon.member_id, push, recipient))
    refused = await take_places(conn, wanting)
    held = [(coupon, held_to_caps(push, refused)) for coupon, push in told]
    await insert_coupon_messages(conn, held)
    await count_governed(conn, [(coupon.campaign_id, push) for coupon, push in held])


def held_to_caps(push: CouponPush, refused: Mapping[UUID, DropReason]) -> CouponPush:
    """As it is, or dropped for what its member's caps say."""
    reason = refused.get(push.id)
    if reason is None:
        return push
    return CouponPush(
        push.id, None, None, push.expires_at,
        state="dropped", reason=reason, priority=push.priority, lane=push.lane, channel=push.channel,
    )  # fmt: skip


async def count_governed(conn: Connection, written: Iterable[tuple[CampaignId, CouponPush]]) -> None:
    """What the governor has dropped or deferred as it was written."""
    changes = TallyChanges()
    for campaign_id, push in written:
        changes.enter(campaign_id, push.state, push.reason, channel=push.channel, is_first_deferral=True)
    await change_tallies(conn, changes)


async def take_places(conn: Connection, wanting: Sequence[Wanting]) -> dict[UUID, DropReason]:
    """Take a place in their member's caps for pushes that are sent now. By push: why not, where there is none.

    Before they are written: the rows of counts are locked until the commit.
    """
    by_member: dict[MemberId, list[Wanting]] = defaultdict(list)
    for each in wanting:
        by_member[each.member_id].append(each)
    if not by_member:
        return {}
    held = await lock_counts(conn, by_member)
    counts: dict[MemberId, Days] = {}
    refused: dict[UUID, DropReason] = {}
    for member_id, wanted in by_member.items():
        today, rules = wanted[0].push.counted_on, wanted[0].recipient.rules
        assert today is not None, "what is sent now counts to a day"
        allotment = allot(held.get(member_id, ()), today, rules, [each.push.priority for each in wanted])
        counts[member_id] = allotment.days
        for each, reason in zip(wanted, allotment.refused, strict=True):
            if reason is not None:
                refused[each.push.id] = reason
    await write_counts(conn, held, counts)
    return refused
