"""After a tour through everything: no secret in any table, and in the log no secret, no place and no name."""

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from cards.rotating_codes import step_of
from cards.totp import totp_digits
from devtools.apple_authority import PASS_TYPE
from kit.clock import utc_now
from kit.database import Pool, open_pool
from tests.support.databases import SECRET_KEY
from tests.support.live import ended, start, wait_until_ready
from tests.support.stage import set_stage
from tests.support.waiting import until
from tests.support.world import APPLE_FILES, AWAY, DOOR, Caller, Chain, Member, World, campaign_body, fix, store_body

PASSWORD = "correct horse battery"
KEY = "5d1cf7a0-16a5-4dd9-8d1c-6a6f0b2a7c11"
# PostGIS's own table has numbers of all kinds.
# A presence holds a device's newest place, until the next fix takes its place: never a trail.
WITH_PLACES = {"stores", "geofences", "presences", "spatial_ref_sys"}
# Seconds with their fraction look like a latitude now and then.
TIME_OF_DAY = re.compile(r"\d\d:\d\d:\d\d\.\d+")
PUSH_TOKEN = "push-address-of-this-phone"


async def tour(chain: Chain) -> set[str]:
    """Everything that hands out or takes a secret, failures too. Returns the secrets."""
    person = await chain.add_person("owner", password=PASSWORD)
    login = {"program": chain.code, "email": person.email, "password": PASSWORD}
    anyone = chain.world.anyone
    session = (await anyone.post("/v1/sessions", login)).json()["token"]
    await anyone.post("/v1/sessions", login | {"password": "a wrong password"})
    owner = chain.world.caller(session)
    await owner.post("/v1/stores", store_body(), key=KEY)
    await owner.post("/v1/stores", store_body(name="a\0b"))
    stage = await set_stage(chain)
    new_person = {"email": "new@example.com", "name": "Ito Ren", "password": "another horse", "role": "owner"}
    await owner.post("/v1/staff", new_person, key=KEY + "2")
    till_key = (await owner.post(f"/v1/tills/{stage.till.id}/key", key=KEY + "3")).json()["key"]
    await owner.post("/v1/campaigns", campaign_body(trigger={"kind": "visit"}))

    member = await chain.enrol()
    await member.app.put("/v1/me/device/push-token", {"token": PUSH_TOKEN, "kind": "registration"})
    second = (await member.app.post("/v1/me/device/token", key=KEY)).json()["device_token"]
    pass_secrets = await register_pass(replace(member, app=chain.world.caller(second)))
    codes = await visit(chain.world.caller(second), chain.world.caller(till_key), member)
    await chain.world.caller("nrnd_" + "A" * 107).get("/v1/me")
    tokens = {session, till_key, second, member.app.token, stage.till.at.token, chain.owner.token}
    return (
        {each for each in tokens if each} | codes | pass_secrets | {PASSWORD, "another horse", "a wrong password", KEY}
    )


async def register_pass(member: Member) -> set[str]:
    """Returns the pass's token, and what its phone told."""
    assert (await member.app.get("/v1/me/card.pkpass")).status_code == 200
    library, push_token = "library-of-this-phone", "0c0d" * 16
    path = f"/apple-wallet/v1/devices/{library}/registrations/{PASS_TYPE}/{member.pass_serial}"
    assert (await member.wallet.post(path, {"pushToken": push_token})).status_code == 201
    assert (await member.wallet.delete(path.replace(library, "another"))).status_code == 200
    complaint = {"logs": [f"{member.wallet.token} at {path}"]}
    assert (await member.wallet.post("/apple-wallet/v1/log", complaint)).status_code == 200
    return {str(member.wallet.token), library, push_token}


async def visit(phone: Caller, till: Caller, member: Member) -> set[str]:
    """Returns the codes that were shown, and the secret of one."""
    steps = [fix(AWAY, ago_s=200), fix(DOOR, ago_s=100), fix(DOOR, ago_s=90) | {"lat": "35.6896"}]
    await phone.post("/v1/locations", {"fixes": steps})
    member = replace(member, app=phone)
    totp = (await phone.post("/v1/me/card/totp", key=KEY + "4")).json()
    secret = base64.b32decode(totp["secret"])
    rotating = (await member.take_card()).make_code(utc_now())
    short = totp["prefix"] + totp_digits(secret, step_of(utc_now()))
    for card in (rotating, short, member.card_number, "2900000000001"):
        assert (await till.post("/v1/scans", {"card": card}, key=KEY + card[:100])).status_code in {201, 422}
    coupons = (await phone.get("/v1/me/coupons")).json()["items"]
    assert len(coupons) >= 2
    assert (await till.post("/v1/redemptions", {"coupon": coupons[0]["code"]})).status_code == 201
    return {rotating, short, totp["secret"], secret.hex()}


async def wait_until_pushed(pool: Pool) -> None:
    await until(lambda: pool.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent'"))


def forms(secret: str) -> set[str]:
    """How a secret may stand in a table or log: as it is, and the bytes of a token's secret part in hex or Base64."""
    found = {secret}
    if secret.startswith("nrn"):
        text = secret[5:]
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[-32:]
        found |= {text, raw.hex(), base64.b64encode(raw).decode().rstrip("="), secret[-43:]}
    return found | {secret.encode().hex()}


async def dump(pool: Pool) -> dict[str, str]:
    tables = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {name: str([row[0] for row in await pool.fetch(f"SELECT t::text FROM {name} t")]) for name in tables}


async def test_no_secret_is_stored_or_logged(database: str, tmp_path: Path) -> None:
    apple: dict[str, Any] = {
        "NOREN_PUBLIC_URL": "https://noren.example",
        "NOREN_APPLE_PASS_CERTIFICATE": str(APPLE_FILES.certificate),
        "NOREN_APPLE_PASS_KEY": str(APPLE_FILES.key),
        "NOREN_APPLE_WWDR_CERTIFICATE": str(APPLE_FILES.intermediate),
        "NOREN_APNS_ENDPOINT": "https://127.0.0.1:9",
    }
    live = start(database, SECRET_KEY, tmp_path / "log", only="all", NOREN_LOG_LEVEL="debug", **apple)
    with ended(live):
        await wait_until_ready(live)
        pool = await open_pool(database)
        async with live.client() as http:
            chain = await World(http, pool).add_chain()
            secrets = await tour(chain)
            await wait_until_pushed(pool)
        tables = await dump(pool)
        await pool.close()
        live.stop()
    log = re.sub(r'"timestamp": "[^"]*"', "", live.log.read_text())

    assert len(secrets) == 17
    assert "push.sink" in log
    assert log.count('"event": "request"') > 20
    for secret in secrets:
        for form in forms(secret):
            assert not [name for name, rows in tables.items() if form in rows], f"{secret!r} is stored"
            assert form not in log, f"{secret!r} is logged"
    assert [name for name, rows in tables.items() if PUSH_TOKEN in rows] == ["devices"]
    for private in (PUSH_TOKEN, "35.68", "35.60", "139.70", "Sato", "Ito Ren", "@example.com", "Kissa"):
        assert private not in log, f"{private!r} is logged"
    assert not re.search(r"\b29\d{11}\b", log), "a card's number is logged"
    placed = {name: TIME_OF_DAY.sub("", rows) for name, rows in tables.items() if name not in WITH_PLACES}
    assert not [name for name, rows in placed.items() if "35.6" in rows]
