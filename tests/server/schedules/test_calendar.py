"""Campaigns that the calendar starts: whom a day concerns, once, wherever they live, however late a worker comes."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.timed_triggers import (
    BirthdayTrigger,
    Claimed,
    CouponExpiring,
    Joined,
    Lapsed,
    PointsExpiring,
    RankExpiring,
    RankReached,
    Schedule,
)
from ids import MemberId
from kit.database import in_transaction
from server.schedules import sweep_events
from server.schedules.sweep_events import Mark, is_reached, sweep_campaign
from tests.support.running import find_due, holders, run_all
from tests.support.shop import NOON, Shop, at

TOKYO = ZoneInfo("Asia/Tokyo")
MANY_YEARS = NOON - timedelta(days=3000)


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


async def write(shop: Shop, trigger: Any, **changes: Any) -> Campaign:
    return await shop.write_campaign(**{"trigger": trigger, "starts_at": MANY_YEARS} | changes)


async def born(shop: Shop, member_id: MemberId, month: int, day: int, year: int | None = None) -> None:
    await shop.pool.execute(
        "INSERT INTO profiles (member_id, program_id, birth_year, birth_month, birth_day, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, 1)",
        *(member_id, shop.program.id, year, month, day, NOON),
    )


async def test_birthdays(shop: Shop) -> None:
    leap, last_day, new_year, nobody = (each.member_id for each in await shop.enrol(4))
    await born(shop, leap, 2, 29, 2000)
    await born(shop, last_day, 2, 28)
    await born(shop, new_year, 1, 3)
    on_the_day = await write(shop, BirthdayTrigger())
    week_before = await write(shop, BirthdayTrigger(days_before=7, at="09:00"))
    once = {new_year: 1, leap: 1, last_day: 1}
    for local, of_day, before in (
        ("2026-12-27T08:59", {}, {}),
        ("2026-12-27T09:00", {}, {new_year: 1}),  # a window that goes over the new year
        ("2027-01-03T10:00", {new_year: 1}, {new_year: 1}),
        ("2027-02-21T09:00", {new_year: 1}, once),
        ("2027-02-28T09:59", {new_year: 1}, once),
        ("2027-02-28T10:00", once, once),  # no leap year
        ("2027-03-01T10:00", once, once),
        ("2028-02-28T10:00", once | {last_day: 2}, once),
        ("2028-02-29T10:00", once | {last_day: 2, leap: 2}, once),
    ):
        await run_all(shop, tokyo(local))
        assert await holders(shop, on_the_day) == of_day, local
        assert await holders(shop, week_before) == before, local
    assert nobody not in await holders(shop, on_the_day)


async def test_a_worker_that_was_away_makes_up_for_three_days(shop: Shop) -> None:
    (member,) = await shop.enrol()
    await born(shop, member.member_id, 5, 1)
    campaign = await write(shop, BirthdayTrigger())
    assert await find_due(shop, tokyo("2026-05-05T10:00")) == ["2026-05-03", "2026-05-04", "2026-05-05"]
    await run_all(shop, tokyo("2026-05-03T10:00"))
    assert (await holders(shop, campaign)).total() == 1
    (coupon,) = await shop.rows("coupons")
    assert (coupon["event_at"], coupon["business_day"]) == (tokyo("2026-05-01T10:00"), date(2026, 5, 1))
    assert coupon["period_key"] == "birthday-2026"


async def test_who_has_lapsed_once_for_each_time(shop: Shop) -> None:
    lapsed, fresh, private = (each.member_id for each in await shop.enrol(3))
    campaign = await write(shop, Lapsed(days=30))

    async def last_seen(member_id: MemberId, day: str, *, may_profile: bool = True) -> None:
        await shop.pool.execute(
            "UPDATE member_facts SET visits = 1, first_visit_on = $2, last_visit_on = $2, may_profile = $3"
            " WHERE member_id = $1",
            *(member_id, date.fromisoformat(day), may_profile),
        )

    await last_seen(lapsed, "2026-04-01")
    await last_seen(fresh, "2026-04-02")
    await last_seen(private, "2026-04-01", may_profile=False)
    await run_all(shop, tokyo("2026-05-01T09:59"))
    assert not await holders(shop, campaign)
    for _ in range(2):
        await run_all(shop, tokyo("2026-05-01T10:00"))
    assert await holders(shop, campaign) == {lapsed: 1}
    await last_seen(lapsed, "2026-05-02")  # came, and stays away once more
    await run_all(shop, tokyo("2026-06-01T10:00"))
    assert await holders(shop, campaign) == {lapsed: 2}


async def test_points_coupons_and_ranks_that_end(shop: Shop) -> None:
    soon, later = (each.member_id for each in await shop.enrol(2))
    await shop.pool.execute(
        "INSERT INTO point_rules (program_id, currency, amount_step, step_points, visit_points, valid_days, time_zone,"
        " changed_at) VALUES ($1, 'JPY', 100, 1, 0, 30, 'Asia/Tokyo', $2)",
        *(shop.program.id, NOON),
    )
    await shop.pool.execute("UPDATE member_facts SET points = 5")
    midnight = tokyo("2026-05-09T00:00")  # the end of 8 May
    for member_id, end in ((soon, midnight), (later, midnight + timedelta(days=1))):
        await shop.pool.execute(
            "INSERT INTO point_accounts (member_id, program_id, balance) VALUES ($1, $2, 5)", member_id, shop.program.id
        )
        await shop.pool.execute("INSERT INTO point_lots VALUES ($1, $2, 5)", member_id, end)
    given = await shop.write_campaign("broadcast", starts_at=MANY_YEARS)
    for member_id, end in ((soon, midnight), (later, midnight + timedelta(seconds=1))):
        await shop.pool.execute(
            "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, event_at, business_day,"
            " issued_at, expires_at) VALUES ($1, gen_random_uuid(), $2, $3, 'x', $4, $5, $4, $6)",
            *(member_id, shop.program.id, given.id, NOON, NOON.date(), end),
        )
    await _rank(shop, {soon: midnight, later: midnight})
    # What `later` has been brought along from before holds their rank.
    await shop.pool.execute(
        "INSERT INTO brought_ranks (member_id, rank_code, until) VALUES ($1, 'gold', $2)",
        later,
        midnight + timedelta(30),
    )
    campaigns = [
        await write(shop, PointsExpiring(days_before=7)),
        await write(shop, CouponExpiring(campaign_id=given.id, days_before=7)),
        await write(shop, RankExpiring(days_before=7)),
    ]
    await run_all(shop, tokyo("2026-04-30T10:00"))
    assert not any([await holders(shop, campaign) for campaign in campaigns])
    for _ in range(2):
        await run_all(shop, tokyo("2026-05-01T10:00"))
    assert [await holders(shop, campaign) for campaign in campaigns] == [{soon: 1}] * 3
    keys = await shop.pool.fetch("SELECT period_key FROM coupons WHERE campaign_id = $1", campaigns[1].id)
    assert [row["period_key"] for row in keys] == ["coupon_expiring-2026-05-08"]


async def test_a_schedule_by_the_stores_clock_and_by_each_members(shop: Shop) -> None:
    here, abroad = (each.member_id for each in await shop.enrol(2))
    await shop.pool.execute(
        "INSERT INTO profiles (member_id, program_id, time_zone, updated_at, version)"
        " VALUES ($1, $2, 'America/New_York', $3, 1)",
        *(abroad, shop.program.id, NOON),
    )
    rule = "FREQ=WEEKLY;BYDAY=FR;COUNT=2"
    by_store = await write(shop, Schedule(first_at="2026-05-01T18:00", rule=rule))
    by_member = await write(shop, Schedule(first_at="2026-05-01T18:00", rule=rule, clock="member"))
    over = await write(shop, Schedule(first_at="2026-05-01T18:00"), starts_at=tokyo("2026-05-01T18:00"))
    for local, of_store, of_members in (
        ("2026-05-01T17:59", [], []),
        ("2026-05-01T18:00", [here, abroad], [here]),
        ("2026-05-02T06:59", [here, abroad], [here]),
        ("2026-05-02T07:00", [here, abroad], [here, abroad]),  # 18:00 in New York
        ("2026-05-08T18:00", 2 * [here, abroad], 2 * [here] + [abroad]),
        ("2026-05-09T07:00", 2 * [here, abroad], 2 * [here, abroad]),
        ("2026-05-15T18:00", 2 * [here, abroad], 2 * [here, abroad]),
    ):
        for _ in range(2):
            await run_all(shop, tokyo(local))
        assert await holders(shop, by_store) == Counter(of_store), local
        assert await holders(shop, by_member) == Counter(of_members), local
    assert not await holders(shop, over)  # it began with that moment, not before it


async def test_what_happens_to_members_one_by_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_events, "BATCH_EVENTS", 2)
    joined, reached = await write(shop, Joined()), await write(shop, RankReached(rank="gold"))
    claimed = await write(shop, Claimed())

    async def sweep(now: datetime) -> list[int]:
        snapshot = (await shop.keeper()).current
        for campaign in (joined, reached, claimed):
            mark: Mark | None = None
            while True:
                mark = await in_transaction(
                    shop.pool,
                    partial(sweep_campaign, snapshot=snapshot, campaign=campaign, now=now, mark=mark),
                )
                if mark is None:
                    break
        return [(await holders(shop, campaign)).total() for campaign in (joined, reached, claimed)]

    assert await sweep(NOON - timedelta(hours=1)) == [0, 0, 0]
    members = [each.member_id for each in await shop.enrol(5)]  # at NOON, all at the same moment
    await _rank(shop, {})
    for member_id, former, code in (
        (members[0], None, "gold"),
        (members[1], "gold", "silver"),
        (members[2], None, "silver"),
    ):
        await shop.pool.execute(
            "INSERT INTO rank_changes (member_id, id, former_rank_code, rank_code, at)"
            " VALUES ($1, gen_random_uuid(), $2, $3, $4)",
            *(member_id, former, code, NOON),
        )
    assert await sweep(NOON) == [5, 1, 0]
    assert await sweep(at(60)) == [5, 1, 0]  # it has looked at the same once more
    keys = {row["period_key"] for row in await shop.rows("coupons")}
    assert keys == {"joined", "once"}


@pytest.mark.parametrize(
    ("rank", "former", "new", "is_one"),
    [
        (None, None, "silver", True),
        (None, "gold", "silver", False),
        ("gold", "silver", "gold", True),
        ("silver", None, "gold", True),  # passed over
        ("silver", "silver", "gold", False),
        ("gone", None, "gold", False),
    ],
)
def test_a_rank_is_reached(rank: str | None, former: str | None, new: str, is_one: bool) -> None:
    change = {"former_rank_code": former, "rank_code": new}
    assert is_reached(RankReached(rank=rank), change, {"silver": 10, "gold": 20}) is is_one


async def _rank(shop: Shop, ends: dict[MemberId, datetime]) -> None:
    """Everybody may be profiled; those who are named have gold until then, with nothing gathered."""
    await shop.pool.execute("UPDATE member_facts SET may_profile = true")
    await shop.pool.execute(
        "INSERT INTO rank_rules VALUES ($1, 'visits', 'rolling', 30, 'Asia/Tokyo', 1, $2)", shop.program.id, NOON
    )
    for code, threshold in (("silver", 10), ("gold", 20)):
        await shop.pool.execute("INSERT INTO ranks VALUES ($1, $2, '{}', $3)", shop.program.id, code, threshold)
    for member_id, end in ends.items():
        await shop.pool.execute(
            "INSERT INTO member_ranks VALUES ($1, $2, 'gold', $3, $4, 1)", member_id, shop.program.id, NOON, end
        )
