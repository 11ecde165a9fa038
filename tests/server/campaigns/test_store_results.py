"""What came of a campaign at each store: exact for owners, of crowds for managers, of no other store or program."""

import csv
import io
from typing import Any

import pytest

from server.campaigns.store_results import _day
from tests.support.expectations import expect_problem
from tests.support.stage import walk_in
from tests.support.world import Chain, Json

DAY: Json = {"day": "2026-11-28", "issued": 12, "issued_to": 11, "redeemed": 12, "redeemed_by": 10, "sales": 3400}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, (12, 12, 3400)),
        ({"issued_to": 9}, (None, 12, 3400)),
        ({"redeemed_by": 9}, (12, None, None)),
        ({"issued": 0, "issued_to": 0, "redeemed": 0, "redeemed_by": 0, "sales": 0}, (0, 0, 0)),
    ],
)
def test_of_few_members_nothing_is_told(changes: Json, told: tuple[int | None, ...]) -> None:
    row: Any = DAY | changes
    day = _day(row, hides_few=True)
    assert (day.issued, day.redeemed, day.sales) == told
    assert _day(row, hides_few=False).sales == row["sales"]


async def test_a_campaigns_days_at_each_store(chain: Chain, rival: Chain) -> None:
    door, counter = await chain.add_store(name="=Door"), await chain.add_store()
    await chain.add_geofence(door)
    campaign = await chain.add_campaign()
    path = f"/v1/campaigns/{campaign}/store-results"
    at_counter = (await chain.add_till(counter)).at
    for number in range(3):
        member = await chain.enrol()
        await walk_in(member)
        (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
        basket = {"lines": [{"unit_price": 700}], "total": 700}
        held = (await at_counter.post("/v1/reservations", {"coupons": [coupon["code"]], "basket": basket})).json()
        named = {name: held[name] for name in ("member_id", "reservation_id")}
        paid = named | {"receipt": f"C-{number}", "amount": held["to_pay"]}
        assert (await at_counter.post("/v1/reservations/redeem", paid)).is_success
        if number == 0:
            assert (await at_counter.post("/v1/reservations/void", named)).is_success
        if number == 1:
            back = named | {"lines": [{"line": 0, "quantity": 1}]}
            assert (await at_counter.post("/v1/reservations/refund", back)).is_success

    first = (await chain.owner.get(path, limit="1")).json()
    second = (await chain.owner.get(path, limit="1", cursor=first["next_cursor"])).json()
    found = [*first["items"], *second["items"]]
    assert second["next_cursor"] is None
    sums = [{name: each[name] for name in ("store_id", "issued", "redeemed", "sales")} for each in found]
    assert sums == [
        {"store_id": str(counter), "issued": 0, "redeemed": 2, "sales": 700},
        {"store_id": str(door), "issued": 3, "redeemed": 0, "sales": 0},
    ]
    assert [len(each["days"]) for each in found] == [1, 1]
    assert (await chain.owner.get(path, from_day="2026-01-01", to_day="2026-01-31")).json()["items"] == []
    table = (await chain.owner.get(f"{path}.csv")).content.decode("utf-8-sig")
    rows = {row["store"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows["'=Door"]["issued"] == "3"

    manager = (await chain.add_person("store_manager", counter)).session
    (theirs,) = (await manager.get(path)).json()["items"]
    assert (theirs["store_id"], theirs["redeemed"], theirs["sales"]) == (str(counter), 0, 0)
    assert [(day["issued"], day["redeemed"], day["sales"]) for day in theirs["days"]] == [(0, None, None)]
    assert "=Door" not in (await manager.get(f"{path}.csv")).text
    expect_problem(await rival.owner.get(path), 404, "not-found")
    for asked in (
        {"from_day": "2026-02-30"}, {"from_day": "20260201"}, {"to_day": "9999-12-31"}, {"to_day": "\u0661"},
        {"from_day": "2026-03-01", "to_day": "2026-02-01"}, {"from_day": "2025-01-01", "to_day": "2026-01-01"},
    ):  # fmt: skip
        expect_problem(await chain.owner.get(path, **asked), 400, "invalid-request")
