"""E-mail of campaigns: who wants it, who wants it no more, and whose mailbox is not there."""

import mailbox
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.mail.links import link_url, unsubscribe_url
from channels.mail.tokens import TAG_BYTES, Link, LinkPurpose, MailOrigin, make_message_id
from channels.messages import MailOwner
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import new_id
from members.consent import Consent
from members.handles import hash_handle
from members.members_repository import record_consents
from outbox.sealed_messages_repository import NewSealedMessage, insert_sealed_message
from programs.mail_settings import MailSettings
from programs.mail_settings_repository import set_mail_settings, take_mail_place
from server.mail.command import read_bounces
from server.runtime.mail_books import StoredMailBooks
from server.runtime.root_secret import open_keyring
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.mail_reports import a_complaint, a_delivery_report
from tests.support.proving import KEYRING, let_a_minute_pass, read_waiting
from tests.support.shop import NOON, Shop
from tests.support.world import Chain, Json, Member

EMAIL = "hana@example.com"
PUBLIC_URL = "https://noren.example"
YES = {"purpose": "email", "granted": True, "text_version": "7"}
TAG = hash_handle(KEYRING, "email", EMAIL)[:TAG_BYTES]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def verify_email(chain: Chain, member: Member) -> None:
    opened = (await member.app.post("/v1/me/verifications", {"kind": "email", "value": EMAIL})).json()
    code = await fetch_code(chain.world.pool, KEYRING, EMAIL)
    confirmed = await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code})
    assert confirmed.status_code == 200, confirmed.text


async def consents_of(member: Member) -> Json | None:
    me = (await member.app.get("/v1/me")).json()
    return next((each for each in me["consents"] if each["purpose"] == "email"), None)


async def suppressed(chain: Chain, member: Member) -> list[str]:
    query = "SELECT reason FROM email_suppressions WHERE member_id = $1 ORDER BY reason"
    return [row["reason"] for row in await chain.world.pool.fetch(query, member.id)]


def path_of(purpose: LinkPurpose, member: Member) -> str:
    return link_url(KEYRING, "", Link(purpose, member.id, TAG))


async def press(chain: Chain, path: str) -> httpx.Response:
    """As a mailbox does, and the page's button."""
    return await chain.world.http.post(path, content=b"List-Unsubscribe=One-Click", headers=FORM)


async def ask_twice(chain: Chain) -> None:
    """The program has told who it is, and asks for each yes once more."""
    told = {
        "sender_name": "喫茶さくら",
        "postal_address": "東京都",
        "contact": "03-1234-5678",
        "is_double_opt_in": True,
    }
    answer = await chain.owner.put("/v1/program/mail", told)
    assert answer.status_code == 200, answer.text
    assert (await chain.owner.get("/v1/program/mail")).json()["settings"] == told | {"per_minute": None}


async def test_one_post_without_a_login_unsubscribes_and_a_get_does_nothing(chain: Chain) -> None:
    member = await chain.enrol(consents=[YES])
    await verify_email(chain, member)
    path = unsubscribe_url(KEYRING, "", MailOwner(member.id, TAG))
    page = await chain.world.http.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'lang="ja"' in page.text
    assert "配信を停止する" in page.text
    assert (await consents_of(member) or {})["granted"] is True
    expect_problem(await chain.world.http.post(path, content=b"x=1", headers=FORM), 400, "invalid-request")
    for _ in range(2):
        done = await press(chain, path)
        assert done.status_code == 200, done.text
        assert "停止しました" in done.text
    consent = await consents_of(member)
    assert consent is not None
    assert (consent["granted"], consent["source"]) == (False, "mail")
    assert await suppressed(chain, member) == ["unsubscribed"]
    assert await chain.world.pool.fetchval("SELECT count(*) FROM consents WHERE member_id = $1", member.id) == 2
    # They want it after all.
    assert (await member.app.put("/v1/me/consents", {"consents": [YES]})).status_code == 200
    assert await suppressed(chain, member) == []
    assert (await StoredMailBooks(chain.world.pool).find_refusal(MailOwner(member.id, TAG))) is None


async def test_links_that_are_nobodys_and_of_who_has_gone(chain: Chain) -> None:
    for path in ("/mail/unsubscribe/AAAA", "/mail/opt-in/AAAA", "/mail/unsubscribe/" + "A" * 4000):
        expect_problem(await chain.world.http.get(path), 404, "not-found")
        expect_problem(await press(chain, path), 404, "not-found")
    member = await chain.enrol(consents=[YES])
    expect_problem(
        await chain.world.http.get(path_of("unsubscribe", member).replace("unsubscribe", "opt-in")), 404, "not-found"
    )
    erased = await chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "legal_order"})
    assert erased.status_code == 204
    for path in (path_of("unsubscribe", member), path_of("opt-in", member)):
        assert (await press(chain, path)).status_code == 200
    for table in ("consents", "email_suppressions"):
        left = await chain.world.pool.fetchval(f"SELECT count(*) FROM {table} WHERE member_id = $1", member.id)
        assert left == 0, table


async def test_double_opt_in_counts_when_the_link_is_followed(chain: Chain) -> None:
    await ask_twice(chain)
    member = await chain.enrol(consents=[YES], locale="en")
    assert await consents_of(member) is None
    assert (await member.app.get("/v1/me")).json()["is_email_asked"] is True
    assert await read_waiting(chain) == [], "there is no address yet"
    # They have said so to a server whose clock is ahead of that which sends.
    await chain.world.pool.execute("UPDATE email_opt_ins SET asked_at = asked_at + interval '5 s'")
    await verify_email(chain, member)
    (asked,) = [each for each in await read_waiting(chain) if "/mail/opt-in/" in each.body]
    assert asked.recipient == EMAIL
    # Asked for again at once, it is not sent again.
    assert (await member.app.put("/v1/me/consents", {"consents": [YES]})).status_code == 200
    assert len([each for each in await read_waiting(chain) if "/mail/opt-in/" in each.body]) == 1
    path = asked.body.partition(PUBLIC_URL)[2].split()[0]
    page = await chain.world.http.get(path)
    assert "Yes, send them" in page.text
    assert await consents_of(member) is None
    assert "Thank you" in (await press(chain, path)).text
    consent = await consents_of(member)
    assert consent is not None
    assert (consent["granted"], consent["source"], consent["text_version"]) == (True, "mail", "7")
    assert "Thank you" in (await press(chain, path)).text, "followed twice"
    # Who wants none any more, and then some again, is asked once more.
    no = await member.app.put("/v1/me/consents", {"consents": [YES | {"granted": False}]})
    assert no.json()["is_email_asked"] is False
    assert "This link has ended" in (await press(chain, path)).text
    assert (await consents_of(member) or {})["granted"] is False
    again = await member.app.put("/v1/me/consents", {"consents": [YES]})
    assert (again.json()["is_email_asked"], (await consents_of(member) or {})["granted"]) == (True, False)


async def test_a_mailbox_that_is_not_there_gets_no_more_until_its_code_comes_back(
    shop: Shop, database: str, tmp_path: Path
) -> None:
    """By the command, from a Maildir; read again it changes nothing."""
    shopper, _ = await shop.enrol(2)
    value_hash = bytes(range(32))
    keyring = await open_keyring(shop.pool, SECRET_KEY, NOON)
    await shop.pool.execute(
        "INSERT INTO handles (program_id, kind, value_hash, member_id, sealed_value, stands_at)"
        " VALUES ($1, 'email', $2, $3, '', now())",
        shop.program.id,
        value_hash,
        shopper.member_id,
    )

    async def consent(conn: Connection) -> None:
        yes = Consent(purpose="email", granted=True, text_version="1", source="app", at=NOON)
        await record_consents(conn, shopper.member_id, [yes])

    await in_transaction(shop.pool, consent)
    owner = MailOwner(shopper.member_id, value_hash[:TAG_BYTES])
    books = StoredMailBooks(shop.pool)
    assert await books.find_refusal(owner) is None
    message_id = make_message_id(keyring, MailOrigin(owner.member_id, owner.address_tag, new_id()), "kissa.example")
    former = make_message_id(keyring, MailOrigin(owner.member_id, b"zzzz", new_id()), "kissa.example")
    box = mailbox.Maildir(tmp_path / "box")
    for raw in (
        b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 2000,
        a_delivery_report(message_id, status="5.2.2"),
        a_delivery_report(former),
        b"Subject: away\r\n\r\nuntil Monday",
    ):
        box.add(raw)
    said = await read_bounces(database, SECRET_KEY, tmp_path / "box")
    assert said == "read 4 e-mails: 1 bounced, 1 failed, 2 nothing"
    assert await books.find_refusal(owner) is None, "of a full mailbox, and of an address that is not theirs any more"
    box.add(a_delivery_report(message_id))
    box.add(a_complaint(message_id))
    assert await read_bounces(database, SECRET_KEY, tmp_path / "box") == "read 2 e-mails: 1 bounced, 1 complained"
    assert await read_bounces(database, SECRET_KEY, tmp_path / "box") == "read 0 e-mails: none"
    assert await books.find_refusal(owner) == "suppressed"
    rows = await shop.pool.fetch("SELECT reason FROM email_suppressions ORDER BY reason")
    assert [row["reason"] for row in rows] == ["bounced", "complained"]


REFUSALS: dict[str, str] = {
    "UPDATE members SET email_consent = false": "no_consent",
    "UPDATE members SET state = 'closed'": "member_closed",
    "DELETE FROM handles WHERE kind = 'email'": "unreachable",
}


@pytest.mark.parametrize(("change", "reason"), REFUSALS.items())
async def test_consent_is_asked_for_right_before_it_goes_out(chain: Chain, change: str, reason: str) -> None:
    member = await chain.enrol(consents=[YES])
    await verify_email(chain, member)
    books, owner = StoredMailBooks(chain.world.pool), MailOwner(member.id, TAG)
    assert await books.find_refusal(owner) is None
    where = " AND " if "WHERE" in change else " WHERE "
    await chain.world.pool.execute(f"{change}{where}member_id = $1", member.id)
    assert await books.find_refusal(owner) == reason


async def test_an_address_confirms_for_itself_alone(chain: Chain) -> None:
    """The e-mail that asks went to an address that the member has given up since: its owner has no say."""
    await ask_twice(chain)
    member = await chain.enrol(consents=[YES])
    await verify_email(chain, member)
    other = link_url(KEYRING, "", Link("opt-in", member.id, hash_handle(KEYRING, "email", "b@example.com")[:TAG_BYTES]))
    assert "終了" in (await press(chain, other)).text
    assert await consents_of(member) is None
    assert "ありがとう" in (await press(chain, path_of("opt-in", member))).text


async def test_a_report_is_of_who_its_member_became_and_counts_once(chain: Chain) -> None:
    survivor, gone = await chain.enrol(consents=[YES]), await chain.enrol()
    await verify_email(chain, survivor)
    pool, books, message_id = chain.world.pool, StoredMailBooks(chain.world.pool), new_id()
    await pool.execute(
        "UPDATE members SET state = 'merged', merged_into = $2 WHERE member_id = $1", gone.id, survivor.id
    )
    new = NewSealedMessage(
        member_id=gone.id,
        id=message_id,
        program_id=chain.id,
        channel="email",
        sealed_message=b"x",
        lane="bulk",
        now=utc_now(),
        expires_at=utc_now(),
    )
    await in_transaction(pool, lambda conn: insert_sealed_message(conn, new))
    await books.record(MailOrigin(gone.id, TAG, message_id), "bounced")
    assert await suppressed(chain, survivor) == ["bounced"]
    # It is read again, from another mailbox, after a code has come back.
    await pool.execute("DELETE FROM email_suppressions WHERE member_id = $1", survivor.id)
    await books.record(MailOrigin(gone.id, TAG, message_id), "bounced")
    assert await suppressed(chain, survivor) == []


async def test_a_code_that_comes_back_lifts_a_bounce(chain: Chain) -> None:
    member = await chain.enrol(consents=[YES])
    await verify_email(chain, member)
    origin = MailOrigin(member.id, TAG, new_id())
    books = StoredMailBooks(chain.world.pool)
    for kind in ("bounced", "complained"):
        await books.record(origin, kind)
    assert await suppressed(chain, member) == ["bounced", "complained"]
    await let_a_minute_pass(chain)
    await verify_email(chain, member)
    assert await suppressed(chain, member) == ["complained"], "which a new consent lifts"


async def test_the_speed_is_kept_over_all_connections(shop: Shop) -> None:
    told: dict[str, Any] = {"sender_name": "a", "postal_address": "b", "contact": "c", "is_double_opt_in": False}

    async def set_up(conn: Connection) -> None:
        await set_mail_settings(conn, shop.program.id, MailSettings(per_minute=600, **told), NOON)

    async with shop.pool.acquire() as conn:
        assert await take_mail_place(conn, shop.program.id, NOON) == 0, "nothing is told, nothing is bounded"
    await in_transaction(shop.pool, set_up)
    async with shop.pool.acquire() as conn:
        waits = [await take_mail_place(conn, shop.program.id, NOON) for _ in range(12)]
        assert waits[:10] == [0] * 10
        assert all(0 < wait <= 1.1 for wait in waits[10:])
        later = NOON + timedelta(seconds=0.5)
        assert [await take_mail_place(conn, shop.program.id, later) == 0 for _ in range(6)] == [True] * 5 + [False]


async def test_a_counted_link_leads_where_it_was_written_to_and_nowhere_else(chain: Chain) -> None:
    """What is counted, and of whom: tests/server/receipts."""
    member = await chain.enrol(consents=[YES])
    url = "https://kissa.example/beans?a=1&b=2"
    clicked = Link("click", member.id, TAG, new_id(), url)
    answer = await chain.world.http.get(link_url(KEYRING, "", clicked), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, url)
    assert answer.headers["referrer-policy"] == "no-referrer"
    pixel = await chain.world.http.get(link_url(KEYRING, "", Link("open", member.id, TAG, new_id())))
    assert (pixel.status_code, pixel.headers["content-type"], pixel.content[:3]) == (200, "image/gif", b"GIF")
    opened = link_url(KEYRING, "", Link("open", member.id, TAG, new_id())).replace("/open/", "/click/")
    for bad in ("/mail/click/https%3A%2F%2Fevil.example", "/mail/open/AAAA", opened):
        expect_problem(await chain.world.http.get(bad, follow_redirects=False), 404, "not-found")
