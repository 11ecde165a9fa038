"""Google Wallet over HTTP, against a Google of our own on a real socket: the card is saved, scanned, refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import zxingcpp

from cards.google_wallet import SAVE_URL, open_google_wallet
from cards.pictures import draw_qr
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.sealing import Keyring
from members.devices_repository import find_device
from server.problems import Problem
from server.runtime.store_places import StorePlaces
from server.wallets.save_to_google import POLL_EVERY, save_to_google
from tests.cards.test_pictures import qr_pixels
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.google import (
    LOOK,
    claims_of,
    object_of,
    open_wallet_of,
    save,
    shown,
    sync,
)
from tests.support.world import AWAY, DOOR, POINT_RULES, Chain, Json

pytestmark = pytest.mark.usefixtures("clean_google")

# The documented limit of a link: https://developers.google.com/wallet/retail/loyalty-cards/use-cases/jwt
MOST_JWT = 1800


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
        trigger={"kind": "visit"},
        offer={"ja": {"title": "珈琲", "body": "{store}で"}, "en": {"title": "Coffee", "body": "Free"}},
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


async def test_a_visit_that_was_undone_moves_no_card(chain: Chain, google: GoogleWalletDouble) -> None:
    await open_wallet_of(chain)
    home = await chain.add_store(location={"lat": 35.0, "lon": 139.0})
    till = await chain.add_till(await chain.add_store(location={"lat": 48.0, "lon": 139.0}))
    member = await chain.enrol(store_id=str(home))
    scanned = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    body = {"member_id": str(member.id), "scan_id": scanned["scan_id"]}
    assert (await till.at.post("/v1/scans/undo", body)).json()["is_visit_undone"]
    held = object_of(google, await save(member))
    assert held["merchantLocations"][0] == {"latitude": 35.0, "longitude": 139.0}


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
    await sync(google_settings, chain, google, after=POLL_EVERY)
    assert object_of(google, url)["secondaryLoyaltyPoints"]["balance"] == {"string": "金"}
    await chain.world.pool.execute("UPDATE member_ranks SET rank_code = NULL WHERE member_id = $1", member.id)
    await sync(google_settings, chain, google, after=POLL_EVERY * 2)
    assert "secondaryLoyaltyPoints" not in object_of(google, url), "null in a patch takes it away"


async def test_a_phone_that_is_signed_out_while_its_request_waits_gets_no_link(
    chain: Chain, google: GoogleWalletDouble, google_settings: dict[str, Any]
) -> None:
    await open_wallet_of(chain)
    member = await chain.enrol()
    async with chain.world.pool.acquire() as conn:
        device = await find_device(conn, member.id, member.device_id)
    assert device is not None
    assert (await member.app.delete("/v1/me/device")).status_code == 204
    wallet = open_google_wallet(google_settings["google_wallet_service_account"], google.issuer_id, google.endpoint)
    with pytest.raises(Problem, match="unauthenticated"):
        await save_to_google(chain.world.pool, Keyring(SECRET_KEY), wallet, StorePlaces(), device, utc_now())
    await wallet.close()
    assert await chain.world.count("totp_passes", chain.id) == 0


async def test_where_a_phone_is_is_not_sent(chain: Chain, google: GoogleWalletDouble) -> None:
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


async def test_what_google_took_before_a_crash_is_changed_and_not_made_twice(
    chain: Chain, google: GoogleWalletDouble
) -> None:
    """Google has class and object, and nothing was recorded of it."""
    await open_wallet_of(chain)
    member = await chain.enrol()
    held = object_of(google, await save(member))
    await chain.world.pool.execute("UPDATE google_passes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    await chain.world.pool.execute("UPDATE google_classes SET synced_hash = NULL WHERE program_id = $1", chain.id)
    google.calls.clear()
    assert object_of(google, await save(member)) == held
    assert [method for method, _ in google.calls] == ["POST", "PATCH", "POST", "PATCH"]


async def test_what_google_does_not_take_of_a_class_is_not_kept(chain: Chain, google: GoogleWalletDouble) -> None:
    expect_problem(await chain.owner.get("/v1/program/google-wallet"), 404, "not-found")
    google.fail_next(400)
    refused = expect_problem(await chain.owner.put("/v1/program/google-wallet", LOOK), 422, "wallet-refused")
    assert "Google says: Invalid value" in refused["detail"]
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
