"""What the tests of visits do: rules, a store's codes, a member who scans one, and what is to be true in the end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geo.fix import Fix
from ids import MemberId, ScanId
from kit.database import Connection, Pool, in_transaction
from members import devices_repository
from programs import programs_repository
from programs.tills_repository import Till
from server.check_ins.store_check_in import CheckInResult, check_in_at_store
from server.check_ins.undo import UndoResult, undo
from server.purchases.purchase import ScanReference
from server.runtime.snapshot import Snapshot
from tests.support.shop import NOON, Shop, Shopper, fix
from tests.support.store_display import make_display_code
from visits import rules_repository
from visits.rules import VisitRules
from visits.store_codes import derive_display_key, make_printed_code
from visits.trust import TRUST_LEVELS, Trust


async def set_visit_rules(shop: Shop, **changes: Any) -> None:
    rules = VisitRules(shop.program.id, **({"by_store_qr": True, "by_dwell": True} | changes))
    async with shop.pool.acquire() as conn, conn.transaction():
        await programs_repository.bump_campaign_version(conn, shop.program.id)
        await rules_repository.upsert_visit_rules(conn, rules)


def printed_code(shop: Shop, block: int = 0, generation: int = 1) -> str:
    return make_printed_code(shop.keyring, shop.stores[block].id, generation)


async def give_display(shop: Shop, block: int = 0) -> None:
    await shop.pool.execute("UPDATE stores SET display_generation = 1 WHERE id = $1", shop.stores[block].id)


def display_code(shop: Shop, now: datetime = NOON, block: int = 0) -> str:
    store_id = shop.stores[block].id
    return make_display_code(derive_display_key(shop.keyring, store_id, 1), store_id, 1, now)


async def checks_in_at_store(
    shop: Shop,
    shopper: Shopper,
    code: str | None = None,
    where: Fix | None = None,
    now: datetime = NOON,
    *,
    pool: "Pool | None" = None,
    snapshot: Snapshot | None = None,
) -> CheckInResult:
    """At the first store, where nothing else is said. Raises Problem."""
    snapshot = snapshot or (await shop.keeper()).current

    async def work(conn: Connection) -> CheckInResult:
        device = await devices_repository.find_device(conn, shopper.member_id, shopper.device_id)
        assert device is not None
        text = printed_code(shop) if code is None else code
        return await check_in_at_store(conn, shop.keyring, snapshot, device, text, where or fix(now), now)

    return await in_transaction(pool or shop.pool, work)


async def undoes(
    shop: Shop,
    till: Till,
    member_id: MemberId,
    scan_id: ScanId | str,
    now: datetime = NOON,
    *,
    pool: "Pool | None" = None,
    snapshot: Snapshot | None = None,
) -> UndoResult:
    snapshot = snapshot or (await shop.keeper()).current
    reference = ScanReference(member_id, ScanId(UUID(str(scan_id))))
    return await in_transaction(
        pool or shop.pool, lambda conn: undo(conn, shop.keyring, snapshot, till, reference, now)
    )


async def trust_of(shop: Shop) -> Trust | None:
    """Of the only visit; None: undone."""
    (row,) = await shop.rows("visits", "first_at")
    return None if row["undone_at"] else TRUST_LEVELS[row["trust"]]


async def expect_reconciled(shop: Shop) -> None:
    """Every visit comes to what its standing evidence does, and is undone where none stands; budgets hold."""
    wrong = await shop.pool.fetch(
        """
        SELECT v.*, e.trust AS evidence_trust, e.first_at AS evidence_first_at
        FROM visits v
        LEFT JOIN (
            SELECT member_id, store_id, business_day, max(trust) AS trust, min(at) AS first_at
            FROM visit_evidence
            WHERE undone_at IS NULL
            GROUP BY member_id, store_id, business_day
        ) e USING (member_id, store_id, business_day)
        WHERE (v.undone_at IS NULL) <> (e.trust IS NOT NULL)
           OR (v.undone_at IS NULL AND (v.trust <> e.trust OR v.first_at <> e.first_at))
        """
    )
    assert wrong == []
    budgets = await shop.pool.fetch(
        """
        SELECT b.id, b.allotted - coalesce((SELECT sum(free) FROM slices WHERE budget_id = b.id), 0) AS issued, (
            SELECT count(*)
            FROM coupons c
            WHERE c.campaign_id = b.campaign_id AND (b.store_id IS NULL OR b.store_id = c.store_id)
              AND (b.day IS NULL OR b.day = c.business_day)
              AND NOT EXISTS (
                  SELECT FROM redemptions r
                  WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.undone_scan_id IS NOT NULL
              )
        ) AS out
        FROM budgets b
        """
    )
    assert [row for row in budgets if row["issued"] != row["out"]] == []
