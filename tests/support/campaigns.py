"""A campaign and an event that earns its offer, for tests of the rules: each changes what it is about."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import Enter
from coupons.campaigns.triggers import Place, TriggerEvent
from coupons.issuing.rules import CouponTerms, EventRules, Refusal
from coupons.issuing.validity import ForSeconds
from coupons.offers import OfferText
from ids import CampaignId, MemberId, ProgramId, StoreId
from kit.ids import new_id

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)  # Friday, 12:00 in Tokyo
STORE = StoreId(new_id())
CAMPAIGN = Campaign(
    id=CampaignId(new_id()),
    program_id=ProgramId(new_id()),
    name="Welcome",
    state="running",
    trigger=Enter(),
    store_ids=None,
    starts_at=NOON - timedelta(days=1),
    ends_at=NOON + timedelta(days=1),
    frequency="once",
    quiet_hours=None,
    only_when_open=True,
    on_first_fix=True,
    allow_anonymous=False,
    max_event_age_s=900,
    min_trust_level=1,
    offer={"ja": OfferText("ようこそ", "珈琲")},
    coupon_validity=ForSeconds(3600),
    cap=None,
    created_at=NOON,
)
EVENT = TriggerEvent(
    trigger="enter",
    member_id=MemberId(new_id()),
    program_id=CAMPAIGN.program_id,
    store_id=STORE,
    event_at=NOON,
    now=NOON,
    is_verified=True,
)
PLACE = Place(store_name="Ginza", time_zone=TOKYO, day_start_hour=4, is_open=True)


def decide(campaign: Campaign, event: TriggerEvent, place: Place | None) -> CouponTerms | Refusal:
    return EventRules(event, place).decide(campaign)


def granted(period_key: str, expires_at: datetime, push_until: datetime) -> CouponTerms:
    """What a campaign without a distance between two coupons makes of an event of NOON's day."""
    return CouponTerms(
        period_key=period_key,
        business_day=NOON.date(),
        last_before=None,
        expires_at=expires_at,
        push_until=push_until,
    )


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
