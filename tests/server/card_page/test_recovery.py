"""The cookie that brings a card back, over HTTP: what it can do, what ends it, and who cannot use it."""

import re
from datetime import timedelta

import httpx

from ids import DeviceId
from kit.clock import utc_now
from kit.ids import new_id, new_secret
from members.device import NewDevice
from members.devices_repository import create_devices
from members.recovery_repository import purge_recovery_credentials
from server.web.tokens import DeviceToken, write_token
from tests.support.faces import ServedFaces
from tests.support.world import Chain, Member

OWN = {"Sec-Fetch-Site": "same-origin"}


async def ask(faces: ServedFaces, chain: Chain, method: str, path: str, **headers: str) -> httpx.Response:
    return await faces.call(method, f"/card/{chain.code}/recovery{path}", headers=OWN | headers)


async def get_cookie(faces: ServedFaces, chain: Chain, member: Member) -> str:
    token = str(member.app.token)
    answer = await ask(faces, chain, "POST", "", Authorization=f"Bearer {token}")
    assert answer.status_code == 204, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


async def recover(faces: ServedFaces, chain: Chain, cookie: str) -> httpx.Response:
    return await ask(faces, chain, "POST", "/device", Cookie=cookie)


async def test_the_cookie_goes_to_this_programs_pages_alone_and_no_script_reads_it(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    answer = await ask(faces, chain, "POST", "", Authorization=f"Bearer {member.app.token}")
    attributes = answer.headers["set-cookie"].lower()
    assert f"path=/card/{chain.code}/;" in attributes
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    assert f"max-age={400 * 24 * 3600}" in attributes
    secret = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    kept = await faces.world.pool.fetchval(
        "SELECT encode(secret_hash, 'hex') FROM recovery_credentials WHERE member_id = $1", member.id
    )
    assert re.fullmatch("[0-9a-f]{64}", kept)
    assert kept not in secret


async def test_it_gives_the_same_card_a_new_device_and_ends_the_one_before(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    await member.take_card()
    cookie = await get_cookie(faces, chain, member)
    answer = await recover(faces, chain, cookie)
    assert answer.status_code == 201
    recovered = answer.json()
    assert recovered["member_id"] == str(member.id)
    app = faces.world.caller(recovered["device_token"])
    assert (await app.get("/v1/me/card")).json() == {"number": member.card_number, "key": None}
    assert (await member.app.get("/v1/me")).status_code == 401
    again = await recover(faces, chain, cookie)
    assert again.json()["device_id"] != recovered["device_id"], "an answer that got lost is asked for again"
    assert (await app.get("/v1/me")).status_code == 401


async def test_another_phone_goes_on_making_the_cards_codes(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    cookie = await get_cookie(faces, chain, member)
    token = DeviceToken(member.id, DeviceId(new_id()), new_secret())
    async with faces.world.pool.acquire() as conn:
        await create_devices(conn, [as_phone(chain, token)])
    phone = Member(faces.world.caller(write_token(token)), member.id, token.device_id, member.card_number)
    await phone.take_card()
    recovered = (await recover(faces, chain, cookie)).json()
    key = (await faces.world.caller(recovered["device_token"]).get("/v1/me/card")).json()["key"]
    assert key["is_on_this_device"] is False, "the page asks before it takes it"
    assert (await phone.app.get("/v1/me/card")).json()["key"]["is_on_this_device"] is True


def as_phone(chain: Chain, token: DeviceToken) -> NewDevice:
    return NewDevice(
        member_id=token.member_id,
        id=token.device_id,
        program_id=chain.id,
        platform="ios",
        locale="ja",
        token_hash=token.secret_hash,
        created_at=utc_now(),
    )


async def test_whatever_signs_the_device_out_ends_it(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    signed_out, left, erased, blocked = [await chain.enrol(platform="web") for _ in range(4)]
    cookies = {each.id: await get_cookie(faces, chain, each) for each in (signed_out, left, erased, blocked)}
    assert (await signed_out.app.delete("/v1/me/device")).status_code == 204
    assert (await left.app.delete("/v1/me")).status_code == 204
    assert (
        await chain.owner.post(f"/v1/members/{erased.id}/erasure", {"verified_by": "card_shown"})
    ).status_code == 204
    for member in (signed_out, left, erased):
        answer = await recover(faces, chain, cookies[member.id])
        assert answer.status_code == 204, member
        assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert (await chain.owner.post(f"/v1/members/{blocked.id}/block")).status_code == 200
    assert (await recover(faces, chain, cookies[blocked.id])).status_code == 403
    assert await faces.world.count("recovery_credentials", chain.id) == 1


async def test_it_runs_out_and_is_purged(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    cookie = await get_cookie(faces, chain, member)
    await faces.world.pool.execute(
        "UPDATE recovery_credentials SET created_at = created_at - $2::interval, expires_at = expires_at - $2::interval"
        " WHERE member_id = $1",
        member.id,
        timedelta(days=400),
    )
    assert (await recover(faces, chain, cookie)).status_code == 204
    async with faces.world.pool.acquire() as conn:
        await purge_recovery_credentials(conn, utc_now())
    assert await faces.world.count("recovery_credentials", chain.id) == 0


async def test_nobody_else_can_use_it(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    member, other = await chain.enrol(platform="web"), await chain.enrol(platform="web")
    cookie = await get_cookie(faces, chain, member)
    name, _, secret = cookie.partition("=")
    forged = (await get_cookie(faces, chain, other)).partition("=")[2]
    mixed = secret[:22] + forged[22:]  # the one's id, the other's secret
    for value in ("", "x", mixed, secret[:-1], secret + "AAAA", "A" * 4000):
        answer = await recover(faces, chain, f"{name}={value}")
        assert answer.status_code == 204, value
    assert (await recover(faces, rival, cookie)).status_code == 204, "another program"
    for site in ("cross-site", "same-site", "none"):
        assert (
            await ask(faces, chain, "POST", "/device", Cookie=cookie, **{"Sec-Fetch-Site": site})
        ).status_code == 403
        assert (await ask(faces, chain, "DELETE", "", Cookie=cookie, **{"Sec-Fetch-Site": site})).status_code == 403
    assert (await member.app.get("/v1/me")).status_code == 200
    assert (await faces.world.anyone.http.get("/v1/me", headers={"Cookie": cookie})).status_code == 401


async def test_who_sets_it_shows_a_device_of_this_program(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    till = await chain.add_till(await chain.add_store())
    assert (await ask(faces, chain, "POST", "")).status_code == 401
    for token in ("nrnd_x", till.at.token, chain.owner.token):
        answer = await ask(faces, chain, "POST", "", Authorization=f"Bearer {token}")
        assert answer.status_code == 401, token
    answer = await ask(faces, rival, "POST", "", Authorization=f"Bearer {member.app.token}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


async def test_a_cookie_that_is_given_up_brings_nothing_back(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await chain.enrol(platform="web")
    cookie = await get_cookie(faces, chain, member)
    assert (await ask(faces, chain, "DELETE", "", Cookie=cookie)).status_code == 204
    assert (await recover(faces, chain, cookie)).status_code == 204
    assert (await member.app.get("/v1/me")).status_code == 200


async def test_no_text_that_is_no_programs_goes_into_a_cookie(faces: ServedFaces) -> None:
    for code in ("%E6%97%A5%E6%9C%AC", "%0d%0aX-A:%201", "%00", "%FF", "a;b", "no-such"):
        answer = await faces.call("DELETE", f"/card/{code}/recovery", headers=OWN)
        assert answer.status_code in (400, 404), code
        assert "set-cookie" not in answer.headers
