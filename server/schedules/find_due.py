"""Which occasions of running campaigns have come: each becomes a run, once, whoever finds it first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.occasions import LocalMoment, days_due, instant
from coupons.campaigns.recurrence import occurrences
from coupons.campaigns.runs import NewRun
from coupons.campaigns.speeds import AtOnce
from coupons.campaigns.timed_triggers import DailyTrigger, Schedule
from ids import CampaignRunId, ProgramId, StoreId
from kit.ids import new_id
from programs.store import OpenStore

# So late an occasion is taken up if no worker was there. A coupon for a birthday is welcome a day later; one for Friday
# evening is not on Sunday.
DAILY_LATE = timedelta(days=3)
SCHEDULE_LATE = timedelta(hours=12)
_EARLIEST, _LATEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


def find_due_runs(
    campaigns: Sequence[Campaign],
    stores: Mapping[StoreId, OpenStore],
    program_zones: Mapping[ProgramId, ZoneInfo],
    now: datetime,
) -> list[NewRun]:
    """Of running campaigns; many of the runs are there already."""
    found: list[NewRun] = []
    for campaign in campaigns:
        if isinstance(campaign.trigger, DailyTrigger):
            found += _daily_runs(campaign, campaign.trigger, now)
        elif isinstance(campaign.trigger, Schedule):
            zone = clock_of(campaign, stores, program_zones[campaign.program_id])
            found += _scheduled_runs(campaign, campaign.trigger, zone, now)
    return found


def clock_of(campaign: Campaign, stores: Mapping[StoreId, OpenStore], program_zone: ZoneInfo) -> ZoneInfo | None:
    """By which a campaign's schedule goes: that of its stores, which have one; None: each member's own."""
    trigger = campaign.trigger
    if isinstance(trigger, Schedule) and trigger.clock == "member":
        return None
    of_stores = [stores[store_id].time_zone for store_id in sorted(campaign.store_ids or ()) if store_id in stores]
    return of_stores[0] if of_stores else program_zone


def _daily_runs(campaign: Campaign, trigger: DailyTrigger, now: datetime) -> Iterator[NewRun]:
    at = time.fromisoformat(trigger.at)
    for day in days_due(at, now, DAILY_LATE):
        moment = LocalMoment(datetime.combine(day, at))
        yield _run(campaign, day.isoformat(), moment.first, now, moment)


def _scheduled_runs(campaign: Campaign, trigger: Schedule, zone: ZoneInfo | None, now: datetime) -> Iterator[NewRun]:
    first_at = datetime.fromisoformat(trigger.first_at)
    # By the clock on the wall, an hour or two wide of where clocks change: what is meant is compared as moments.
    after = (now - SCHEDULE_LATE).astimezone(zone or _LATEST).replace(tzinfo=None) - timedelta(hours=3)
    until = now.astimezone(zone or _EARLIEST).replace(tzinfo=None) + timedelta(hours=3)
    for wall in occurrences(first_at, trigger.rule, zone, after, until):
        moment = LocalMoment(wall)
        due_at = moment.first if zone is None else instant(wall, zone)
        if max(now - SCHEDULE_LATE, campaign.starts_at) < due_at <= now:
            run = _run(campaign, wall.isoformat(timespec="minutes"), due_at, now, None if zone else moment)
            yield msgspec.structs.replace(run, speed=trigger.speed)


def _run(campaign: Campaign, occasion: str, due_at: datetime, now: datetime, moment: LocalMoment | None) -> NewRun:
    return NewRun(
        id=CampaignRunId(new_id()),
        program_id=campaign.program_id,
        campaign_id=campaign.id,
        occasion=occasion,
        due_at=due_at.astimezone(UTC),
        moment=moment,
        speed=AtOnce(),
        created_at=now,
    )
