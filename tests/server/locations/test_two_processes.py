"""Two server processes write presences of the same devices: as if there were one."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest_asyncio

from coupons.campaigns.campaign import Campaign
from coupons.coupon_codes import make_coupon_code
from kit.clock import utc_now
from kit.database import Pool
from tests.support.databases import SECRET_KEY
from tests.support.gates import deadlocks
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.shop import Shop, Shopper, fix, open_shop
from tests.support.uploads import Sent, Upload, expected_transitions, seen_transitions, send

BLOCKS = 4
PHONES = 12
STEPS = 40
STEP_S = 65


@pytest_asyncio.fixture
async def street(pool: Pool) -> Shop:
    return await open_shop(pool, blocks=BLOCKS)


@pytest_asyncio.fixture
async def campaign(street: Shop) -> Campaign:
    return await street.write_campaign(starts_at=utc_now() - timedelta(days=1), max_event_age_s=86_400)


@pytest_asyncio.fixture
async def capped(street: Shop, campaign: Campaign) -> Campaign:
    """Asked for before `pair`, so that both processes know it from the start."""
    return await street.write_campaign(cap=10, starts_at=utc_now() - timedelta(days=1))


@pytest_asyncio.fixture
async def pair(street: Shop, campaign: Campaign, database: str, tmp_path: Path) -> AsyncIterator[list[Live]]:
    lives = [start(database, SECRET_KEY, tmp_path / f"{number}.log") for number in range(2)]
    with ended(*lives):
        await asyncio.gather(*(wait_until_ready(live) for live in lives))
        yield lives


def stroll(shopper: Shopper, seed: int, ends_at: datetime) -> list[Upload]:
    """In and out of the shops of the street, in uploads of one to three fixes."""
    choose = random.Random(seed)
    began_at = ends_at - timedelta(seconds=STEPS * STEP_S)
    fixes = [
        fix(began_at + timedelta(seconds=n * STEP_S), choose.randrange(BLOCKS), away_m=choose.choice((0, 0, 60, 400)))
        for n in range(STEPS)
    ]
    uploads = []
    while fixes:
        size = choose.randint(1, 3)
        uploads.append(Upload(shopper, fixes[:size]))
        fixes = fixes[size:]
    return uploads


async def check(street: Shop, campaign: Campaign, shoppers: list[Shopper], sent: list[Sent]) -> int:
    """Compare with the model; answers how many enters there were."""
    rows = await street.rows("transitions")
    versions = {row["device_id"]: row["version"] for row in await street.rows("presences", "device_id")}
    for shopper in shoppers:
        winners = [
            each.upload for each in sent if each.upload.shopper == shopper and each.receipt and each.receipt["accepted"]
        ]
        assert versions[shopper.device_id] == len(winners)
        assert seen_transitions(rows, shopper) == expected_transitions(street, winners, utc_now())
    entered = {row["member_id"] for row in rows if row["kind"] == "enter"}
    coupons = await street.rows("coupons")
    assert {row["member_id"] for row in coupons} == entered
    assert len(coupons) == len(entered) == await street.count("outbox")
    assert sorted(coupons_told(sent)) == sorted(str(row["id"]) for row in coupons)
    return sum(row["kind"] == "enter" for row in rows)


async def test_a_phone_that_alternates_between_processes_is_one_phone(
    street: Shop, campaign: Campaign, pair: list[Live], database: str
) -> None:
    shoppers = await street.enrol(PHONES)
    now = utc_now()

    async def walk(clients: list[httpx.AsyncClient], number: int) -> list[Sent]:
        uploads = stroll(shoppers[number], number, now)
        return [await send(clients[(n + number) % 2], upload) for n, upload in enumerate(uploads)]

    async with pair[0].client() as one, pair[1].client() as two:
        sent = [
            each for walked in await asyncio.gather(*(walk([one, two], n) for n in range(PHONES))) for each in walked
        ]
    assert all(each.receipt and each.receipt["late"] == 0 for each in sent)
    assert await check(street, campaign, shoppers, sent) > PHONES
    assert await deadlocks(database) == 0


async def test_uploads_to_both_processes_at_once_in_any_order(
    street: Shop, campaign: Campaign, pair: list[Live], database: str
) -> None:
    """Much comes late then; what is accepted is written once, and as if by one process."""
    shoppers = await street.enrol(PHONES)
    now = utc_now()
    choose = random.Random(1)
    uploads = [upload for number in range(PHONES) for upload in stroll(shoppers[number], number, now)]
    # Nearly in order, as phones on a bad line send: else all but a few would be late.
    uploads.sort(key=lambda upload: upload.newest + timedelta(seconds=choose.uniform(0, 4 * STEP_S)))
    lanes = [uploads[lane::16] for lane in range(16)]

    async def drive(clients: list[httpx.AsyncClient], lane: list[Upload]) -> list[Sent]:
        return [await send_until_taken(choose.choice(clients), upload) for upload in lane]

    async with pair[0].client() as one, pair[1].client() as two:
        sent = [each for lane in await asyncio.gather(*(drive([one, two], lane) for lane in lanes)) for each in lane]
    assert await check(street, campaign, shoppers, sent) > PHONES
    assert await deadlocks(database) == 0


async def send_until_taken(client: httpx.AsyncClient, upload: Upload) -> Sent:
    """An upload that lost its swap three times is answered 503 and comes again."""
    while (sent := await send(client, upload)).status == 503:
        assert sent.receipt is None
    return sent


async def test_fifty_connections_to_two_processes_race_for_one_thing(
    street: Shop, capped: Campaign, pair: list[Live]
) -> None:
    """For a cap of ten, for one redemption, and for one coupon of a member who carries fifty phones."""
    sent = await at_once(pair, [Upload(shopper, [fix(utc_now())]) for shopper in await street.enrol(50)])
    rows = await street.pool.fetch("SELECT member_id, id FROM coupons WHERE campaign_id = $1", capped.id)
    assert len(rows) == await street.budget(capped) == 10
    assert {str(row["id"]) for row in rows} <= set(coupons_told(sent))
    assert await street.count("coupons") == len(coupons_told(sent)) == 60  # the uncapped campaign's too

    code = make_coupon_code(street.keyring, rows[0]["member_id"], rows[0]["id"])
    statuses = await redeem_at_once(pair, code, [key for _, key in await street.install_tills(50)])
    assert sorted(statuses) == [201] + [409] * 49
    assert await street.count("redemptions") == 1

    (shopper,) = await street.enrol()
    phones = await street.add_devices(shopper, 50)
    sent = await at_once(pair, [Upload(phone, [fix(utc_now())]) for phone in phones])
    assert len(coupons_told(sent)) == 1
    assert await street.count("coupons") == 61
    assert await street.count("transitions") == 100


def coupons_told(sent: list[Sent]) -> list[str]:
    assert {each.status for each in sent} == {200}
    return [coupon for each in sent if each.receipt for coupon in each.receipt["coupons"]]


async def at_once(pair: list[Live], uploads: list[Upload]) -> list[Sent]:
    """Each upload over a connection of its own, all open before the first is sent."""

    async def racer(number: int, start_line: asyncio.Barrier) -> Sent:
        async with pair[number % 2].client() as client:
            await client.get("/health/live")
            await start_line.wait()
            return await send(client, uploads[number])

    start_line = asyncio.Barrier(len(uploads))
    return await asyncio.gather(*(racer(number, start_line) for number in range(len(uploads))))


async def redeem_at_once(pair: list[Live], code: str, keys: list[str]) -> list[int]:
    async def till(number: int, start_line: asyncio.Barrier) -> int:
        async with pair[number % 2].client(keys[number]) as client:
            await client.get("/health/live")
            await start_line.wait()
            return (await client.post("/v1/redemptions", json={"coupon": code})).status_code

    start_line = asyncio.Barrier(len(keys))
    return await asyncio.gather(*(till(number, start_line) for number in range(len(keys))))
