"""Rehearsals of visits, over the API: their numbers, their trust, and what audiences knew of members at each."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from audiences import tree as t
from audiences.views import needs_of
from audiences.views_repository import read_views
from coupons.campaigns import campaigns_repository
from ids import CampaignId
from kit.clock import utc_now
from kit.ids import new_id
from server.rehearsals.past_events import Window
from server.rehearsals.read_histories import read_books, read_persons
from server.rehearsals.rewind import AsOf, rewind
from server.rehearsals.staging import set_stage
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.expectations import expect_problem
from tests.support.samples import POINT_RULES
from tests.support.stage import walk_in
from tests.support.world import Chain, Json, Member, Till

PROFILING = {"consents": [{"purpose": "profiling", "granted": True, "text_version": "1"}]}
STAMP_CARD = {"code": "coffee", "name": {"en": "Coffee"}, "source": "visit", "min_amount": 0, "stamps_needed": 2,
              "campaign_id": None}  # fmt: skip
RANKS = {"measure": "points", "period": "year", "time_zone": "Asia/Tokyo",
         "ranks": [{"code": "gold", "name": {"en": "Gold"}, "threshold": 40}]}  # fmt: skip
# A leaf for each kind of book.
ALL_BOOKS: Json = {"type": "or", "of": [
    {"type": "visits", "at_least": 2, "within_days": 30}, {"type": "purchases", "measure": "amount", "at_least": 3000,
     "within_days": 30},
    {"type": "points", "at_least": 45}, {"type": "rank", "is_one_of": ["gold"]}, {"type": "stamps", "at_least": 9},
    {"type": "stamps", "card": "coffee", "at_least": 9}, {"type": "coupon", "state": "usable"},
    {"type": "consent", "purpose": "email"}]}  # fmt: skip


async def save(chain: Chain, tree: Json) -> str:
    made = await chain.owner.post("/v1/audiences", {"name": f"People {new_id()}", "tree": tree})
    assert made.status_code == 201, made.text
    audience_id: str = made.json()["id"]
    return audience_id


async def rehearsed(chain: Chain, campaign_id: CampaignId) -> tuple[Json, Mapping[str, int]]:
    told = await chain.owner.post(f"/v1/campaigns/{campaign_id}/rehearse", {})
    assert told.status_code == 200, told.text
    answer: Json = told.json()
    issued = answer["coupons"]["count"]
    return answer, {each["outcome"]: each["times"] for each in answer["suppressed"]} | (
        {"issued": issued} if issued else {}
    )


async def bring(chain: Chain, members: list[Member], tills: list[Till]) -> None:
    """Each comes to each store, by number, with a purchase at some; at one by their code too."""
    for number, member in enumerate(members):
        phone = await member.take_card()
        for place, till in enumerate(tills):
            bought: Json = {"purchase": {"receipt": f"r{number}{place}", "amount": 1700}} if place % 2 else {}
            scan = await till.at.post("/v1/scans", {"card": member.card_number} | bought)
            assert scan.status_code == 201, scan.text
            if place == number % len(tills):  # a code is good once
                code = phone.make_code(utc_now())
                assert (await till.at.post("/v1/scans", {"card": code})).status_code == 201


async def test_visits_are_decided_as_they_were_and_nothing_is_written(chain: Chain) -> None:
    await chain.owner.put("/v1/program/points", POINT_RULES)
    assert (await chain.owner.put("/v1/program/stamp-cards", {"cards": [STAMP_CARD]})).is_success
    stores = [await chain.add_store() for _ in range(4)]
    tills = [await chain.add_till(store_id) for store_id in stores]
    some = [str(store_id) for store_id in stores[:3]]
    bodies: list[dict[str, Any]] = [
        {"trigger": {"kind": "visit"}, "min_trust": "high", "frequency": "daily"},
        {"trigger": {"kind": "first_visit"}},
        {"trigger": {"kind": "nth_visit", "n": 3}, "store_ids": some},
        {"trigger": {"kind": "every_nth_visit", "n": 2}, "min_trust": "high"},
    ]
    leaves: list[Json] = [
        {"type": "visits", "at_least": 2},
        {"type": "last_visit", "at_most_days": 3},
        {"type": "purchases", "measure": "count", "at_least": 1},
        {"type": "points", "at_least": 45},
        {"type": "stamps", "card": "coffee", "at_least": 1},
        {"type": "coupon", "state": "issued"},
    ]
    of_visit = {"trigger": {"kind": "visit"}, "frequency": "daily"}
    bodies += [of_visit | {"audience_id": await save(chain, leaf)} for leaf in leaves]
    campaigns = [await chain.add_campaign(**body) for body in bodies]
    members = [await chain.enrol() for _ in range(4)]
    for member in members[1:]:
        assert (await member.app.put("/v1/me/consents", PROFILING)).is_success
    await bring(chain, members, tills)

    before = await chain.world.fingerprint()
    seen: set[str] = set()
    for campaign_id, body in zip(campaigns, bodies, strict=True):
        report = (await chain.owner.get(f"/v1/campaigns/{campaign_id}/report")).json()
        told, outcomes = await rehearsed(chain, campaign_id)
        assert outcomes == report["decisions"], body
        assert sum(each["coupons"] for each in told["by_store"]) == report["coupons_issued"]
        seen |= set(outcomes)
    assert {"issued", "trust_too_low", "not_in_audience", "audience_unknown"} <= seen
    assert await chain.world.fingerprint() == before


async def test_a_member_rewound_to_now_is_the_member_of_now(chain: Chain) -> None:
    await chain.owner.put("/v1/program/points", POINT_RULES)
    assert (await chain.owner.put("/v1/program/ranks", RANKS)).is_success
    assert (await chain.owner.put("/v1/program/stamp-cards", {"cards": [STAMP_CARD]})).is_success
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    campaign_id = await chain.add_campaign(audience_id=await save(chain, ALL_BOOKS), trigger={"kind": "visit"})
    await chain.add_campaign()
    members = [await chain.enrol() for _ in range(2)]
    await bring(chain, members, [await chain.add_till(store_id), await chain.add_till(await chain.add_store())])
    await walk_in(members[0])

    now = utc_now() + timedelta(seconds=1)
    pool, ids = chain.world.pool, [each.id for each in members]
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    window = Window(now - timedelta(days=30), now)
    async with pool.acquire() as conn:
        campaign = await campaigns_repository.find_campaign(conn, chain.id, campaign_id)
        assert campaign is not None
        stage = await set_stage(conn, keeper.current, campaign)
        (audience,) = stage.audiences.values()
        whole = await read_views(conn, chain.id, ids, needs_of([audience.tree]), now)
        plain = await read_views(conn, chain.id, ids, stage.needs, now)
        persons = await read_persons(conn, stage, ids, window)
        await read_books(conn, stage, persons, ids, window.from_at)
    for member_id, view in whole.items():
        rewound = rewind(plain[member_id], persons.histories[member_id], stage.books, AsOf(now, now))
        assert rewound.facts == view.facts
        assert rewound.consents == view.consents
        assert sorted(map(str, rewound.visits)) == sorted(map(str, view.visits))
        assert sorted(map(str, rewound.purchases)) == sorted(map(str, view.purchases))
        assert list(rewound.coupons) == list(view.coupons)
        assert rewound.stamps_on == {card: held for card, held in view.stamps_on.items() if card in rewound.stamps_on}
    assert whole[ids[0]].facts.coupons_issued
    assert isinstance(audience.tree, t.AnyOf)


async def test_who_may_ask_and_what_cannot_be_rehearsed(chain: Chain) -> None:
    here, elsewhere = await chain.add_store(), await chain.add_store()
    await chain.add_geofence(here)
    campaign_id = await chain.add_campaign()
    sent_out = await chain.add_campaign(trigger={"kind": "broadcast"}, state="draft")
    codes = await chain.add_campaign(trigger={"kind": "code"}, state="draft")
    await walk_in(await chain.enrol())
    ours, theirs = [(await chain.add_person("store_manager", store_id)).session for store_id in (here, elsewhere)]
    told = [
        (await session.post(f"/v1/campaigns/{campaign_id}/rehearse", {"days": 1})).json()["coupons"]["count"]
        for session in (chain.owner, ours, theirs)
    ]
    assert told == [1, 1, 0]
    expect_problem(await ours.post(f"/v1/campaigns/{sent_out}/rehearse", {}), 403, "forbidden")
    expect_problem(await chain.owner.post(f"/v1/campaigns/{codes}/rehearse", {}), 409, "campaign-not-rehearsable")
    expect_problem(await chain.owner.post(f"/v1/campaigns/{campaign_id}/rehearse", {"days": 31}), 400)
