"""What phones tell of their pushes: once each, late, of their own member only; and what reports make of it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ids import CampaignId
from kit.clock import utc_now
from kit.database import in_transaction
from kit.ids import new_id
from push.receipts_repository import record_receipt, sum_receipts
from server.problems import Problem
from server.receipts.report_message_events import (
    MessageEventsResult,
    NewMessageEvent,
    ReportEvents,
    report_message_events,
)
from tests.support.lives import ok
from tests.support.merging import becomes
from tests.support.shop import NOON, Shop, at, fix
from tests.support.stage import walk_in
from tests.support.verifying import device_of
from tests.support.world import Chain, Member

EVENTS = "/v1/me/message-events"


async def told(member: Member, chain: Chain) -> str:
    """Somebody with a coupon, whose push waits. Returns its id."""
    token = {"token": f"address-of-{member.id}", "kind": "fid"}
    ok(await member.app.put("/v1/me/device/push-token", token))
    agreed = [{"purpose": purpose, "granted": True, "text_version": "1"} for purpose in ("push", "profiling")]
    ok(await member.app.put("/v1/me/consents", {"consents": agreed}))
    (coupon_id,) = await walk_in(member)
    push_id = await chain.world.pool.fetchval("SELECT id FROM outbox WHERE coupon_id = $1", UUID(coupon_id))
    return str(push_id)


async def opened_door(chain: Chain) -> str:
    await chain.add_geofence(await chain.add_store())
    return str(await chain.add_campaign())


async def report(member: Member, *events: tuple[str, str, float]) -> Any:
    body = [{"push_id": push_id, "event": event, "age_s": age_s} for push_id, event, age_s in events]
    return ok(await member.app.post(EVENTS, {"events": body}))


async def test_what_a_phone_tells_counts_once_and_stands_in_the_report_and_the_explanation(chain: Chain) -> None:
    campaign_id = await opened_door(chain)
    member = await chain.enrol()
    push_id = await told(member, chain)
    events = [(push_id, "received", 60.0), (push_id, "displayed", 59.5), (push_id, "displayed", 1.0)]
    assert await report(member, *events) == {"recorded": 2, "repeated": 1, "no_consent": 0, "refused": []}
    assert await report(member, *events, (push_id, "opened", 0.0)) == {
        "recorded": 1, "repeated": 3, "no_consent": 0, "refused": [],
    }  # fmt: skip
    shown = (await chain.owner.get(f"/v1/campaigns/{campaign_id}/report")).json()["receipts"]
    assert {kind: times for kind, times in shown["push"].items() if times} == {
        "delivered": 1, "displayed": 1, "opened": 1,
    }  # fmt: skip
    asked = {"member_id": str(member.id), "at": utc_now().isoformat()}
    (decision,) = ok(await chain.owner.post(f"/v1/campaigns/{campaign_id}/explain", asked))["decisions"]
    message = decision["message"]
    assert message["displayed_at"] <= message["opened_at"]
    assert "It was displayed at 2" in message["told"]["en"]
    assert "に開封されました。" in message["told"]["ja"]


async def test_a_phones_wrong_clock_does_not_matter_and_nothing_is_before_its_message(chain: Chain) -> None:
    await opened_door(chain)
    member = await chain.enrol()
    push_id = await told(member, chain)
    await report(member, (push_id, "displayed", 6 * 86400.0))
    row = await chain.world.pool.fetchrow(
        "SELECT r.at, o.created_at FROM message_receipts r"
        " JOIN outbox o ON (o.member_id, o.id) = (r.member_id, r.message_id) WHERE r.message_id = $1",
        UUID(push_id),
    )
    assert row is not None
    assert row["at"] == row["created_at"]


async def test_what_cannot_be_used_is_said_and_costs_nothing_else(chain: Chain) -> None:
    await opened_door(chain)
    member, other = await chain.enrol(), await chain.enrol()
    push_id, others = await told(member, chain), await told(other, chain)
    body = [
        {"push_id": others, "event": "displayed", "age_s": 1},
        {"push_id": str(new_id()), "event": "opened", "age_s": 1},
        {"push_id": push_id, "event": "swiped", "age_s": 1},
        {"push_id": push_id, "event": "displayed", "age_s": -1},
        {"push_id": push_id, "event": "displayed", "age_s": 7 * 86400 + 1},
        {"push_id": push_id, "event": "displayed", "age_s": 1, "extra": True},
        7,
        {"push_id": push_id, "event": "received", "age_s": 7 * 86400},
    ]
    answer = ok(await member.app.post(EVENTS, {"events": body}))
    reasons = ["unknown", "unknown", "unreadable", "unreadable", "too_old", "unreadable", "unreadable"]
    assert answer == {
        "recorded": 1,
        "repeated": 0,
        "no_consent": 0,
        "refused": [{"index": index, "reason": reason} for index, reason in enumerate(reasons)],
    }
    assert await chain.world.pool.fetchval("SELECT count(*) FROM message_receipts WHERE member_id = $1", other.id) == 0


async def test_who_became_somebody_else_tells_of_the_messages_of_before(shop: Shop) -> None:
    await shop.write_campaign("enter")
    old, new = await shop.enrol(2)
    await shop.locate(new.sends(fix(NOON)))
    (message,) = await shop.rows("outbox")
    device = await device_of(shop, await becomes(shop, new, old))
    events = [NewMessageEvent(message["id"], "displayed", 5.0)]
    (answer,) = await report_message_events(shop.pool, [ReportEvents(device=device, events=events, now=at(700))])
    assert isinstance(answer, MessageEventsResult)
    assert (answer.recorded, answer.refused) == (1, [])
    (receipt,) = await shop.rows("message_receipts", "member_id")
    assert (receipt["member_id"], receipt["at"]) == (new.member_id, at(695))


async def test_reports_that_share_a_transaction_are_answered_each_by_itself(shop: Shop) -> None:
    await shop.write_campaign("enter")
    first, second, gone = await shop.enrol(3)
    await shop.locate(*(each.sends(fix(NOON)) for each in (first, second, gone)))
    messages = {row["member_id"]: row["id"] for row in await shop.rows("outbox")}
    devices = [await device_of(shop, each) for each in (first, second, gone)]
    await shop.pool.execute("UPDATE devices SET revoked_at = now() WHERE member_id = $1", gone.member_id)
    told = (
        messages[first.member_id],
        messages[first.member_id],
        messages[gone.member_id],
    )  # the second one's is not theirs
    reports = [
        ReportEvents(device=device, events=[NewMessageEvent(each, "displayed", 5.0), None], now=at(700))
        for device, each in zip(devices, told, strict=True)
    ]
    own, others, signed_out = await report_message_events(shop.pool, reports)
    assert isinstance(own, MessageEventsResult)
    assert isinstance(others, MessageEventsResult)
    assert isinstance(signed_out, Problem)
    assert (own.recorded, [each.reason for each in own.refused]) == (1, ["unreadable"])
    assert (others.recorded, [each.reason for each in others.refused]) == (0, ["unknown", "unreadable"])
    assert [row["member_id"] for row in await shop.rows("message_receipts", "member_id")] == [first.member_id]


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": [7] * 201}, {"events": 7}, [], {"events": [], "x": 1}])
async def test_a_body_that_is_no_report_is_refused(chain: Chain, body: object) -> None:
    member = await chain.enrol()
    assert (await member.app.post(EVENTS, body)).status_code == 400


async def test_that_a_message_was_opened_is_kept_only_with_the_consent_to_profiling(chain: Chain) -> None:
    await opened_door(chain)
    member = await chain.enrol()
    push_id = await told(member, chain)
    withdrawn = [{"purpose": "profiling", "granted": False, "text_version": "1"}]
    ok(await member.app.put("/v1/me/consents", {"consents": withdrawn}))
    answer = await report(member, (push_id, "displayed", 1.0), (push_id, "opened", 0.0))
    assert (answer["recorded"], answer["no_consent"]) == (1, 1)
    kinds = await chain.world.pool.fetch("SELECT kind FROM message_receipts WHERE member_id = $1", member.id)
    assert [row["kind"] for row in kinds] == ["displayed"]


async def test_reports_at_once_count_each_message_once(chain: Chain) -> None:
    campaign_id = CampaignId(UUID(await opened_door(chain)))
    members = [await chain.enrol() for _ in range(3)]
    push_ids = [await told(member, chain) for member in members]
    pool, now = chain.world.pool, utc_now()

    async def webhook(member: Member, push_id: str) -> None:
        await in_transaction(
            pool, lambda conn: record_receipt(conn, member.id, UUID(push_id), "displayed", now - timedelta(seconds=1))
        )

    again = [(member, push_id) for member, push_id in zip(members, push_ids, strict=True) for _ in range(3)]
    await asyncio.gather(*(webhook(*each) for each in again), *(report(m, (p, "displayed", 1.0)) for m, p in again))
    async with pool.acquire() as conn:
        assert (await sum_receipts(conn, campaign_id))["push"].displayed == 3
