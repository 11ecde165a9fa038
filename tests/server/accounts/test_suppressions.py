"""The suppression list as owners see and change it."""

import pytest

from channels.phone.account import hash_number
from channels.phone.phone_accounts_repository import is_opted_out, opt_out
from kit.clock import utc_now
from members.suppressions_repository import suppress_address
from tests.server.mail.test_mail import verify_email
from tests.support.expectations import expect_problem
from tests.support.proving import KEYRING
from tests.support.world import Chain, Json

PATH = "/v1/suppressions"
NUMBER = {"kind": "phone", "value": "090-1234-5678"}


async def look_up(chain: Chain, contact: Json) -> list[tuple[str, str]]:
    answer = await chain.owner.post(f"{PATH}/search", contact)
    assert answer.status_code == 200, answer.text
    found = [(each["channel"], each["reason"]) for each in answer.json()["suppressions"]]
    assert answer.json()["is_suppressed"] is bool(found)
    return found


async def test_a_number_is_put_on_the_list_and_taken_off(chain: Chain, rival: Chain) -> None:
    number_hash = hash_number(KEYRING, chain.id, "+819012345678")
    async with chain.world.pool.acquire() as conn:
        await opt_out(conn, chain.id, number_hash, "sms", "reply", utc_now())
    assert await look_up(chain, NUMBER) == [("sms", "reply")]
    again, listed = [await chain.owner.post(PATH, NUMBER | {"reason": "not_theirs"}) for _ in range(2)]
    assert (again.status_code, listed.status_code) == (200, 200), listed.text
    assert await look_up(chain, NUMBER) == [("sms", "reply"), ("voice", "staff")]
    assert await look_up(rival, NUMBER) == []
    lifted = await chain.owner.post(
        f"{PATH}/removals", {"kind": "phone", "value": "+81 90 1234 5678", "reason": "asked"}
    )
    assert lifted.json()["suppressions"] == []
    async with chain.world.pool.acquire() as conn:
        assert not await is_opted_out(conn, chain.id, number_hash, "voice")
    key = listed.json()["key"]
    trail = (await chain.owner.get("/v1/audit")).json()["items"]
    assert [(each["action"], each["target"]) for each in trail[:2]] == [
        ("POST /v1/suppressions/removals", f"phone {key}: asked"),
        ("POST /v1/suppressions", f"phone {key}: not_theirs"),
    ]
    assert "1234" not in str([each["target"] for each in trail[:2]]).replace(key, "")


async def test_an_address_is_on_the_list_for_who_has_it(chain: Chain) -> None:
    contact = {"kind": "email", "value": "Hana@Example.com"}
    expect_problem(await chain.owner.post(PATH, contact | {"reason": "asked"}), 409, "contact-not-found")
    assert await look_up(chain, contact) == []
    member = await chain.enrol()
    await verify_email(chain, member)
    held = await chain.world.pool.fetchrow(
        "SELECT value_hash FROM handles WHERE member_id = $1 AND kind = 'email'", member.id
    )
    assert held is not None
    async with chain.world.pool.acquire() as conn:
        await suppress_address(conn, member.id, chain.id, held["value_hash"], "bounced", utc_now())
    assert (await chain.owner.post(PATH, contact | {"reason": "asked"})).status_code == 200
    assert await look_up(chain, contact) == [("email", "bounced"), ("email", "staff")]
    yes = {"consents": [{"purpose": "email", "granted": True, "text_version": "7"}]}
    assert (await member.app.put("/v1/me/consents", yes)).status_code == 200
    assert ("email", "staff") in await look_up(chain, contact), "the staff know what the member does not say"
    assert (await chain.owner.post(f"{PATH}/removals", contact | {"reason": "works_again"})).status_code == 200
    assert await look_up(chain, contact) == []


@pytest.mark.parametrize("value", ["03-1234-5678", "hana@", "\u3000"])
async def test_what_is_no_contact_is_refused(chain: Chain, value: str) -> None:
    kind = "email" if "@" in value else "phone"
    for path in ("/search", "", "/removals"):
        body = {"kind": kind, "value": value} | ({"reason": "asked"} if path != "/search" else {})
        expect_problem(await chain.owner.post(PATH + path, body), 422, "contact-unusable")
