"""An erasure beside everything else that may be under way, on connections of their own: nothing comes back, no 500."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from ids import DeviceId, MemberId
from kit.clock import utc_now
from kit.database import Pool, open_pool
from push.dispatch import dispatch_once
from push.messages import Push
from push.sender import SendResult
from push.sink import SinkSender
from tests.support.bodies import good_body
from tests.support.databases import SECRET_KEY
from tests.support.device_writes import Write, send, writes_of
from tests.support.expectations import expect_problem
from tests.support.gates import gate
from tests.support.inbox import fetch_code
from tests.support.live import ended, start, wait_until_ready
from tests.support.lives import KEYRING, ok
from tests.support.rights import PHONE
from tests.support.stage import set_stage
from tests.support.street import expect_gone, expect_gone_for_good, open_street
from tests.support.traces import rows_of
from tests.support.waiting import until
from tests.support.world import AWAY, DOOR, Member, World, fix


async def test_what_a_device_writes_during_an_erasure_is_refused(database: str) -> None:
    async with open_street(database) as street:
        member = await street.chain.enrol()
        ending: list[Write] = [("DELETE", "/v1/me/device", None), ("DELETE", "/v1/me", None)]
        arrival = ("POST", "/v1/me/visits")
        writes = [*writes_of(member), (*arrival, good_body(street.stage, arrival)), *ending]
        # The erasure has the member and waits; then everybody else comes and waits for it.
        async with gate(database, "LOCK TABLE outbox IN SHARE MODE", 1 + len(writes)) as arrived:
            erasing = asyncio.create_task(street.erase(member))
            await arrived(1)
            writing = [asyncio.create_task(send(member, write, f"k-{n}")) for n, write in enumerate(writes)]
        answers = await asyncio.gather(*writing)
        assert (await erasing).status_code == 200
        for write, answer in zip(writes, answers, strict=True):
            assert answer.status_code == 401, (write, answer.text)
        await expect_gone(street.pool, member)
        records = await street.pool.fetch("SELECT principal FROM idempotency_records")
        assert f"device:{member.device_id}" not in {row["principal"] for row in records}
        await expect_gone_for_good(street.pool, member)


async def test_what_a_device_wrote_just_before_an_erasure_goes_with_it(database: str) -> None:
    async with open_street(database) as street:
        count = len(writes_of(street.stage.member))
        members = [await street.chain.enrol() for _ in range(count)]
        # Each write is done but for its record, and holds the member; then the erasures come.
        async with gate(database, "LOCK TABLE idempotency_records IN SHARE MODE", 2 * count) as arrived:
            writing = [asyncio.create_task(send(each, writes_of(each)[n], "k")) for n, each in enumerate(members)]
            await arrived(count)
            erasing = [asyncio.create_task(street.erase(each)) for each in members]
        for answer in await asyncio.gather(*writing):
            assert answer.is_success, answer.text
        assert {answer.status_code for answer in await asyncio.gather(*erasing)} == {200}
        for member in members:
            await expect_gone(street.pool, member)
        kept = await street.pool.fetchval("SELECT count(*) FROM idempotency_records WHERE principal LIKE 'device:%'")
        assert kept == 0


@pytest.mark.parametrize("first", ["upload", "erasure"])
async def test_an_upload_under_way(database: str, first: str) -> None:
    async with open_street(database) as street:
        member = await street.chain.enrol()
        steps = {"fixes": [fix(AWAY, ago_s=200), fix(DOOR, ago_s=100)]}
        # The upload has the presence and waits to issue its coupon; or the erasure has it and waits to go on.
        table = "coupons" if first == "upload" else "outbox"
        async with gate(database, f"LOCK TABLE {table} IN SHARE MODE", 2) as arrived:
            runs = {"upload": member.app.post("/v1/locations", steps), "erasure": street.erase(member)}
            leading = asyncio.create_task(runs.pop(first))
            await arrived(1)
            following = asyncio.create_task(next(iter(runs.values())))
        answers = [(await task).status_code for task in (leading, following)]
        assert answers == ([200, 200] if first == "upload" else [200, 401])
        await expect_gone(street.pool, member)
        assert (await member.app.post("/v1/locations", steps)).status_code == 401
        await expect_gone_for_good(street.pool, member)


async def test_a_scan_that_has_read_the_card_already(database: str) -> None:
    async with open_street(database) as street:
        member, till = await street.chain.enrol(), street.stage.till.at
        phone = await member.take_card()
        await member.app.put("/v1/me/device/push-token", {"token": "address", "kind": "fid"})
        bought = {"receipt": "P-9", "amount": 5500, "items": [{"name": "cake", "quantity": 1, "amount": 5500}]}
        shown = phone.make_code(utc_now())
        proof = {"card_code": phone.make_code_of_step(int(utc_now().timestamp()) // 30 + 1)}
        async with gate(database, "LOCK TABLE code_uses IN SHARE MODE", 2) as arrived:
            scanning = asyncio.create_task(till.post("/v1/scans", {"card": shown, "purchase": bought}))
            await arrived(1)
            erasing = asyncio.create_task(member.app.post("/v1/me/erasure", proof))
        scanned, erased = await scanning, await erasing
        assert (scanned.status_code, erased.status_code) == (201, 200), scanned.text
        refused = await till.post("/v1/scans", {"card": phone.make_code(utc_now() + timedelta(seconds=30))})
        assert expect_problem(refused, 422, "card-code-refused")["reason"] == "revoked"
        waiting = "SELECT count(*) FROM outbox WHERE member_id = $1 AND state <> 'dropped'"
        assert await street.pool.fetchval(waiting, member.id) == 0
        await expect_gone_for_good(street.pool, member)


async def test_a_coupon_that_is_redeemed_meanwhile(database: str) -> None:
    async with open_street(database) as street:
        till = street.stage.till.at
        for round_ in range(6):
            member = await street.chain.enrol()
            ok(await till.post("/v1/scans", {"card": member.card_number}))
            (coupon,) = ok(await member.app.get("/v1/me/coupons"))["items"]
            runs = [till.post("/v1/redemptions", {"coupon": coupon["code"]}), street.erase(member)]
            async with gate(database, "LOCK TABLE coupons, redemptions IN SHARE MODE", 2):
                tasks = [asyncio.create_task(run) for run in (runs if round_ % 2 else reversed(runs))]
            answers = await asyncio.gather(*tasks)
            redeemed, erased = answers if round_ % 2 else answers[::-1]
            assert erased.status_code == 200, erased.text
            assert redeemed.status_code in {201, 410, 422}, redeemed.text
            later = await till.post("/v1/redemptions", {"coupon": coupon["code"]})
            assert later.status_code in {409, 410, 422}, later.text
            await expect_gone(street.pool, member)


async def test_a_contact_that_is_confirmed_meanwhile(database: str) -> None:
    async with open_street(database) as street:
        member = await street.chain.enrol()
        opened = ok(await member.app.post("/v1/me/verifications", {"kind": "phone", "value": PHONE}))
        code = {"code": await fetch_code(street.pool, KEYRING, PHONE)}
        async with gate(database, "LOCK TABLE outbox IN SHARE MODE", 2) as arrived:
            erasing = asyncio.create_task(street.erase(member))
            await arrived(1)
            confirming = asyncio.create_task(member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", code))
        erased, confirmed = await erasing, await confirming
        assert erased.status_code == 200
        assert confirmed.status_code in {401, 404}, confirmed.text
        await expect_gone(street.pool, member)


class Halting:
    """Sends when it is let go."""

    def __init__(self) -> None:
        self.reached, self.released = asyncio.Event(), asyncio.Event()
        self.sent = 0

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        self.sent += len(pushes)
        self.reached.set()
        await self.released.wait()
        return await SinkSender().send(pushes)

    async def close(self) -> None:
        pass


async def test_a_push_under_way(database: str) -> None:
    async with open_street(database) as street:
        member = await street.chain.enrol()
        ok(await member.app.put("/v1/me/device/push-token", {"token": "address", "kind": "registration"}))
        ok(await member.app.post("/v1/locations", {"fixes": [fix(AWAY, ago_s=200), fix(DOOR, ago_s=100)]}))
        sender = Halting()
        sending = asyncio.create_task(
            dispatch_once(
                street.pool,
                sender,
                code_of=lambda member_id, coupon_id: "",
                circuits={},
                clock=utc_now,
                limit=10,
            )
        )
        await sender.reached.wait()
        assert (await street.erase(member)).status_code == 200
        sender.released.set()
        await sending
        assert sender.sent == 1
        await expect_gone(street.pool, member)
        later = Halting()
        later.released.set()
        await dispatch_once(
            street.pool, later, code_of=lambda member_id, coupon_id: "", circuits={}, clock=utc_now, limit=10
        )
        assert later.sent == 0
        await expect_gone_for_good(street.pool, member)


async def test_exports_are_requested_while_the_member_is_erased(database: str) -> None:
    """Each one is whole, or refused."""
    async with open_street(database) as street:
        member = await street.chain.enrol()
        copying = [asyncio.create_task(member.app.post("/v1/me/export", {})) for _ in range(8)]
        await asyncio.sleep(0.05)
        assert (await street.erase(member)).status_code == 200
        for answer in await asyncio.gather(*copying):
            assert answer.status_code in {200, 401, 409}, answer.text
        await expect_gone(street.pool, member)


async def test_a_killed_server_has_erased_all_or_nothing(database: str, tmp_path: Path) -> None:
    pool = await open_pool(database)
    lives = [start(database, SECRET_KEY, tmp_path / "log")]
    with ended(*lives):
        await wait_until_ready(lives[0])
        async with lives[0].client() as http:
            stage = await set_stage(await World(http, pool).add_chain())
            phone = await stage.member.take_card()
            proof = {"card_code": phone.make_code(utc_now())}
            before = await rows_of(pool, [stage.member.id])
            # All but the last package's rows are deleted.
            async with gate(database, "LOCK TABLE consents IN SHARE MODE", 1):
                erasing = asyncio.create_task(stage.member.app.post("/v1/me/erasure", proof))
                await _is_half_way(pool, stage.member.id)
                lives[0].kill()
            with pytest.raises(httpx.TransportError):
                await erasing
    await _others_have_ended(pool)
    assert await rows_of(pool, [stage.member.id]) == before
    again = start(database, SECRET_KEY, tmp_path / "log")
    with ended(again):
        await wait_until_ready(again)
        async with again.client() as http:
            member = Member(World(http, pool).caller(stage.member.app.token or ""), *_ids(stage.member))
            proof = {"card_code": phone.make_code(utc_now())}  # on a busy machine the former code has expired by now
            assert (await member.app.post("/v1/me/erasure", proof)).status_code == 200
        await expect_gone(pool, stage.member)
    await pool.close()


async def _is_half_way(pool: Pool, member_id: MemberId) -> None:
    """Its statement waits at the members' own tables, and the member's row is locked by it."""
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'consents'::regclass"
    await until(lambda: pool.fetchval(waits))
    row = await pool.fetchrow("SELECT 1 FROM members WHERE member_id = $1 FOR UPDATE SKIP LOCKED", member_id)
    assert row is None


async def _others_have_ended(pool: Pool) -> None:
    await until(
        lambda: pool.fetchval(
            "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state <> 'idle'"
        )
    )


def _ids(member: Member) -> tuple[MemberId, DeviceId, str]:
    return member.id, member.device_id, member.card_number
