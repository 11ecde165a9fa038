"""Whoever takes a locate token out of a location client's settings learns ids, and redeems nothing with them."""

from base64 import b32encode
from uuid import UUID

from server.web.tokens import LocateToken, read_bearer
from tests.support.expectations import expect_problem
from tests.support.world import AWAY, DOOR, Chain, fix


async def test_it_uploads_and_learns_of_coupons_that_it_cannot_redeem(chain: Chain) -> None:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    await chain.add_campaign()
    till, member = await chain.add_till(store_id), await chain.enrol()
    token = (await member.app.post("/v1/me/device/locate-token")).json()["locate_token"]

    thief = chain.world.caller(token)
    told = await thief.post("/v1/locations", {"fixes": [fix(AWAY, ago_s=200), fix(DOOR, ago_s=100)]})
    (coupon_id,) = told.json()["coupons"]
    read = read_bearer(f"Bearer {token}")
    assert isinstance(read, LocateToken)
    ids = read.member_id.bytes + UUID(coupon_id).bytes
    for made_up in (ids, ids + bytes(13)):
        code = "N1K" + b32encode(made_up).rstrip(b"=").decode()
        expect_problem(await till.at.post("/v1/redemptions", {"coupon": code}), 422, "coupon-unknown")
    for asked in (f"/v1/me/coupons/{coupon_id}", "/v1/me/coupons", "/v1/me/summary"):
        assert (await thief.get(asked)).status_code == 403

    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    assert (await till.at.post("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201
