"""The messages of follow-up steps: each passes the governor as a coupon's own push does, and stands beside it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import MESSAGE_GOOD_FOR, SendMessage
from coupons.campaigns.follow_ups_repository import StepMessage, insert_step_messages
from coupons.offers import Offer
from ids import CouponId, MemberId, StoreId
from kit.database import Connection
from outbox.kinds import ChannelKind
from push.governor import Matter, Recipient
from server.issuing.govern_messages import (
    Wanting,
    count_governed,
    govern,
    held_to_caps,
    take_places,
)
from server.issuing.pass_memo import encode_payload, judge_message
from server.messages.coupon_words import CouponToTell, write_words
from server.messages.readers import NOBODY, Reader, names_by, names_in_pushes, read_readers
from server.messages.recipients import read_recipients
from server.messages.write_message import texts_of


class StepToTell(msgspec.Struct, frozen=True, kw_only=True):
    """`step` counts from 1. `is_reminder`: of a coupon that has not been used, which ends with it.

    `offer`: the coupon's own words.
    """

    member_id: MemberId
    coupon_id: CouponId
    campaign: Campaign
    step: int
    action: SendMessage
    is_reminder: bool
    due_at: datetime
    offer: Offer
    issued_at: datetime
    coupon_ends_at: datetime
    store_id: StoreId | None
    store_name: str | None


async def send_step_messages(conn: Connection, told: Sequence[StepToTell], now: datetime) -> list[str]:
    """What became of each: `pending`, `deferred`, or why it was dropped (push/governor.py)."""
    channels = {channel for each in told for channel in _channels(each)}
    recipients = await read_recipients(conn, [(each.member_id, None) for each in told], now, channels)
    whom = [recipients[each.member_id, None] for each in told]
    names = frozenset[str]().union(
        *(names_in_pushes(each.action.text) | names_by(each.action.messages, _channels(each)) for each in told)
    )
    readers = await read_readers(conn, {each.member_id: each.campaign.program_id for each in told}, names, now)
    messages = [
        _message(each, recipient, readers.get(each.member_id, NOBODY), now)
        for each, recipient in zip(told, whom, strict=True)
    ]
    wanted = [
        Wanting(message.member_id, message.push, recipient)
        for message, recipient in zip(messages, whom, strict=True)
        if message.push.state == "pending"
    ]
    refused = await take_places(conn, wanted)
    messages = [msgspec.structs.replace(each, push=held_to_caps(each.push, refused)) for each in messages]
    await insert_step_messages(conn, messages, now)
    await count_governed(conn, [(each.campaign_id, each.push) for each in messages])
    return [_fate(each) for each in messages]


def channels_of_step(action: SendMessage, channels: Sequence[ChannelKind]) -> list[ChannelKind]:
    """Those of the campaign that the step, which may be of an older version, has words for."""
    return [each for each in channels if each == "push" or texts_of(action.messages, each) is not None] or ["push"]


def _channels(told: StepToTell) -> list[ChannelKind]:
    return channels_of_step(told.action, told.campaign.channels)


def _fate(message: StepMessage) -> str:
    return str(message.push.reason) if message.push.state == "dropped" else message.push.state


def _message(told: StepToTell, recipient: Recipient, reader: Reader, now: datetime) -> StepMessage:
    campaign = told.campaign
    good_until = told.due_at + MESSAGE_GOOD_FOR
    if told.is_reminder:
        good_until = min(good_until, told.coupon_ends_at)
    matter = Matter(good_until=good_until, ends_at=good_until, quiet_hours=campaign.quiet_hours)

    coupon = CouponToTell(
        campaign=campaign,
        coupon_id=told.coupon_id,
        offer=told.offer,
        texts=told.action.messages,
        push=told.action.text,
        store_id=told.store_id,
        store_name=told.store_name,
        issued_at=told.issued_at,
        expires_at=told.coupon_ends_at,
    )

    def write(message_id: UUID, channel: ChannelKind) -> str:
        return encode_payload(write_words(coupon, message_id, channel, recipient, reader))

    return StepMessage(
        member_id=told.member_id,
        program_id=campaign.program_id,
        coupon_id=told.coupon_id,
        campaign_id=campaign.id,
        step=told.step,
        outlives_use=not told.is_reminder,
        push=govern(judge_message(matter, recipient, now, tuple(_channels(told))), recipient, campaign.priority, write),
    )
