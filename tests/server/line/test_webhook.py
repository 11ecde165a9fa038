"""LINE's webhook: what is signed is stored once and handled, whatever comes twice, late, mixed up or from elsewhere."""

from typing import Any

import msgspec
import pytest

from channels.line.credentials import hash_user
from channels.line.line_links_repository import find_link
from devtools.line_double import LineDouble, broken
from devtools.line_events import follow, make_event, redelivered, sign, text_message, unfollow
from ids import ProgramId
from kit.ids import new_id
from kit.sealing import Keyring
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.line import LINK_PAGE, connect_line, handle_all, line_worker, link, post_events
from tests.support.world import Chain

KEYRING = Keyring(SECRET_KEY)

pytestmark = pytest.mark.usefixtures("clean_line")


async def events_of(chain: Chain) -> list[tuple[str, bool]]:
    """The state of each, and whether its words are still there."""
    rows = await chain.world.pool.fetch(
        "SELECT state, sealed_event IS NOT NULL AS has_words FROM line_events WHERE program_id = $1", chain.id
    )
    return [(row["state"], row["has_words"]) for row in rows]


async def test_what_is_not_signed_by_this_channel_is_refused(chain: Chain, rival: Chain, line: LineDouble) -> None:
    ours, theirs = line.open_channel("1650000001"), line.open_channel("1650000002")
    await connect_line(chain, ours)
    await connect_line(rival, theirs)
    body, headers = ours.write_webhook([follow("U1")])
    attempts: dict[str, tuple[bytes, dict[str, str]]] = {
        "no signature": (body, {"Content-Type": "application/json"}),
        "another one": (body, headers | {"X-Line-Signature": sign("another secret", body)}),
        "no Base64": (body, headers | {"X-Line-Signature": "\xff\xfe"}),
        "a body that changed": (body.replace(b"follow", b"unfollow"), headers),
        "a space more": (body + b" ", headers),
        "another tenant's": theirs.write_webhook([follow("U1")]),
    }
    for what, (content, sent) in attempts.items():
        raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
        answer = await chain.world.http.post(f"/line/v1/webhooks/{chain.id}", content=content, headers=raw)
        assert expect_problem(answer, 401, "webhook-refused"), what
    huge = await post_events(chain.world, chain.id, ours, [], body=b" " * 10_000_000)
    expect_problem(huge, 413, "body-too-large")
    nobody = await post_events(chain.world, ProgramId(new_id()), ours, [follow("U1")])
    expect_problem(nobody, 404, "not-found")
    for content in (b"[]", b"{", b'{"events": 1}', b"\xff", b"[" * 50_000):
        signed = {"X-Line-Signature": sign(ours.secret, content)}
        answer = await post_events(chain.world, chain.id, ours, [], body=content, headers=signed)
        expect_problem(answer, 400, "invalid-request")
    assert await events_of(chain) == []


async def test_the_events_of_another_bot_are_refused_once_line_has_told_which_is_ours(
    chain: Chain, line: LineDouble
) -> None:
    ours = line.open_channel("1650000003")
    await connect_line(chain, ours)
    await chain.world.pool.execute("UPDATE line_channels SET bot_user_id = 'U0' WHERE program_id = $1", chain.id)
    expect_problem(await post_events(chain.world, chain.id, ours, [follow("U1")]), 401, "webhook-refused")
    assert (await post_events(chain.world, chain.id, ours, [])).status_code == 401
    body = b'{"destination":"U0","events":[]}'  # LINE's own test of the address
    signed = {"X-Line-Signature": sign(ours.secret, body)}
    assert (await post_events(chain.world, chain.id, ours, [], body=body, headers=signed)).status_code == 200


async def test_a_redelivered_event_has_one_effect_and_an_old_one_none(chain: Chain, line: LineDouble) -> None:
    channel = line.open_channel("1650000004")
    await connect_line(chain, channel)
    event = text_message("U7", "連携", reply_token=_reply_token(line, "U7"))
    for events in ([event], [event, event], [redelivered(event)], [follow("U7", ago_s=8 * 86_400)]):
        assert (await post_events(chain.world, chain.id, channel, events)).status_code == 200
    assert await events_of(chain) == [("pending", True)]
    assert await handle_all(chain.world.pool, line) == 1
    await post_events(chain.world, chain.id, channel, [redelivered(event)])
    assert await handle_all(chain.world.pool, line) == 0
    assert await events_of(chain) == [("handled", False)]
    (said,) = [each for each in line.received if each.user_id == "U7"]
    (button,) = said.messages[0]["template"]["actions"]
    assert button["uri"].startswith(LINK_PAGE + "&linkToken=")
    assert line.link_tokens[button["uri"].rpartition("=")[2]] == "U7"


async def test_whatever_json_an_event_holds_it_is_kept_as_it_came(chain: Chain, line: LineDouble) -> None:
    """Numbers that JSON may have and our encoder may not, and as deep as a decoder goes."""
    channel = line.open_channel("1650000014")
    await connect_line(chain, channel)
    event = msgspec.json.encode(text_message("U7", "hello", reply_token="t"))
    depths = [500, *range(900, 1000, 20), 2000, 90_000]
    held = [b"1180591620717411303424", *(b"[" * depth + b"]" * depth for depth in depths)]
    for each in held:
        body = b'{"events":[' + event[:-1] + b',"more":' + each + b"}]}"
        signed = {"X-Line-Signature": sign(channel.secret, body)}
        answer = await post_events(chain.world, chain.id, channel, [], body=body, headers=signed)
        assert answer.status_code in (200, 400), (each[:40], answer.text)
    await handle_all(chain.world.pool, line)
    assert "pending" not in [state for state, _ in await events_of(chain)]


async def test_blocked_and_back_in_any_order(chain: Chain, line: LineDouble) -> None:
    """The newest event counts, not the last one that came; and who has linked nothing is nobody."""
    channel = line.open_channel("1650000005")
    await connect_line(chain, channel)
    member = await chain.enrol()
    await link(chain, channel, line, member, "U8")

    async def is_friend(*events: dict[str, Any]) -> bool:
        await post_events(chain.world, chain.id, channel, events)
        await handle_all(chain.world.pool, line)
        receives: bool = (await member.app.get("/v1/me/line")).json()["receives_messages"]
        return receives

    assert await is_friend()
    assert await is_friend(unfollow("nobody"))
    assert not await is_friend(unfollow("U8", ago_s=-20))
    assert not await is_friend(follow("U8", ago_s=-10))  # before it, and late
    assert await is_friend(follow("U8", ago_s=-30))
    assert await is_friend(unfollow("U8", ago_s=-20))


async def test_what_the_sdk_does_not_know_keeps_its_user_and_its_reply_token(chain: Chain, line: LineDouble) -> None:
    """The SDK answers such an event as an UnknownEvent without either; here a postback is a postback."""
    channel = line.open_channel("1650000006")
    await connect_line(chain, channel)
    token = _reply_token(line, "U9")
    strange = make_event("postback", "U9", reply_token=token, postback={"data": "noren:unlink", "holograms": [1]})
    strange["source"] |= {"kind": {"of": "a source that is new"}}
    unknown = [make_event("teleport", "U9"), make_event("message", "U9", message={"type": "hologram", "id": "1"})]
    of_group = make_event("message", None, message={"type": "text", "text": "連携"})
    broken_ones: list[dict[str, Any]] = [
        {"type": "follow"},
        {"webhookEventId": 1, "type": 2},
        follow("U9") | {"timestamp": -1},
    ]
    answer = await post_events(chain.world, chain.id, channel, [strange, *unknown, of_group, *broken_ones])
    assert answer.status_code == 200
    await handle_all(chain.world.pool, line)
    assert {state for state, _ in await events_of(chain)} == {"handled"}
    (said,) = [each for each in line.received if each.user_id == "U9"]
    assert "連携されていません" in said.messages[0]["text"]


async def test_a_fault_of_lines_is_tried_again_and_another_worker_takes_over(chain: Chain, line: LineDouble) -> None:
    channel = line.open_channel("1650000007")
    await connect_line(chain, channel)
    event = text_message("U10", "連携", reply_token=_reply_token(line, "U10"))
    await post_events(chain.world, chain.id, channel, [event])
    line.faults.extend([broken(), broken(503)])
    assert await handle_all(chain.world.pool, line) == 1
    assert await events_of(chain) == [("retryable", True)]
    await _make_due(chain)
    async with line_worker(chain.world.pool, line) as work:  # it dies with the lease
        await work.pool.execute(
            "UPDATE line_events SET state = 'sending', attempts = 2, lease_until = now() - interval '1 s'"
            " WHERE program_id = $1",
            chain.id,
        )
    assert await handle_all(chain.world.pool, line) == 1
    assert await events_of(chain) == [("retryable", True)]  # 503
    await _make_due(chain)
    assert await handle_all(chain.world.pool, line) == 1
    assert await events_of(chain) == [("handled", False)]
    assert len([each for each in line.received if each.user_id == "U10"]) == 1


async def test_an_erasure_takes_what_waits(chain: Chain, line: LineDouble) -> None:
    channel = line.open_channel("1650000008")
    await connect_line(chain, channel)
    member = await chain.enrol()
    await link(chain, channel, line, member, "U11")
    await post_events(chain.world, chain.id, channel, [text_message("U11", "a secret"), text_message("U12", "hello")])
    erased = await chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "card_shown"})
    assert erased.status_code == 204, erased.text
    left = await chain.world.pool.fetch(
        "SELECT user_hash FROM line_events WHERE program_id = $1 AND state = 'pending'", chain.id
    )
    assert [row["user_hash"] for row in left] == [hash_user(KEYRING, chain.id, "U12")]
    async with chain.world.pool.acquire() as conn:
        assert await find_link(conn, member.id) is None


def _reply_token(line: LineDouble, user_id: str) -> str:
    token = f"reply-to-{user_id}"
    line.reply_tokens[token] = user_id
    return token


async def _make_due(chain: Chain) -> None:
    await chain.world.pool.execute(
        "UPDATE line_events SET next_attempt_at = now() WHERE program_id = $1 AND state = 'retryable'", chain.id
    )
