"""A member whose coupon the staff void over HTTP, with a reason that names them."""

from tests.support.world import Caller, Member, campaign_body, made


async def lose_a_coupon(owner: Caller, member: Member, name: str) -> str:
    """The reason."""
    campaign = made(await owner.post("/v1/campaigns", campaign_body(trigger={"kind": "code"}, cap=9)))
    word = f"W{name.removeprefix('+').upper()}"
    made(await owner.post(f"/v1/campaigns/{campaign['id']}/paper-codes", {"name": "Word", "word": word}))
    coupon = made(await member.app.post("/v1/me/coupon-codes", {"code": word}))
    path = f"/v1/members/{member.id}/coupons/{coupon['id']}/void"
    reason = f"a doubt about {name}"
    assert (await owner.post(path, {"reason": reason})).status_code == 200
    return reason
