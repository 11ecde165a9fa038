"""Messenger: Meta's webhook, who writes as which member, and answers within 24 hours only."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.delivery_worker import deliver_once
from channels.messages import LineMessage, MessengerMessage
from channels.messenger import api as messenger_api
from channels.messenger.api import MessengerApi, MetaError, judge_refusal
from devtools.messenger_double import Fault, MessengerDouble, Page, message
from ids import ProgramId
from kit.clock import utc_now
from kit.ids import new_id
from tests.server.accounts.test_verifications_api import code_for, confirm, request_code, verify_contact
from tests.server.messenger.conftest import HANA, HELLO, KEYRING, WORD, begin, connect, link, opened, post
from tests.support.expectations import expect_problem
from tests.support.proving import let_a_minute_pass
from tests.support.transferring import settle
from tests.support.world import Chain, Member


async def answers_until(member: Member) -> datetime | None:
    until = (await member.app.get("/v1/me/messenger")).json()["answers_until"]
    return None if until is None else datetime.fromisoformat(until)


async def test_the_address_is_verified_by_the_programs_word(chain: Chain, page: Page) -> None:
    path = f"/messenger/v1/webhooks/{chain.id}"
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    answer = await chain.world.http.get(path, params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "another"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "\u00e9"}):
        expect_problem(await chain.world.http.get(path, params=asked | wrong), 401, "webhook-refused")
    expect_problem(await chain.world.http.get(path), 401, "webhook-refused")
    expect_problem(await chain.world.http.get(f"/messenger/v1/webhooks/{new_id()}"), 404, "not-found")
    assert page.app_secret not in (await chain.owner.get("/v1/program/messenger")).text


async def test_what_is_not_signed_by_this_app_is_refused(
    chain: Chain, rival: Chain, page: Page, meta: MessengerDouble
) -> None:
    theirs = meta.open_page("204567890123456")
    await connect(rival, theirs)
    member = await chain.enrol()
    ref = {"ref": await begin(member)}
    body, headers = page.write_webhook([message(HANA, "hello", referral=ref)])
    wrong: dict[str, httpx.Response] = {
        "no signature": await post(chain, page, headers={"X-Hub-Signature-256": ""}, body=body),
        "without its name": await post(
            chain, page, body=body, headers={"X-Hub-Signature-256": headers["X-Hub-Signature-256"][7:]}
        ),
        "a body that changed": await post(
            chain, page, body=body.replace(b"hello", b"hullo"), headers={"X-Hub-Signature-256": page.sign(body)}
        ),
        "another tenant's": await post(chain, theirs, message(HANA, "hello", referral=ref)),
    }
    for what, answer in wrong.items():
        assert expect_problem(answer, 401, "webhook-refused"), what
    expect_problem(await post(chain, page, body=b" " * 10_000_000), 413, "body-too-large")
    expect_problem(await post(chain, page, program_id=ProgramId(new_id())), 404, "not-found")
    for content in (b"{", b"[]", b'{"object": "user", "entry": []}', b'{"object": "page"}', b"[" * 50_000):
        signed = {"X-Hub-Signature-256": page.sign(content)}
        expect_problem(await post(chain, page, body=content, headers=signed), 400, "invalid-request")
    assert await chain.world.count("messenger_links", chain.id) == 0


async def test_the_window_opens_by_the_persons_own_messages_and_never_moves_back(chain: Chain, page: Page) -> None:
    member = await chain.enrol()
    await link(chain, page, member, ago_s=3600)
    first = await answers_until(member)
    assert first is not None
    nothing = [
        message("nobody", "hello"),  # somebody unknown
        message(HANA, "old", ago_s=7200),  # late, or played again
        message(HANA, "", message={"is_echo": True, "text": "ours"}),
        {"sender": {"id": HANA}, "timestamp": 1, "delivery": {"mids": []}},
        {"sender": {"id": 7}, "timestamp": "x"},
        {"sender": {"id": HANA}, "timestamp": -1, "message": {}},
        message(HANA, "x", ref=1, referral={"ref": ["a list"]}, ago_s=7200),
    ]
    assert (await post(chain, page, *nothing)).status_code == 200
    assert await answers_until(member) == first
    assert (await post(chain, page, message(HANA, "again", ago_s=60))).status_code == 200
    second = await answers_until(member)
    assert second is not None
    assert timedelta(minutes=58) < second - first < timedelta(minutes=60)
    await post(chain, page, message(HANA, "from tomorrow", ago_s=-86_400))
    third = await answers_until(member)
    assert third is not None
    assert third <= utc_now() + timedelta(hours=24)
    other_page = Page("999", page.app_secret, page.access_token)
    await post(chain, other_page, message(HANA, "to another page"))
    assert await answers_until(member) == third


async def test_an_answer_within_the_window_and_the_words_of_the_refusal_after_it(
    chain: Chain, rival: Chain, page: Page, meta: MessengerDouble
) -> None:
    member = await chain.enrol()
    path, text = f"/v1/members/{member.id}/messenger-replies", {"text": HELLO.body}
    expect_problem(await chain.owner.post(path, text), 409, "messenger-not-linked")
    await link(chain, page, member)
    expect_problem(await rival.owner.post(path, text), 404, "not-found")
    expect_problem(await chain.owner.post(path, {"text": "x" * 2001}), 400, "invalid-request")
    for _ in range(2):  # one message
        assert (await chain.owner.post(path, text, key="k")).status_code == 202
    async with opened(chain, meta) as channel:
        await deliver_once(chain.world.pool, KEYRING, {"messenger": channel, "sms": channel, "email": channel})
    assert meta.received == [(page.page_id, HANA, HELLO.body)]
    await chain.world.pool.execute(
        "UPDATE messenger_links SET last_wrote_at = last_wrote_at - interval '24 hours' WHERE member_id = $1", member.id
    )
    refused = expect_problem(await chain.owner.post(path, text), 409, "messenger-window-closed")
    assert all(word in refused["detail"] for word in ("24 hours", "tags", "Japan"))


async def test_nothing_is_sent_twice_and_nothing_that_would_be_refused(
    chain: Chain, page: Page, meta: MessengerDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messenger_api, "TIMEOUT_S", 0.5)
    member = await chain.enrol()
    await link(chain, page, member)
    envelope = Envelope(
        message_id=new_id(), program_id=chain.id, member_id=None, attempts=1, expires_at=utc_now() + timedelta(hours=1)
    )
    cases: list[tuple[Fault, type[Exception], int]] = [
        (Fault(is_cut=True), UnknownDeliveryError, 1),
        (Fault(slow_s=2), UnknownDeliveryError, 1),
        (Fault(502), UnknownDeliveryError, 0),
        (Fault(200), UnknownDeliveryError, 0),  # a page in HTML: nobody of Meta's has said it
        (Fault(500, 1200), TransientDeliveryError, 0),
        (Fault(429, 613), TransientDeliveryError, 0),
        (Fault(400, 10, 2018278), PermanentDeliveryError, 0),
        (Fault(400, 551), PermanentDeliveryError, 0),
    ]
    async with opened(chain, meta) as channel:
        for fault, error, reached in cases:
            before = len(meta.received)
            meta.faults.append(fault)
            with pytest.raises(error):
                await channel.send(envelope, HELLO)
            assert len(meta.received) - before == reached, fault
        assert await channel.send(envelope, HELLO) == f"m_{len(meta.received)}"
        calls = len(meta.calls)
        for wrong in (LineMessage(HANA, []), MessengerMessage(HANA, "x" * 2001), MessengerMessage("nobody", "x")):
            with pytest.raises(PermanentDeliveryError):
                await channel.send(envelope, wrong)
        await chain.world.pool.execute(
            "UPDATE messenger_links SET last_wrote_at = now() - interval '25 hours' WHERE member_id = $1", member.id
        )
        with pytest.raises(PermanentDeliveryError, match="messenger_window"):
            await channel.send(envelope, HELLO)
        assert len(meta.calls) == calls
    nowhere = MessengerApi("http://127.0.0.1:9")
    with pytest.raises(TransientDeliveryError):
        await nowhere.send("1", "token", HANA, "hello")
    await nowhere.close()


@pytest.mark.parametrize(
    ("status", "error", "kind", "reason"),
    [
        (400, MetaError(code=190), TransientDeliveryError, "messenger_token"),
        (400, MetaError(code=4), TransientDeliveryError, "messenger_rate"),
        (500, MetaError(code=2), TransientDeliveryError, "messenger_2"),
        (400, MetaError(code=100, is_transient=True), TransientDeliveryError, "messenger_100"),
        (400, MetaError(code=100), PermanentDeliveryError, "messenger_100"),
        (400, MetaError(code=10, error_subcode=2018278), PermanentDeliveryError, "messenger_window"),
        (403, None, PermanentDeliveryError, "messenger_403"),
        (504, None, UnknownDeliveryError, "messenger_504"),
        (302, None, TransientDeliveryError, "messenger_redirected"),
    ],
)
def test_what_a_refusal_means(status: int, error: MetaError | None, kind: type[Exception], reason: str) -> None:
    failure = judge_refusal(status, error)
    assert (type(failure), failure.reason) == (kind, reason)


async def test_a_link_is_one_members_until_it_ends(chain: Chain, page: Page) -> None:
    hana, ren = await chain.enrol(), await chain.enrol()
    nonce = await begin(hana)
    by_button: dict[str, Any] = {"postback": {"payload": "start", "referral": {"ref": nonce}}, "message": {}}
    assert (await post(chain, page, message(HANA, "", **by_button))).status_code == 200
    assert await answers_until(hana) is not None
    await post(chain, page, message("5550002", "x", referral={"ref": nonce}))  # it was good once
    closed = "UPDATE messenger_links SET last_wrote_at = now() - interval '2 days' WHERE member_id = $1"
    await chain.world.pool.execute(closed, hana.id)
    await link(chain, page, ren)  # Hana is somebody already
    assert await answers_until(ren) is None
    assert (await answers_until(hana) or utc_now()) > utc_now(), "she has written all the same"
    await chain.world.pool.execute("UPDATE messenger_nonces SET expires_at = now() WHERE program_id = $1", chain.id)
    late = await begin(ren)
    await chain.world.pool.execute("UPDATE messenger_nonces SET expires_at = now() WHERE member_id = $1", ren.id)
    await post(chain, page, message("5550002", "x", referral={"ref": late}))
    assert await answers_until(ren) is None
    assert (await hana.app.delete("/v1/me/messenger")).status_code == 204
    await link(chain, page, ren)
    assert await answers_until(ren) is not None
    assert (await ren.app.delete("/v1/me")).status_code == 204
    assert await chain.world.count("messenger_links", chain.id) == 0
    assert (await chain.owner.delete("/v1/program/messenger")).status_code == 204
    expect_problem(await chain.owner.get("/v1/program/messenger"), 404, "not-found")
    expect_problem(await hana.app.post("/v1/me/messenger/link"), 409, "messenger-not-configured")


async def test_two_members_who_become_one_keep_one_link(chain: Chain, page: Page) -> None:
    survivor, member = await chain.enrol(), await chain.enrol()
    await link(chain, page, member)
    await verify_contact(chain, survivor)
    await let_a_minute_pass(chain)
    confirmed = await confirm(member, await request_code(member), await code_for(chain))
    await settle(chain, member, confirmed)
    rows = await chain.world.pool.fetch("SELECT member_id FROM messenger_links WHERE program_id = $1", chain.id)
    assert [row["member_id"] for row in rows] == [survivor.id]
    assert await chain.world.count("messenger_accounts", chain.id) == 1
