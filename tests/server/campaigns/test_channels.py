"""By which channel a campaign's message goes: from a visit at the till to what each provider's double was given."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from channels.delivery_worker import deliver_once
from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.mail.smtp import MailIdentity, SmtpChannel
from channels.mail.smtp_pool import SmtpPool
from channels.mail.smtp_server import parse_smtp_url
from devtools.line_double import LineDouble, broken
from kit.clock import utc_now
from kit.ids import new_id
from members.contacts import seal_contact
from server.campaigns.address_messages import CouponAddressing
from server.campaigns.release_messages import release_messages
from server.runtime.mail_books import StoredMailBooks
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.line import connect_line, link
from tests.support.lives import ok
from tests.support.mail_server import MailServer, open_mail_server
from tests.support.proving import KEYRING
from tests.support.tallies import expect_counted
from tests.support.world import Chain, Json, Member, Till

PUBLIC_URL = "https://noren.example"
MAIL = {"sender_name": "喫茶さくら", "postal_address": "東京都", "contact": "03-1234-5678"}
YES = [{"purpose": "email", "granted": True, "text_version": "7"}]
PLAIN = {"ja": {"title": "ようこそ", "body": "珈琲を一杯"}}
WORDS = {
    "email": {"ja": {"subject": "{store}から珈琲を一杯", "body": "# ありがとうございます\n\n{link}"}},
    "line": {"ja": {"text": "珈琲を一杯どうぞ。", "button": "クーポンを見る"}},
    "link": "https://card.example/coupons/{coupon_id}",
}


class Street(msgspec.Struct, kw_only=True):
    """A program with a till, a LINE account and a mail server; members are given addresses as they are needed."""

    chain: Chain
    till: Till
    line: LineDouble
    line_channel: Any
    mail: MailServer
    channels: dict[Any, Any]

    async def enrol(self, *, email: str | None = None, line: str | None = None) -> Member:
        member = await self.chain.enrol(consents=YES if email else [])
        if email is not None:
            opened = ok(await member.app.post("/v1/me/verifications", {"kind": "email", "value": email}))
            code = await fetch_code(self.chain.world.pool, KEYRING, email)
            ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
        if line is not None:
            self.line_channel.friends.add(line)
            await link(self.chain, self.line_channel, self.line, member, line)
        return member

    async def write(self, *channels: str) -> str:
        """A campaign of visits, which reaches its members by these channels."""
        body = {"trigger": {"kind": "visit"}, "quiet_hours": None, "messages": WORDS, "channels": channels}
        return str(await self.chain.add_campaign(**body))

    async def visit(self, *members: Member) -> None:
        for member in members:
            ok(await self.till.at.post("/v1/scans", {"card": member.card_number}))

    async def deliver(self) -> Counter[str]:
        pool = self.chain.world.pool
        addressing = CouponAddressing(pool, KEYRING, PUBLIC_URL)
        return await deliver_once(pool, KEYRING, self.channels, addressing=addressing)

    async def fates(self, campaign_id: str) -> list[tuple[str, str, str | None]]:
        """Channel, state and reason of each message, the oldest first."""
        query = "SELECT channel, state, failure FROM outbox WHERE campaign_id = $1 ORDER BY id"
        return [tuple(row) for row in await self.chain.world.pool.fetch(query, UUID(campaign_id))]

    def mailed(self, recipient: str) -> list[Any]:
        return [each for each in self.mail.messages if each["To"] == recipient]

    async def change(self, query: str, *values: object) -> None:
        await self.chain.world.pool.execute(query, *values)


@pytest_asyncio.fixture(loop_scope="session")
async def street(chain: Chain, line: LineDouble, clean_line: None) -> AsyncIterator[Street]:
    pool = chain.world.pool
    opened = line.open_channel("1650000001")
    await connect_line(chain, opened)
    ok(await chain.owner.put("/v1/program/mail", MAIL | {"is_double_opt_in": False}))
    till = await chain.add_till(await chain.add_store())
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(open_mail_server())
        identity = MailIdentity("noreply@noren.example", None, PUBLIC_URL)
        smtp = SmtpChannel(SmtpPool(parse_smtp_url(mail.url)), identity, KEYRING, StoredMailBooks(pool))
        by_line = LineChannel(pool, KEYRING, LineApi(line.endpoint))
        stack.push_async_callback(by_line.close)
        stack.push_async_callback(smtp.close)
        channels = {"email": smtp, "line": by_line}
        yield Street(chain=chain, till=till, line=line, line_channel=opened, mail=mail, channels=channels)
    await expect_counted(pool)


async def counted(street: Street, member: Member) -> int:
    query = "SELECT coalesce(max(cardinality(days)), 0) FROM message_counts WHERE member_id = $1"
    return int(await street.chain.world.pool.fetchval(query, member.id))


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
    assert [await counted(street, each) for each in (hana, ken, yuki)] == [1, 1, 0]


async def test_what_has_changed_since_is_kept_to_when_it_is_sent(street: Street) -> None:
    campaign_id = await street.write("line", "email")
    leaver = await street.enrol(email="leaver@choice.example")
    unlinked = await street.enrol(line="U-unlinked")
    mover = await street.enrol(email="old@choice.example")
    await street.visit(leaver, unlinked, mover)
    no = [YES[0] | {"granted": False}]
    ok(await leaver.app.put("/v1/me/consents", {"consents": no}))
    assert (await unlinked.app.delete("/v1/me/line")).status_code == 204
    new = seal_contact(KEYRING, street.chain.id, "email", "new@choice.example")
    moved = "UPDATE handles SET value_hash = $2, sealed_value = $3 WHERE member_id = $1 AND kind = 'email'"
    await street.change(moved, mover.id, new.value_hash, new.sealed_value)
    await street.deliver()
    assert await street.fates(campaign_id) == [
        ("email", "dropped", "no_consent"),
        ("line", "dropped", "unreachable"),
        ("email", "sent", None),
    ]
    assert [each.by for each in street.line.received] == []
    assert (street.mailed("leaver@choice.example"), street.mailed("old@choice.example")) == ([], [])
    assert len(street.mailed("new@choice.example")) == 1
    assert [await counted(street, each) for each in (leaver, unlinked, mover)] == [0, 0, 1]


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
    assert [await counted(street, each) for each in (late, used)] == [0, 0]
    await release_messages(pool, utc_now())
    assert await counted(street, late) == 1
    await street.change("UPDATE programs SET message_quota = 1 WHERE id = $1", street.chain.id)
    await street.deliver()
    await street.visit(over)
    await street.deliver()
    fates = await street.fates(campaign_id)
    assert [fates[0], fates[2]] == [("email", "sent", None), ("email", "dropped", "quota")]
    assert (len(street.mailed("late@choice.example")), len(street.mailed("over@choice.example"))) == (1, 0)
    assert [await counted(street, each) for each in (late, over)] == [1, 0]


async def test_what_a_provider_has_refused_is_sent_again_by_the_same_channel(street: Street) -> None:
    campaign_id = await street.write("line")
    member = await street.enrol(line="U-again")
    await street.visit(member)
    street.line.faults.append(broken(400))
    await street.deliver()
    assert await street.fates(campaign_id) == [("line", "failed", "line_400")]
    assert await counted(street, member) == 0
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
        ({"channels": ["email"], "messages": {}, "trigger": {"kind": "code"}, "offer": PLAIN}, "Leave out channels"),
    ],
)
async def test_a_campaign_without_what_its_channels_take_is_refused(chain: Chain, body: Json, said: str) -> None:
    written = await chain.add_campaign(trigger={"kind": "visit"})
    asked = {"trigger": {"kind": "visit"}} | body
    problem = expect_problem(await chain.owner.patch(f"/v1/campaigns/{written}", asked), 400, "invalid-request")
    assert said in problem["detail"]


@pytest.mark.parametrize("channels", [[], ["sms"], ["push", "line", "email", "push"]])
async def test_other_channels_are_no_campaigns(chain: Chain, channels: list[str]) -> None:
    written = await chain.add_campaign(trigger={"kind": "visit"})
    answer = await chain.owner.patch(f"/v1/campaigns/{written}", {"channels": channels})
    expect_problem(answer, 400, "invalid-request")
