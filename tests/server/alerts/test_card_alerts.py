"""Whoever owns a card is told, on every contact, when it moves, stops or ends."""

from datetime import timedelta

import pytest

from channels.delivery_worker import deliver_once
from kit.clock import utc_now
from kit.database import in_transaction
from members.alerts_repository import purge_old_alerts
from server.privacy.erase import erase_again
from tests.support.expectations import expect_problem
from tests.support.inbox import Inbox
from tests.support.lives import KEYRING, ok
from tests.support.proving import read_objection_codes, read_waiting
from tests.support.rights import EMAIL, PHONE, both_proofs, verify_contact_of
from tests.support.world import Chain, Member


async def told(chain: Chain, words: str) -> list[str]:
    """Who has been told something with these words."""
    return sorted(message.recipient for message in await read_waiting(chain) if words in message.body)


async def owner_of_two_contacts(chain: Chain) -> Member:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    await verify_contact_of(chain, member, EMAIL, "email")
    return member


async def test_a_key_in_place_of_another_is_told_and_stopped(chain: Chain) -> None:
    member = await owner_of_two_contacts(chain)
    await member.take_card()
    assert await told(chain, "登録し直され") == [], "the first one moves nothing"
    await member.take_card()
    await member.take_card()  # told once a day
    assert await told(chain, "登録し直され") == [PHONE, EMAIL]
    codes = await read_objection_codes(chain)
    ok(await chain.world.anyone.post("/v1/objections", {"code": codes[EMAIL]}))
    expect_problem(await member.app.get("/v1/me/card"), 401, "unauthenticated")
    live = "SELECT count(*) FROM card_keys WHERE member_id = $1 AND revoked_at IS NULL"
    assert await chain.world.pool.fetchval(live, member.id) == 0


async def test_the_same_key_again_is_no_news(chain: Chain) -> None:
    member = await owner_of_two_contacts(chain)
    phone = await member.take_card()
    ok(await member.app.post("/v1/me/card/key", phone.registration()))
    ok(await member.app.get("/v1/me/card/certificate"))
    assert await told(chain, "登録し直され") == []


async def test_a_card_that_is_stopped_by_a_phone_is_told_and_by_the_staff_too(chain: Chain) -> None:
    member = await owner_of_two_contacts(chain)
    await member.take_card()
    for _ in range(3):
        ok(await member.app.delete("/v1/me/card/key"))
    assert await told(chain, "アプリから停止") == [PHONE, EMAIL]
    ok(await chain.owner.delete(f"/v1/members/{member.id}/card-key"))
    assert await told(chain, "スタッフが、あなたの会員証のコードを停止") == [PHONE, EMAIL]
    codes = await read_objection_codes(chain)
    ok(await chain.world.anyone.post("/v1/objections", {"code": codes[PHONE]}))
    expect_problem(await member.app.get("/v1/me/card"), 401, "unauthenticated")


async def test_who_leaves_is_told_on_the_contacts_that_they_had(chain: Chain) -> None:
    member = await owner_of_two_contacts(chain)
    ok(await member.app.delete("/v1/me"))
    assert await told(chain, "退会しました") == [PHONE, EMAIL]


@pytest.mark.parametrize("by", ["two proofs", "staff"])
async def test_who_is_erased_at_once_is_told_and_nothing_of_it_stays(chain: Chain, by: str) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    if by == "staff":
        ok(await chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "card_shown"}))
    else:
        ok(await member.app.post("/v1/me/erasure", await both_proofs(chain, member)))
    assert await told(chain, "すべて消去されました") == [PHONE]
    inbox = Inbox()
    while (await deliver_once(chain.world.pool, KEYRING, inbox.channels)).total():
        pass
    assert PHONE in [message.recipient for message in inbox.messages if "すべて消去されました" in message.body]
    await erase_again(chain.world.pool, utc_now() + timedelta(minutes=11))
    left = "SELECT count(*) FROM outbox WHERE channel <> 'push' AND member_id = $1"
    assert await chain.world.pool.fetchval(left, member.id) == 0


async def test_who_has_no_contact_is_told_nothing(chain: Chain) -> None:
    member = await chain.enrol()
    await member.take_card()
    await member.take_card()
    ok(await member.app.delete("/v1/me/card/key"))
    ok(await member.app.delete("/v1/me"))
    assert await read_waiting(chain) == []
    await in_transaction(chain.world.pool, lambda conn: purge_old_alerts(conn, utc_now()))
    assert await chain.world.count("alerts", chain.id) == 0
