"""Two members become one: the survivor gets what the other could still use, and no period's coupon a second time.

A period's coupon is once a person. So the survivor gets a coupon for each period in which the other had one: what the
other could use is issued anew; for what was used or is over one is written that has ended already (`had_as`), so that
the one unique index of `coupons` holds for all the names that a person has had.
"""

from datetime import datetime
from typing import Any

from coupons.campaigns.follow_ups_repository import move_follow_ups
from coupons.coupon import NewCoupon
from coupons.coupons_repository import find_issued_keys, issue_coupons
from coupons.issuing.last_ones_repository import pass_versions_on
from ids import CouponId, MemberId
from kit.database import Connection
from kit.ids import new_id
from kit.sql import load_queries

QUERIES = load_queries(__file__, "moves.sql")


def _moved_key(period_key: str, member_id: MemberId) -> str:
    """A reward's key has a colon and names an earning event of that member: it must not meet the survivor's own.

    The key of a calendar period must meet it, or the survivor would have that period's coupon twice.
    """
    return f"{period_key}:{member_id}" if ":" in period_key else period_key


def _of_survivor(row: dict[str, Any], member_id: MemberId) -> dict[str, Any]:
    """The uses that the other has made: of a period's coupon they end later (`end_second_uses`), of a reward's here."""
    period_key, uses_left = row["period_key"], row.pop("uses_left")
    uses = uses_left if ":" in period_key else row["uses"]
    return row | {"period_key": _moved_key(period_key, member_id), "uses": uses}


async def move_coupons(conn: Connection, member_id: MemberId, survivor_id: MemberId, now: datetime) -> int:
    """After the members are one. How many usable coupons the survivor got by it.

    What a till redeems at this very moment does not move, or the till is refused. A coupon that the survivor has, or
    has had, of the same campaign and period is not given twice; of one that they could still use as many uses end as
    the other has made of theirs. No budget is asked: the places are taken already.
    """
    moved = await _move_usable(conn, member_id, survivor_id, now)
    await end_second_uses(conn, survivor_id, now)
    await _mark_had_periods(conn, member_id, survivor_id, now)
    await pass_versions_on(conn, member_id, survivor_id)
    await move_follow_ups(conn, member_id, survivor_id)
    return moved


async def end_second_uses(conn: Connection, survivor_id: MemberId, now: datetime) -> None:
    """Of a period's coupon the survivor has the uses that they have not made as somebody who became them."""
    used = await conn.fetch(QUERIES.list_uses_of_aliases, survivor_id)
    if used:
        await conn.execute(
            *QUERIES.end_second_uses(
                survivor_id=survivor_id,
                now=now,
                campaign_id=[row["campaign_id"] for row in used],
                period_key=[row["period_key"] for row in used],
                times=[row["times"] for row in used],
                had_as=[row["member_id"] for row in used],
            )
        )


async def _move_usable(conn: Connection, member_id: MemberId, survivor_id: MemberId, now: datetime) -> int:
    rows = await conn.fetch(QUERIES.end_moving_coupons, member_id, survivor_id, now)
    if not rows:
        return 0
    fresh = [
        NewCoupon(
            id=CouponId(new_id()),
            member_id=survivor_id,
            budgets=(),
            last_before=None,
            issued_at=now,
            **_of_survivor(dict(row), member_id),
        )
        for row in rows
    ]
    issuance = await issue_coupons(conn, fresh, await find_issued_keys(conn, fresh))
    return sum(outcome == "issued" for outcome in issuance.outcomes.values())


async def _mark_had_periods(conn: Connection, member_id: MemberId, survivor_id: MemberId, now: datetime) -> None:
    theirs = await conn.fetch(QUERIES.list_periods, survivor_id)
    campaigns, periods = [row["campaign_id"] for row in theirs], [row["period_key"] for row in theirs]
    rows = await conn.fetch(QUERIES.list_had_periods, member_id, campaigns, periods)
    if not rows:
        return
    had_as = [row["had_as"] for row in rows]
    marks = [
        NewCoupon(
            id=CouponId(new_id()),
            member_id=survivor_id,
            budgets=(),
            last_before=None,
            **{name: value for name, value in row.items() if name != "had_as"},
        )
        for row in rows
    ]
    # Nobody else issues to the survivor until our commit: all of them are new.
    await issue_coupons(conn, marks, had=())
    coupon_ids = [mark.id for mark in marks]
    await conn.execute(*QUERIES.end_had_coupons(member_id=survivor_id, coupon_id=coupon_ids, had_as=had_as, now=now))
