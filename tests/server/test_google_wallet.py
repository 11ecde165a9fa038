"""Google Wallet over HTTP, against a Google of our own on a real socket: saved, scanned, ended, refused."""

import asyncio
import json
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pyotp
import pytest
import pytest_asyncio
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cards.google_pass import describe_ending
from cards.google_wallet import SAVE_URL, open_google_wallet
from cards.pictures import draw_qr
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.sealing import Keyring
from server.flows.google_cards import NearbyStores
from server.flows.save_to_google import LOOK_EVERY
from server.flows.tell_google import Teller, Told, run_google_wallet, tell_google_once
from tests.cards.test_pictures import qr_pixels
from tests.server.expectations import expect_problem
from tests.server.test_secrets import dump
from tests.server.world import AWAY, DOOR, POINT_RULES, SECRET_KEY, Chain, Json, Member, Till, World, open_world

LOOK = {"logo_url": "https://kissa.example/logo.png", "background_color": "#7a3b2e"}
# The documented limit of a link: https://developers.google.com/wallet/retail/loyalty-cards/use-cases/jwt
MOST_JWT = 1800


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _forget(world: World, google: GoogleWalletDouble) -> None:
    """A worker looks at the passes of all programs: none of another test's is left."""
    google.forget()
    await world.pool.execute("DELETE FROM google_passes")
    await world.pool.execute("DELETE FROM google_endings")


async def open_wallet_of(chain: Chain) -> Till:
    answer = await chain.owner.put("/v1/program/google-wallet", LOOK)
    assert answer.status_code == 200, answer.text
    return await chain.add_till(await chain.add_store())


async def save(member: Member) -> str:
    answer = await member.app.post("/v1/me/card/google-wallet")
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["save_url"]
    return url


def claims_of(url: str, google: GoogleWalletDouble) -> Json:
    """Verified as Google does it: by the public half of the account's key, without any code of ours."""
    private = serialization.load_pem_private_key(google.service_account["private_key"].encode(), None)
    assert isinstance(private, RSAPrivateKey)
    token = url.removeprefix(SAVE_URL)
    claims: Json = jwt.decode(
        token, private.public_key(), algorithms=["RS256"], audience="google", options={"require": ["iat", "iss"]}
    )
    return claims


def object_of(google: GoogleWalletDouble, url: str) -> Json:
    (named,) = claims_of(url, google)["payload"]["loyaltyObjects"]
    return google.objects[named["id"]]


def shown(held: Json, at: datetime) -> str:
    """What Google's phone shows: the documented pattern and parameters, put together by another's TOTP."""
    barcode = held["rotatingBarcode"]
    details = barcode["totpDetails"]
    (parameters,) = details["parameters"]
    totp = pyotp.TOTP(
        b32encode(bytes.fromhex(parameters["key"])).decode(),
        digits=parameters["valueLength"],
        interval=int(details["periodMillis"]) // 1000,
    )
    text: str = barcode["valuePattern"].replace("{totp_value_0}", totp.at(at))
    return text


async def tell(world_settings: dict[str, Any], chain: Chain, google: GoogleWalletDouble, *, after: timedelta) -> Told:
    """One round of a worker, at a time from now."""
    account: Path = world_settings["google_wallet_service_account"]
    wallet = open_google_wallet(account, google.issuer_id, google.endpoint)
    clock = lambda: utc_now() + after  # noqa: E731
    try:
        return await tell_google_once(
            Teller(chain.world.pool, Keyring(SECRET_KEY), wallet, NearbyStores(), clock), limit=1000
        )
    finally:
        await wallet.close()


async def test_from_the_button_to_the_till(chain: Chain, google: GoogleWalletDouble) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    held = object_of(google, await save(member))
    text = shown(held, datetime.now(UTC))
    (read,) = zxingcpp.read_barcodes(qr_pixels(draw_qr(text)))
    assert read.text == text, "another's reader reads the picture of it"
    scanned = await till.at.post("/v1/scans", {"card": read.text})
    assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(member.id))
    refused = expect_problem(await till.at.post("/v1/scans", {"card": text}), 422, "card-code-refused")
    assert refused["reason"] == "replayed"
    (scan,) = (await chain.owner.get(f"/v1/stores/{till.store_id}/scans")).json()["items"]
    assert scan["kind"] == "totp_code"


async def test_a_code_is_refused_when_its_time_is_over(chain: Chain, google: GoogleWalletDouble) -> None:
    till = await open_wallet_of(chain)
    held = object_of(google, await save(await chain.enrol()))
    for away_s in (-90, 90, -86_400):
        text = shown(held, datetime.now(UTC) + timedelta(seconds=away_s))
        refused = expect_problem(await till.at.post("/v1/scans", {"card": text}), 422, "card-code-refused")
        assert refused["reason"] == "old"
    for away_s in (-30, 30):  # one step of skew
        text = shown(held, datetime.now(UTC) + timedelta(seconds=away_s))
        answer = await till.at.post("/v1/scans", {"card": text})
        assert answer.status_code == 201, answer.text


async def test_the_link_is_short_and_holds_no_secret(chain: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    before = int(utc_now().timestamp())
    url = await save(await chain.enrol())
    claims = claims_of(url, google)
    (named,) = claims["payload"].pop("loyaltyObjects")
    assert before <= claims.pop("iat") <= before + 60
    assert claims == {
        "iss": google.service_account["client_email"],
        "aud": "google",
        "typ": "savetowallet",
        "origins": [],
        "payload": {},
    }
    assert named == {"id": named["id"], "classId": f"{google.issuer_id}.{chain.id.hex}"}
    assert len(url.removeprefix(SAVE_URL)) < MOST_JWT / 2
    forger = jwt.encode(claims, "x" * 32, algorithm="HS256")
    with pytest.raises(jwt.InvalidTokenError):
        claims_of(SAVE_URL + forger, google)


async def test_what_class_and_object_say(chain: Chain, google: GoogleWalletDouble) -> None:
    till = await open_wallet_of(chain)
    far = [await chain.add_store(location={"lat": 35 + n / 10, "lon": 139}) for n in range(12)]
    assert (await chain.owner.put("/v1/program/points", POINT_RULES)).status_code == 200
    await chain.add_campaign(
        trigger="visit", offer={"ja": {"title": "珈琲", "body": "{store}で"}, "en": {"title": "Coffee", "body": "Free"}}
    )
    member = await chain.enrol(locale="en")
    await till.at.post("/v1/scans", {"card": (await member.take_card()).make_code(utc_now())})
    held = object_of(google, await save(member))
    assert (held["state"], held["accountId"]) == ("ACTIVE", member.card_number)
    assert held["loyaltyPoints"]["balance"] == {"int": 10}
    assert held["loyaltyPoints"]["label"] == "Points"
    assert held["loyaltyPoints"]["localizedLabel"]["translatedValues"] == [{"language": "ja", "value": "ポイント"}]
    (text,) = held["textModulesData"]
    assert (text["header"], text["body"]) == ("Coffee", "Free")
    assert text["localizedBody"]["translatedValues"] == [{"language": "ja", "value": "Shinjukuで"}]
    assert held["rotatingBarcode"]["alternateText"] == member.card_number
    assert held["passConstraints"] == {"screenshotEligibility": "INELIGIBLE"}
    assert len(held["merchantLocations"]) == 10 < len(far)
    assert held["merchantLocations"][0] == {"latitude": DOOR["lat"], "longitude": DOOR["lon"]}
    (of_program,) = google.classes.values()
    assert of_program["programName"] == "Kissa Sakura"
    assert of_program["programLogo"]["sourceUri"] == {"uri": LOOK["logo_url"]}
    assert of_program["hexBackgroundColor"] == LOOK["background_color"]
    assert of_program["multipleDevicesAndHoldersAllowedStatus"] == "ONE_USER_ALL_DEVICES"


async def test_where_a_phone_is_is_not_told(chain: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    fixes = [dict(AWAY) | {"recorded_at": utc_now().isoformat(), "accuracy_m": 10}]
    assert (await member.app.post("/v1/locations", {"fixes": fixes})).json()["accepted"] == 1
    assert object_of(google, await save(member))["merchantLocations"] == [], "who has been nowhere is near nothing"


async def test_who_asks_again_saves_the_same_card_and_google_is_not_asked(
    chain: Chain, google: GoogleWalletDouble
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    first = object_of(google, await save(member))
    google.calls.clear()
    answers = await asyncio.gather(*(save(member) for _ in range(5)))
    assert [object_of(google, url) for url in answers] == [first] * 5
    assert google.calls == []


async def test_many_at_once_get_one_card(chain: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    urls = await asyncio.gather(*(save(member) for _ in range(8)))
    assert len({object_of(google, url)["id"] for url in urls}) == 1
    assert len(google.objects) == 1
    assert await chain.world.count("totp_passes", chain.id) == 1


async def stopped_by_member(chain: Chain, member: Member) -> httpx.Response:
    return await member.app.delete("/v1/me/card/key")


async def stopped_by_owner(chain: Chain, member: Member) -> httpx.Response:
    return await chain.owner.delete(f"/v1/members/{member.id}/card-key")


async def blocked(chain: Chain, member: Member) -> httpx.Response:
    return await chain.owner.post(f"/v1/members/{member.id}/block")


async def closed(chain: Chain, member: Member) -> httpx.Response:
    return await member.app.delete("/v1/me")


@pytest.mark.parametrize("stop", [stopped_by_member, stopped_by_owner, blocked, closed])
async def test_a_card_that_is_over_is_dead_at_once_and_google_is_told(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any], stop: Any
) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    held = object_of(google, await save(member))
    assert (await stop(chain, member)).is_success
    refused = await till.at.post("/v1/scans", {"card": shown(held, utc_now())})
    expect_problem(refused, 422, "card-unknown")
    told = await tell(google_settings, chain, google, after=timedelta())
    assert told.ended >= 1
    over = google.objects[held["id"]]
    assert over["state"] == "INACTIVE"
    assert not {"accountId", "rotatingBarcode", "loyaltyPoints"} & set(over), "nothing of the member stays there"
    assert await chain.world.pool.fetchval("SELECT count(*) FROM google_endings") == 0
    assert await chain.world.count("google_passes", chain.id) == 0


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
    assert (await tell(google_settings, chain, google, after=timedelta())).ended == 1
    assert [each["state"] for each in google.objects.values()] == ["INACTIVE"]


async def test_a_change_that_google_takes_after_the_ending_is_ended_again(
    chain: Chain,
    google: GoogleWalletDouble,
    google_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The change is held up until the card is blocked, another worker has told the ending, and only then lands."""
    await open_wallet_of(chain)
    member = await chain.enrol()
    url = await save(member)
    await chain.world.pool.execute("UPDATE google_passes SET told_hash = NULL")
    patch, loop = GoogleWalletDouble._patch, asyncio.get_running_loop()
    rounds: list[Told] = []

    async def end_it() -> None:
        await blocked(chain, member)
        ending = describe_ending(google.issuer_id, UUID(object_of(google, url)["id"].split(".")[1]))
        patch(google, "loyaltyObject", ending["id"], ending)
        await chain.world.pool.execute("DELETE FROM google_endings")

    def held_up(double: GoogleWalletDouble, resource: str, resource_id: str, change: Json) -> Any:
        if resource == "loyaltyObject" and not rounds:
            rounds.append(Told())
            asyncio.run_coroutine_threadsafe(end_it(), loop).result(20)
        return patch(double, resource, resource_id, change)

    monkeypatch.setattr(GoogleWalletDouble, "_patch", held_up)
    assert (await tell(google_settings, chain, google, after=LOOK_EVERY)).changed == 1
    assert object_of(google, url)["state"] == "ACTIVE"
    assert (await tell(google_settings, chain, google, after=LOOK_EVERY)).ended == 1
    assert object_of(google, url)["state"] == "INACTIVE"


async def test_the_worker_tells_what_has_changed_and_only_that(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    assert (await chain.owner.put("/v1/program/points", POINT_RULES)).status_code == 200
    member, idle = await chain.enrol(), await chain.enrol()
    url = await save(member)
    await save(idle)
    assert (await tell(google_settings, chain, google, after=timedelta())).looked == 0, "not due"
    adjusted = {"member_id": str(member.id), "points": 120, "reason": "an apology"}
    assert (await chain.owner.post("/v1/points/adjustments", adjusted)).status_code == 201
    google.calls.clear()
    told = await tell(google_settings, chain, google, after=LOOK_EVERY)
    assert (told.looked, told.changed, told.failed) == (2, 1, 0)
    assert object_of(google, url)["loyaltyPoints"]["balance"] == {"int": 120}
    assert [method for method, _ in google.calls] == ["PATCH"]
    assert (await tell(google_settings, chain, google, after=LOOK_EVERY)).looked == 0, "looked at a moment ago"
    renamed = {"name": "Kissa Momiji", "default_locale": "en"}
    assert (await chain.owner.patch("/v1/program", renamed)).status_code == 200
    await tell(google_settings, chain, google, after=LOOK_EVERY * 2)
    (of_program,) = google.classes.values()
    assert of_program["programName"] == "Kissa Momiji"


async def test_ranks_come_and_go(chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]) -> None:
    till = await open_wallet_of(chain)
    ranks = {"measure": "visits", "period": "year", "time_zone": "Asia/Tokyo"}
    gold = {"code": "gold", "name": {"ja": "金", "en": "Gold"}, "threshold": 1}
    assert (await chain.owner.put("/v1/program/ranks", ranks | {"ranks": [gold]})).status_code == 200
    member = await chain.enrol()
    url = await save(member)
    assert "secondaryLoyaltyPoints" not in object_of(google, url)
    code = (await member.take_card()).make_code(utc_now())
    assert (await till.at.post("/v1/scans", {"card": code})).status_code == 201
    await tell(google_settings, chain, google, after=LOOK_EVERY)
    assert object_of(google, url)["secondaryLoyaltyPoints"]["balance"] == {"string": "金"}
    await chain.world.pool.execute("UPDATE member_ranks SET rank_code = NULL WHERE member_id = $1", member.id)
    await tell(google_settings, chain, google, after=LOOK_EVERY * 2)
    assert "secondaryLoyaltyPoints" not in object_of(google, url), "null in a patch takes it away"


async def test_google_in_trouble_is_told_later(
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
    told = await tell(google_settings, chain, google, after=timedelta())
    assert (told.ended, told.failed) == (0, 1)
    assert object_of(google, url)["state"] == "ACTIVE"
    soon = await tell(google_settings, chain, google, after=timedelta(seconds=30))
    assert (soon.ended, soon.failed) == (0, 0), "as long as Google has asked for"
    assert (await tell(google_settings, chain, google, after=timedelta(seconds=95))).ended == 1
    assert object_of(google, url)["state"] == "INACTIVE"


async def test_refused_credentials_stop_the_round(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    members = [await chain.enrol() for _ in range(20)]
    for member in members:
        await save(member)
    await chain.add_store()
    await chain.world.pool.execute("UPDATE google_passes SET told_hash = NULL WHERE program_id = $1", chain.id)
    google.calls.clear()
    google.tokens.refusing = True
    try:
        told = await tell(google_settings, chain, google, after=LOOK_EVERY)
    finally:
        google.tokens.refusing = False
    assert (told.is_locked, told.changed) == (True, 0)
    assert google.calls == []
    left = await chain.world.pool.fetchval(
        "SELECT count(*) FROM google_passes WHERE program_id = $1 AND lease_until IS NULL", chain.id
    )
    assert left == len(members), "nothing stays leased"
    assert (await tell(google_settings, chain, google, after=LOOK_EVERY * 3)).changed == len(members)


async def test_an_object_that_google_lost_is_made_again(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    till = await open_wallet_of(chain)
    member = await chain.enrol()
    url = await save(member)
    held = object_of(google, url)
    google.forget()
    await chain.world.pool.execute("UPDATE google_passes SET told_hash = NULL WHERE program_id = $1", chain.id)
    await chain.world.pool.execute("UPDATE google_classes SET told_hash = NULL WHERE program_id = $1", chain.id)
    await tell(google_settings, chain, google, after=LOOK_EVERY)
    assert object_of(google, url) == held
    assert (await till.at.post("/v1/scans", {"card": shown(held, utc_now())})).status_code == 201


async def test_two_workers_tell_each_change_once(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    for member in [await chain.enrol() for _ in range(12)]:
        await save(member)
    await chain.world.pool.execute("UPDATE google_passes SET told_hash = NULL WHERE program_id = $1", chain.id)
    google.calls.clear()
    rounds = await asyncio.gather(*(tell(google_settings, chain, google, after=LOOK_EVERY) for _ in range(4)))
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
    teller = Teller(chain.world.pool, Keyring(SECRET_KEY), wallet, NearbyStores())
    working = asyncio.create_task(run_google_wallet(teller, stop=stop))
    await stopped_by_member(chain, member)
    for _ in range(200):
        if object_of(google, url)["state"] == "INACTIVE":
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(working, 10)
    await wallet.close()
    assert object_of(google, url)["state"] == "INACTIVE"


async def test_what_google_does_not_take_of_a_class_is_not_kept(chain: Chain, google: GoogleWalletDouble) -> None:
    expect_problem(await chain.owner.get("/v1/program/google-wallet"), 404, "not-found")
    google.fail_next(400)
    refused = expect_problem(await chain.owner.put("/v1/program/google-wallet", LOOK), 422, "wallet-refused")
    assert "scripted" in refused["detail"]
    expect_problem(await chain.owner.get("/v1/program/google-wallet"), 404, "not-found")
    google.fail_next(503)
    assert (await chain.owner.put("/v1/program/google-wallet", LOOK)).status_code == 503
    wrong: list[Json] = [
        {"logo_url": "http://kissa.example/logo.png"},
        {"logo_url": "https://kissa.example/a b"},
        {"logo_url": "https://" + "a" * 500},
        {"logo_url": "https://kissa.example/logo\n"},
        LOOK | {"background_color": "red"},
        LOOK | {"background_color": "#7A3B2E\n"},
    ]
    for body in wrong:
        expect_problem(await chain.owner.put("/v1/program/google-wallet", body), 400, "invalid-request")
    assert google.classes == {}
    assert (await chain.owner.put("/v1/program/google-wallet", LOOK)).json() == LOOK
    assert (await chain.owner.get("/v1/program/google-wallet")).json() == LOOK
    plain = {"logo_url": "https://kissa.example/new.png"}
    assert (await chain.owner.put("/v1/program/google-wallet", plain)).status_code == 200
    (of_program,) = google.classes.values()
    assert "hexBackgroundColor" not in of_program


async def test_programs_stay_apart(chain: Chain, rival: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    theirs = await open_wallet_of(rival)
    held = object_of(google, await save(await chain.enrol()))
    expect_problem(await theirs.at.post("/v1/scans", {"card": shown(held, utc_now())}), 422, "card-unknown")
    assert held["classId"] != object_of(google, await save(await rival.enrol()))["classId"]
    assert len(google.classes) == 2


async def test_it_is_501_without_the_programs_look_and_without_keys(chain: Chain, database: str) -> None:
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


async def test_no_secret_is_stored_in_clear_or_logged(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    google.fail_next(400)
    assert (await member.app.post("/v1/me/card/google-wallet")).status_code == 503
    held = object_of(google, await save(member))
    await chain.world.pool.execute("UPDATE google_passes SET told_hash = NULL WHERE program_id = $1", chain.id)
    google.fail_next(400)
    await tell(google_settings, chain, google, after=LOOK_EVERY)
    (parameters,) = held["rotatingBarcode"]["totpDetails"]["parameters"]
    secret = bytes.fromhex(parameters["key"])
    assert len(secret) == 20
    logged = "".join(capsys.readouterr())
    private = json.dumps(google.service_account["private_key"])[1:-1]
    for form in (parameters["key"], secret.hex(), b32encode(secret).decode()):
        assert form not in logged
        assert not [name for name, rows in (await dump(chain.world.pool)).items() if form in rows]
    assert private not in logged
