"""Campaigns in the database, with the stores they cover."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from coupons.campaigns.campaign import AudienceVersion, Campaign, CampaignReport, CampaignState, CampaignVersion
from coupons.campaigns.campaign_triggers import read_trigger, write_settings
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.follow_ups import read_steps
from coupons.campaigns.message_texts import read_texts
from coupons.issuing.decisions_repository import count_outcomes
from coupons.issuing.validity import ForDays, ForSeconds, UntilMoment, Validity
from coupons.offers import read_offer
from coupons.redemptions.benefits import read_grant
from coupons.withdrawal import read_withdrawal
from ids import CampaignId, ProgramId, StaffId, StoreId
from kit.copying import look_up_anew
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries
from outbox.tallies_repository import read_tallies

QUERIES = load_queries(__file__, "campaigns.sql")
_HOURS = msgspec.json.Decoder(list[EventHours])
_DEFINITION = msgspec.json.Decoder(Campaign)

_LIMITS = (
    "priority",
    "fallback_within_minutes",
    "exclusive_group",
    "frequency",
    "every_days",
    "cooldown_s",
    "cap",
    "store_cap",
    "day_cap",
    "store_day_cap",
)


async def create_campaign(
    conn: Connection, campaign: Campaign, version: int, changed_by: StaffId | None = None
) -> None:
    """`version` is the program's campaign version that this change was given."""
    await conn.execute(*QUERIES.insert_campaign(**_columns(campaign), version=version, created_at=campaign.created_at))
    await _insert_stores(conn, campaign)
    await insert_version(conn, campaign, campaign.created_at, changed_by)


async def update_campaign(
    conn: Connection, campaign: Campaign, version: int, now: datetime, changed_by: StaffId | None = None
) -> None:
    """Writes all but the picture, as a version of its own (`campaign.version`, one more than the last); its budgets are
    changed before (coupons.issuing.budgets_repository).

    Raises LookupError where the program has no such campaign.
    """
    if await conn.fetchval(*QUERIES.update_campaign(**_columns(campaign), version=version)) is None:
        raise LookupError(campaign.id)
    await conn.execute(QUERIES.delete_campaign_stores, campaign.id)
    await _insert_stores(conn, campaign)
    await insert_version(conn, campaign, now, changed_by)


async def insert_version(conn: Connection, campaign: Campaign, now: datetime, changed_by: StaffId | None) -> None:
    definition = msgspec.json.encode(campaign, order="deterministic").decode()
    await conn.execute(
        *QUERIES.insert_version(
            campaign_id=campaign.id,
            version=campaign.version,
            definition=definition,
            changed_at=now,
            changed_by=changed_by,
        )
    )


async def list_versions(conn: Connection, campaign_id: CampaignId, before: int, limit: int) -> list[CampaignVersion]:
    """Those before the version `before`, the newest first."""
    rows = await conn.fetch(QUERIES.list_versions, campaign_id, before, limit)
    return [
        CampaignVersion(_DEFINITION.decode(row["definition"]), row["changed_at"], row["changed_by"]) for row in rows
    ]


async def find_campaign(conn: Connection, program_id: ProgramId, campaign_id: CampaignId) -> Campaign | None:
    row = await conn.fetchrow(QUERIES.find_campaign, program_id, campaign_id)
    return _campaign(row) if row else None


async def find_own_campaigns(
    conn: Connection, program_id: ProgramId, campaign_ids: Sequence[CampaignId]
) -> set[CampaignId]:
    """Those of them that are the program's."""
    return {row["id"] for row in await conn.fetch(QUERIES.find_own_campaigns, program_id, campaign_ids)}


async def list_campaigns(
    conn: Connection,
    program_id: ProgramId,
    page: PageRequest,
    stores: Sequence[StoreId] | None,
    state: CampaignState | None = None,
    now: datetime | None = None,
) -> list[Campaign]:
    """`stores` narrows the list to campaigns that cover one of them; None means all of the program. `state`: only those
    that are in it at `now`.
    """
    rows = await conn.fetch(
        *QUERIES.list_campaigns(
            program_id=program_id, before=page.before, limit=page.fetch_count, stores=stores, state=state, now=now
        )
    )
    return [_campaign(row) for row in rows]


async def list_campaigns_of_days(
    conn: Connection,
    program_id: ProgramId,
    days: tuple[datetime, datetime],
    stores: Sequence[StoreId] | None,
    named: Collection[CampaignId],
    limit: int,
) -> list[Campaign]:
    """`days`: from when until when. `stores` as in `list_campaigns`; `named`: those besides, in any state."""
    begin, over = days
    rows = await conn.fetch(
        *QUERIES.list_campaigns_of_days(
            program_id=program_id, begin=begin, over=over, stores=stores, named=list(named), limit=limit
        )
    )
    return [_campaign(row) for row in rows]


async def read_running_campaigns(conn: Connection) -> list[Campaign]:
    """Every campaign of every program that its staff have started, for the snapshot that a process holds."""
    return [_campaign(row) for row in await conn.fetch(QUERIES.read_running_campaigns)]


async def read_changed_campaigns(conn: Connection, known: Mapping[ProgramId, int]) -> list[Campaign]:
    """Those of these programs, in any state, that have changed since the campaign versions that are known of them."""
    rows = await conn.fetch(QUERIES.read_changed_campaigns, list(known), list(known.values()))
    return [_campaign(row) for row in rows]


async def report_campaign(conn: Connection, campaign_id: CampaignId) -> CampaignReport:
    results = await conn.fetchrow(QUERIES.count_results, campaign_id)
    assert results is not None
    tallies = dict(await read_tallies(conn, campaign_id))
    pushes = tallies.pop("push", {})
    return CampaignReport(
        **results,
        pushes_sent=pushes.get("sent", 0),
        pushes_failed=pushes.get("failed", 0),
        pushes_deferred=pushes.get("deferred", 0),
        pushes_waiting=pushes.get("waiting", 0),
        pushes_dropped={
            measure.removeprefix("dropped:"): times
            for measure, times in pushes.items()
            if measure.startswith("dropped:")
        },
        other_messages=tallies,
        decisions=await count_outcomes(conn, campaign_id),
    )


async def _insert_stores(conn: Connection, campaign: Campaign) -> None:
    store_ids = list(campaign.store_ids or ())
    await look_up_anew(conn, len(store_ids))
    await conn.execute(QUERIES.insert_campaign_stores, campaign.id, store_ids, list(campaign.grouped_store_ids))


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _columns(campaign: Campaign) -> dict[str, object]:
    quiet = campaign.quiet_hours
    hours = quiet if isinstance(quiet, DailyHours) else None
    return {
        "id": campaign.id,
        "program_id": campaign.program_id,
        "name": campaign.name,
        "state": campaign.state,
        "trigger": campaign.trigger.kind,
        "trigger_settings": write_settings(campaign.trigger),
        "all_stores": campaign.store_ids is None,
        "store_groups": list(campaign.store_groups),
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        **{name: getattr(campaign, name) for name in _LIMITS},
        "hours": _encode(campaign.hours),
        "except_days": list(campaign.except_days),
        "own_quiet_hours": quiet != "program",
        "quiet_start": hours.start if hours else None,
        "quiet_end": hours.end if hours else None,
        "only_when_open": campaign.only_when_open,
        "on_first_fix": campaign.on_first_fix,
        "allow_anonymous": campaign.allow_anonymous,
        "max_event_age_s": campaign.max_event_age_s,
        "offer": _encode(campaign.offer),
        "messages": _encode(campaign.messages),
        "channels": list(campaign.channels),
        **_validity_columns(campaign.coupon_validity),
        "min_trust": campaign.min_trust_level,
        "audience_id": campaign.audience.audience_id if campaign.audience else None,
        "audience_version": campaign.audience.version if campaign.audience else None,
        "benefit": _encode(campaign.grant.benefit),
        "conditions": _encode(campaign.grant.conditions),
        "coupon_uses": campaign.grant.uses,
        "follow_ups": _encode(campaign.follow_ups),
        "current_version": campaign.version,
    }


def _campaign(row: Any) -> Campaign:
    direct = (
        "id", "program_id", "name", "state", "starts_at", "ends_at", "only_when_open", "on_first_fix",
        "allow_anonymous", "max_event_age_s", "created_at", "picture_name", *_LIMITS,
    )  # fmt: skip
    return Campaign(
        **{field: row[field] for field in direct},
        trigger=read_trigger(row["trigger"], row["trigger_settings"]),
        store_ids=None if row["all_stores"] else frozenset(row["store_ids"]),
        store_groups=tuple(row["store_groups"]),
        grouped_store_ids=frozenset(row["grouped_store_ids"]),
        hours=_HOURS.decode(row["hours"]),
        except_days=row["except_days"],
        quiet_hours=_quiet_hours(row),
        offer=read_offer(row["offer"]),
        messages=read_texts(row["messages"]),
        channels=tuple(row["channels"]),
        follow_ups=read_steps(row["follow_ups"]),
        min_trust_level=row["min_trust"],
        audience=AudienceVersion(row["audience_id"], row["audience_version"]) if row["audience_id"] else None,
        coupon_validity=_validity(row),
        withdrawal=read_withdrawal(row["withdrawn_at"], row["withdrawal_reason"]),
        grant=read_grant(row["benefit"], row["conditions"], row["coupon_uses"]),
        version=row["current_version"],
    )


def _quiet_hours(row: Any) -> DailyHours | Literal["program"] | None:
    if not row["own_quiet_hours"]:
        return "program"
    return None if row["quiet_start"] is None else DailyHours(row["quiet_start"], row["quiet_end"])


def _validity_columns(validity: Validity) -> dict[str, object]:
    return {
        "coupon_valid_s": validity.seconds if isinstance(validity, ForSeconds) else None,
        "coupon_valid_days": validity.days if isinstance(validity, ForDays) else None,
        "coupon_valid_until": validity.at if isinstance(validity, UntilMoment) else None,
    }


def _validity(row: Any) -> Validity:
    if row["coupon_valid_s"] is not None:
        return ForSeconds(row["coupon_valid_s"])
    return ForDays(row["coupon_valid_days"]) if row["coupon_valid_days"] else UntilMoment(row["coupon_valid_until"])
