"""A till asks what coupons take off a basket, by the coupons' codes and by the card."""

from typing import Any

from tests.support.expectations import expect_problem
from tests.support.stage import walk_in
from tests.support.world import Chain, Json, Till

BEANS = {"code": "beans", "category": "food", "quantity": 1, "unit_price": 1280}
LATTE = {"code": "latte", "category": "drinks", "quantity": 1, "unit_price": 520}


def basket(*lines: Json) -> Json:
    return {"lines": list(lines), "total": sum(line["unit_price"] * line.get("quantity", 1) for line in lines)}


async def quotes(till: Till, **body: Any) -> Json:
    response = await till.at.post("/v1/coupons/quote", body)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


async def test_what_applies_and_why_not_the_others(chain: Chain) -> None:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    ten = {"benefit": {"kind": "percent_off", "percent": 10}, "conditions": {"min_spend": 2000, "company": "any"}}
    coffee = {"benefit": {"kind": "free_item"}, "conditions": {"item_codes": ["latte"], "company": "any"}}
    alone = {"benefit": {"kind": "amount_off", "amount": 100}}
    for changes in (ten, coffee, alone):
        await chain.add_campaign(**changes)
    elsewhere = await chain.add_till(await chain.add_store(location={"lat": 34.69, "lon": 135.5}))
    till, member = await chain.add_till(store_id), await chain.enrol()
    await walk_in(member)
    held = (await member.app.get("/v1/me/coupons")).json()["items"]
    by_kind: dict[str, Json] = {}

    async def answer(*lines: Json, at: Till = till) -> Json:
        told = await quotes(at, coupons=[each["code"] for each in held], basket=basket(*lines), locale="en")
        by_kind.update({each["benefit"]["kind"]: each for each in told["coupons"]})
        return told

    told = await answer(BEANS, LATTE)
    assert [told[name] for name in ("total", "discount", "to_pay")] == [1800, 520, 1280]
    assert by_kind["free_item"]["lines"] == [{"line": 1, "discount": 520}]
    assert (by_kind["percent_off"]["reason"], by_kind["percent_off"]["missing"]) == ("below_minimum", 200)
    assert "200" in by_kind["percent_off"]["message"]
    assert (by_kind["amount_off"]["reason"], by_kind["amount_off"]["alone"]) == ("not_combinable", 100)
    assert by_kind["amount_off"]["conflicts_with"] == [by_kind["free_item"]["coupon_id"]]

    # 10 % of what is left to be paid for the beans, twice 128.
    assert (await answer(BEANS, BEANS, LATTE))["discount"] == 520 + 256
    told = await answer(BEANS)
    assert (told["discount"], by_kind["free_item"]["reason"]) == (100, "nothing_covered")

    scan = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    of_card = await quotes(till, member_id=scan["member_id"], scan_id=scan["scan_id"], basket=basket(BEANS, LATTE))
    assert (of_card["discount"], len(of_card["coupons"])) == (520, 3)
    refused = await elsewhere.at.post(
        "/v1/coupons/quote", {"member_id": scan["member_id"], "scan_id": scan["scan_id"], "basket": basket(BEANS)}
    )
    expect_problem(refused, 422, "scan-unknown")
    assert await chain.world.count("redemptions", chain.id) == 0


async def test_what_a_quote_refuses(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store())
    for body, slug, word in (
        ({"coupons": ["N1K"], "basket": basket(BEANS)}, "coupon-unknown", "Scan"),
        ({"basket": basket(BEANS)}, "invalid-request", "coupons"),
        ({"coupons": ["N1K"], "basket": basket(BEANS) | {"total": 1281}}, "invalid-request", "1280"),
        ({"coupons": ["N1K"], "basket": {"lines": [], "total": 0}}, "invalid-request", "basket.lines"),
        ({"coupons": ["N1K"], "basket": basket(BEANS | {"quantity": 0})}, "invalid-request", "quantity"),
    ):
        problem = expect_problem(await till.at.post("/v1/coupons/quote", body), None, slug)
        assert word in problem["detail"], problem
