"""A coupon that was earned at no store: issued, listed, moved and redeemed like any other."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from coupons import coupons_repository
from coupons.campaigns.triggers import TRIGGERS, TriggerEvent, TriggerRule
from coupons.coupon_codes import make_coupon_code
from coupons.moves_repository import move_coupons
from kit.database import in_transaction
from server.campaigns.coupon_views import view_coupon
from server.issuing.grant_offers import TriggerResult, grant_offers
from server.redemptions.redeem import RedeemCommand, redeem
from tests.support.shop import NOON, Shop, Shopper, at

BIRTHDAY: Any = "birthday"


async def celebrate(shop: Shop, shopper: Shopper, monkeypatch: pytest.MonkeyPatch) -> TriggerResult:
    """What comes of a birthday. The database knows no such trigger yet, so a campaign in the snapshot is made one."""
    rule = TriggerRule(needs_store=False, is_earned=False, recorded_with="transition", once="event")
    monkeypatch.setitem(TRIGGERS, BIRTHDAY, rule)
    said: Any = SimpleNamespace(kind=BIRTHDAY)
    campaign = msgspec.structs.replace(await shop.write_campaign(), trigger=said)
    read = (await shop.keeper()).current
    snapshot = msgspec.structs.replace(read, campaigns={shop.program.id: [campaign]})
    event = TriggerEvent(
        trigger=BIRTHDAY,
        member_id=shopper.member_id,
        program_id=shop.program.id,
        event_at=NOON,
        now=NOON,
        is_verified=True,
        push_to=shopper.device_id,
        period_key="birthday-2026",
    )
    (result,) = await in_transaction(shop.pool, lambda conn: grant_offers(conn, snapshot, [event]))
    assert result.decisions == {campaign.id: "issued"}
    return result


async def test_it_is_issued_listed_moved_and_redeemed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shopper, survivor = await shop.enrol(2)
    result = await celebrate(shop, shopper, monkeypatch)
    (coupon_id,) = result.coupon_ids
    (row,) = await shop.rows("coupons")
    (push,) = await shop.rows("outbox")
    assert (row["id"], row["store_id"], row["period_key"]) == (coupon_id, None, "birthday-2026")
    assert "store_id" not in msgspec.json.decode(push["payload"])["data"]

    async with shop.pool.acquire() as conn:
        (listed,) = await coupons_repository.list_usable_coupons(conn, [shopper.member_id], NOON)
    assert (listed.store_id, view_coupon(listed, "en", shop.keyring, None).store_id) == (None, None)

    moved = await in_transaction(
        shop.pool, lambda conn: move_coupons(conn, shopper.member_id, survivor.member_id, at(60))
    )
    assert moved == 1
    async with shop.pool.acquire() as conn:
        (anew,) = await coupons_repository.list_usable_coupons(conn, [survivor.member_id], at(60))
    ((till, _),) = await shop.install_tills(1)
    command = RedeemCommand(till, make_coupon_code(shop.keyring, survivor.member_id, anew.id), None, at(120))
    (answer,) = await in_transaction(shop.pool, lambda conn: redeem(conn, shop.keyring, [command]))
    assert not isinstance(answer, Exception), answer
    assert {row["store_id"] for row in await shop.rows("redemptions", "coupon_id")} == {None, till.store_id}
