"""Linking: from the chat to the member and back out, by an ID token, and what becomes of it with the member."""

from datetime import timedelta

import pytest
import pytest_asyncio

from devtools.line_double import Channel, LineDouble, broken
from devtools.line_events import account_link, postback, redelivered, text_message
from kit.clock import utc_now
from kit.ids import from_text
from tests.server.accounts.test_verifications_api import code_for, confirm, request_code, verify_contact
from tests.support.expectations import expect_problem
from tests.support.line import LOGIN_CHANNEL, begin, connect_line, handle_all, link, post_events
from tests.support.proving import let_a_minute_pass
from tests.support.transferring import settle
from tests.support.world import Chain, Member


@pytest_asyncio.fixture(loop_scope="session")
async def channel(chain: Chain, line: LineDouble, clean_line: None) -> Channel:
    opened = line.open_channel("1650000001")
    await connect_line(chain, opened)
    return opened


async def is_linked(member: Member) -> bool:
    answer = await member.app.get("/v1/me/line")
    assert answer.status_code == 200, answer.text
    return answer.json()["linked_at"] is not None


async def tell(chain: Chain, channel: Channel, line: LineDouble, *events: dict[str, object]) -> list[str]:
    """Events of the webhook, and what the chat then says."""
    before = len(line.received)
    answer = await post_events(chain.world, chain.id, channel, list(events))
    assert answer.status_code == 200, answer.text
    await handle_all(chain.world.pool, line)
    return [message.get("text") or message["altText"] for each in line.received[before:] for message in each.messages]


def reply_to(line: LineDouble, user_id: str) -> str:
    token = f"reply-{len(line.calls)}-{user_id}"
    line.reply_tokens[token] = user_id
    return token


async def test_a_nonce_links_once_and_for_its_member(chain: Chain, channel: Channel, line: LineDouble) -> None:
    hana, ren = await chain.enrol(), await chain.enrol()
    nonce = await begin(hana)
    assert len(from_text(nonce)) == 32  # 256 bits, of which LINE asks for 128
    event = account_link("U1", nonce, reply_token=reply_to(line, "U1"))
    assert await tell(chain, channel, line, event) == ["Kissa Sakura の会員証とLINEアカウントを連携しました。"]
    assert await is_linked(hana)
    assert await tell(chain, channel, line, redelivered(event)) == []
    again = account_link("U2", nonce, reply_token=reply_to(line, "U2"))
    assert await tell(chain, channel, line, again) == [
        "連携の有効期限が切れました。もう一度「連携」と送信してください。"
    ]
    for wrong in ("", "!", "A" * 43, nonce[:-2], str(hana.id)):
        await tell(chain, channel, line, account_link("U2", wrong))
    assert not await is_linked(ren)
    await tell(chain, channel, line, account_link("U2", await begin(ren), result="failed"))
    assert not await is_linked(ren)


async def test_a_nonce_ends_after_ten_minutes_and_with_the_next_one(
    chain: Chain, channel: Channel, line: LineDouble
) -> None:
    member = await chain.enrol()
    former, nonce = await begin(member), await begin(member)
    await tell(chain, channel, line, account_link("U1", former))
    assert not await is_linked(member)
    await post_events(chain.world, chain.id, channel, [account_link("U1", nonce)])
    await handle_all(chain.world.pool, line, clock=lambda: utc_now() + timedelta(minutes=10))
    assert not await is_linked(member)


async def test_an_account_is_one_members_until_it_is_unlinked(chain: Chain, channel: Channel, line: LineDouble) -> None:
    hana, ren = await chain.enrol(), await chain.enrol()
    await link(chain, channel, line, hana, "U1")
    event = account_link("U1", await begin(ren), reply_token=reply_to(line, "U1"))
    (said,) = await tell(chain, channel, line, event)
    assert "別の会員証" in said
    assert (await is_linked(hana), await is_linked(ren)) == (True, False)
    token = line.add_id_token(LOGIN_CHANNEL, "U1")
    expect_problem(await ren.app.put("/v1/me/line", {"id_token": token}), 409, "line-account-taken")
    # From the app's side.
    assert (await hana.app.delete("/v1/me/line")).status_code == 204
    assert (await ren.app.put("/v1/me/line", {"id_token": token})).status_code == 200
    # From LINE's side: it asks first.
    (asked,) = await tell(chain, channel, line, text_message("U1", "連携解除", reply_token=reply_to(line, "U1")))
    assert "連携を解除すると" in asked
    assert await is_linked(ren)
    button = line.received[-1].messages[0]["template"]["actions"][0]["data"]
    assert await tell(chain, channel, line, postback("U1", button, reply_token=reply_to(line, "U1"))) == [
        "Kissa Sakura の会員証との連携を解除しました。"
    ]
    assert not await is_linked(ren)
    # A second account takes the first one's place.
    for user_id in ("U1", "U2"):
        await link(chain, channel, line, ren, user_id)
    await link(chain, channel, line, hana, "U1")
    assert await chain.world.count("line_accounts", chain.id) == 2


async def test_sign_in_by_line(chain: Chain, rival: Chain, channel: Channel, line: LineDouble) -> None:
    await connect_line(rival, line.open_channel("1650000077"))
    anyone, member = chain.world.anyone, await chain.enrol(locale="en")
    token = line.add_id_token(LOGIN_CHANNEL, "U5")
    asked = {"program": chain.code, "id_token": token, "platform": "ios", "app_version": "1.4.0"}
    expect_problem(await anyone.post("/v1/line-sign-ins", asked), 409, "line-not-linked")
    assert (await member.app.put("/v1/me/line", {"id_token": token})).json()["receives_messages"] is True
    signed_in = (await anyone.post("/v1/line-sign-ins", asked)).json()
    phone = chain.world.caller(signed_in["device_token"])
    me = (await phone.get("/v1/me")).json()
    assert (me["member_id"], me["locale"], me["device_id"]) == (str(member.id), "en", signed_in["device_id"])
    assert me["app_version"] == "1.4.0"
    assert (await member.app.get("/v1/me")).json()["app_version"] == "3.2.1"  # both phones
    expect_problem(await anyone.post("/v1/line-sign-ins", asked | {"program": rival.code}), 409, "line-not-linked")
    for wrong in (line.add_id_token("1650000088", "U5"), "made.up.token"):
        answer = await anyone.post("/v1/line-sign-ins", asked | {"id_token": wrong})
        expect_problem(answer, 422, "line-id-token-refused")
    line.faults.append(broken())
    expect_problem(await anyone.post("/v1/line-sign-ins", asked), 503, "unavailable")
    assert (await chain.owner.post(f"/v1/members/{member.id}/block")).status_code == 200
    expect_problem(await anyone.post("/v1/line-sign-ins", asked), 403, "member-blocked")


async def test_a_link_that_came_beside_a_contact_signs_in_after_three_days(
    chain: Chain, channel: Channel, line: LineDouble
) -> None:
    member = await chain.enrol()
    await verify_contact(chain, member)
    token = line.add_id_token(LOGIN_CHANNEL, "U6")
    assert (await member.app.put("/v1/me/line", {"id_token": token})).status_code == 200
    asked = {"program": chain.code, "id_token": token, "platform": "ios"}
    expect_problem(await chain.world.anyone.post("/v1/line-sign-ins", asked), 409, "proof-too-new")
    await chain.world.pool.execute("UPDATE line_links SET stands_at = now() WHERE member_id = $1", member.id)
    assert (await chain.world.anyone.post("/v1/line-sign-ins", asked)).status_code == 200


async def test_who_leaves_is_no_longer_linked(chain: Chain, channel: Channel, line: LineDouble) -> None:
    member = await chain.enrol()
    await link(chain, channel, line, member, "U1")
    nonce = await begin(member)
    assert (await member.app.delete("/v1/me")).status_code == 204
    await tell(chain, channel, line, account_link("U1", nonce))
    assert await chain.world.count("line_links", chain.id) == await chain.world.count("line_nonces", chain.id) == 0


@pytest.mark.parametrize("survivor_has_one", [False, True])
async def test_two_members_who_become_one_keep_one_account(
    chain: Chain, channel: Channel, line: LineDouble, *, survivor_has_one: bool
) -> None:
    survivor, member = await chain.enrol(), await chain.enrol()
    await link(chain, channel, line, member, "U1")
    if survivor_has_one:
        await link(chain, channel, line, survivor, "U2")
    await verify_contact(chain, survivor)
    await let_a_minute_pass(chain)
    confirmed = await confirm(member, await request_code(member), await code_for(chain))
    taken = await settle(chain, member, confirmed)
    assert taken["device_token"]
    rows = await chain.world.pool.fetch(
        "SELECT member_id, stands_at > now() + interval '1 day' FROM line_links WHERE program_id = $1",
        chain.id,
    )
    assert [tuple(row) for row in rows] == [(survivor.id, not survivor_has_one)]
    assert await chain.world.count("line_accounts", chain.id) == 1


@pytest.mark.usefixtures("channel")
async def test_a_repeated_request_begins_and_links_once(chain: Chain, line: LineDouble) -> None:
    member, token = await chain.enrol(), line.add_id_token(LOGIN_CHANNEL, "U7")
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("POST", "/v1/me/line/account-link", {"link_token": "x"}),
        ("PUT", "/v1/me/line", {"id_token": token}),
    ]
    for method, path, body in asked:
        first, second = [await member.app.call(method, path, body, key=f"key-{method}") for _ in range(2)]
        assert (first.status_code, first.content) == (200, second.content)
    assert await chain.world.count("line_links", chain.id) == 1


async def test_the_channels_secrets_are_never_read_back(chain: Chain, rival: Chain, line: LineDouble) -> None:
    channel = line.open_channel("1650000009")
    expect_problem(await chain.owner.get("/v1/program/line"), 404, "not-found")
    expect_problem(await chain.owner.delete("/v1/program/line"), 404, "not-found")
    half = {"channel_id": "1650000009", "channel_secret": channel.secret}
    expect_problem(await chain.owner.put("/v1/program/line", half), 400, "invalid-request")
    await connect_line(chain, channel)
    kept = await chain.owner.put("/v1/program/line", {"channel_id": "1650000009", "link_url": None})
    assert (kept.status_code, kept.json()["link_url"]) == (200, None)
    expect_problem(await chain.owner.put("/v1/program/line", {"channel_id": "1"}), 400, "invalid-request")
    shown = await chain.owner.get("/v1/program/line")
    assert shown.json()["webhook_url"] == f"https://noren.example/line/v1/webhooks/{chain.id}"
    everything = shown.text + (await chain.owner.get("/v1/audit")).text
    for row in await chain.world.pool.fetch("SELECT t::text FROM line_channels t"):
        everything += row[0]
    assert not [secret for secret in (channel.secret, channel.token) if secret in everything]
    expect_problem(await rival.owner.get("/v1/program/line"), 404, "not-found")
    assert (await chain.owner.delete("/v1/program/line")).status_code == 204
    member = await chain.enrol()
    expect_problem(await member.app.post("/v1/me/line/account-link", {"link_token": "x"}), 409, "line-not-configured")
