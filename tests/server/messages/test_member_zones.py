"""By whose clock a member lives."""

from ids import MemberId
from kit.ids import new_id
from server.messages.member_zones import read_member_zones
from tests.support.shop import Shop


async def test_a_members_own_zone_comes_before_that_of_their_store_and_of_their_program(shop: Shop) -> None:
    told, joined, neither = await shop.enrol(3)
    async with shop.pool.acquire() as conn:
        await conn.execute("UPDATE programs SET time_zone = 'Asia/Seoul'")
        await conn.execute("UPDATE stores SET time_zone = 'Pacific/Guam'")
        await conn.execute(
            "UPDATE members SET enrolled_store_id = $1 WHERE member_id = ANY ($2)",
            shop.stores[0].id,
            [told.member_id, joined.member_id],
        )
        await conn.execute(
            "INSERT INTO profiles (member_id, program_id, time_zone, updated_at, version)"
            " SELECT member_id, program_id, CASE member_id WHEN $1 THEN 'Europe/Berlin' END, now(), 1 FROM members",
            told.member_id,
        )
        stranger = MemberId(new_id())
        zones = await read_member_zones(conn, [neither.member_id, told.member_id, joined.member_id, stranger])
    assert {member_id: zone.key for member_id, zone in zones.items()} == {
        told.member_id: "Europe/Berlin",
        joined.member_id: "Pacific/Guam",
        neither.member_id: "Asia/Seoul",
    }
