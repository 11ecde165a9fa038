"""Whether what the staff write of a campaign can be: its stores, times, frequency, audience and grant."""

from datetime import UTC, datetime

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS
from ids import CampaignId
from kit.database import Connection
from programs import stores_repository
from programs.staff_repository import Session
from server.campaigns.audience_choice import choose_audience
from server.campaigns.bodies import CampaignRequest, make_campaign
from server.campaigns.check_follow_ups import check_follow_ups
from server.campaigns.check_timed_trigger import check_timed_trigger
from server.campaigns.grants import check_grant
from server.campaigns.store_groups import find_grouped_stores
from server.messages.check_channels import check_channels
from server.messages.check_messages import check_messages
from server.problems import Problem
from server.web.scoping import require_stores
from server.web.store_fields import read_store_groups

# The ends of the calendar are infinities to the database, and come back from it without a time zone.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


async def check_campaign(
    conn: Connection, staff: Session, data: CampaignRequest, campaign_id: CampaignId, created_at: datetime
) -> Campaign:
    """The campaign that the body describes. Raises Problem, which names the field."""
    if data.store_groups and not staff.has_all_stores:
        raise Problem("forbidden", "Name your stores in store_ids: only an owner names store_groups.")
    if data.store_ids is None and not staff.has_all_stores:
        raise Problem("forbidden", "Name your stores in store_ids: only an owner writes campaigns for every store.")
    require_stores(staff, data.store_ids or ())
    if data.store_ids and not await stores_repository.are_own_stores(conn, staff.program_id, data.store_ids):
        raise Problem("store-unknown", "Name in store_ids only stores of your program that are not closed.")
    grouped = await find_grouped_stores(conn, staff.program_id, read_store_groups(data.store_groups))
    store_ids = [*(data.store_ids or ()), *grouped] if data.store_ids or data.store_groups else None
    _check_times(data)
    _check_frequency(data)
    await check_timed_trigger(conn, staff.program_id, campaign_id, data, store_ids)
    audience = await choose_audience(conn, staff.program_id, data)
    campaign = make_campaign(
        data,
        campaign_id=campaign_id,
        program_id=staff.program_id,
        grouped_store_ids=grouped,
        audience=audience,
        grant=await check_grant(conn, staff.program_id, data, store_ids),
        created_at=created_at,
    )
    await check_messages(conn, campaign)
    await check_channels(conn, campaign)
    await check_follow_ups(conn, campaign)
    return campaign


def _check_times(data: CampaignRequest) -> None:
    named = {"starts_at": data.starts_at, "ends_at": data.ends_at, "coupon_valid_until": data.coupon_valid_until}
    times = {name: moment for name, moment in named.items() if moment is not None}
    for name, moment in times.items():
        if moment.tzinfo is None:
            raise Problem("invalid-request", f"Give {name} with its offset from UTC, as in 2026-11-21T09:00:00+09:00.")
        if not _EARLIEST <= moment < _LATEST:
            raise Problem("invalid-request", f"Give {name} in the years 2000 to 2999.")
        if name != "starts_at" and moment <= data.starts_at:
            raise Problem("invalid-request", f"Give {name} later than starts_at.")
    given = (data.coupon_valid_s, data.coupon_valid_days, data.coupon_valid_until)
    if sum(each is not None for each in given) > 1:
        raise Problem(
            "invalid-request",
            "Give one of coupon_valid_s, coupon_valid_days, coupon_valid_until; none means a week.",
        )


def _check_frequency(data: CampaignRequest) -> None:
    words = _find_mismatch(data) or _find_misfit(data)
    if words is not None:
        raise Problem("invalid-request", words)


def _find_mismatch(data: CampaignRequest) -> str | None:
    """What means nothing with this trigger."""
    kind = data.trigger.kind
    once = TRIGGERS[kind].once
    is_tame = data.frequency == "once" and data.cooldown_s is None and data.every_days is None
    if once == "frequency" or is_tame:
        return None
    if once == "event":
        return (
            f"Leave out frequency, every_days and cooldown_s: with the trigger {kind} each event earns one coupon, and"
            " nothing else says how often."
        )
    if data.frequency == "rolling":
        return None
    return (
        f"Leave out frequency and cooldown_s, or give the frequency rolling with every_days for a distance between two"
        f" coupons: the trigger {kind} says itself how often."
    )


def _find_misfit(data: CampaignRequest) -> str | None:
    """What does not go together, whatever the trigger."""
    if data.frequency == "rolling" and data.every_days is None:
        return "Give every_days with the frequency rolling: 7 means once in seven days."
    if data.frequency != "rolling" and data.every_days is not None:
        return "Leave out every_days, or give it with the frequency rolling."
    if data.frequency == "once" and data.cooldown_s is not None:
        return "Leave out cooldown_s: with the frequency once there is no second coupon."
    return None
