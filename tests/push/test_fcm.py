"""The senders, and the real firebase-admin in both, against the double, over a socket."""

import asyncio
import json
import math
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec import structs

from devtools.fcm_double import FcmDouble
from devtools.fcm_rules import QUOTA_EXCEEDED, UNAVAILABLE
from devtools.service_account import make_service_account
from devtools.socket_double import Answer, Scope
from push import fcm_sdk
from push.dispatch import BATCH, LEASE_S
from push.fcm import CONCURRENCY, TIMEOUT_S, FcmClient, open_fcm
from push.messages import Push
from push.sender import Sender, SendError, SendResult
from tests.push.conftest import Late, impatient
from tests.support.waiting import PATIENCE_S, until

PUSH = Push(
    token="phone-1",
    token_kind="registration",
    title="暖簾",
    body="10 % 引き",
    locale="ja",
    data={"coupon_id": "c-1"},
    tag="coupon-1",
    ttl_s=600,
)


@pytest_asyncio.fixture(params=["direct", "sdk"])
async def either(request: pytest.FixtureRequest, double: FcmDouble) -> AsyncIterator[Sender]:
    """Both ways: what is told of a push is the same."""
    client: FcmClient = request.param
    opened = await open_fcm(double.service_account, endpoint=double.endpoint, client=client)
    yield opened
    await opened.close()


def to(token: str) -> Push:
    return structs.replace(PUSH, token=token)


async def error_of(sender: Sender, push: Push) -> SendError:
    [result] = await sender.send([push])
    assert result.message_id is None
    assert result.error is not None
    return result.error


async def test_a_push_arrives_as_android_and_apple_want_it(double: FcmDouble, sender: Sender) -> None:
    earliest = int(time.time()) + PUSH.ttl_s
    [result] = await sender.send([PUSH])
    assert result.error is None
    assert result.message_id is not None
    assert result.message_id.startswith("projects/noren-double/messages/")
    [received] = double.received
    message = received.message
    assert (message.token, message.fid, message.data) == ("phone-1", None, {"coupon_id": "c-1"})
    assert message.notification is not None
    assert (message.notification.title, message.notification.body) == ("暖簾", "10 % 引き")
    assert message.android is not None
    assert (message.android.priority, message.android.ttl) == ("high", "600s")
    assert (message.android.collapse_key, message.android.notification) == ("", {"tag": "coupon-1"})
    assert message.apns is not None
    headers = message.apns.headers
    assert (headers["apns-collapse-id"], headers["apns-priority"]) == ("coupon-1", "10")
    assert earliest <= int(headers["apns-expiration"]) <= time.time() + PUSH.ttl_s + 1


@pytest.mark.parametrize(("public_url", "shown"), [("https://noren.example", True), (None, False)])
async def test_a_picture_is_shown_where_phones_can_reach_it(
    double: FcmDouble, public_url: "str | None", shown: bool
) -> None:
    sender = await open_fcm(double.service_account, endpoint=double.endpoint, public_url=public_url)
    try:
        [result] = await sender.send([structs.replace(PUSH, image_path="/v1/pictures/p.jpg")])
    finally:
        await sender.close()
    assert result.error is None
    message = double.received[0].message
    assert message.notification is not None
    assert message.apns is not None
    assert message.notification.image == ("https://noren.example/v1/pictures/p.jpg" if shown else "")
    assert ("mutable-content" in message.apns.payload["aps"]) is shown


async def test_an_installation_id_is_addressed_as_one(double: FcmDouble, sender: Sender) -> None:
    [result] = await sender.send([structs.replace(PUSH, token_kind="fid")])
    assert result.error is None
    assert (double.received[0].message.token, double.received[0].message.fid) == (None, "phone-1")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("unregistered-1", SendError(404, "UNREGISTERED")),
        ("mismatch-1", SendError(403, "SENDER_ID_MISMATCH")),
        ("invalid-1", SendError(400, "INVALID_ARGUMENT", ("message.token",))),
        ("apns-auth-1", SendError(401, "THIRD_PARTY_AUTH_ERROR")),
        ("quota-1", SendError(429, "QUOTA_EXCEEDED", retry_after_s=90)),
        ("unavailable-1", SendError(503, "UNAVAILABLE")),
        ("internal-1", SendError(500, "INTERNAL")),
    ],
)
async def test_each_error_is_read(either: Sender, token: str, error: SendError) -> None:
    assert await error_of(either, to(token)) == error


async def test_results_stand_in_the_order_of_their_pushes(sender: Sender) -> None:
    tokens = [f"{'unregistered' if number % 3 == 0 else 'phone'}-{number}" for number in range(100)]
    results = await sender.send([to(token) for token in tokens])
    assert [result.error is not None for result in results] == [number % 3 == 0 for number in range(100)]


async def test_retry_after_is_handed_up_and_not_waited_for(double: FcmDouble, either: Sender) -> None:
    double.script("phone-1", [replace(UNAVAILABLE, retry_after_s=45), QUOTA_EXCEEDED])
    assert (await error_of(either, PUSH)).retry_after_s == 45
    assert (await error_of(either, PUSH)).retry_after_s == 90
    assert len(double.received) == 2  # one try each: firebase-admin by itself would try a 503 five times


async def test_the_double_refuses_what_fcm_refuses(sender: Sender) -> None:
    assert (await error_of(sender, structs.replace(PUSH, body="x" * 4096))).fields == ("message",)
    assert (await error_of(sender, structs.replace(PUSH, data={"google.x": "1"}))).fields == ("message.data.google.x",)
    assert (await error_of(sender, structs.replace(PUSH, tag="k" * 65))).fields == ("message.apns.headers",)


async def test_a_message_that_firebase_cannot_encode_is_our_bug(either: Sender) -> None:
    assert await error_of(either, structs.replace(PUSH, data={"n": 1})) == SendError(None, "INVALID_MESSAGE")


async def test_a_refused_grant_fails_the_batch_with_one_try(double: FcmDouble, sender: Sender) -> None:
    double.issuer.refusing = True
    results = await sender.send([to(f"phone-{number}") for number in range(10)])
    assert results == [SendResult(None, SendError(None, "OAUTH_REFUSED"))] * 10
    assert double.received == []


async def test_a_foreign_key_earns_no_token(double: FcmDouble) -> None:
    foreign = make_service_account(double.service_account["token_uri"])
    sender = await open_fcm(foreign, endpoint=double.endpoint)
    assert await error_of(sender, PUSH) == SendError(None, "OAUTH_REFUSED")
    await sender.close()


async def test_one_access_token_serves_many_and_a_revoked_one_is_fetched_anew(
    double: FcmDouble, sender: Sender
) -> None:
    before = double.issuer.issued_count
    await sender.send([to(f"phone-{number}") for number in range(50)])
    assert double.issuer.issued_count == before + 1
    double.issuer.revoke_all()
    [result] = await sender.send([PUSH])
    assert result.error is None
    assert double.issuer.issued_count == before + 2


async def test_an_endpoint_that_is_away_and_comes_back() -> None:
    with FcmDouble() as double:
        sender = await open_fcm(double.service_account, endpoint=double.endpoint)
        assert (await sender.send([PUSH]))[0].error is None
        account, port = double.service_account, int(double.endpoint.rsplit(":", 1)[1])
    assert await error_of(sender, PUSH) == SendError(None, "UNAVAILABLE")
    with FcmDouble(port) as double:
        double.trust(account)
        assert (await sender.send([PUSH]))[0].error is None
    await sender.close()


@pytest.mark.parametrize("client", ["direct", "sdk"])
async def test_an_answer_that_does_not_come_in_time_may_be_a_yes_and_is_asked_for_once(
    double: FcmDouble, late: Late, client: FcmClient
) -> None:
    sender = impatient(double, client)
    late.held = b'"handset-1"'
    assert await error_of(sender, to("handset-1")) == SendError(None, "NO_ANSWER")
    late.held = b""
    assert (await sender.send([PUSH]))[0].error is None  # whatever was repeated would have come before
    late.let_go.set()
    await until(lambda: len(double.received) >= 2)
    await sender.close()
    assert sorted(each.token for each in double.received) == ["handset-1", "phone-1"]
    assert late.asked == 2


@pytest.mark.parametrize("client", ["direct", "sdk"])
async def test_a_connection_that_breaks_after_the_request_may_be_a_yes_too(client: FcmClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, FcmDouble() as double:

        def hang_up() -> None:
            peer, _ = server.accept()
            peer.recv(100)
            peer.close()

        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        sender = await open_fcm(double.service_account, endpoint=endpoint, client=client)
        hanging = asyncio.create_task(asyncio.to_thread(hang_up))
        assert await error_of(sender, PUSH) == SendError(None, "NO_ANSWER")
        await hanging
        await sender.close()


@pytest.mark.parametrize("concurrency", [CONCURRENCY, fcm_sdk.CONCURRENCY])
def test_a_round_of_nothing_but_time_outs_ends_within_its_lease(concurrency: int) -> None:
    assert (math.ceil(BATCH / concurrency) + 1) * TIMEOUT_S <= LEASE_S


async def test_the_loop_runs_on_while_a_batch_is_sent(
    double: FcmDouble, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access token, and the answer to one of the pushes, come when the loop lets them: if it waited, never."""
    asked: list[bytes] = []
    may_answer = {b"grant": threading.Event(), b'"phone-0"': threading.Event()}
    answer = double.answer

    async def hold(scope: Scope, body: bytes) -> Answer:
        asked.append(body)
        for words, permission in may_answer.items():
            if words in body:
                await asyncio.to_thread(permission.wait, PATIENCE_S)
        return await answer(scope, body)

    monkeypatch.setattr(double, "answer", hold)
    sending = asyncio.create_task(sender.send([to(f"phone-{number}") for number in range(200)]))
    await until(lambda: asked)
    may_answer[b"grant"].set()
    await until(lambda: len(double.received) == 199)
    assert not sending.done()
    may_answer[b'"phone-0"'].set()
    assert [result.error for result in await sending] == [None] * 200


async def test_a_bad_account_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps({"type": "authorized_user"}))
    with pytest.raises(ValueError, match="service_account"):
        await open_fcm(path)
    with pytest.raises(OSError, match="missing"):
        await open_fcm(tmp_path / "missing.json")
