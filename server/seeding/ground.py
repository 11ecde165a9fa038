"""Where it happens: the program, its stores, a till in each, its rules of points and a campaign."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import Visit
from coupons.campaigns.campaigns_repository import create_campaign
from coupons.issuing.validity import ForSeconds
from coupons.offers import Offer, OfferText
from ids import CampaignId, ProgramId, StoreId, TillId
from kit.database import Connection
from kit.ids import digest, new_id, new_secret
from kit.sql import load_queries
from programs.programs_repository import bump_campaign_version, create_program, find_program_by_code
from server.seeding.scale import TIME_ZONE, last_day
from server.web.tokens import TillKey
from visits.trust import level

QUERIES = load_queries(__file__, "seeding.sql")

_OFFER: Offer = {
    "ja": OfferText("いつもありがとうございます", "{store}のレジでお見せください。"),
    "en": OfferText("Thank you for coming", "Show it at the till of {store}."),
}


class Ground(NamedTuple):
    """`began_at`: when the stores were made; all times follow from it."""

    program_id: ProgramId
    campaign_id: CampaignId
    store_ids: list[StoreId]
    till_ids: list[TillId]
    began_at: datetime

    @property
    def last_day(self) -> date:
        return last_day(self.began_at)


async def find_ground(conn: Connection, code: str) -> Ground | None:
    """What a seeding has made before; None where nothing of the kind is there."""
    program = await find_program_by_code(conn, code)
    rows = [] if program is None else await conn.fetch(QUERIES.find_ground, program.id)
    if program is None or not rows:
        return None
    campaign_id = await conn.fetchval(QUERIES.find_campaign, program.id)
    store_ids, till_ids = [row["store_id"] for row in rows], [row["till_id"] for row in rows]
    return Ground(program.id, campaign_id, store_ids, till_ids, rows[0]["created_at"])


async def make_ground(conn: Connection, code: str, stores: int, now: datetime) -> tuple[Ground, list[TillKey]]:
    """The program is made if there is none of this code. The keys are told this once."""
    program = await find_program_by_code(conn, code)
    if program is None:
        program = await create_program(conn, code, code, "ja", now)
    ground = Ground(
        program.id,
        CampaignId(new_id()),
        [StoreId(new_id()) for _ in range(stores)],
        [TillId(new_id()) for _ in range(stores)],
        now,
    )
    keys = [TillKey(till_id, new_secret()) for till_id in ground.till_ids]
    version = await bump_campaign_version(conn, program.id)
    zone = str(TIME_ZONE)
    await conn.execute(
        *QUERIES.insert_stores(
            id=ground.store_ids,
            program_id=program.id,
            time_zone=zone,
            version=version,
            now=now,
        )
    )
    hashes = [digest(key.secret) for key in keys]
    await conn.execute(
        *QUERIES.insert_tills(
            id=ground.till_ids,
            store_id=ground.store_ids,
            program_id=program.id,
            key_hash=hashes,
            now=now,
        )
    )
    await conn.execute(*QUERIES.insert_rules(program_id=program.id, time_zone=zone, now=now))
    await create_campaign(conn, _make_campaign(ground, now), version)
    return ground, keys


def _make_campaign(ground: Ground, now: datetime) -> Campaign:
    """It is paused: nobody gets a push for having been seeded."""
    return Campaign(
        id=ground.campaign_id,
        program_id=ground.program_id,
        name="Once a week",
        state="paused",
        trigger=Visit(),
        store_ids=None,
        starts_at=now - timedelta(days=90),
        ends_at=None,
        frequency="weekly",
        quiet_hours=None,
        only_when_open=False,
        on_first_fix=False,
        allow_anonymous=True,
        max_event_age_s=86_400,
        min_trust_level=level("low"),
        offer=_OFFER,
        coupon_validity=ForSeconds(28 * 86_400),
        cap=None,
        created_at=now,
    )
