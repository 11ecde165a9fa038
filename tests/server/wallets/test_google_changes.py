"""What Google Wallet is sent after a card was saved: what has changed, and which passes have ended."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cards.google_pass import describe_ending
from cards.google_passes_repository import (
    delete_google_ending,
    lease_google_endings,
    postpone_google_ending,
    purge_old_endings,
    upsert_google_endings,
)
from cards.google_wallet import open_google_wallet
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.ids import new_id
from kit.sealing import Keyring
from server.runtime.store_places import StorePlaces
from server.wallets.save_to_google import POLL_EVERY
from server.wallets.sync_google import GoogleWalletSync, SyncResult, run_google_wallet_sync
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.google import (
    blocked,
    closed,
    object_of,
    open_wallet_of,
    save,
    shown,
    stopped_by_member,
    stopped_by_owner,
    sync,
    wait_until_over,
)
from tests.support.lives import Town, let_a_minute_pass, verify_contact
from tests.support.transferring import settle
from tests.support.world import POINT_RULES, Chain, Json, World

pytestmark = pytest.mark.usefixtures("clean_google")


@pytest.mark.parametrize("stop", [stopped_by_member, stopped_by_owner, blocked, closed])
async def test_an_ended_card_is_refused_at_once_and_google_is_notified(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any], stop: Any
) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    held = object_of(google, await save(member))
    assert (await stop(chain, member)).is_success
    refused = await till.at.post("/v1/scans", {"card": shown(held, utc_now())})
    expect_problem(refused, 422, "card-unknown")
    result = await sync(google_settings, chain, google, after=timedelta())
    assert result.ended >= 1
    over = google.objects[held["id"]]
    assert over["state"] == "INACTIVE"
    assert not {"accountId", "rotatingBarcode", "loyaltyPoints"} & set(over), "nothing of the member stays there"
    assert await chain.world.pool.fetchval("SELECT count(*) FROM google_endings") == 0
    assert await chain.world.count("google_passes", chain.id) == 0


async def test_a_transfer_ends_both_cards(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    till = await open_wallet_of(chain)
    town = Town(chain, till.store_id, till)
    first, second = await chain.enrol(), await chain.enrol()
    await verify_contact(town, first, "phone", "+819011112222")
    held = [object_of(google, await save(member)) for member in (first, second)]
    await let_a_minute_pass(town)
    taken = await settle(chain, second, await verify_contact(town, second, "phone", "+819011112222"))
    for each in held:
        expect_problem(await till.at.post("/v1/scans", {"card": shown(each, utc_now())}), 422, "card-unknown")
    assert (await sync(google_settings, chain, google, after=timedelta())).ended == 2
    assert {each["state"] for each in google.objects.values()} == {"INACTIVE"}
    expect_problem(await first.app.post("/v1/me/card/google-wallet"), 401, "unauthenticated")
    survivor = replace(first, app=chain.world.caller(taken["device_token"]))
    newest = object_of(google, await save(survivor))
    scanned = await till.at.post("/v1/scans", {"card": shown(newest, utc_now())})
    assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(first.id))


async def test_after_the_end_a_new_card_has_a_new_secret(chain: Chain, google: GoogleWalletDouble) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    first = object_of(google, await save(member))
    await stopped_by_member(chain, member)
    second = object_of(google, await save(member))
    assert first["id"] != second["id"]
    assert first["rotatingBarcode"] != second["rotatingBarcode"]
    assert (await till.at.post("/v1/scans", {"card": shown(second, utc_now())})).status_code == 201


async def test_a_card_that_ends_while_google_takes_it_is_ended_there_too(
    chain: Chain,
    google: GoogleWalletDouble,
    google_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    keep = GoogleWalletDouble._insert
    loop, held_up = asyncio.get_running_loop(), []

    def insert(double: GoogleWalletDouble, resource: str, content: Json) -> Any:
        if resource == "loyaltyObject":
            held_up.append(asyncio.run_coroutine_threadsafe(blocked(chain, member), loop).result(20))
        return keep(double, resource, content)

    monkeypatch.setattr(GoogleWalletDouble, "_insert", insert)
    expect_problem(await member.app.post("/v1/me/card/google-wallet"), 404, "not-found")
    assert [each.status_code for each in held_up] == [200]
    assert [each["state"] for each in google.objects.values()] == ["ACTIVE"]
    assert (await sync(google_settings, chain, google, after=timedelta())).ended == 1
    assert [each["state"] for each in google.objects.values()] == ["INACTIVE"]


async def test_a_change_that_google_takes_after_the_ending_is_ended_again(
    chain: Chain,
    google: GoogleWalletDouble,
    google_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The change is held up until the card is blocked, another worker has sent the ending, and only then lands."""
    await open_wallet_of(chain)
    member = await chain.enrol()
    url = await save(member)
    await chain.world.pool.execute("UPDATE google_passes SET synced_hash = NULL")
    patch, loop = GoogleWalletDouble._patch, asyncio.get_running_loop()
    rounds: list[SyncResult] = []

    async def end_it() -> None:
        await blocked(chain, member)
        ending = describe_ending(google.issuer_id, UUID(object_of(google, url)["id"].split(".")[1]))
        patch(google, "loyaltyObject", ending["id"], ending)
        await chain.world.pool.execute("DELETE FROM google_endings")

    def held_up(double: GoogleWalletDouble, resource: str, resource_id: str, change: Json) -> Any:
        if resource == "loyaltyObject" and not rounds:
            rounds.append(SyncResult())
            asyncio.run_coroutine_threadsafe(end_it(), loop).result(20)
        return patch(double, resource, resource_id, change)

    monkeypatch.setattr(GoogleWalletDouble, "_patch", held_up)
    assert (await sync(google_settings, chain, google, after=POLL_EVERY)).changed == 1
    assert object_of(google, url)["state"] == "ACTIVE"
    assert (await sync(google_settings, chain, google, after=POLL_EVERY)).ended == 1
    assert object_of(google, url)["state"] == "INACTIVE"


async def test_an_ending_that_is_added_while_it_is_sent_is_sent_again(world: World) -> None:
    now = utc_now()
    async with world.pool.acquire() as conn:
        await upsert_google_endings(conn, [new_id()], now)
        (claimed,) = await lease_google_endings(conn, now, limit=10, lease_s=60)
        assert await lease_google_endings(conn, now, limit=10, lease_s=60) == [], "leased"
        await upsert_google_endings(conn, [claimed.pass_id], now)
        await delete_google_ending(conn, claimed)
        (again,) = await lease_google_endings(conn, now, limit=10, lease_s=60)
        assert again.pass_id == claimed.pass_id
        await postpone_google_ending(conn, claimed, now + timedelta(days=1))
        await delete_google_ending(conn, again)
        assert await conn.fetchval("SELECT count(*) FROM google_endings") == 0


async def test_an_ending_that_cannot_be_sent_is_purged_after_a_month(world: World) -> None:
    now = utc_now()
    async with world.pool.acquire() as conn:
        await upsert_google_endings(conn, [new_id()], now)
        for days, left in ((29, 1), (31, 0)):
            await purge_old_endings(conn, now + timedelta(days=days))
            assert await conn.fetchval("SELECT count(*) FROM google_endings") == left


async def test_the_worker_sends_what_has_changed_and_only_that(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    assert (await chain.owner.put("/v1/program/points", POINT_RULES)).status_code == 200
    member, idle = await chain.enrol(), await chain.enrol()
    url = await save(member)
    await save(idle)
    assert (await sync(google_settings, chain, google, after=timedelta())).polled == 0, "not due"
    adjusted = {"member_id": str(member.id), "points": 120, "reason": "an apology"}
    assert (await chain.owner.post("/v1/points/adjustments", adjusted)).status_code == 201
    google.calls.clear()
    result = await sync(google_settings, chain, google, after=POLL_EVERY)
    assert (result.polled, result.changed, result.failed) == (2, 1, 0)
    assert object_of(google, url)["loyaltyPoints"]["balance"] == {"int": 120}
    assert [method for method, _ in google.calls] == ["PATCH"]
    assert (await sync(google_settings, chain, google, after=POLL_EVERY)).polled == 0, "polled a moment ago"
    renamed = {"name": "Kissa Momiji", "default_locale": "en"}
    assert (await chain.owner.patch("/v1/program", renamed)).status_code == 200
    await sync(google_settings, chain, google, after=POLL_EVERY * 2)
    (of_program,) = google.classes.values()
    assert of_program["programName"] == "Kissa Momiji"


async def test_what_google_could_not_take_is_sent_later(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    for status, slug in ((503, "unavailable"), (429, "unavailable"), (500, "unavailable"), (403, "unavailable")):
        google.fail_next(status, retry_after_s=7)
        answer = await member.app.post("/v1/me/card/google-wallet")
        assert (answer.status_code, answer.json()["type"]) == (503, f"urn:noren:problem:{slug}")
        assert answer.headers["retry-after"] == ("5" if status == 403 else "7")
    url = await save(member)
    assert len(google.objects) == 1, "the tries before left no second one"
    assert (await blocked(chain, member)).is_success
    google.fail_next(503, retry_after_s=60)
    result = await sync(google_settings, chain, google, after=timedelta())
    assert (result.ended, result.failed) == (0, 1)
    assert object_of(google, url)["state"] == "ACTIVE"
    soon = await sync(google_settings, chain, google, after=timedelta(seconds=30))
    assert (soon.ended, soon.failed) == (0, 0), "as long as Google has asked for"
    assert (await sync(google_settings, chain, google, after=timedelta(seconds=95))).ended == 1
    assert object_of(google, url)["state"] == "INACTIVE"


async def test_refused_credentials_stop_the_round(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    members = [await chain.enrol() for _ in range(20)]
    for member in members:
        await save(member)
    await chain.add_store()
    await chain.world.pool.execute("UPDATE google_passes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    google.calls.clear()
    google.tokens.refusing = True
    try:
        result = await sync(google_settings, chain, google, after=POLL_EVERY)
    finally:
        google.tokens.refusing = False
    assert (result.is_locked, result.changed) == (True, 0)
    assert google.calls == []
    left = await chain.world.pool.fetchval(
        "SELECT count(*) FROM google_passes WHERE program_id = $1 AND lease_until IS NULL", chain.id
    )
    assert left == len(members), "nothing stays leased"
    assert (await sync(google_settings, chain, google, after=POLL_EVERY * 3)).changed == len(members)


async def test_an_object_that_google_lost_is_made_again(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    url = await save(member)
    held = object_of(google, url)
    google.forget()
    await chain.world.pool.execute("UPDATE google_passes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    await chain.world.pool.execute("UPDATE google_classes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    await sync(google_settings, chain, google, after=POLL_EVERY)
    assert object_of(google, url) == held
    assert (await till.at.post("/v1/scans", {"card": shown(held, utc_now())})).status_code == 201


async def test_two_workers_send_each_change_once(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    for member in [await chain.enrol() for _ in range(12)]:
        await save(member)
    await chain.world.pool.execute("UPDATE google_passes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    google.calls.clear()
    rounds = await asyncio.gather(*(sync(google_settings, chain, google, after=POLL_EVERY) for _ in range(4)))
    assert sum(each.changed for each in rounds) == 12
    assert len([call for call in google.calls if call[0] == "PATCH"]) == 12


async def test_a_running_worker_ends_cards_and_stops(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    url = await save(member)
    wallet = open_google_wallet(google_settings["google_wallet_service_account"], google.issuer_id, google.endpoint)
    stop = asyncio.Event()
    sync_of_worker = GoogleWalletSync(
        pool=chain.world.pool, keyring=Keyring(SECRET_KEY), wallet=wallet, stores=StorePlaces()
    )
    working = asyncio.create_task(run_google_wallet_sync(sync_of_worker, stop=stop))
    await stopped_by_member(chain, member)
    await wait_until_over(google, url)
    stop.set()
    await working
    await wallet.close()
