"""The words of a coupon's message by a channel, as the outbox keeps them until they are sent."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.message_texts import MessageTexts, PushText, link_to
from coupons.offers import Offer
from coupons.reader_words import ReaderWords
from ids import CouponId, StoreId
from outbox.kinds import ChannelKind
from push.governor import Recipient
from server.messages.picture_urls import picture_path
from server.messages.push_data import StoredPushData
from server.messages.readers import Reader, words_for
from server.messages.write_message import push_texts_of, write_draft, write_push


class CouponToTell(msgspec.Struct, frozen=True, kw_only=True):
    """What a message tells of. `offer`: the coupon's own words. `texts`: those of the other channels than push.

    `push` None: the campaign's words for a push, or the offer's.
    """

    campaign: Campaign
    coupon_id: CouponId
    offer: Offer
    texts: MessageTexts
    push: Mapping[str, PushText] | None = None
    store_id: StoreId | None
    store_name: str | None
    issued_at: datetime
    expires_at: datetime


def write_words(
    told: CouponToTell, message_id: UUID, channel: ChannelKind, recipient: Recipient, reader: Reader
) -> Mapping[str, object]:
    """What push/outbox reads of a push, and server/messages/address_messages.py of a message by another channel."""
    words = words_for(
        reader,
        offer=told.offer,
        store=told.store_name,
        link=link_to(told.campaign.messages, str(told.coupon_id)),
        issued_at=told.issued_at,
        expires_at=told.expires_at,
        zone=recipient.zone,
    )
    if channel != "push":
        return _write_draft(told, channel, words, recipient.language)
    written = push_texts_of(told.campaign.messages, told.offer) if told.push is None else told.push
    return _write_payload(told, write_push(written, words, recipient.language), message_id, recipient, words.link)


def _write_draft(told: CouponToTell, channel: ChannelKind, words: ReaderWords, language: str) -> Mapping[str, object]:
    draft = write_draft(told.texts, channel, words, language, link=words.link, image_path=_image_path(told.campaign))
    built: dict[str, object] = msgspec.to_builtins(draft)
    return built


def _write_payload(
    told: CouponToTell, text: PushText, push_id: UUID, recipient: Recipient, link: str | None
) -> Mapping[str, object]:
    campaign = told.campaign
    data = StoredPushData(
        type="coupon",
        push_id=push_id,
        coupon_id=told.coupon_id,
        campaign_id=campaign.id,
        store_id=UNSET if told.store_id is None else told.store_id,
        link=link or UNSET,
    )
    look = campaign.messages.push_look
    return {
        "title": text.title,
        "body": text.body,
        "locale": recipient.language,
        "data": msgspec.to_builtins(data),
        # The app drops a second copy by the coupon's id; the phone's tray does by this.
        "tag": str(told.coupon_id),
        "image_path": _image_path(campaign),
        "look": {} if look is None else msgspec.to_builtins(look),
    }


def _image_path(campaign: Campaign) -> str | None:
    return None if campaign.picture_name is None else picture_path(campaign.picture_name)
