"""A town for the benches of coupons: a program, stores with a till each, and members with a phone; made in bulk."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from audiences.facts_repository import open_facts
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import Visit
from coupons.campaigns.campaigns_repository import create_campaign
from coupons.issuing.validity import ForSeconds
from coupons.offers import OfferText
from ids import CampaignId, DeviceId, MemberId, ProgramId, StoreId, TillId
from kit.database import Connection
from kit.ids import new_id, new_secret
from members.consent import Consent
from members.device import NewDevice
from members.devices_repository import create_devices
from members.member import NewMember
from members.members_repository import create_members
from programs.programs_repository import bump_campaign_version, create_program
from programs.store import Store
from programs.stores_repository import create_store
from programs.tills_repository import Till, create_till

# A Friday, noon in Tokyo: benches say themselves what time it is.
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
_CHUNK = 1000


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """`devices` are the members' phones, in the members' order; `tills` the stores'."""

    program_id: ProgramId
    store_ids: list[StoreId]
    till_ids: list[TillId]
    member_ids: list[MemberId]
    device_ids: list[DeviceId]

    def till(self, number: int) -> Till:
        return Till(self.till_ids[number], self.program_id, self.store_ids[number], f"till {number}", NOON, None)


async def found_town(conn: Connection, members: int, stores: int) -> Town:
    program = await create_program(conn, "town", "Town", "ja", NOON)
    town = Town(
        program_id=program.id,
        store_ids=[StoreId(new_id()) for _ in range(stores)],
        till_ids=[TillId(new_id()) for _ in range(stores)],
        member_ids=[MemberId(new_id()) for _ in range(members)],
        device_ids=[DeviceId(new_id()) for _ in range(members)],
    )
    for number, store_id in enumerate(town.store_ids):
        name = f"Store {number}"
        store = Store(store_id, program.id, f"s-{number}", name, "Asia/Tokyo", None, None, 4, NOON, None)
        await create_store(conn, store, await bump_campaign_version(conn, program.id))
        await create_till(conn, town.till(number), new_secret())
    pairs = list(zip(town.member_ids, town.device_ids, strict=True))
    for start in range(0, members, _CHUNK):
        await _enrol(conn, program.id, pairs[start : start + _CHUNK])
    return town


async def _enrol(conn: Connection, program_id: ProgramId, pairs: Sequence[tuple[MemberId, DeviceId]]) -> None:
    consent = Consent(purpose="push", granted=True, text_version="1", source="app", at=NOON)
    await create_members(
        conn,
        [
            NewMember(member_id=member_id, program_id=program_id, locale="ja", consents=[consent], created_at=NOON)
            for member_id, _ in pairs
        ],
    )
    await create_devices(
        conn,
        [
            NewDevice(
                member_id=member_id,
                id=device_id,
                program_id=program_id,
                platform="android",
                locale="ja",
                token_hash=new_secret(),
                created_at=NOON,
            )
            for member_id, device_id in pairs
        ],
    )
    await open_facts(conn, [member_id for member_id, _ in pairs])  # as the enrolment of each does


async def write_campaign(conn: Connection, town: Town, **changes: Any) -> Campaign:
    """One for visits, once a day; `changes` say what is otherwise."""
    campaign = Campaign(
        id=CampaignId(new_id()),
        program_id=town.program_id,
        name="welcome",
        state="running",
        trigger=Visit(),
        store_ids=None,
        starts_at=NOON - timedelta(days=1),
        ends_at=None,
        frequency="daily",
        quiet_hours=None,
        only_when_open=False,
        on_first_fix=True,
        allow_anonymous=True,
        max_event_age_s=900,
        min_trust_level=0,
        offer={"ja": OfferText("ようこそ {store}", "一杯")},
        coupon_validity=ForSeconds(3650 * 86_400),
        cap=None,
        created_at=NOON,
    )
    campaign = msgspec.structs.replace(campaign, **changes)
    await create_campaign(conn, campaign, await bump_campaign_version(conn, town.program_id))
    return campaign
