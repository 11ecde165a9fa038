"""What came of a campaign: the sums of the database against members one by one, and the answer over HTTP."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.effects import MIN_MEMBERS
from ids import CampaignId, MemberId, StoreId
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import new_id
from server.experiments.results import gather, reckon
from tests.support.shop import NOON, Shop
from tests.support.world import Caller, Chain, World

DAYS = 30
PER_ARM = 60


async def add_members(conn: Connection, like: Any, count: int, **columns: Any) -> list[MemberId]:
    """As the one whose row it is, in bulk."""
    row = dict(like) | columns
    names = [name for name in row if name != "member_id"]
    ids = [MemberId(new_id()) for _ in range(count)]
    places = ", ".join(f"${place}" for place in range(2, len(names) + 2))
    await conn.execute(
        f"INSERT INTO members (member_id, {', '.join(names)}) SELECT unnest($1::uuid[]), {places}",
        ids, *(row[name] for name in names),
    )  # fmt: skip
    return ids


async def came(conn: Connection, member_id: MemberId, store_id: StoreId, program_id: UUID, *moments: datetime) -> None:
    await conn.executemany(
        "INSERT INTO visits (member_id, store_id, business_day, program_id, first_at) VALUES ($1, $2, $3, $4, $5)",
        [(member_id, store_id, each.date(), program_id, each) for each in moments],
    )


async def assign(conn: Connection, campaign_id: CampaignId, program_id: UUID, since: datetime, **arms: Any) -> None:
    """arm -> members, as the first version of the shares."""
    rows = [
        (each, campaign_id, program_id, 1, 0, arm.replace("_", "-"), since) for arm, ids in arms.items() for each in ids
    ]
    await conn.copy_records_to_table("assignments", records=rows)


class Ground:
    """A campaign with two arms in the API, and members whose visits are known."""

    def __init__(self, chain: Chain, campaign_id: CampaignId, store_id: StoreId) -> None:
        self.chain, self.campaign_id, self.store_id = chain, campaign_id, store_id
        self.after: dict[str, list[int]] = {"holdout": [], "a": []}
        self.before: dict[str, list[int]] = {"holdout": [], "a": []}

    async def people(self, conn: Connection, since: datetime) -> None:
        like = await conn.fetchrow("SELECT * FROM members WHERE member_id = $1", (await self.chain.enrol()).id)
        rng = np.random.default_rng(5)
        chosen = {arm: await add_members(conn, like, PER_ARM) for arm in self.after}
        await assign(conn, self.campaign_id, self.chain.id, since, **chosen)
        for arm, members in chosen.items():
            for each in members:
                before = int(rng.integers(0, 5))
                after = min(before + int(rng.integers(0, 2)) + (arm == "a"), 9)
                self.before[arm].append(before)
                self.after[arm].append(after)
                moments = [since - timedelta(days=day) for day in range(1, before + 1)]
                moments += [since + timedelta(days=3 * day) for day in range(1, after + 1)]
                # Too long ago, and too late: neither counts.
                moments += [since - timedelta(days=95), since + timedelta(days=DAYS + 1)]
                await came(conn, each, self.store_id, self.chain.id, *moments)


async def set_up(world: World, since: datetime) -> Ground:
    chain = await world.add_chain()
    store_id = await chain.add_store()
    campaign_id = await chain.add_campaign()
    body = {"holdout_percent": 50, "variants": [{"code": "a", "share": 1}]}
    answer = await chain.owner.put(f"/v1/campaigns/{campaign_id}/experiment", body)
    assert answer.status_code == 200, answer.text
    ground = Ground(chain, campaign_id, store_id)
    await in_transaction(world.pool, lambda conn: ground.people(conn, since))
    return ground


async def read(caller: Caller, campaign_id: CampaignId, **query: int) -> dict[str, Any]:
    answer = await caller.get(f"/v1/campaigns/{campaign_id}/results", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_a_campaign_brought(world: World) -> None:
    since = utc_now() - timedelta(days=DAYS + 10)
    ground = await set_up(world, since)
    owner, campaign_id = ground.chain.owner, ground.campaign_id
    results = await read(owner, campaign_id)
    assert (results["control"], results["days"]) == ("holdout", DAYS)
    assert results["sample_ratio"]["is_suspicious"] is False
    by_arm: Mapping[str, Any] = {each["arm"]: each for each in results["arms"]}
    for arm, after in ground.after.items():
        assert by_arm[arm]["assigned"] == by_arm[arm]["measured"] == PER_ARM
        assert by_arm[arm]["visits_mean"] == pytest.approx(np.mean(after))
        assert by_arm[arm]["sales_mean"] == 0
    change = by_arm["a"]["visits"]
    slope = _slope(ground)
    residual = {arm: np.array(ground.after[arm]) - slope * np.array(ground.before[arm]) for arm in ground.after}
    assert change["difference"] == pytest.approx(residual["a"].mean() - residual["holdout"].mean())
    assert change["low"] < 1 < change["high"]
    assert change["variance_left"] < 0.5
    assert by_arm["holdout"]["visits"] is None
    # Nobody's 90 days are over.
    longer = await read(owner, campaign_id, within_days=90)
    assert [each["measured"] for each in longer["arms"]] == [0, 0]
    assert [each["visits_mean"] for each in longer["arms"]] == [None, None]

    answer = await owner.get(f"/v1/campaigns/{campaign_id}/results.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["arm"] for row in rows] == ["holdout", "a"]
    assert float(rows[1]["visits_difference"]) == change["difference"]
    assert rows[0]["visits_difference"] == ""


def _slope(ground: Ground) -> float:
    pairs = [(_centred(ground.after[arm]), _centred(ground.before[arm])) for arm in ground.after]
    return float(sum((y * x).sum() for y, x in pairs) / sum((x * x).sum() for _, x in pairs))


def _centred(counts: list[int]) -> NDArray[np.float64]:
    return np.asarray(counts, dtype=np.float64) - float(np.mean(counts))


async def test_an_experiment_that_ended_stays_as_it_ended(world: World) -> None:
    ground = await set_up(world, utc_now() - timedelta(days=DAYS - 1))
    owner, campaign_id = ground.chain.owner, ground.campaign_id
    path = f"/v1/campaigns/{campaign_id}/experiment"
    assert (await owner.delete(path)).status_code == 204
    ended = (await owner.get(path)).json()
    assert (await owner.delete(path)).status_code == 204
    results = await read(owner, campaign_id)
    assert results["until"] == ended["ended_at"]
    assert (await owner.get(path)).json() == ended
    again = await owner.put(path, {"holdout_percent": 5})
    assert (again.status_code, again.json()["type"]) == (409, "urn:noren:problem:experiment-ended")


async def test_what_is_bought_and_used_counts_for_the_person(shop: Shop) -> None:
    """Coupons, pushes, redemptions and purchases, of a member and of whom became them; refunds are taken off."""
    campaign, (till, _) = await shop.write_campaign(), (await shop.install_tills(1))[0]
    survivor, gone, held = [each.member_id for each in await shop.enrol(3)]
    for statement, *arguments in (
        ("INSERT INTO experiments VALUES ($1, $2, $3, 50, $4)", campaign.id, shop.program.id, bytes(16), NOON),
        ('INSERT INTO splits VALUES ($1, 1, \'[["holdout", 5000], ["campaign", 5000]]\', $2)', campaign.id, NOON),
        ("UPDATE members SET state = 'merged', merged_into = $2 WHERE member_id = $1", gone, survivor),
    ):
        await shop.pool.execute(statement, *arguments)
    await in_transaction(
        shop.pool, lambda conn: assign(conn, campaign.id, shop.program.id, NOON, campaign=[survivor], holdout=[held])
    )
    day = timedelta(days=1)
    bought = ((survivor, NOON + day, 1000, 300), (gone, NOON + 2 * day, 50, 0), (held, NOON - day, 70, 0))
    for number, (member_id, moment, amount, refunded) in enumerate(bought):
        await shop.pool.execute(
            "INSERT INTO purchases (member_id, id, program_id, store_id, till_id, receipt, amount, refunded, items,"
            " purchased_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9)",
            member_id, new_id(), shop.program.id, till.store_id, till.id, str(number), amount, refunded, moment,
        )  # fmt: skip
    coupon_id = new_id()
    await shop.pool.execute(
        "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, event_at, business_day, issued_at,"
        " expires_at) VALUES ($1, $2, $3, $4, 'once', $5, '2026-05-01', $5, $6)",
        gone, coupon_id, shop.program.id, campaign.id, NOON, NOON + day,
    )  # fmt: skip
    await shop.pool.execute(
        "INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redemption_id,"
        " redeemed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        gone, coupon_id, shop.program.id, campaign.id, till.store_id, till.id, new_id(), NOON,
    )  # fmt: skip
    async with shop.pool.acquire() as conn:
        gathered = await gather(conn, shop.program.id, campaign.id, DAYS, NOON + 40 * day)
    holdout, treated = reckon(gathered).arms
    assert (treated.arm, treated.assigned, treated.issued, treated.delivered, treated.redeemed) == (
        "campaign",
        1,
        1,
        0,
        1,
    )
    assert (treated.sales_mean, holdout.sales_mean) == (750, 0)
    assert (holdout.issued, holdout.redeemed) == (0, 0)
    # Two members tell nothing.
    assert treated.sales is None
    assert MIN_MEMBERS > 1


async def test_a_campaign_that_nobody_tries_has_no_arms(world: World) -> None:
    chain = await world.add_chain()
    campaign_id = await chain.add_campaign()
    results = await read(chain.owner, campaign_id)
    assert (results["arms"], results["control"], results["sample_ratio"]) == ([], None, None)
    assert (await chain.owner.get(f"/v1/campaigns/{campaign_id}/experiment")).status_code == 404
