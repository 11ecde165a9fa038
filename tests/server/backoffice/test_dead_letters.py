"""Messages that could not be delivered: who sees them, and that each is sent again once."""

import asyncio

from kit.clock import utc_now
from kit.ids import new_id
from server.issuing.release_messages import release_messages
from tests.support.dead_letters import fail_push
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.tallies import expect_counted
from tests.support.world import Chain, Json

PATH = "/v1/dead-letters"


async def test_what_is_dismissed_is_neither_listed_nor_sent_again_and_stays_counted(chain: Chain, rival: Chain) -> None:
    await fail_push(chain)
    (letter,) = ok(await chain.owner.get(PATH))["items"]
    ids = {"ids": [letter["id"]]}
    assert ok(await rival.owner.post(f"{PATH}/dismiss", ids)) == {"dismissed": 0, "has_more": False}
    assert ok(await chain.owner.post(f"{PATH}/dismiss", ids | {"reason": "other"}))["dismissed"] == 0
    answers = await asyncio.gather(*(chain.owner.post(f"{PATH}/dismiss", ids) for _ in range(3)))
    assert sum(ok(answer)["dismissed"] for answer in answers) == 1
    assert ok(await chain.owner.get(PATH))["items"] == []
    assert ok(await chain.owner.post(f"{PATH}/resend", ids))["resent"] == 0
    await expect_counted(chain.world.pool, chain.id)


async def test_they_are_listed_without_words_and_sent_again_once(chain: Chain, rival: Chain) -> None:
    campaign_id, member = await fail_push(chain)
    await expect_counted(chain.world.pool, chain.id)

    async def listed(owner: Chain = chain, **narrowed: str) -> list[Json]:
        items: list[Json] = ok(await owner.owner.get(PATH, **narrowed))["items"]
        return items

    (letter,) = await listed(campaign_id=campaign_id, channel="push", reason="unregistered")
    assert (letter["reason"], letter["attempts"], letter["member_id"]) == ("unregistered", 1, str(member.id))
    assert letter["resendable_until"] is not None
    assert "payload" not in letter
    assert (await listed(channel="sms"), await listed(reason="unavailable"), await listed(rival)) == ([], [], [])
    ids = {"ids": [letter["id"]]}
    assert ok(await rival.owner.post(f"{PATH}/resend", ids)) == {"resent": 0, "has_more": False}
    for body in ({}, ids | {"campaign_id": campaign_id}):
        expect_problem(await chain.owner.post(f"{PATH}/resend", body), 400, "invalid-request")
    of_campaign = {"campaign_id": campaign_id, "reason": "unregistered"}
    bodies = [ids, of_campaign] * 3
    answers = await asyncio.gather(*(chain.owner.post(f"{PATH}/resend", body) for body in bodies))
    assert sum(ok(answer)["resent"] for answer in answers) == 1
    assert await listed() == []
    (entry, *_) = ok(await chain.owner.get("/v1/audit"))["items"]
    assert entry["action"] == "POST /v1/dead-letters/resend"
    await expect_counted(chain.world.pool, chain.id)
    # The governor decides anew: this member has no phone that can be pushed to.
    await release_messages(chain.world.pool, utc_now())
    states = await chain.world.pool.fetch("SELECT state, failure FROM outbox WHERE member_id = $1", member.id)
    assert {tuple(row) for row in states} == {("dropped", "unreachable")}
    await expect_counted(chain.world.pool, chain.id)
    assert ok(await chain.owner.post(f"{PATH}/resend", {"ids": [str(new_id())]}))["resent"] == 0
