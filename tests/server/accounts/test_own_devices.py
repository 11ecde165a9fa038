"""Which phones and browsers are signed in as a member, and signing out one that is lost."""

from uuid import uuid4

from ids import DeviceId
from kit.clock import utc_now
from kit.ids import new_id, new_secret
from members.device import NewDevice
from members.devices_repository import create_devices
from server.web.tokens import DeviceToken, write_token
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.world import Caller, Chain, Member


async def add_browser(chain: Chain, member: Member) -> Caller:
    """As a browser that has recovered the member: another device of theirs."""
    token = DeviceToken(member.id, DeviceId(new_id()), new_secret())
    async with chain.world.pool.acquire() as conn:
        device = NewDevice(
            member_id=member.id,
            id=token.device_id,
            program_id=chain.id,
            platform="web",
            locale="ja",
            token_hash=token.secret_hash,
            created_at=utc_now(),
        )
        await create_devices(conn, [device])
    return chain.world.caller(write_token(token))


async def test_a_phone_is_signed_out_from_another_one(chain: Chain) -> None:
    member = await chain.enrol()
    browser = await add_browser(chain, member)
    listed = ok(await browser.get("/v1/me/devices"))["items"]
    assert sorted((each["platform"], each["is_this"], each["holds_card"]) for each in listed) == [
        ("ios", False, False),
        ("web", True, False),
    ]
    phone_id = next(each["id"] for each in listed if not each["is_this"])
    ok(await browser.delete(f"/v1/me/devices/{phone_id}"))
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")
    assert [each["is_this"] for each in ok(await browser.get("/v1/me/devices"))["items"]] == [True]
    expect_problem(await browser.delete(f"/v1/me/devices/{phone_id}"), 404, "not-found")


async def test_the_phone_with_the_card_is_not_signed_out_from_elsewhere(chain: Chain) -> None:
    member = await chain.enrol()
    await member.take_card()
    browser = await add_browser(chain, member)
    expect_problem(await browser.delete(f"/v1/me/devices/{member.device_id}"), 403, "forbidden")
    ok(await member.app.get("/v1/me"))
    ok(await member.app.delete(f"/v1/me/devices/{member.device_id}"))
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")


async def test_nobody_elses_device_is_seen_or_signed_out(chain: Chain, rival: Chain) -> None:
    member, other, stranger = await chain.enrol(), await chain.enrol(), await rival.enrol()
    for theirs in (other.device_id, stranger.device_id, uuid4()):
        expect_problem(await member.app.delete(f"/v1/me/devices/{theirs}"), 404, "not-found")
    assert [each["id"] for each in ok(await member.app.get("/v1/me/devices"))["items"]] == [str(member.device_id)]
