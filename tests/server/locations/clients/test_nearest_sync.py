"""Nearest-N sync and the locate token, over a real socket."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from geo.geofence import Circle
from tests.server.locations.clients.conftest import DOOR, Phone, Shop

PATH = "/v1/me/geofences/nearest"


def query(ago_s: float = 0, **changes: object) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {"fix": {"lat": 35.68, "lon": 139.70, "accuracy_m": 10, "recorded_at": at.isoformat()} | changes}


async def test_the_nearest_regions_and_their_circle(shop: Shop) -> None:
    rows = await shop.add_fences([Circle(35.70 + 0.001 * n, 139.70, 30) for n in range(120)])
    for platform, limit in (("ios", 19), ("android", 99)):
        phone = await shop.enrol(platform)
        answer = await phone.call("POST", PATH, json=query())
        assert answer.status_code == 200, answer.text
        regions, refresh = answer.json()["regions"], answer.json()["refresh"]
        assert [each["geofence_id"] for each in regions] == [str(each) for each in (shop.door_id, *rows)][:limit]
        assert regions[0] == {
            "geofence_id": str(shop.door_id),
            "name": "Door",
            "lat": DOOR.lat,
            "lon": DOOR.lon,
            "radius_m": 100,  # the door has 80 m: what phones watch more narrowly they tell late or never
        }
        assert (refresh["lat"], refresh["lon"]) == (35.68, 139.70)
        assert answer.headers["cache-control"] == "private, no-cache"


async def test_nothing_is_sent_when_nothing_changed(shop: Shop) -> None:
    phone = await shop.enrol()
    etag = (await phone.call("POST", PATH, json=query())).headers["etag"]
    for sent in (etag, f"W/{etag}"):
        again = await phone.call("POST", PATH, json=query(lat=35.75), headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
    # Outside the circle, from another phone, or made up: the whole answer.
    for lat, sent in ((37.0, etag), (35.68, '"made-up"'), (35.68, "")):
        assert (await phone.call("POST", PATH, json=query(lat=lat), headers={"If-None-Match": sent})).status_code == 200
    other = await shop.enrol()
    assert (await other.call("POST", PATH, json=query(), headers={"If-None-Match": etag})).status_code == 200

    [added] = await shop.add_fences([Circle(35.75, 139.70, 50)])
    changed = await phone.call("POST", PATH, json=query(), headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert str(added) in changed.text


async def test_an_etag_shows_no_place(shop: Shop) -> None:
    phone = await shop.enrol()
    first, second = [(await phone.call("POST", PATH, json=query())).headers["etag"] for _ in range(2)]
    assert first != second  # sealed anew each time: two phones at one place cannot be told from their ETags


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"accuracy_m": 900}, "accuracy_too_poor"),
        ({"mocked": True}, "mocked"),
        ({"ago_s": -3600}, "future"),
        ({"ago_s": 3600}, "too_old"),
        ({"lat": 91}, "lat_out_of_range"),
        ({"recorded_at": "2025-05-02T03:10:00"}, "time_invalid"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_a_bad_fix_chooses_nothing(shop: Shop, changes: dict[str, Any], reason: str) -> None:
    answer = await (await shop.enrol()).call("POST", PATH, json=query(**changes))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:noren:problem:location-unusable")
    assert answer.json()["reason"] == reason


async def test_without_consent_no_place_is_looked_at(shop: Shop) -> None:
    answer = await (await shop.enrol(location=False)).call("POST", PATH, json=query())
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:noren:problem:location-consent-required")


async def test_a_locate_token_locates_and_nothing_else(shop: Shop) -> None:
    phone = await shop.enrol()
    assert await upload(phone, phone.locate_token) == 200
    for method, path in (
        ("GET", "/v1/me"),
        ("POST", "/v1/me/device/token"),
        ("POST", PATH),
        ("DELETE", "/v1/me/device"),
    ):
        answer = await phone.call(method, path, token=phone.locate_token)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:noren:problem:forbidden")


async def test_a_locate_token_ends_with_the_token_that_it_came_from(shop: Shop) -> None:
    phone = await shop.enrol()
    renewed = (await phone.call("POST", "/v1/me/device/token")).json()["device_token"]
    answer = await phone.call("POST", "/v1/me/device/locate-token")  # asked for with the former token
    newest = answer.json()["locate_token"]
    assert newest != phone.locate_token
    assert [await upload(phone, each) for each in (phone.locate_token, newest)] == [200, 200]  # for one more hour
    await shop.pool.execute(
        "UPDATE devices SET former_token_until = now() - interval '1 s' WHERE id = $1", phone.device_id
    )
    assert [await upload(phone, each) for each in (phone.locate_token, newest)] == [401, 200]
    await phone.call("DELETE", "/v1/me/device", token=renewed)
    assert await upload(phone, newest) == 401


async def upload(phone: Phone, token: str) -> int:
    return (await phone.call("POST", "/v1/locations", token=token, json={"fixes": [query()["fix"]]})).status_code
