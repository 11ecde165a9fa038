"""What a record of a visit comes to."""

from kit.database import Pool
from tests.support.shop import NOON, open_shop
from visits.trust import Trust
from visits.visit import RecordedVisit, Visit
from visits.visits_repository import record_visits


async def test_a_visit_is_new_once_and_not_when_it_is_made_again(pool: Pool) -> None:
    shop = await open_shop(pool)
    (shopper,) = await shop.enrol()
    visit = Visit(
        member_id=shopper.member_id,
        store_id=shop.stores[0].id,
        business_day=NOON.date(),
        program_id=shop.program.id,
        first_at=NOON,
    )

    async def record(trust: Trust) -> RecordedVisit:
        async with pool.acquire() as conn, conn.transaction():
            return (await record_visits(conn, [(visit, trust)]))[visit.key]

    assert await record("low") == RecordedVisit(None, 1, is_new=True)
    assert await record("high") == RecordedVisit("low", 1, is_new=False)
    await pool.execute("UPDATE visits SET undone_at = $1", NOON)
    assert await record("low") == RecordedVisit(None, 1, is_new=False)
