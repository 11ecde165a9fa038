"""The governor's pass over what `grant_offers` issues: each coupon has a message that is sent, deferred or dropped.

What it decides stands with the message (`outbox`), so that one can tell why no phone rang. The coupon is the member's
in any case.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET

from coupons.coupon import CouponPush, NewCoupon
from coupons.offers import choose_text
from coupons.rules import CouponTerms
from ids import CouponId, MemberId
from kit.database import Connection
from kit.ids import new_id
from push.caps import allot
from push.counts_repository import lock_counts, write_counts
from push.deferred_repository import drop_capped
from push.governor import Defer, Drop, DropReason, Matter, Recipient, judge
from server.campaigns.candidates import Candidate
from server.campaigns.offers_of_variants import offer_of
from server.campaigns.picture_urls import picture_path
from server.campaigns.push_data import StoredPushData
from server.campaigns.recipients import Address

Recipients = Mapping[Address, Recipient]


def address_of(candidate: Candidate) -> Address:
    target = candidate.event.push_to
    return candidate.event.member_id, None if target is None else target.device_id


def make_push(candidate: Candidate, terms: CouponTerms, coupon_id: CouponId, recipient: Recipient) -> CouponPush:
    """All of the governor's steps but the caps, in which only a coupon that is really issued takes a place."""
    matter = Matter(good_until=terms.push_until, ends_at=terms.expires_at, quiet_hours=candidate.campaign.quiet_hours)
    now, push_id = candidate.event.now, new_id()
    verdict = judge(matter, recipient, now)
    if isinstance(verdict, Drop):
        return CouponPush(push_id, None, None, terms.push_until, state="dropped", reason=verdict.reason)
    payload = _write_payload(candidate, coupon_id, push_id, recipient)
    if isinstance(verdict, Defer):
        return CouponPush(
            push_id, recipient.device_id, payload, verdict.good_until,
            state="deferred", due_at=verdict.until, reason="quiet_hours", priority=candidate.campaign.priority,
        )  # fmt: skip
    return CouponPush(
        push_id, recipient.device_id, payload, terms.push_until,
        rings_until=verdict.rings_until, counted_on=now.astimezone(recipient.zone).date(),
        priority=candidate.campaign.priority,
    )  # fmt: skip


async def hold_to_caps(conn: Connection, issued: Sequence[tuple[Candidate, NewCoupon]], recipients: Recipients) -> None:
    """Take a place in their member's caps for the pushes that are sent now; those without one are dropped."""
    by_member: dict[MemberId, list[tuple[Candidate, CouponPush]]] = defaultdict(list)
    for candidate, coupon in issued:
        if coupon.push is not None and coupon.push.state == "pending":
            by_member[coupon.member_id].append((candidate, coupon.push))
    if not by_member:
        return
    counts = dict(await lock_counts(conn, by_member))
    refused: list[tuple[MemberId, UUID, DropReason]] = []
    for member_id, wanted in by_member.items():
        first = wanted[0][0]
        recipient = recipients[address_of(first)]
        today = first.event.now.astimezone(recipient.zone).date()
        priorities = [push.priority for _, push in wanted]
        allotment = allot(counts[member_id], today, recipient.rules, priorities)
        counts[member_id] = allotment.days
        refused += [
            (member_id, push.id, reason)
            for (_, push), reason in zip(wanted, allotment.refused, strict=True)
            if reason is not None
        ]
    await write_counts(conn, counts)
    await drop_capped(conn, refused)


def _write_payload(
    candidate: Candidate, coupon_id: CouponId, push_id: UUID, recipient: Recipient
) -> Mapping[str, object]:
    campaign, event, place = candidate.campaign, candidate.event, candidate.place
    text = choose_text(
        offer_of(campaign, candidate.variant), recipient.locale, None if place is None else place.store_name
    )
    data = StoredPushData(
        type="coupon",
        push_id=push_id,
        coupon_id=coupon_id,
        campaign_id=campaign.id,
        store_id=UNSET if event.store_id is None else event.store_id,
    )
    return {
        "title": text.title,
        "body": text.body,
        "locale": recipient.locale,
        "data": msgspec.to_builtins(data),
        # The app drops a second copy by the coupon's id; the phone's tray does by this.
        "tag": str(coupon_id),
        "image_path": None if campaign.picture_name is None else picture_path(campaign.picture_name),
    }
