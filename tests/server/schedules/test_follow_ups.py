"""What comes after a coupon: each step once, when it is due, by what holds then, and by the version that began it."""

import asyncio
import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import FollowUp
from coupons.campaigns.campaigns_repository import update_campaign
from coupons.campaigns.follow_ups import FollowUpStep, GiveOffer, SendMessage, When
from coupons.campaigns.message_texts import EmailText, MessageTexts, PushText
from ids import CouponId
from kit.database import Connection, in_transaction
from members.contacts import seal_contact
from programs import programs_repository
from programs.mail_settings import MailSettings
from programs.mail_settings_repository import set_mail_settings
from push.fallback_repository import RefusedAttempt, refuse_messages
from server.issuing.release_messages import release_messages
from server.runtime.snapshot import Snapshot
from server.schedules.follow_up import follow_up_some
from tests.server.redemptions.test_undo_redemption import a_till
from tests.support.merging import becomes, earn, redeems
from tests.support.running import cancel_somewhere, holders
from tests.support.shop import NOON, Shop, Shopper

DAY_H = 24


def tell(when: When, after_hours: int, title: str) -> FollowUpStep:
    words = SendMessage({"ja": PushText(title, "{store}へどうぞ")})
    return FollowUpStep(after_hours=after_hours, when=when, action=words)


def give(when: When, after_hours: int, campaign: Campaign) -> FollowUpStep:
    return FollowUpStep(after_hours=after_hours, when=when, action=GiveOffer(campaign.id))


async def follow_up(shop: Shop, days: float, snapshot: Snapshot | None = None, most: int = 200) -> int:
    """All that one worker can do so many days after NOON."""
    known = snapshot or (await shop.keeper()).current
    now, total = NOON + timedelta(days=days), 0
    while count := await in_transaction(shop.pool, partial(follow_up_some, snapshot=known, now=now, most=most)):
        total += count
    return total


async def change(shop: Shop, campaign: Campaign, **changes: Any) -> Campaign:
    changed = msgspec.structs.replace(campaign, version=campaign.version + 1, **changes)

    async def work(conn: Connection) -> None:
        version = await programs_repository.bump_campaign_version(conn, shop.program.id)
        await update_campaign(conn, changed, version, NOON)

    await in_transaction(shop.pool, work)
    return changed


async def told(shop: Shop, shopper: Shopper) -> list[tuple[int, str | None, str]]:
    """The step, title and state of each message of the shopper's but the coupons' own."""
    rows = await shop.pool.fetch(
        "SELECT follow_up_step, payload ->> 'title' AS title, state FROM outbox"
        " WHERE member_id = $1 AND follow_up_step > 0 ORDER BY created_at, follow_up_step",
        shopper.member_id,
    )
    return [tuple(row) for row in rows]


async def fates(shop: Shop, shopper: Shopper) -> list[tuple[int, str]]:
    rows = await shop.pool.fetch(
        "SELECT (inputs -> 0 ->> 'step')::int, outcome FROM decisions"
        " WHERE member_id = $1 AND source = 'follow_up' AND inputs -> 0 ? 'step' ORDER BY event_at, id",
        shopper.member_id,
    )
    return [tuple(row) for row in rows]


async def the_coupon(shop: Shop, shopper: Shopper) -> CouponId:
    return CouponId(await shop.pool.fetchval("SELECT id FROM coupons WHERE member_id = $1", shopper.member_id))


async def see(shop: Shop, shopper: Shopper, day: datetime | None, *, may_profile: bool = True) -> None:
    """What is counted of the shopper's visits."""
    await shop.pool.execute(
        "UPDATE member_facts SET first_visit_on = $2, last_visit_on = $2, visits = $3, may_profile = $4"
        " WHERE member_id = $1",
        *(shopper.member_id, None if day is None else day.date(), int(day is not None), may_profile),
    )


async def test_each_step_is_judged_when_it_is_due_and_once(shop: Shop) -> None:
    other = await shop.write_campaign(trigger=FollowUp())
    steps = (
        tell("unused", 5 * DAY_H, "お忘れなく"),
        tell("used", 1, "ありがとう"),
        give("not_back", 25 * DAY_H, other),
    )
    await shop.write_campaign(follow_ups=steps)
    lazy, quick, back, private = await shop.enrol(4)
    for each in (lazy, quick, back, private):
        await earn(shop, each)
        await see(shop, each, None, may_profile=each is not private)
    assert await redeems(shop, await a_till(shop), quick.member_id, await the_coupon(shop, quick)) == "redeemed"
    assert await follow_up(shop, 4.9) == 0
    assert await follow_up(shop, 5) == 4
    assert await follow_up(shop, 5.01) == 0
    assert await told(shop, lazy) == [(1, "お忘れなく", "pending")]
    assert await told(shop, quick) == []
    assert await follow_up(shop, 6) == 4
    assert await told(shop, quick) == [(2, "ありがとう", "pending")]
    await see(shop, back, NOON + timedelta(days=9))
    assert await holders(shop, other) == {}
    assert await follow_up(shop, 31) == 4
    assert set(await holders(shop, other)) == {lazy.member_id, quick.member_id}
    assert await shop.count("follow_ups") == 0
    assert await fates(shop, lazy) == [(1, "followed_up"), (2, "not_so"), (3, "followed_up")]
    assert await fates(shop, quick) == [(1, "not_so"), (2, "followed_up"), (3, "followed_up")]
    assert (await fates(shop, back))[-1] == (3, "not_so")
    assert (await fates(shop, private))[-1] == (3, "not_so_unknown")
    row = await shop.pool.fetchrow("SELECT source_id FROM decisions WHERE $1 = ANY (campaign_ids) LIMIT 1", other.id)
    assert row is not None
    assert row["source_id"] is not None


async def test_workers_that_are_killed_do_each_step_once(shop: Shop) -> None:
    other = await shop.write_campaign(trigger=FollowUp())
    await shop.write_campaign(follow_ups=(give("unused", 1, other), tell("unused", 1, "お忘れなく")))
    shoppers = await shop.enrol(24)
    for each in shoppers:
        await earn(shop, each)
    snapshot = (await shop.keeper()).current
    chance = random.Random(12)

    async def work() -> None:
        await follow_up(shop, 1, snapshot, most=3)

    for _ in range(5):
        workers = [asyncio.create_task(work()) for _ in range(3)]
        await asyncio.gather(*(cancel_somewhere(worker, chance) for worker in workers))
    await asyncio.gather(*(work() for _ in range(3)))
    await work()
    assert await holders(shop, other) == dict.fromkeys([each.member_id for each in shoppers], 1)
    assert [await told(shop, each) for each in shoppers] == [[(2, "お忘れなく", "pending")]] * 24
    assert await shop.count("follow_ups") == 0
    assert [await fates(shop, each) for each in shoppers] == [[(1, "followed_up"), (2, "followed_up")]] * 24


async def test_who_began_with_a_version_keeps_its_steps_and_a_paused_campaigns_rest(shop: Shop) -> None:
    campaign = await shop.write_campaign(follow_ups=(tell("unused", DAY_H, "一"),))
    early, late = await shop.enrol(2)
    await earn(shop, early)
    changed = await change(shop, campaign, follow_ups=(tell("unused", 2 * DAY_H, "二"),))
    await earn(shop, late)
    none = await change(shop, changed, follow_ups=(), state="paused")
    assert await follow_up(shop, 1) == 0
    running = await change(shop, none, state="running")
    assert await follow_up(shop, 1.1) == 1
    assert await follow_up(shop, 2) == 1
    assert (await told(shop, early), await told(shop, late)) == ([(1, "一", "pending")], [(1, "二", "pending")])
    assert running.version == 4


@pytest.mark.parametrize("ending", ["ended", "withdrawn", "blocked", "undone"])
async def test_what_is_over_ends_the_steps(shop: Shop, ending: str) -> None:
    campaign = await shop.write_campaign(follow_ups=(tell("unused", DAY_H, "一"), tell("not_back", DAY_H, "二")))
    (shopper,) = await shop.enrol()
    await earn(shop, shopper)
    if ending in ("ended", "withdrawn"):
        await change(shop, campaign, state="ended")
    if ending == "withdrawn":
        await shop.pool.execute("UPDATE campaigns SET withdrawn_at = $1, withdrawal_reason = '{}'", NOON)
    if ending == "blocked":
        await shop.pool.execute("UPDATE members SET state = 'blocked'")
    if ending == "undone":
        await shop.pool.execute(
            "INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, undone_scan_id,"
            " redeemed_at) SELECT member_id, id, 1, 1, program_id, campaign_id, id, issued_at FROM coupons"
        )
    assert await follow_up(shop, 1) == 1
    assert await shop.count("follow_ups") == 0
    assert await told(shop, shopper) == []
    assert await fates(shop, shopper) == [(1, "follow_up_over")]


@pytest.mark.parametrize("is_used", [False, True])
async def test_the_steps_go_on_with_who_the_member_becomes(shop: Shop, *, is_used: bool) -> None:
    await shop.write_campaign(follow_ups=(tell("unused", DAY_H, "一"), tell("used", DAY_H, "二")))
    old, new = await shop.enrol(2)
    await earn(shop, new)
    if is_used:
        assert await redeems(shop, await a_till(shop), new.member_id, await the_coupon(shop, new)) == "redeemed"
    await becomes(shop, new, old)
    assert [row["member_id"] for row in await shop.rows("follow_ups", "coupon_id")] == [old.member_id]
    await follow_up(shop, 1)
    await follow_up(shop, 2)
    verdicts = ["not_so", "followed_up"] if is_used else ["followed_up", "not_so"]
    assert [outcome for _, outcome in await fates(shop, old)] == verdicts


async def test_the_governor_holds_a_step_as_any_message(shop: Shop) -> None:
    """Caps of the member's day, and no message without consent; the step is done all the same."""
    await shop.pool.execute("UPDATE programs SET message_day_cap = 1")
    steps = tuple(tell("unused", 1, str(n)) for n in range(2))
    await shop.write_campaign(follow_ups=steps)
    (shopper,) = await shop.enrol()
    (quiet,) = await shop.enrol(push=False)
    for each in (shopper, quiet):
        await earn(shop, each)
    await follow_up(shop, 1)
    await follow_up(shop, 1.1)
    assert [state for _, _, state in await told(shop, shopper)] == ["pending", "dropped"]
    assert await told(shop, quiet) == [(1, None, "dropped"), (2, None, "dropped")]


async def test_a_step_goes_by_the_channels_of_its_campaign(shop: Shop) -> None:
    words = MessageTexts(email={"ja": EmailText("{store}から", "お忘れなく")})
    (reached, other) = await shop.enrol(2)
    settings = MailSettings(
        sender_name="喫茶", postal_address="東京都", contact="03-1234-5678", per_minute=None, is_double_opt_in=False
    )
    await in_transaction(shop.pool, lambda conn: set_mail_settings(conn, shop.program.id, settings, NOON))
    contact = seal_contact(shop.keyring, shop.program.id, "email", "hana@example.com")
    await shop.pool.execute(
        "INSERT INTO handles (program_id, kind, value_hash, member_id, sealed_value, stands_at)"
        " VALUES ($1, 'email', $2, $3, $4, $5)",
        *(shop.program.id, contact.value_hash, reached.member_id, contact.sealed_value, NOON),
    )
    await shop.pool.execute("UPDATE members SET email_consent = true WHERE member_id = $1", reached.member_id)
    by_mail = SendMessage({"ja": PushText("お忘れなく", "どうぞ")}, words)
    steps = (FollowUpStep(after_hours=1, when="unused", action=by_mail), tell("unused", 1, "語のない段"))
    await shop.write_campaign(follow_ups=steps, messages=words, channels=("email", "push"))
    for each in (reached, other):
        await earn(shop, each)
    await follow_up(shop, 1)
    query = (
        "SELECT follow_up_step, channel, payload -> 'parts' ->> 'subject' IS NOT NULL AS is_mail, state FROM outbox"
        " WHERE member_id = $1 ORDER BY follow_up_step"
    )
    for shopper, first in ((reached, "email"), (other, "push")):
        rows = [tuple(row) for row in await shop.pool.fetch(query, shopper.member_id)]
        is_mail = first == "email"
        assert rows == [
            (0, first, is_mail, "pending"),
            (1, first, is_mail, "pending"),
            (2, "push", False, "pending"),
        ]
    later = NOON + timedelta(days=1)
    sending = "UPDATE outbox SET state = 'sending', attempts = 1, lease_until = $1 WHERE channel = 'email' RETURNING id"
    mails = [row["id"] for row in await shop.pool.fetch(sending, later)]
    refused = [RefusedAttempt(member_id=reached.member_id, id=each, attempts=1, reason="smtp_550") for each in mails]
    assert await in_transaction(shop.pool, lambda conn: refuse_messages(conn, refused, later)) == {mails[1]}, "in time"
    assert await release_messages(shop.pool, later) == 1
    rows = [tuple(row)[:3] for row in await shop.pool.fetch(query, reached.member_id)]
    assert rows == [(0, "email", True), (1, "push", False), (2, "push", False)]
    title = "SELECT payload ->> 'title' FROM outbox WHERE id = $1"
    assert await shop.pool.fetchval(title, mails[1]) == "お忘れなく", "in the step's own words"
