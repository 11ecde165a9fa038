"""What one channel refuses for good goes by the next one, as the same message; what may have arrived never does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from devtools.line_double import broken
from kit.clock import utc_now
from kit.ids import new_id
from push.dispatch import DispatchCount
from push.fallback import Refusal, open_channels
from push.messages import Push
from push.sender import NO_ANSWER, SendError, SendResult
from server.issuing.release_messages import release_messages, release_some
from tests.support.channel_street import Street, consent
from tests.support.lives import ok
from tests.support.world import Member

GONE = SendError(404, "UNREGISTERED")


class Refusing:
    """A push service that answers each push with the next error; with the last of them to the end. None: taken."""

    def __init__(self, *errors: SendError | None, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.errors, self.meanwhile = list(errors), meanwhile
        self.tokens: list[str] = []

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        if self.meanwhile is not None:
            await self.meanwhile()
        return [self._answer(push) for push in pushes]

    def _answer(self, push: Push) -> SendResult:
        self.tokens.append(push.token)
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        return SendResult("projects/1" if error is None else None, error)

    async def close(self) -> None:
        return None


async def refused_push(street: Street, name: str, **changes: object) -> tuple[str, Member]:
    """A campaign by push, LINE and e-mail, and a member whose app is gone from the phone; they have e-mail."""
    campaign_id = await street.write("push", "line", "email", **changes)
    member = await street.enrol(email=f"{name}@fallback.example", push=f"token-{name}")
    await street.visit(member)
    assert await street.push(Refusing(GONE)) == DispatchCount(leased=1, refused=1)
    assert await street.fates(campaign_id) == [("push", "refused", "unregistered")]
    return campaign_id, member


async def test_the_next_channel_that_reaches_takes_the_place_of_one_that_refuses(street: Street) -> None:
    campaign_id, member = await refused_push(street, "next")
    assert await street.counted(member) == 1
    assert await street.release() == 1
    assert await street.fates(campaign_id) == [("email", "pending", None)]
    await street.deliver()
    assert (await street.release(), await street.deliver()) == (0, {}), "once, and by one channel"
    (mail,) = street.mailed("next@fallback.example")
    assert "https://card.example/coupons/" in mail.get_body(("plain",)).get_content()
    assert await street.counted(member) == 1, "one place in the caps for all of it"
    report = ok(await street.chain.owner.get(f"/v1/campaigns/{campaign_id}/report"))
    assert (report["other_messages"], report["pushes_failed"]) == ({"email": {"sent": 1}}, 0)
    answer = await street.chain.owner.post(f"/v1/campaigns/{campaign_id}/explain", {"member_id": str(member.id)})
    told = ok(answer)["decisions"][0]["message"]
    assert [(each["channel"], each["reason"]) for each in told["refusals"]] == [("push", "unregistered")]
    assert told["told"]["en"].startswith("By push it could not be delivered (unregistered, ")
    assert " Its e-mail was sent at " in told["told"]["en"]


@pytest.mark.parametrize("why", ["blocked", "refused", "unlinked", "removed", "bounced", "suppressed", "no consent"])
async def test_each_final_refusal_gives_place_to_the_next_channel(street: Street, why: str) -> None:
    is_mail = why in ("bounced", "suppressed", "no consent")
    first, last = ("email", "line") if is_mail else ("line", "email")
    campaign_id = await street.write(first, last)
    address, user = f"{why.replace(' ', '-')}@refusal.example", f"U-{why}"
    member = await street.enrol(email=address, line=user)
    await street.visit(member)
    refusals: dict[str, Callable[[], Awaitable[object]]] = {
        "blocked": lambda: street.change("UPDATE line_links SET blocked_at = now() WHERE member_id = $1", member.id),
        "refused": lambda: _script(lambda: street.line.faults.append(broken(400))),
        "unlinked": lambda: member.app.delete("/v1/me/line"),
        "removed": lambda: street.change("DELETE FROM line_channels"),
        "bounced": lambda: _script(lambda: street.mail.faults.append(("RCPT", "550 5.1.1 no such user"))),
        "suppressed": lambda: street.change(
            "INSERT INTO email_suppressions (member_id, value_hash, program_id, reason, at)"
            " SELECT member_id, value_hash, program_id, 'bounced', now() FROM handles WHERE member_id = $1",
            member.id,
        ),
        "no consent": lambda: member.app.put("/v1/me/consents", {"consents": [consent("email", granted=False)]}),
    }
    await refusals[why]()
    await street.deliver()
    ((channel, state, _),) = await street.fates(campaign_id)
    assert (channel, state) == (first, "refused")
    await street.release()
    await street.deliver()
    assert await street.fates(campaign_id) == [(last, "sent", None)]
    assert len(street.mailed(address)) + len([each for each in street.line.received if each.user_id == user]) == 1
    assert await street.counted(member) == 1


async def _script(change: Callable[[], object]) -> None:
    change()


NEVER = {
    "late": "UPDATE outbox SET created_at = now() - interval '61 minutes' WHERE member_id = $1",
    "told not to": "UPDATE campaigns SET fallback_within_minutes = 0",
    "no other channel": "UPDATE campaigns SET channels = '{push}'",
    "another worker died with it": "UPDATE outbox SET attempts = attempts + 1 WHERE member_id = $1",
}


@pytest.mark.parametrize("why", [*NEVER, "an answer was lost"])
async def test_what_may_have_arrived_or_is_too_late_fails_as_it_is(street: Street, why: str) -> None:
    campaign_id = await street.write("push", "email")
    member = await street.enrol(email=f"{len(why)}@never.example", push=f"token-{why}")
    await street.visit(member)
    if why in NEVER:
        await street.change(NEVER[why], *([member.id] if "$1" in NEVER[why] else []))
    else:
        assert (await street.push(Refusing(SendError(None, NO_ANSWER)))).retryable == 1
        await street.change("UPDATE outbox SET next_attempt_at = now() WHERE member_id = $1", member.id)
    assert (await street.push(Refusing(GONE))).failed == 1
    assert (await street.release(), await street.fates(campaign_id)) == (0, [("push", "failed", "unregistered")])
    assert await street.counted(member) == 0


CHANGES = {
    "coupon_used": "INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, had_as,"
    " redeemed_at) SELECT member_id, id, program_id, campaign_id, store_id, member_id, now() FROM coupons"
    " WHERE member_id = $1",
    "coupon_withdrawn": "UPDATE campaigns SET state = 'ended', withdrawn_at = now(),"
    ' withdrawal_reason = \'{"ja": "x", "en": "x"}\''
    " WHERE id = (SELECT campaign_id FROM coupons WHERE member_id = $1)",
    "stale": "UPDATE outbox SET expires_at = now() WHERE member_id = $1",
    "member_closed": "UPDATE members SET state = 'closed' WHERE member_id = $1",
}


@pytest.mark.parametrize("reason", CHANGES)
async def test_the_governor_is_asked_again_before_another_channel_is(street: Street, reason: str) -> None:
    campaign_id, member = await refused_push(street, reason)
    await street.change(CHANGES[reason], member.id)
    await street.release()
    assert await street.fates(campaign_id) == [("push", "dropped", reason)]
    assert (await street.counted(member), await street.deliver()) == (0, {})


async def test_the_place_in_the_caps_is_kept_on_the_way(street: Street) -> None:
    await street.change("UPDATE programs SET message_day_cap = 1 WHERE id = $1", street.chain.id)
    campaign_id, member = await refused_push(street, "capped")
    assert await street.counted(member) == 1, "nobody else takes it"
    await street.release()
    assert await street.fates(campaign_id) == [("email", "pending", None)], "it asks for no second one"
    assert await street.counted(member) == 1


async def test_in_quiet_hours_the_next_channel_waits_and_counts_when_it_goes(street: Street) -> None:
    campaign_id, member = await refused_push(street, "night")
    now = utc_now()
    night = (
        "UPDATE campaigns SET own_quiet_hours = true, quiet_start = (now() AT TIME ZONE 'Asia/Tokyo')::time"
        " - interval '1 hour', quiet_end = (now() AT TIME ZONE 'Asia/Tokyo')::time + interval '1 hour' WHERE id = $1"
    )
    await street.change(night, UUID(campaign_id))
    await street.release()
    assert await street.fates(campaign_id) == [("email", "deferred", None)]
    assert await street.counted(member) == 0
    await release_messages(street.pool, now + timedelta(minutes=61))
    assert await street.fates(campaign_id) == [("email", "pending", None)]
    assert await street.counted(member) == 1


async def test_a_member_with_another_phone_is_pushed_to_there(street: Street) -> None:
    campaign_id = await street.write("push", "email")
    member = await street.enrol(email="two@fallback.example", push="token-old")
    second = (
        "INSERT INTO devices (member_id, id, program_id, token_hash, platform, locale, push_token, push_token_kind,"
        " push_token_state, created_at, last_seen_at)"
        " SELECT member_id, $2, program_id, token_hash, platform, locale, 'token-new', push_token_kind, 'active',"
        " created_at, last_seen_at FROM devices WHERE member_id = $1"
    )
    await street.visit(member)
    await street.change(second, member.id, new_id())
    sender = Refusing(GONE, None)
    await street.push(sender)
    await street.release()
    assert (await street.push(sender)).sent == 1
    assert sender.tokens == ["token-old", "token-new"]
    assert await street.fates(campaign_id) == [("push", "sent", None)]


async def test_where_no_other_channel_reaches_it_has_failed_and_can_be_sent_again(street: Street) -> None:
    campaign_id = await street.write("line", "email")
    member = await street.enrol(line="U-alone")
    await street.visit(member)
    street.line.faults.append(broken(400))
    await street.deliver()
    await street.release()
    assert await street.fates(campaign_id) == [("line", "failed", "line_400")]
    assert await street.counted(member) == 0
    ok(await street.chain.owner.post("/v1/dead-letters/resend", {"campaign_id": campaign_id}))
    await street.release()
    await street.deliver()
    assert await street.fates(campaign_id) == [("line", "sent", None)]


async def test_workers_that_meet_and_one_that_is_killed_hand_it_on_once(street: Street) -> None:
    campaign_id, member = await refused_push(street, "killed")
    async with street.pool.acquire() as doomed:
        await doomed.execute("BEGIN")
        assert await release_some(doomed, utc_now()) == 1
        doomed.terminate()
    assert sum(await asyncio.gather(*(street.release() for _ in range(3)))) == 1
    await asyncio.gather(*(street.deliver() for _ in range(3)))
    assert await street.fates(campaign_id) == [("email", "sent", None)]
    assert (len(street.mailed("killed@fallback.example")), await street.counted(member)) == (1, 1)


async def test_who_is_erased_while_the_push_is_refused_gets_nothing_more(street: Street) -> None:
    campaign_id = await street.write("push", "email")
    member = await street.enrol(email="gone@fallback.example", push="token-gone")
    await street.visit(member)
    sender = Refusing(GONE, meanwhile=lambda: street.change("DELETE FROM outbox WHERE member_id = $1", member.id))
    assert await street.push(sender) == DispatchCount(leased=1, lost=1)
    assert (await street.release(), await street.fates(campaign_id)) == (0, [])


@pytest.mark.parametrize("is_handed_on", [False, True])
async def test_who_becomes_another_member_meanwhile_is_told_of_nothing_twice(
    street: Street, *, is_handed_on: bool
) -> None:
    """The coupon is the other member's then, who sees it in the app; the words name the one who is gone."""
    address = f"merged-{is_handed_on}@fallback.example"
    campaign_id, member = await refused_push(street, f"merged-{is_handed_on}")
    stays = await street.enrol(push=f"token-stays-{is_handed_on}")
    if is_handed_on:
        assert await street.release() == 1
    await street.become(member, stays)
    await street.release()
    await street.deliver()
    assert await street.push(Refusing(None)) == DispatchCount()
    assert await street.fates(campaign_id) == [("email" if is_handed_on else "push", "dropped", "member_closed")]
    assert street.mailed(address) == []
    assert (await street.counted(member), await street.counted(stays)) == (0, 0)
    kept = "SELECT count(*) FROM coupons WHERE campaign_id = $1 AND member_id = $2"
    assert await street.pool.fetchval(kept, UUID(campaign_id), stays.id) == 1


async def test_what_waited_for_the_morning_goes_by_the_channel_that_is_right_then(street: Street) -> None:
    campaign_id = await street.write("push", "line", "email")
    unlinked = await street.enrol(email="morning@fallback.example", line="U-morning")
    installed = await street.enrol(line="U-installed")
    await street.visit(unlinked, installed)
    await street.change("UPDATE outbox SET rings_until = now() WHERE campaign_id = $1", UUID(campaign_id))
    await street.deliver()
    assert {fate for _, fate, _ in await street.fates(campaign_id)} == {"deferred"}
    ok(await installed.app.put("/v1/me/consents", {"consents": [consent("push")]}))
    ok(await installed.app.put("/v1/me/device/push-token", {"token": "token-new-app", "kind": "registration"}))
    assert (await unlinked.app.delete("/v1/me/line")).status_code == 204
    await street.release()
    assert await street.fates(campaign_id) == [("email", "pending", None), ("push", "pending", None)]
    sender = Refusing(None)
    assert ((await street.push(sender)).sent, (await street.deliver())["sent"]) == (1, 1)
    assert sender.tokens == ["token-new-app"]
    assert len(street.mailed("morning@fallback.example")) == 1


def test_a_channel_that_has_refused_is_closed_and_a_push_may_go_to_another_phone() -> None:
    now, phone, other = utc_now(), new_id(), new_id()
    by_line = Refusal(channel="line", reason="line_400", at=now)
    by_push = Refusal(channel="push", device_id=phone, reason="unregistered", at=now)  # type: ignore[arg-type]
    assert open_channels(["push", "line"], [], None) == ["push", "line"]
    assert open_channels(["push", "line"], [by_line], phone) == ["push"]  # type: ignore[arg-type]
    assert open_channels(["push", "line"], [by_push], phone) == ["line"]  # type: ignore[arg-type]
    assert open_channels(["push", "line"], [by_push], other) == ["push", "line"]  # type: ignore[arg-type]
    assert open_channels(["push"], [by_push], phone) == []  # type: ignore[arg-type]
