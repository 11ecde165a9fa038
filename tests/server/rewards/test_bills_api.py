"""Bills as tills have them, over HTTP: what is free, what is weighed, what comes back, what members share."""

from tests.support.expectations import expect_problem
from tests.support.stage import set_stage
from tests.support.world import Chain

YES = {"consents": [{"purpose": "profiling", "granted": True, "text_version": "1"}]}
WEIGHED = {"name": "Ham", "quantity": 0.25, "amount": 300}
FREE = {"name": "Coffee", "quantity": 1, "amount": 0}
EXCHANGED = {"name": "Shirt, the wrong size", "quantity": -1, "amount": -2000}
NOTE = {"name": "Thank you", "quantity": 0, "amount": 0}


async def test_a_scan_takes_what_is_free_and_what_is_weighed(chain: Chain) -> None:
    stage = await set_stage(chain)
    for number, (amount, items) in enumerate([(0, [FREE]), (300, [WEIGHED, FREE, NOTE]), (500, [EXCHANGED])]):
        basket = {"receipt": f"P-{number}", "amount": amount, "items": items}
        scanned = await stage.till.at.post("/v1/scans", {"card": stage.member.card_number, "purchase": basket})
        assert scanned.status_code == 201, scanned.text
        assert (scanned.json()["purchase_id"] is not None, scanned.json()["points_earned"]) == (True, amount // 100)
    kept = await chain.world.pool.fetchval("SELECT items -> 0 ->> 'quantity' FROM purchases WHERE receipt = 'P-1'")
    assert float(kept) == 0.25


async def test_what_was_refunded_whole_is_no_purchase_any_more(chain: Chain) -> None:
    stage = await set_stage(chain)
    assert (await stage.member.app.put("/v1/me/consents", YES)).status_code == 200
    scan = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    for receipt, amount in (("P-1", 700), ("P-2", 0)):
        basket = {"receipt": receipt, "amount": amount}
        assert (await stage.till.at.post("/v1/purchases", scan | {"purchase": basket})).status_code == 201

    async def counted() -> tuple[int, int]:
        found = (await chain.owner.get(f"/v1/members/{stage.member.id}/summary")).json()["purchases"]
        return found["purchase_count"], found["amount"]

    first = await counted()
    part = {"receipt": "P-1", "refund_receipt": "B-1", "amount": 200}
    assert (await stage.till.at.post("/v1/refunds", part)).json()["refunded"] == 200
    assert await counted() == (first[0], first[1] - 200)
    for receipt in ("P-1", "P-2"):
        whole = {"receipt": receipt, "refund_receipt": f"B-{receipt}"}
        assert (await stage.till.at.post("/v1/refunds", whole)).status_code == 201
    assert await counted() == (first[0] - 2, first[1] - 700)


async def test_points_are_given_back_in_part(chain: Chain) -> None:
    stage = await set_stage(chain)
    paid = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id), "receipt": "S-1", "points": 10}
    assert (await stage.till.at.post("/v1/points/spend", paid)).json()["points_spent"] == 10
    void = {"receipt": "S-1", "points": 4}
    # With a key the same request again changes nothing; without one it gives another part back.
    for _ in range(2):
        given = await stage.till.at.post("/v1/points/void", void, headers={"Idempotency-Key": "a-part"})
        assert (given.status_code, given.json()["points"], given.json()["points_spent"]) == (201, 4, 6)
    problem = expect_problem(
        await stage.till.at.post("/v1/points/void", void | {"points": 7}), 409, "void-exceeds-spend"
    )
    assert problem["left"] == 6


async def test_a_part_is_no_more_than_its_bill(chain: Chain) -> None:
    stage = await set_stage(chain)
    body = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    basket = {"receipt": "P-1", "amount": 800, "bill_amount": 700}
    problem = expect_problem(
        await stage.till.at.post("/v1/purchases", body | {"purchase": basket}), 400, "invalid-request"
    )
    assert "bill_amount" in problem["detail"]
    shared = basket | {"bill_amount": 2000}
    assert (await stage.till.at.post("/v1/purchases", body | {"purchase": shared})).status_code == 201
