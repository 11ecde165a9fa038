"""Google's card where it is set up and where it is not: programs, keys, and the server as processes."""

import asyncio
from base64 import b32encode
from pathlib import Path
from typing import Any

import pytest

from cards.google_wallet import SAVE_URL
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.database import open_pool
from tests.server.web.test_secrets import dump
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.google import (
    LOOK,
    object_of,
    open_wallet_of,
    save,
    settings_of,
    shown,
    stopped_by_member,
    wait_until_over,
)
from tests.support.live import ended, start, wait_until_ready
from tests.support.waiting import until
from tests.support.world import Chain, World, open_world

pytestmark = pytest.mark.usefixtures("clean_google")


async def test_programs_stay_apart(chain: Chain, rival: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    theirs = await open_wallet_of(rival)
    held = object_of(google, await save(await chain.enrol()))
    expect_problem(await theirs.at.post("/v1/scans", {"card": shown(held, utc_now())}), 422, "card-unknown")
    assert held["classId"] != object_of(google, await save(await rival.enrol()))["classId"]
    assert len(google.classes) == 2


async def test_it_is_501_without_the_programs_design_and_without_keys(chain: Chain, database: str) -> None:
    answer = await (await chain.enrol()).app.post("/v1/me/card/google-wallet")
    assert (answer.status_code, answer.json()["type"]) == (501, "urn:noren:problem:wallet-not-configured")
    assert await chain.world.count("totp_passes", chain.id) == 0
    async with open_world(database) as bare:
        other = await bare.add_chain()
        for refused in (
            await other.owner.put("/v1/program/google-wallet", LOOK),
            await (await other.enrol()).app.post("/v1/me/card/google-wallet"),
        ):
            assert (refused.status_code, refused.json()["type"]) == (501, "urn:noren:problem:wallet-not-configured")
            assert refused.headers["content-type"] == "application/problem+json"


async def wait_until_logged(log: Path, words: str) -> None:
    await until(lambda: words in log.read_text())


async def test_api_and_worker_as_processes(database: str, google: GoogleWalletDouble, tmp_path: Path) -> None:
    settings = settings_of(google, tmp_path)
    environ: dict[str, Any] = {f"NOREN_{name.upper()}": str(value) for name, value in settings.items()}
    log = tmp_path / "log"
    live = start(database, SECRET_KEY, log, only="all", NOREN_LOG_LEVEL="debug", **environ)
    with ended(live):
        await wait_until_ready(live)
        pool = await open_pool(database)
        async with live.client() as http:
            chain = await World(http, pool).add_chain()
            till = await open_wallet_of(chain)
            member = await chain.enrol()
            await save(await chain.enrol())
            google.fail_next(400)  # to the object, which Google quotes
            assert (await member.app.post("/v1/me/card/google-wallet")).status_code == 503
            url = await save(member)
            held = object_of(google, url)
            assert (await till.at.post("/v1/scans", {"card": shown(held, utc_now())})).status_code == 201
            google.fail_next(400)  # to the worker
            changed = "UPDATE google_passes SET synced_hash = NULL, next_poll_at = created_at WHERE member_id = $1"
            await pool.execute(changed, member.id)
            await wait_until_logged(log, "google_wallet.refused")
            await stopped_by_member(chain, member)
            await wait_until_over(google, url)
        tables = await dump(pool)
        await pool.close()
        assert live.stop() == 0
    (parameters,) = held["rotatingBarcode"]["totpDetails"]["parameters"]
    logged = log.read_text()
    assert logged.count('"event": "request"') > 3
    secret = b32encode(bytes.fromhex(parameters["key"])).decode()
    for private in (parameters["key"], parameters["key"].lower(), secret, member.card_number):
        assert private not in logged
        assert private == member.card_number or not [name for name, rows in tables.items() if private in rows]
    assert url.removeprefix(SAVE_URL) not in logged
    (tmp_path / "google-account.json").write_text("{}")
    broken = start(database, SECRET_KEY, log, only="worker", **environ)
    with ended(broken):
        assert await asyncio.to_thread(broken.process.wait) == 1
    assert "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT must be the JSON file" in log.read_text()
