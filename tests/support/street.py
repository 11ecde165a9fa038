"""A street where a member is erased while others use the same doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

import httpx

from kit.clock import utc_now
from kit.database import Pool
from points import postings_repository
from server.privacy.erase import erase_again
from tests.support.stage import Stage, set_stage
from tests.support.traces import rows_of
from tests.support.world import Chain, Member, World, open_world

# What may still name an erased member: the accounting records; and for ten minutes, what stops uploads under way.
ACCOUNTING_RECORDS = {
    "members",
    "point_accounts",
    "point_postings",
    "purchases",
    "refunds",
    "receipts",
    "spends",
    "coupons",
    "redemptions",
}

TOMBSTONES = {"presences", "devices", "erasures"}
# The last message, sealed, which tells the contacts that they had; and the row of it, once it is out.
LAST_MESSAGES = {"outbox"}

# Enough that nobody waits for a connection.
CONNECTIONS = 40


class Street(NamedTuple):
    world: World
    chain: Chain
    stage: Stage

    @property
    def pool(self) -> Pool:
        return self.world.pool

    async def erase(self, member: Member) -> httpx.Response:
        """Somebody without contact and key."""
        return await member.app.post("/v1/me/erasure", {})


@asynccontextmanager
async def open_street(database: str) -> AsyncIterator[Street]:
    async with open_world(database, database_connections=CONNECTIONS) as world:
        chain = await world.add_chain()
        await chain.add_campaign(trigger={"kind": "visit"})
        yield Street(world, chain, await set_stage(chain))


async def expect_gone(pool: Pool, member: Member) -> None:
    """Right after an erasure."""
    rows = await rows_of(pool, [member.id])
    assert {name for name, held in rows.items() if held} <= ACCOUNTING_RECORDS | TOMBSTONES | LAST_MESSAGES
    assert all(row["channel"] != "push" for row in rows["outbox"])
    for presence in rows["presences"]:
        assert (presence["stays"], presence["motion"], presence["watermark"]) == ("[]", "{}", None)
    assert all(device["push_token"] is None and device["revoked_at"] is not None for device in rows["devices"])
    assert [row["state"] for row in rows["members"]] == ["erased"]


async def expect_gone_for_good(pool: Pool, member: Member) -> None:
    """After the second time, whatever a till wrote in between."""
    await erase_again(pool, utc_now() + timedelta(minutes=11))
    rows = await rows_of(pool, [member.id])
    assert {name for name, held in rows.items() if held} <= ACCOUNTING_RECORDS
    now = utc_now()
    assert all(coupon["expires_at"] <= now for coupon in rows["coupons"])
    assert all(purchase["items"] == "[]" for purchase in rows["purchases"])
    assert [account["balance"] for account in rows["point_accounts"]] in ([], [0])
    async with pool.acquire() as conn:
        assert member.id not in await postings_repository.find_mismatches(conn)  # others share the database
