"""Recorded bodies of Transistorsoft's background-geolocation, posted through a real socket."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from server.locations.transistorsoft_routes import MAX_BODY_BYTES, MAX_RECORDS
from server.runtime.metrics import FIXES
from tests.server.locations.clients.conftest import Phone, Shop
from tests.support.spoiling import forged
from tests.support.undecodable import NO_JSON_AT_ALL, UNDECODABLE

PATH = "/v1/clients/transistorsoft"
NOTHING = {"accepted": 0, "late": 0, "future": 0, "mocked": 0, "no_consent": 0, "refused": [], "coupons": []}


async def post(phone: Phone, body: bytes, query: str = "") -> dict[str, Any]:
    answer = await phone.call("POST", PATH + query, token=phone.locate_token, content=body)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


@pytest.mark.parametrize(
    ("name", "query", "accepted", "inside"),
    [
        ("single", "", 1, False),
        ("batch", "", 4, True),
        ("renamed_root", "?root=points", 1, True),
        ("without_root", "", 1, True),
        ("list_without_root", "", 1, True),
    ],
)
async def test_each_form_of_a_body_is_read(shop: Shop, name: str, query: str, accepted: int, inside: bool) -> None:
    phone = await shop.enrol()
    assert await post(phone, shop.recorded(f"transistorsoft/{name}"), query) == NOTHING | {"accepted": accepted}
    transitions = await phone.transitions()
    assert [(kind, f"{at:%F %T}") for kind, at in transitions] == [("enter", "2025-05-02 03:10:00")] * inside


async def test_a_repeated_upload_changes_nothing(shop: Shop) -> None:
    phone = await shop.enrol()
    await post(phone, shop.recorded("transistorsoft/batch"))
    assert await post(phone, shop.recorded("transistorsoft/batch")) == NOTHING | {"late": 4}
    assert len(await phone.transitions()) == 1


async def test_a_mocked_location_moves_nothing(shop: Shop) -> None:
    phone = await shop.enrol()
    assert await post(phone, shop.recorded("transistorsoft/mocked")) == NOTHING | {"mocked": 1}
    assert await phone.transitions() == []


async def test_events_of_the_phones_own_geofences_are_evidence(shop: Shop) -> None:
    phone = await shop.enrol()
    await post(phone, shop.recorded("transistorsoft/geofence_enter"))
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]
    await post(phone, shop.recorded("transistorsoft/geofence_dwell"))
    await post(phone, shop.recorded("transistorsoft/geofence_exit"))
    assert [kind for kind, _ in await phone.transitions()] == ["enter", "dwell"]  # an exit takes fixes outside

    # The same fix without the event leaves it open, and opens nothing.
    body = json.loads(shop.recorded("transistorsoft/geofence_enter"))
    del body["location"]["geofence"]
    other = await shop.enrol()
    assert (await post(other, json.dumps(body).encode()))["accepted"] == 1
    assert await other.transitions() == []


@pytest.mark.parametrize("action", ["ENTER", "DWELL"])
async def test_an_event_of_the_instant_of_a_fix_that_came_before_is_weighed_with_it(shop: Shop, action: str) -> None:
    """The SDK uploads the location, and then the geofence event with the same location, as a record of its own."""
    phone = await shop.enrol()
    event = json.loads(shop.recorded("transistorsoft/geofence_enter"))
    event["location"]["geofence"]["action"] = action
    plain = json.loads(shop.recorded("transistorsoft/geofence_enter"))
    del plain["location"]["geofence"]
    assert await post(phone, json.dumps(plain).encode()) == NOTHING | {"accepted": 1}
    assert await phone.transitions() == []
    assert await post(phone, json.dumps(event).encode()) == NOTHING | {"accepted": 1}
    assert [(kind, f"{at:%F %T}") for kind, at in await phone.transitions()] == [("enter", "2025-05-02 03:10:00")]
    for again in (event, plain):
        assert await post(phone, json.dumps(again).encode()) == NOTHING | {"late": 1}
    assert len(await phone.transitions()) == 1


async def test_poison_is_counted_and_the_good_records_stand(shop: Shop) -> None:
    phone = await shop.enrol()
    before = FIXES["refused"]._value.get()
    receipt = await post(phone, shop.recorded("transistorsoft/poison"))
    assert receipt["accepted"] == 2
    assert [(r["index"], r["reason"]) for r in receipt["refused"]] == [
        (1, "malformed"),
        (2, "accuracy_invalid"),
        (3, "malformed"),
        (4, "malformed"),
        (5, "time_invalid"),
        (6, "lat_out_of_range"),
        (7, "malformed"),
        (8, "malformed"),
    ]
    assert FIXES["refused"]._value.get() == before + 8
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b'"x"', b"{}", b'{"location": 7}', b"\xff\xfe", b"[" * 5000, b'{"location": [[1, 2]]}'],
    ids=repr,
)
async def test_a_body_that_makes_no_sense_is_one_refused_record(shop: Shop, body: bytes) -> None:
    phone = await shop.enrol()
    assert await post(phone, body) == NOTHING | {"refused": [{"index": 0, "reason": "malformed"}]}


@pytest.mark.parametrize("what", UNDECODABLE)
@pytest.mark.parametrize(
    ("body", "query"), [(b'{"user": "\xe9", "location": %s}', ""), (b"%s", ""), (b'{"points": %s}', "?root=points")]
)
async def test_what_cannot_be_decoded_costs_only_itself(shop: Shop, body: bytes, query: str, what: str) -> None:
    """In the second of three records: in a field that is not read, and in the latitude."""
    record = shop.recorded("transistorsoft/without_root")
    unread = b'{"note": %s, ' % UNDECODABLE[what] + record[record.index(b"{") + 1 :]
    read = record.replace(b"35.6896", UNDECODABLE[what])
    for spoilt, refused in ((unread, what in NO_JSON_AT_ALL), (read, True)):
        records = [each.replace(b"03:10:00", b"03:10:0%d" % n) for n, each in enumerate((record, spoilt, record))]
        receipt = await post(await shop.enrol(), body % (b"[" + b", ".join(records) + b"]"), query)
        assert (receipt["accepted"], [each["index"] for each in receipt["refused"]]) == (3 - refused, [1] * refused)


@pytest.mark.parametrize("what", sorted(UNDECODABLE.keys() - NO_JSON_AT_ALL))
async def test_a_single_record_with_what_cannot_be_decoded_is_read(shop: Shop, what: str) -> None:
    body = shop.recorded("transistorsoft/without_root")
    receipt = await post(await shop.enrol(), b'{"note": %s, ' % UNDECODABLE[what] + body[body.index(b"{") + 1 :])
    assert receipt == NOTHING | {"accepted": 1}


async def test_an_empty_list_is_nothing(shop: Shop) -> None:
    phone = await shop.enrol()
    assert await post(phone, b'{"location": []}') == NOTHING


async def test_what_was_kept_for_days_is_taken_and_what_is_too_long_is_dropped(shop: Shop) -> None:
    phone = await shop.enrol()
    record = json.loads(shop.recorded("transistorsoft/single"))["location"]
    many = [record | {"timestamp": 1746155400000 + 1000 * n} for n in range(3000)]
    assert (await post(phone, json.dumps({"location": many}).encode()))["accepted"] == 3000
    too_long = shop.recorded("transistorsoft/batch") + b" " * MAX_BODY_BYTES
    assert await post(phone, too_long) == NOTHING | {"refused": [{"index": 0, "reason": "too_large"}]}


async def test_without_consent_everything_is_dropped(shop: Shop) -> None:
    phone = await shop.enrol(location=False)
    assert await post(phone, shop.recorded("transistorsoft/batch")) == NOTHING | {"no_consent": 4}
    assert await phone.transitions() == []


async def test_without_a_right_the_queue_is_held(shop: Shop) -> None:
    phone = await shop.enrol()
    for token in (forged(phone.locate_token), phone.token.replace("nrnd_", "nrnl_"), "nrnl_x"):
        answer = await phone.call("POST", PATH, token=token, content=shop.recorded("transistorsoft/batch"))
        assert answer.status_code == 401
    basic = httpx.BasicAuth("me", phone.locate_token)
    assert (await shop.http.post(PATH, content=b"{}", auth=basic)).status_code == 401
    assert (await phone.call("GET", PATH)).status_code == 405
    assert await phone.transitions() == []


async def test_many_records_are_judged_in_turns_as_if_in_one(shop: Shop) -> None:
    phone = await shop.enrol()
    record = json.loads(shop.recorded("transistorsoft/without_root"))
    begun_at = datetime(2025, 5, 2, 3, 10, tzinfo=UTC)
    records = [record | {"timestamp": (begun_at + timedelta(seconds=n)).isoformat()} for n in range(1200)]
    body = json.dumps(records[600:] + records[:600]).encode()
    assert await post(phone, body) == NOTHING | {"accepted": 1200}
    assert [kind for kind, _ in await phone.transitions()][:1] == ["enter"]
    before = await phone.transitions()
    assert await post(phone, body) == NOTHING | {"late": 1200}
    assert await phone.transitions() == before


async def test_what_follows_too_many_records_is_told_as_one(shop: Shop) -> None:
    phone = await shop.enrol()
    good = shop.recorded("transistorsoft/without_root")
    for broken in (b"[]", b"[NaN]"):
        receipt = await post(phone, b"[" + b",".join([broken] * MAX_RECORDS + [good, good]) + b"]")
        assert receipt["accepted"] == 0
        assert [(each["index"], each["reason"]) for each in receipt["refused"][-2:]] == [
            (MAX_RECORDS - 1, "malformed"),
            (MAX_RECORDS, "too_large"),
        ]
        assert len(receipt["refused"]) == MAX_RECORDS + 1
