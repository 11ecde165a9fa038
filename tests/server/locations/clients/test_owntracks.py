"""Recorded bodies of the OwnTracks apps, posted through a real socket."""

import time
from typing import Any

import httpx
import pytest

from geo.geofence import Circle
from server.locations.waypoints import read_id_end
from tests.server.locations.clients.conftest import DOOR, Phone, Shop
from tests.support.undecodable import NO_JSON_AT_ALL, UNDECODABLE

PATH = "/v1/clients/owntracks"
HEADERS = {"X-Limit-U": "jjolie", "X-Limit-D": "phone", "Content-Type": "application/json"}


class _Seconds:
    """`tst` has whole seconds, and a fix of the same second would be late. Fresh, however long the tests run."""

    def __init__(self) -> None:
        self._last = 0

    def __next__(self) -> int:
        self._last = max(self._last + 1, int(time.time()) - 60)
        return self._last


_SECONDS = _Seconds()


async def post(phone: Phone, body: bytes) -> list[dict[str, Any]]:
    auth = httpx.BasicAuth("jjolie", phone.locate_token)
    answer = await phone.shop.http.post(PATH, content=body, auth=auth, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    commands: list[dict[str, Any]] = answer.json()
    return commands


async def post_fresh(phone: Phone, **changes: object) -> list[dict[str, Any]]:
    """The regions that the answer sets."""
    commands = await post(phone, phone.shop.changed("owntracks/location_ios", tst=next(_SECONDS), **changes))
    if not commands:
        return []
    [command] = commands
    assert (command["_type"], command["action"], command["waypoints"]["_type"]) == ("cmd", "setWaypoints", "waypoints")
    waypoints: list[dict[str, Any]] = command["waypoints"]["waypoints"]
    return waypoints


async def test_locations_and_transitions_are_read(shop: Shop) -> None:
    phone = await shop.enrol()
    assert await post(phone, shop.recorded("owntracks/location_android")) == []  # old: nothing to choose by
    assert await phone.transitions() == []
    assert await post(phone, shop.recorded("owntracks/location_ios")) == []
    assert [(kind, f"{at:%F %T}") for kind, at in await phone.transitions()] == [("enter", "2025-05-02 03:10:00")]


async def test_android_tells_a_region_by_its_description(shop: Shop) -> None:
    phone = await shop.enrol("android")
    _, door = await post_fresh(phone, lat=35.691)
    told = shop.changed("owntracks/transition_enter_android", desc=door["desc"], wtst=door["tst"], tst=next(_SECONDS))
    await post(phone, told)
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]
    # Also where this process has told nothing, and where the door has another name by now.
    await post(other := await shop.enrol("android"), shop.recorded("owntracks/transition_enter_android"))
    assert [kind for kind, _ in await other.transitions()] == ["enter"]


@pytest.mark.parametrize(
    "changes",
    [{"wtst": 1610104395}, {"wtst": None}, {"desc": "Door"}, {"desc": None}, {"desc": "Door #000000"}],
    ids=repr,
)
async def test_a_region_of_their_own_is_no_evidence(shop: Shop, changes: dict[str, object]) -> None:
    phone = await shop.enrol("android")
    await post(phone, shop.changed("owntracks/transition_enter_android", **changes))
    assert await phone.transitions() == []


async def test_transitions_of_our_regions_are_evidence(shop: Shop) -> None:
    phone = await shop.enrol()
    await post(phone, shop.recorded("owntracks/transition_enter"))
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]
    await post(phone, shop.recorded("owntracks/transition_leave"))
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]  # an exit takes fixes outside
    stranger = await shop.enrol()
    await post(stranger, shop.changed("owntracks/transition_enter", rid="f7676c"))
    assert await stranger.transitions() == []


@pytest.mark.parametrize("name", ["transition_enter", "transition_enter_android"])
async def test_a_transition_of_the_second_of_a_location_is_weighed_with_it(shop: Shop, name: str) -> None:
    """In Move mode the app sends a location a second, and `tst` has whole seconds."""
    phone = await shop.enrol("android" if name.endswith("android") else "ios")
    await post(phone, shop.changed("owntracks/location_ios", lon=139.70175, acc=40))
    assert await phone.transitions() == []
    for _ in range(2):
        await post(phone, shop.recorded(f"owntracks/{name}"))
    assert [(kind, f"{at:%F %T}") for kind, at in await phone.transitions()] == [("enter", "2025-05-02 03:10:00")]


@pytest.mark.parametrize("name", ["waypoint", "waypoints", "lwt", "encrypted", "status", "card"])
async def test_other_messages_are_taken_and_ignored(shop: Shop, name: str) -> None:
    phone = await shop.enrol()
    assert await post(phone, shop.recorded(f"owntracks/{name}")) == []
    assert await phone.transitions() == []


@pytest.mark.parametrize("body", [b"", b"  ", b"{", b"[]", b"null", b'{"_type": 7}', b"\xff", b"[" * 5000], ids=repr)
async def test_nonsense_is_taken(shop: Shop, body: bytes) -> None:
    assert await post(await shop.enrol(), body) == []


@pytest.mark.parametrize("what", UNDECODABLE)
async def test_what_cannot_be_decoded_costs_only_itself(shop: Shop, what: str) -> None:
    """Such as the bytes of a network's name."""
    phone, body = await shop.enrol(), shop.recorded("owntracks/location_ios")
    await post(phone, b'{"SSID": %s, ' % UNDECODABLE[what] + body[body.index(b"{") + 1 :])
    assert [kind for kind, _ in await phone.transitions()] == ([] if what in NO_JSON_AT_ALL else ["enter"])


@pytest.mark.parametrize(
    "changes", [{"lat": 95}, {"tst": None}, {"tst": 1e300}, {"lon": "east"}, {"acc": -1}], ids=repr
)
async def test_a_bad_location_is_taken_and_moves_nothing(shop: Shop, changes: dict[str, object]) -> None:
    phone = await shop.enrol()
    assert await post(phone, shop.changed("owntracks/location_ios", **changes)) == []
    assert await post(phone, shop.recorded("owntracks/transition_of_a_beacon")) == []
    assert await phone.transitions() == []


async def test_without_consent_nothing_is_kept_and_nothing_told(shop: Shop) -> None:
    phone = await shop.enrol(location=False)
    assert await post_fresh(phone) == []
    assert await phone.transitions() == []


async def test_the_token_is_the_password(shop: Shop) -> None:
    phone = await shop.enrol()
    body = shop.recorded("owntracks/location_ios")
    for token, status in ((phone.token, 200), (phone.locate_token, 200), ("nrnl_typo", 401), ("", 401)):
        answer = await shop.http.post(PATH, content=body, auth=httpx.BasicAuth("", token))
        assert answer.status_code == status
    assert (await phone.call("POST", PATH, content=body)).status_code == 200
    assert (await shop.http.post(PATH, content=body)).status_code == 401


async def test_an_ended_token_loses_nothing_while_the_device_is_signed_in(shop: Shop) -> None:
    """iOS throws a record away at a 4xx, and keeps it at a 503."""
    phone = await shop.enrol()
    body = shop.recorded("owntracks/location_ios")
    renewed = (await phone.call("POST", "/v1/me/device/token")).json()["device_token"]
    await shop.pool.execute("UPDATE devices SET former_token_until = now() WHERE id = $1", phone.device_id)
    answer = await shop.http.post(PATH, content=body, auth=httpx.BasicAuth("me", phone.locate_token))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["type"] == "urn:noren:problem:unavailable"
    assert await phone.transitions() == []
    assert (
        await phone.call("POST", "/v1/clients/transistorsoft", token=phone.locate_token, content=b"[]")
    ).status_code == 401

    await phone.call("DELETE", "/v1/me/device", token=renewed)
    for token in (phone.locate_token, renewed):  # nobody will take what a signed-out phone keeps
        answer = await shop.http.post(PATH, content=body, auth=httpx.BasicAuth("me", token))
        assert answer.status_code == 401


async def test_a_phone_is_told_its_regions_once_and_again_when_they_change(shop: Shop) -> None:
    phone = await shop.enrol()
    refresh, door = await post_fresh(phone)
    assert refresh["rid"] == "noren-refresh"
    assert (refresh["lat"], refresh["lon"], refresh["rad"]) == (35.6896, 139.7006, 100_000 - 12 - 25)
    assert door == {
        "_type": "waypoint",
        "desc": f"Door #{shop.door_id.hex[-6:]}",
        "lat": DOOR.lat,
        "lon": DOOR.lon,
        "rad": 100,  # the door has 80 m
        "tst": 1_000_000_001,
        "rid": str(shop.door_id),
    }
    assert await post_fresh(phone, lat=35.7) == []  # inside the refresh circle: nothing has changed

    [second] = await shop.add_fences([Circle(35.6897, 139.7010, 50)])
    assert [each["rid"] for each in await post_fresh(phone)][1:] == [str(shop.door_id), str(second)]
    assert await post_fresh(phone) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Café: north door", "Café north door "),
        ("Open|24|7", "Open 24 7 "),
        ("+follow", "follow "),
        (" -+- 2nd floor", "2nd floor "),
        ("|+ :+x", "x "),
        ("A+B - C", "A+B - C "),
        ("+", ""),
        ("店|本館\n入口", "店 本館 入口 "),
    ],
)
async def test_a_name_holds_no_commands_for_ios(shop: Shop, name: str, shown: str) -> None:
    """`name:uuid` is a beacon, `name|1|2` changes the mode, `+` follows the phone, `-` is left late."""
    [second] = await shop.add_fences([Circle(35.6897, 139.7010, 15)], name=name)
    told = {each["rid"]: each for each in await post_fresh(await shop.enrol())}[str(second)]
    assert told["desc"] == f"{shown}#{second.hex[-6:]}"
    assert told["rad"] == 100
    assert read_id_end(told["desc"], told["tst"]) == second.hex[-6:]


async def test_a_phone_that_leaves_its_circle_is_told_anew(shop: Shop) -> None:
    """19 doors here, 19 a kilometre on: iOS forgets the old ones by name, Android by the slot of `tst`."""
    here = await shop.add_fences([Circle(35.6896 + 0.0001 * n, 139.7006, 20) for n in range(18)])
    there = await shop.add_fences([Circle(35.7096 + 0.0001 * n, 139.7006, 20) for n in range(19)])
    for platform, removed in (("ios", 19), ("android", 0)):
        phone = await shop.enrol(platform)
        first = await post_fresh(phone)
        last = await post_fresh(phone, lat=35.7096)
        if platform == "android":  # 99 fit: the circle is as wide as can be
            assert len(first) == 1 + 38
            assert last == []
            continue
        assert {each["rid"] for each in first[1:]} == {str(each) for each in (shop.door_id, *here)}
        gone, kept = last[:removed], last[removed + 1 :]
        assert {each["rid"] for each in gone} == {each["rid"] for each in first[1:]}
        assert all(each["lat"] == -1_000_000 for each in gone)
        assert {each["rid"] for each in kept} == {str(each) for each in there}
        assert {each["tst"] for each in kept} == {each["tst"] for each in first[1:]}
