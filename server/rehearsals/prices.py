"""What the texts and calls of a campaign that is rehearsed would cost."""

from collections.abc import Iterable

import msgspec

from channels.messages import SmsMessage
from channels.phone.phone_accounts_repository import Telephone, find_telephone
from channels.phone.sms_segments import measure
from coupons.campaigns.campaign import Campaign
from coupons.coupon import CouponPush
from ids import MemberId
from kit.clock import utc_now
from kit.database import Connection
from server.messages.readers import Reader, names_by, read_readers
from server.messages.write_message import Draft, Target, finish_draft

_DRAFT = msgspec.json.Decoder(Draft)


class Pricing(msgspec.Struct):
    """`phone` None: the campaign sends neither, or the program does not. `readers`: who fills the words of a text."""

    phone: Telephone | None = None
    readers: dict[MemberId, Reader] = {}

    def price(self, push: CouponPush) -> int | None:
        """Of a message that goes out, by the words that it has. None: its channel is not paid by the message."""
        phone = self.phone
        if phone is None or push.payload is None:
            return None
        if push.channel == "voice":
            return phone.call_price
        if push.channel != "sms":
            return None
        target = Target(recipient="", takes_replies=phone.takes_replies)
        message = finish_draft(_DRAFT.decode(push.payload), "sms", target)
        assert isinstance(message, SmsMessage)
        return measure(message.body).price(phone.segment_price)


async def read_pricing(conn: Connection, campaign: Campaign) -> Pricing:
    is_paid = not {"sms", "voice"}.isdisjoint(campaign.channels)
    return Pricing(await find_telephone(conn, campaign.program_id) if is_paid else None)


async def add_readers(conn: Connection, pricing: Pricing, campaign: Campaign, member_ids: Iterable[MemberId]) -> None:
    """A text's words, and so its segments, depend on who reads it."""
    if pricing.phone is None or "sms" not in campaign.channels:
        return
    holders = dict.fromkeys(member_ids, campaign.program_id)
    pricing.readers |= await read_readers(conn, holders, names_by(campaign.messages, ("sms",)), utc_now())
