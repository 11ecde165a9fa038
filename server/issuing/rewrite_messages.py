"""Messages that change their channel: which ones are open to them, and their words by the one that they go by now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import find_campaign
from coupons.campaigns.follow_ups import SendMessage, read_steps
from coupons.offers import read_offer
from ids import CampaignId
from kit.database import Connection
from kit.sql import load_queries
from outbox.kinds import ChannelKind
from push.deferred_repository import DeferredMessage
from push.fallback import open_channels
from push.governor import Recipient
from server.issuing.step_messages import channels_of_step
from server.messages.coupon_words import CouponToTell, write_words
from server.messages.readers import NOBODY, names_by, names_in_pushes, read_readers
from server.messages.write_message import push_texts_of

QUERIES = load_queries(__file__, "told_coupons.sql")


class Rewriting(msgspec.Struct, frozen=True, kw_only=True):
    """`channel`: by which the message goes from now on."""

    message: DeferredMessage
    channel: ChannelKind
    recipient: Recipient


def channels_for(message: DeferredMessage, recipient: Recipient) -> list[ChannelKind]:
    """Those of its campaign, but for what has refused it. What the staff send again keeps the channel that they saw it
    fail by: it may have arrived after all, and a second copy by another channel would be a second message.
    """
    if message.is_resent:
        return [message.channel]
    action = _action_of(message)
    channels = message.channels if action is None else channels_of_step(action, message.channels)
    return open_channels(channels, message.refusals, recipient.device_id)


def _action_of(message: DeferredMessage) -> SendMessage | None:
    """Of a follow-up's message."""
    if message.steps is None:
        return None
    action = read_steps(message.steps)[message.step - 1].action
    assert isinstance(action, SendMessage)
    return action


async def write_anew(
    conn: Connection, rewritten: Sequence[Rewriting], now: datetime
) -> dict[UUID, Mapping[str, object]]:
    """By the message's id, its words."""
    if not rewritten:
        return {}
    messages = [each.message for each in rewritten]
    campaigns = await _read_campaigns(conn, messages)
    rows = await conn.fetch(
        QUERIES.read_told_coupons, [each.member_id for each in messages], [each.coupon_id for each in messages]
    )
    coupons = {(row["member_id"], row["coupon_id"]): row for row in rows}
    told = {
        each.id: _told(each, campaigns[each.campaign_id], coupons[each.member_id, each.coupon_id]) for each in messages
    }
    names = frozenset[str]().union(*(_names_in(told[each.message.id], each.channel) for each in rewritten))
    readers = await read_readers(conn, {each.member_id: each.program_id for each in messages}, names, now)
    return {
        each.message.id: write_words(
            told[each.message.id],
            each.message.id,
            each.channel,
            each.recipient,
            readers.get(each.message.member_id, NOBODY),
        )
        for each in rewritten
    }


async def _read_campaigns(conn: Connection, messages: Sequence[DeferredMessage]) -> dict[CampaignId, Campaign]:
    found: dict[CampaignId, Campaign] = {}
    for campaign_id, program_id in {each.campaign_id: each.program_id for each in messages}.items():
        campaign = await find_campaign(conn, program_id, campaign_id)
        assert campaign is not None, "a message holds its campaign"
        found[campaign_id] = campaign
    return found


def _told(message: DeferredMessage, campaign: Campaign, coupon: Any) -> CouponToTell:
    action = _action_of(message)
    return CouponToTell(
        campaign=campaign,
        coupon_id=message.coupon_id,
        offer=read_offer(coupon["offer"]),
        texts=campaign.messages if action is None else action.messages,
        push=None if action is None else action.text,
        store_id=coupon["store_id"],
        store_name=coupon["store_name"],
        issued_at=coupon["issued_at"],
        expires_at=coupon["expires_at"],
    )


def _names_in(told: CouponToTell, channel: ChannelKind) -> frozenset[str]:
    """What its words by this channel ask for."""
    if channel != "push":
        return names_by(told.texts, [channel])
    return names_in_pushes(push_texts_of(told.campaign.messages, told.offer) if told.push is None else told.push)
