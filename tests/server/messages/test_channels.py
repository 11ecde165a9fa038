"""By which channel a campaign's message goes: from a visit at the till to what each provider's double was given."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from devtools.line_double import broken
from kit.clock import utc_now
from kit.ids import new_id
from members.contacts import seal_contact
from server.issuing.release_messages import release_messages
from tests.support.channel_street import MAIL, PLAIN, WORDS, Street, consent
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.proving import KEYRING
from tests.support.world import Chain, Json


async def test_the_first_channel_that_reaches_a_member_takes_the_message_and_no_other(street: Street) -> None:
    campaign_id = await street.write("push", "line", "email")
    hana = await street.enrol(email="hana@choice.example", line="U-hana")
    ken, yuki = await street.enrol(email="ken@choice.example"), await street.enrol()
    await street.visit(hana, ken, yuki)
    assert await street.fates(campaign_id) == [
        ("line", "pending", None),
        ("email", "pending", None),
        ("push", "dropped", "no_consent"),
    ]
    await street.deliver()
    assert await street.deliver() == {}, "each once"
    assert [state for _, state, _ in await street.fates(campaign_id)] == ["sent", "sent", "dropped"]
    (told,) = [each for each in street.line.received if each.by == "push"]
    assert told.user_id == "U-hana"
    assert "https://card.example/coupons/" in str(told.messages)
    assert street.mailed("hana@choice.example") == []
    (mail,) = street.mailed("ken@choice.example")
    assert mail["Subject"].endswith("から珈琲を一杯")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_body(("plain",)).get_content()
    assert "https://card.example/coupons/" in text
    assert MAIL["postal_address"] in text
    kept = "SELECT count(*) FROM outbox WHERE campaign_id = $1 AND (payload IS NOT NULL OR sealed_message IS NOT NULL)"
    assert await street.chain.world.pool.fetchval(kept, UUID(campaign_id)) == 0, "what is over keeps no words"
    report = ok(await street.chain.owner.get(f"/v1/campaigns/{campaign_id}/report"))
    assert report["other_messages"] == {"line": {"sent": 1}, "email": {"sent": 1}}
    assert report["pushes_dropped"] == {"no_consent": 1}
    assert [await street.counted(each) for each in (hana, ken, yuki)] == [1, 1, 0]


async def test_what_has_changed_since_is_kept_to_when_it_is_sent(street: Street) -> None:
    campaign_id = await street.write("line", "email")
    leaver = await street.enrol(email="leaver@choice.example")
    unlinked = await street.enrol(line="U-unlinked")
    mover = await street.enrol(email="old@choice.example")
    await street.visit(leaver, unlinked, mover)
    ok(await leaver.app.put("/v1/me/consents", {"consents": [consent("email", granted=False)]}))
    assert (await unlinked.app.delete("/v1/me/line")).status_code == 204
    new = seal_contact(KEYRING, street.chain.id, "email", "new@choice.example")
    moved = "UPDATE handles SET value_hash = $2, sealed_value = $3 WHERE member_id = $1 AND kind = 'email'"
    await street.change(moved, mover.id, new.value_hash, new.sealed_value)
    await street.deliver()
    await street.release()  # no other channel reaches them
    assert await street.fates(campaign_id) == [
        ("email", "dropped", "no_consent"),
        ("line", "dropped", "unreachable"),
        ("email", "sent", None),
    ]
    assert [each.by for each in street.line.received] == []
    assert (street.mailed("leaver@choice.example"), street.mailed("old@choice.example")) == ([], [])
    assert len(street.mailed("new@choice.example")) == 1
    assert [await street.counted(each) for each in (leaver, unlinked, mover)] == [0, 0, 1]


async def test_quiet_hours_a_used_coupon_and_the_quota_hold_for_every_channel(street: Street) -> None:
    pool, now = street.chain.world.pool, utc_now()
    campaign_id = await street.write("email")
    late, used, over = [await street.enrol(email=f"{name}@choice.example") for name in ("late", "used", "over")]
    await street.visit(late, used)
    evening = "UPDATE outbox SET rings_until = $2 WHERE campaign_id = $1 AND member_id = $3"
    await street.change(evening, UUID(campaign_id), now - timedelta(seconds=1), late.id)
    spent = (
        "INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, had_as, redeemed_at)"
        " SELECT member_id, id, program_id, campaign_id, store_id, member_id, now() FROM coupons WHERE member_id = $1"
    )
    await street.change(spent, used.id)
    await street.deliver()
    assert await street.fates(campaign_id) == [
        ("email", "deferred", "quiet_hours"),
        ("email", "dropped", "coupon_used"),
    ]
    assert [await street.counted(each) for each in (late, used)] == [0, 0]
    await release_messages(pool, utc_now())
    assert await street.counted(late) == 1
    await street.change("UPDATE programs SET message_quota = 1 WHERE id = $1", street.chain.id)
    await street.deliver()
    await street.visit(over)
    await street.deliver()
    fates = await street.fates(campaign_id)
    assert [fates[0], fates[2]] == [("email", "sent", None), ("email", "dropped", "quota")]
    assert (len(street.mailed("late@choice.example")), len(street.mailed("over@choice.example"))) == (1, 0)
    assert [await street.counted(each) for each in (late, over)] == [1, 0]


async def test_what_a_provider_has_refused_is_sent_again_by_the_same_channel(street: Street) -> None:
    campaign_id = await street.write("line")
    member = await street.enrol(line="U-again")
    await street.visit(member)
    street.line.faults.append(broken(400))
    await street.deliver()
    assert await street.fates(campaign_id) == [("line", "failed", "line_400")]
    assert await street.counted(member) == 0
    resent = ok(await street.chain.owner.post("/v1/dead-letters/resend", {"campaign_id": campaign_id}))
    assert resent["resent"] == 1
    await release_messages(street.chain.world.pool, utc_now())
    await street.deliver()
    assert await street.fates(campaign_id) == [("line", "sent", None)]
    assert [each.user_id for each in street.line.received] == ["U-again"]


async def test_the_database_knows_one_message_of_a_coupon(street: Street) -> None:
    campaign_id = await street.write("email")
    await street.visit(await street.enrol(email="once@choice.example"))
    second = (
        "INSERT INTO outbox (member_id, id, program_id, channel, coupon_id, campaign_id, payload, state,"
        " next_attempt_at, expires_at, created_at)"
        " SELECT member_id, $2, program_id, 'line', coupon_id, campaign_id, payload, state, next_attempt_at,"
        " expires_at, created_at FROM outbox WHERE campaign_id = $1"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="outbox_coupon_key"):
        await street.change(second, UUID(campaign_id), new_id())
    await street.deliver()
    assert len(street.mailed("once@choice.example")) == 1


async def test_explain_tells_by_which_channel(street: Street) -> None:
    campaign_id = await street.write("email")
    member = await street.enrol(email="told@choice.example")
    await street.visit(member)
    await street.deliver()
    answer = await street.chain.owner.post(f"/v1/campaigns/{campaign_id}/explain", {"member_id": str(member.id)})
    (decision,) = ok(answer)["decisions"]
    assert decision["message"]["channel"] == "email"
    assert decision["message"]["told"]["en"].startswith("Its e-mail was sent at ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"channels": ["push", "email"], "messages": {}}, "Give words in messages.email"),
        ({"channels": ["push", "push"]}, "Name each channel once"),
        ({"channels": ["line"], "messages": WORDS}, "PUT /v1/program/line"),
        ({"channels": ["email"], "messages": WORDS}, "PUT /v1/program/mail"),
        ({"channels": ["sms"], "messages": WORDS}, "sms_route of PUT /v1/program/phone"),
        ({"channels": ["push", "voice"], "messages": WORDS}, "voice_sender of PUT /v1/program/phone"),
        ({"channels": ["email"], "messages": {}, "trigger": {"kind": "code"}, "offer": PLAIN}, "Leave out channels"),
    ],
)
async def test_a_campaign_without_what_its_channels_take_is_refused(chain: Chain, body: Json, said: str) -> None:
    written = await chain.add_campaign(trigger={"kind": "visit"})
    asked = {"trigger": {"kind": "visit"}} | body
    problem = expect_problem(await chain.owner.patch(f"/v1/campaigns/{written}", asked), 400, "invalid-request")
    assert said in problem["detail"]


@pytest.mark.parametrize("channels", [[], ["messenger"], ["push", "line", "email", "sms", "voice", "push"]])
async def test_other_channels_are_no_campaigns(chain: Chain, channels: list[str]) -> None:
    written = await chain.add_campaign(trigger={"kind": "visit"})
    answer = await chain.owner.patch(f"/v1/campaigns/{written}", {"channels": channels})
    expect_problem(answer, 400, "invalid-request")
