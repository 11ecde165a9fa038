"""What the API takes and answers of campaigns. `campaigns` and `offers` are the entities behind them."""

from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Literal

import msgspec

from coupons import offers
from coupons.campaigns import campaign as campaigns
from coupons.campaigns.campaign import CampaignState, Frequency, choose_state
from coupons.campaigns.campaign_triggers import Trigger
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.follow_ups import MAX_STEPS, FollowUpStep
from coupons.campaigns.message_texts import MAX_LANGUAGES, CampaignChannel, MessageTexts
from coupons.issuing.validity import ForDays, ForSeconds, UntilMoment, Validity
from coupons.redemptions.benefits import MAX_USES, Benefit, Grant
from coupons.redemptions.conditions import Conditions
from ids import AudienceId, CampaignId, ProgramId, StoreId
from kit.locales import Locale
from kit.names import Name
from server.messages.picture_urls import picture_url
from server.web.fields import Body
from server.web.quiet_hours import QuietHours, read_quiet_hours, view_quiet_hours
from server.web.store_fields import StoreGroups, read_store_groups
from visits.trust import TRUST_LEVELS, Trust, level

_DAY_S = 86_400

# Ten times as fast as UUIDs compare themselves: a campaign may have ten thousand stores.
_BY_NUMBER = attrgetter("int")


class OfferText(Body, frozen=True):
    """What the coupon says. `{store}` in it becomes the name of the store where the coupon was earned; with a trigger
    that happens at no store, and with any other name in braces, the text is refused. What messages say beyond it stands
    in `messages`."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["Welcome to {store}"])]
    """The headline of the coupon and of its push."""
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=500, examples=["A coffee is on us today."])]
    """What the shopper gets."""
    terms: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None
    """The small print: on what the coupon can be used, what it cannot be combined with. Null: there is none."""


class CampaignRequest(Body, frozen=True, kw_only=True):
    """A campaign as it is to be. What is left out gets its default, also when a campaign is replaced."""

    name: Name
    """What the staff call it; members do not see it."""
    state: CampaignState = "draft"
    """Only a `running` campaign issues coupons. One that is started before its `starts_at` is `scheduled` until then;
    the two words start it alike. A `paused` one can go on; an `ended` one can no longer be changed."""
    trigger: Trigger
    """What earns the offer, by its `kind`."""
    store_ids: Annotated[list[StoreId], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    """The stores where the offer is earned and its coupons are redeemed. Null: those of `store_groups`, or without any
    every store of the program."""
    store_groups: StoreGroups = msgspec.field(default_factory=list)
    """Groups of stores (`store_groups` of a store) that it is for too: a store is from when it joins one of them until
    it leaves it. Only an owner names them."""
    starts_at: datetime
    """An event before this moment earns nothing."""
    ends_at: datetime | None = None
    """An event at or after this moment earns nothing. Null: the campaign has no end."""
    frequency: Frequency = "once"
    """A member gets one coupon in all (`once`), one a day, week or month of the store's calendar, or one every so many
    days (`rolling`, see `every_days`). Days are the store's business days: each begins at its `day_start_hour`. Some
    triggers say themselves how often, an event each: `first_visit`, `nth_visit`, `every_nth_visit`, `stamps`, `joined`
    and `claimed` take no frequency; `code`, `broadcast`, `schedule`, `birthday`, `lapsed` and what expires take
    `rolling` at most, as a distance between two coupons."""
    every_days: Annotated[int, msgspec.Meta(ge=2, le=3650)] | None = None
    """Of frequency `rolling`: how many days after a coupon the member can earn the next; 7 on a Friday means the next
    Friday. Null with every other frequency."""
    cooldown_s: Annotated[int, msgspec.Meta(ge=1, le=3650 * _DAY_S)] | None = None
    """For how many seconds after an event that earned a coupon the same member earns no other of this campaign,
    whatever the frequency allows. Null: there is no such time. Not with frequency `once`."""
    hours: Annotated[list[EventHours], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=list)
    """In one of these hours an event earns the offer, by the clock of its store. Empty: at any time. A full stamp card
    is rewarded at any time."""
    except_days: Annotated[list[date], msgspec.Meta(max_length=366)] = msgspec.field(default_factory=list)
    """On these days no event earns the offer, whatever `hours` say, nor in hours that began on one of them."""
    exclusive_group: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Of the campaigns with the same word here that answer one event of a member, only one gives its coupon: the best
    that can. Null: it gives whatever others do."""
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """Which campaign of a group is the best: the one with the greatest number, of equal ones the older."""
    quiet_hours: QuietHours | Literal["program"] | None = "program"
    """When no phone rings for it, beside the member's own wish: the coupon is issued, and its push waits for their end.
    Left out or `program`: as the program says (`GET /v1/program/messages`). Null: there are none."""
    only_when_open: bool = True
    """Whether an event outside the store's opening hours earns nothing."""
    on_first_fix: bool = True
    """Whether a device whose very first fix lies inside the geofence counts as having stepped in."""
    allow_anonymous: bool = False
    """Whether members who have confirmed no phone number or e-mail address get coupons too."""
    max_event_age_s: Annotated[int, msgspec.Meta(ge=1, le=180 * _DAY_S)] = 900
    """An event that reaches the server more than so many seconds after it happened earns nothing."""
    min_trust: Trust = "low"
    """Of the trigger `visit`: a visit that is trusted less earns nothing until better evidence follows."""
    audience_id: AudienceId | None = None
    """The saved audience whom it is for, as each member stands before the event that the campaign answers. Null:
    everybody."""
    audience_version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Which version of it; the campaign keeps that one. Null: the newest as the campaign is written or replaced."""
    offer: Annotated[dict[str, OfferText], msgspec.Meta(min_length=1, max_length=MAX_LANGUAGES)]
    """The text by language, a BCP 47 tag such as `ja`, `en` or `zh-Hant`. Shoppers with another language get the
    nearest, else English, else Japanese."""
    messages: MessageTexts = MessageTexts()
    """The words in which people are told of a coupon, by channel. Left out: a push with the offer's title and body, and
    nothing else."""
    channels: Annotated[tuple[CampaignChannel, ...], msgspec.Meta(min_length=1, max_length=5)] = ("push",)
    """By which of these channels a coupon is told of, in this order: by the first that reaches the member and that they
    consent to, and by no other. Each but `push` needs words in `messages` and the program's settings
    (`PUT /v1/program/line`, `PUT /v1/program/mail`, `PUT /v1/program/phone`). Texts and calls cost money."""
    fallback_within_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 60
    """For how many minutes after a message was to be sent the next of `channels` takes its place where its own refuses
    it for good: the app is gone from the phone, LINE is blocked, the mailbox does not exist, a text is reported as
    undeliverable. It passes consent, quiet hours and caps again, and keeps the place in these that it had. Never where
    it may have arrived. 0: no other channel is tried."""
    coupon_valid_s: Annotated[int, msgspec.Meta(ge=60, le=3650 * _DAY_S)] | None = None
    """For how many seconds after its issue a coupon can be redeemed. Of this, `coupon_valid_days` and
    `coupon_valid_until` give one; without any a coupon is good for a week (604800)."""
    coupon_valid_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    """On how many business days a coupon can be redeemed, counted from the day of its issue to the end of the last: 1
    means today only. A business day ends at the `day_start_hour` of the store where the coupon was earned."""
    coupon_valid_until: datetime | None = None
    """The moment from which no coupon of the campaign can be redeemed any more, nor is one issued."""
    benefit: Benefit | None = None
    """What a coupon is worth at the till. Null: what the offer's words say (`text`). A change of it, of `offer`, of
    `conditions` or of `coupon_uses` holds for what is issued later; what is out keeps its own."""
    conditions: Conditions | None = None
    """When and for what a coupon can be used. Null: at any time until it expires, for all."""
    coupon_uses: Annotated[int, msgspec.Meta(ge=1, le=MAX_USES)] = 1
    """How often a coupon can be used."""
    follow_ups: Annotated[tuple[FollowUpStep, ...], msgspec.Meta(max_length=MAX_STEPS)] = ()
    """What comes after each of its coupons, step by step. Who has a coupon keeps the steps of the version that issued
    it."""
    cap: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    """How many coupons the campaign issues at most. Null: any number. A campaign keeps its cap, or keeps having none;
    a cap may be moved, but not below the number of coupons that have been issued. This and the following caps hold
    together: a coupon is issued where none of them is reached."""
    store_cap: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    """How many coupons are issued at most for events at one store, at each. Null: any number. It may be moved as `cap`
    may."""
    day_cap: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    """How many coupons are issued at most for the events of one business day, over all stores. A business day begins at
    the store's `day_start_hour`. Null: any number. Whether there is such a cap never changes; it may be moved at any
    time, and a day with more coupons already issues no more."""
    store_day_cap: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    """How many coupons are issued at most for the events of one business day at one store, at each ("30 a day at every
    store"). Null: any number. It may be moved as `day_cap` may."""


class Campaign(CampaignRequest, frozen=True, kw_only=True):
    """A campaign as it is. Its `state` is that of this moment: one that is running or paused is `ended` from `ends_at`
    on, and goes on when it is given more time."""

    id: CampaignId
    """The campaign."""
    program_id: ProgramId
    """The program that it belongs to."""
    version: int
    """How often it has been written: 1 is the first. Each change is a new version, but a write that changes nothing."""
    created_at: datetime
    """When it was first written."""
    picture_url: str | None
    """The picture that the app shows with its coupons (PUT …/picture). From the root of this API where it begins with a
    slash. Null: there is none."""
    withdrawn_at: datetime | None
    """When its unused coupons were withdrawn. Null: they can be used."""
    withdrawal_reason: dict[Locale, str] | None
    """Why, as the shopper reads it. Null: they were not withdrawn."""


def make_campaign(
    data: CampaignRequest,
    *,
    campaign_id: CampaignId,
    program_id: ProgramId,
    grouped_store_ids: frozenset[StoreId],
    audience: campaigns.AudienceVersion | None,
    grant: Grant,
    created_at: datetime,
) -> campaigns.Campaign:
    named = frozenset(data.store_ids or ())
    return campaigns.Campaign(
        id=campaign_id,
        program_id=program_id,
        name=data.name,
        state=choose_state(data.state),
        trigger=data.trigger,
        store_ids=named | grouped_store_ids if data.store_ids or data.store_groups else None,
        store_groups=read_store_groups(data.store_groups),
        grouped_store_ids=grouped_store_ids - named,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        frequency=data.frequency,
        every_days=data.every_days,
        cooldown_s=data.cooldown_s,
        exclusive_group=data.exclusive_group,
        priority=data.priority,
        hours=data.hours,
        except_days=data.except_days,
        quiet_hours=read_quiet_hours(data.quiet_hours),
        only_when_open=data.only_when_open,
        on_first_fix=data.on_first_fix,
        allow_anonymous=data.allow_anonymous,
        max_event_age_s=data.max_event_age_s,
        min_trust_level=level(data.min_trust),
        audience=audience,
        offer={locale: offers.OfferText(text.title, text.body, text.terms) for locale, text in data.offer.items()},
        coupon_validity=_read_validity(data),
        messages=data.messages,
        channels=data.channels,
        fallback_within_minutes=data.fallback_within_minutes,
        follow_ups=data.follow_ups,
        cap=data.cap,
        store_cap=data.store_cap,
        day_cap=data.day_cap,
        store_day_cap=data.store_day_cap,
        created_at=created_at,
        grant=grant,
    )


def _read_validity(data: CampaignRequest) -> Validity:
    if data.coupon_valid_until is not None:
        return UntilMoment(data.coupon_valid_until)
    if data.coupon_valid_days is not None:
        return ForDays(data.coupon_valid_days)
    return ForSeconds(7 * _DAY_S if data.coupon_valid_s is None else data.coupon_valid_s)


def view_campaign(campaign: campaigns.Campaign, public_url: str | None, now: datetime) -> Campaign:
    validity = campaign.coupon_validity
    grant = campaign.grant
    return Campaign(
        id=campaign.id,
        program_id=campaign.program_id,
        name=campaign.name,
        state=campaign.state_at(now),
        trigger=campaign.trigger,
        store_ids=None if (named := campaign.named_store_ids) is None else sorted(named, key=_BY_NUMBER),
        store_groups=list(campaign.store_groups),
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        frequency=campaign.frequency,
        every_days=campaign.every_days,
        cooldown_s=campaign.cooldown_s,
        exclusive_group=campaign.exclusive_group,
        priority=campaign.priority,
        hours=list(campaign.hours),
        except_days=list(campaign.except_days),
        quiet_hours=view_quiet_hours(campaign.quiet_hours),
        only_when_open=campaign.only_when_open,
        on_first_fix=campaign.on_first_fix,
        allow_anonymous=campaign.allow_anonymous,
        max_event_age_s=campaign.max_event_age_s,
        min_trust=TRUST_LEVELS[campaign.min_trust_level],
        audience_id=None if campaign.audience is None else campaign.audience.audience_id,
        audience_version=None if campaign.audience is None else campaign.audience.version,
        offer={locale: OfferText(text.title, text.body, text.terms) for locale, text in campaign.offer.items()},
        messages=campaign.messages,
        channels=campaign.channels,
        fallback_within_minutes=campaign.fallback_within_minutes,
        coupon_valid_s=validity.seconds if isinstance(validity, ForSeconds) else None,
        coupon_valid_days=validity.days if isinstance(validity, ForDays) else None,
        coupon_valid_until=validity.at if isinstance(validity, UntilMoment) else None,
        benefit=grant.benefit,
        conditions=grant.conditions,
        coupon_uses=grant.uses,
        follow_ups=campaign.follow_ups,
        cap=campaign.cap,
        store_cap=campaign.store_cap,
        day_cap=campaign.day_cap,
        store_day_cap=campaign.store_day_cap,
        version=campaign.version,
        created_at=campaign.created_at,
        picture_url=picture_url(public_url, campaign.picture_name),
        withdrawn_at=None if campaign.withdrawal is None else campaign.withdrawal.at,
        withdrawal_reason=None if campaign.withdrawal is None else dict(campaign.withdrawal.reason),
    )
