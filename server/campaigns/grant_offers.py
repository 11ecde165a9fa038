"""From occasions to coupons: the part that `locate` and `scan` share."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from coupons import coupons_repository
from coupons.campaigns import Campaign, Trigger, choose_text
from coupons.coupon_codes import make_coupon_code
from coupons.coupons_repository import Message, NewCoupon
from coupons.rules import Grant, Occasion, decide
from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from programs.opening_hours import is_open
from programs.stores_repository import OpenStore
from server.runtime.metrics import COUPONS
from server.runtime.snapshot import Snapshot
from visits.trust import TrustRise


class PushTarget(msgspec.Struct, frozen=True):
    device_id: DeviceId
    locale: Locale


class Reward(msgspec.Struct, frozen=True):
    """What a full stamp card has earned: the coupon of this campaign and no other, under this period key."""

    campaign_id: CampaignId
    period_key: str


class Happening(msgspec.Struct, frozen=True):
    """A transition, a visit or a full stamp card, as far as campaigns care.

    `push_to` None: the coupon comes without a push. `rise`: of a visit; campaigns that its former trust was enough for
    have heard of it before.
    """

    member_id: MemberId
    program_id: ProgramId
    store_id: StoreId
    trigger: Trigger
    event_at: datetime
    now: datetime
    is_first_fix: bool
    push_to: PushTarget | None
    is_verified: bool
    reward: Reward | None = None
    rise: TrustRise | None = None


class Verdict(msgspec.Struct, frozen=True):
    """What each campaign that listened made of it (id -> outcome or reason), and the coupons that came of it."""

    decisions: dict[str, str]
    coupon_ids: list[CouponId]


async def grant_offers(conn: Connection, snapshot: Snapshot, happenings: Sequence[Happening]) -> list[Verdict]:
    """Decide every happening and issue what is earned, in the caller's transaction. One verdict each, in order."""
    verdicts = [Verdict({}, []) for _ in happenings]
    wanted: list[tuple[Verdict, NewCoupon]] = []
    for happening, verdict in zip(happenings, verdicts, strict=True):
        store = snapshot.stores.get(happening.store_id)
        if store is None:  # closed since the fence was matched
            continue
        occasion = _occasion(happening, store)
        for campaign in snapshot.listening(happening.program_id, happening.trigger, happening.store_id):
            if happening.reward is not None and campaign.id != happening.reward.campaign_id:
                continue
            if happening.rise is not None and happening.rise.had_reached(campaign.min_trust):
                continue
            decision = decide(campaign, occasion)
            if isinstance(decision, Grant):
                wanted.append((verdict, _coupon(campaign, happening, decision, store.name)))
            else:
                verdict.decisions[str(campaign.id)] = decision
    if not wanted:
        return verdicts
    outcomes = await coupons_repository.issue_coupons(conn, [coupon for _, coupon in wanted])
    for verdict, coupon in wanted:
        verdict.decisions[str(coupon.campaign_id)] = outcomes[coupon.id]
        if outcomes[coupon.id] == "issued":
            verdict.coupon_ids.append(coupon.id)
    COUPONS.inc(sum(len(verdict.coupon_ids) for verdict in verdicts))
    return verdicts


def _occasion(happening: Happening, store: OpenStore) -> Occasion:
    local = happening.event_at.astimezone(store.time_zone)
    return Occasion(
        happening.trigger,
        happening.store_id,
        happening.event_at,
        happening.now,
        store.time_zone,
        is_open(store.opening_hours, local),
        happening.is_first_fix,
        happening.is_verified,
        None if happening.reward is None else happening.reward.period_key,
        None if happening.rise is None else happening.rise.trust,
    )


def _coupon(campaign: Campaign, happening: Happening, grant: Grant, store_name: str) -> NewCoupon:
    coupon_id = CouponId(new_id())
    return NewCoupon(
        coupon_id,
        happening.member_id,
        happening.program_id,
        campaign.id,
        campaign.cap is not None,
        grant.period_key,
        happening.store_id,
        happening.event_at,
        happening.now,
        grant.expires_at,
        _message(campaign, happening, grant, coupon_id, store_name),
    )


def _message(
    campaign: Campaign, happening: Happening, grant: Grant, coupon_id: CouponId, store_name: str
) -> Message | None:
    target = happening.push_to
    if target is None:
        return None
    text = choose_text(campaign.offer, target.locale, store_name)
    payload = {
        "title": text.title,
        "body": text.body,
        "locale": target.locale,
        "data": {
            "type": "coupon",
            "coupon_id": str(coupon_id),
            "coupon_code": make_coupon_code(happening.member_id, coupon_id),
            "campaign_id": str(campaign.id),
            "store_id": str(happening.store_id),
        },
        # The app drops a second copy by the coupon's id; the phone's tray does by this key.
        "collapse_key": str(coupon_id),
    }
    return Message(new_id(), target.device_id, payload, grant.push_until)
