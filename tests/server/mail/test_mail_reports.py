"""What a mail service posts of e-mails, signed with the operator's key."""

import msgspec
import pytest

from channels.mail.tokens import TAG_BYTES, MailOrigin, make_message_id
from kit.clock import utc_now
from kit.database import in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from kit.signed_posts import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from members.handles import hash_handle
from outbox.sealed_messages_repository import NewSealedMessage, insert_sealed_message
from tests.server.mail.test_mail import EMAIL, YES, suppressed, verify_email
from tests.support.expectations import expect_problem
from tests.support.proving import KEYRING
from tests.support.world import MAIL_REPORT_KEY as KEY
from tests.support.world import Chain, Member

PATH = "/mail/v1/reports"


def headers_for(body: bytes, *, key: str = KEY, age_s: int = 0) -> dict[str, str]:
    timestamp = str(int(utc_now().timestamp()) - age_s)
    signature = sign(key, body, timestamp)
    return {"Content-Type": "application/json", TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature}


async def an_email(chain: Chain, member: Member) -> MailOrigin:
    """That waits for its receipts."""
    origin = MailOrigin(member.id, hash_handle(KEYRING, "email", EMAIL)[:TAG_BYTES], new_id())
    assert origin.message_id is not None
    new = NewSealedMessage(
        member_id=member.id,
        id=origin.message_id,
        program_id=chain.id,
        channel="email",
        sealed_message=b"x",
        lane="bulk",
        now=utc_now(),
        expires_at=utc_now(),
    )
    await in_transaction(chain.world.pool, lambda conn: insert_sealed_message(conn, new))
    return origin


async def test_a_report_suppresses_the_address_and_counts_once(chain: Chain) -> None:
    member = await chain.enrol(consents=[YES])
    await verify_email(chain, member)
    ours = make_message_id(KEYRING, await an_email(chain, member), "kissa.example")
    forged = make_message_id(Keyring(b"x" * 32), await an_email(chain, member), "kissa.example")
    told = [{"message_id": each, "kind": "complained"} for each in (ours, ours.strip("<>"), forged, "<1@else.example>")]
    body = msgspec.json.encode({"reports": told})
    for _ in range(2):  # as services repeat themselves, and as somebody on the way could
        answer = await chain.world.http.post(PATH, content=body, headers=headers_for(body))
        assert (answer.status_code, answer.json()) == (200, {"taken": 2, "ignored": 2})
    assert await suppressed(chain, member) == ["complained"]
    # The member wants e-mail after all; the same report, again, changes nothing.
    assert (await member.app.put("/v1/me/consents", {"consents": [YES]})).status_code == 200
    await chain.world.http.post(PATH, content=body, headers=headers_for(body))
    assert await suppressed(chain, member) == []
    assert await chain.world.pool.fetchval("SELECT count(*) FROM message_receipts WHERE member_id = $1", member.id) == 1


async def test_what_is_not_signed_now_and_as_it_is_is_refused(chain: Chain) -> None:
    body = b'{"reports":[{"message_id":"<1@else.example>","kind":"bounced"}]}'
    good = headers_for(body)
    post = chain.world.http.post
    cases = [
        (body, {"Content-Type": "application/json"}),
        (body, headers_for(body, key="0" * 32)),
        (body, headers_for(body, age_s=301)),
        (body, headers_for(body, age_s=-301)),
        (body, good | {TIMESTAMP_HEADER: str(int(good[TIMESTAMP_HEADER]) + 1)}),
        (body, good | {TIMESTAMP_HEADER: "soon"}),
        (body.replace(b"bounced", b"failed!"), good),
        (b"", good),
    ]
    for content, headers in cases:
        expect_problem(await post(PATH, content=content, headers=headers), 401, "webhook-refused")
    for content in (
        b"",
        b"[]",
        b"{}",
        b'{"reports":[]}',
        b'{"reports":[{"message_id":"x","kind":"?"}]}',
        b"[" * 60_000,
    ):
        answer = await post(PATH, content=content, headers=headers_for(content))
        expect_problem(answer, 400, "invalid-request")
    large = b"x" * 10_000_000
    assert (await post(PATH, content=large, headers=headers_for(large))).status_code == 413


@pytest.mark.parametrize(("timestamp", "signature"), [("1795834800", "\u00e9" * 64), ("9" * 13, "0" * 64), ("", "")])
async def test_headers_that_are_none(chain: Chain, timestamp: str, signature: str) -> None:
    headers = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature.encode("latin-1").decode("latin-1")}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await chain.world.http.post(PATH, content=b"{}", headers=encoded)
    expect_problem(answer, 401, "webhook-refused")
