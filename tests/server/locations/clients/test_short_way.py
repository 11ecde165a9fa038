"""The short way answers as the whole way: an `Origin` sends the same request down the other one."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from server.locations.short_ways import make_short_ways
from server.runtime.short_way import Plain, ShortCycle
from tests.server.locations.clients.conftest import DOOR, Phone, Shop

NATIVE, TRANSISTORSOFT, OWNTRACKS = "/v1/locations", "/v1/clients/transistorsoft", "/v1/clients/owntracks"
ROUTES = (NATIVE, TRANSISTORSOFT, OWNTRACKS)
WHOLE_WAY = {"Origin": "https://kissa.example"}


def fix(seconds_ago: int, **changes: object) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {"lat": DOOR.lat, "lon": DOOR.lon, "accuracy_m": 9.0, "recorded_at": at} | changes


def native(*fixes: dict[str, object]) -> bytes:
    return msgspec.json.encode({"fixes": fixes})


def owntracks(seconds_ago: int) -> bytes:
    at = int(datetime.now(UTC).timestamp()) - seconds_ago
    return msgspec.json.encode({"_type": "location", "lat": DOOR.lat, "lon": DOOR.lon, "acc": 9, "tst": at})


def transistorsoft(*seconds_ago: int) -> bytes:
    records = [
        {"timestamp": each["recorded_at"], "coords": {"latitude": DOOR.lat, "longitude": DOOR.lon, "accuracy": 9}}
        for each in map(fix, seconds_ago)
    ]
    return msgspec.json.encode({"location": records})


BODIES = {
    NATIVE: [
        native(fix(90), fix(60)),
        native(fix(90)),  # late
        native(fix(30, lat=91.0), fix(20), fix(-600), fix(10, is_mocked=True)),
        b'{"fixes":[{"lat":1},7]}',
        b'{"fixes":"none"}',
        native(*[fix(1)] * 1001)[:49_000],
    ],
    TRANSISTORSOFT: [transistorsoft(60), transistorsoft(90, 30), b'{"location":{"coords":', b"[]"],
    OWNTRACKS: [owntracks(60), owntracks(90), b'{"_type":"lwt"}', b"", b'{"_type":"location"}'],
}
COMMON = [b"", b"{", b"[[[[[[" * 1000, b"\xff\xfe", b'{"fixes":[],"x":"\\ud800"}', b"null", b"[1e999]"]


async def post(phone: Phone, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    answer = await phone.shop.http.post(path, content=body, headers=sent)
    return answer.status_code, {k: v for k, v in answer.headers.items() if k != "date"}, answer.content


def authorize(phone: Phone, path: str) -> list[str]:
    """Good ones, the last of them, and then such as are none."""
    basic = httpx.BasicAuth("any", phone.locate_token)._auth_header
    good = [f"Bearer {phone.token}", f"Bearer {phone.locate_token}", *([basic] if path == OWNTRACKS else [])]
    other = phone.token[:-8] + ("A" * 8 if phone.token[-8:] != "A" * 8 else "B" * 8)
    return [*good, "Bearer nothing", f"Bearer {other}", "Basic bm90aGluZw==", "Basic ☃", ""]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows by one with each request that goes the short way."""
    ran: list[object] = []
    run = ShortCycle.run

    async def note(cycle: ShortCycle, default_headers: Sequence[tuple[bytes, bytes]]) -> None:
        ran.append(cycle)
        await run(cycle, default_headers)

    monkeypatch.setattr(ShortCycle, "run", note)
    return ran


@pytest.mark.parametrize("path", ROUTES)
async def test_both_ways_answer_the_same(shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short, whole = await shop.enrol(), await shop.enrol()
    went_short, compared = counted(monkeypatch), 0
    for body in [*BODIES[path], *COMMON]:
        for by_short, by_whole in zip(authorize(short, path), authorize(whole, path), strict=True):
            told = [{"Authorization": each} if each else {} for each in (by_short, by_whole)]
            answered = await post(short, path, body, told[0])
            expected = await post(whole, path, body, told[1] | WHOLE_WAY)
            assert answered == expected, (body[:80], by_short[:12])
            compared += 1
            assert len(went_short) == compared
    assert await short.transitions() or path != NATIVE
    assert [kind for kind, _ in await short.transitions()] == [kind for kind, _ in await whole.transitions()]


async def test_who_does_not_consent_or_is_signed_out_is_told_at_once(shop: Shop) -> None:
    silent = await shop.enrol(location=False)
    for headers in ({}, WHOLE_WAY):
        _, _, body = await post(silent, NATIVE, native(fix(9)), {"Authorization": f"Bearer {silent.token}"} | headers)
        assert msgspec.json.decode(body)["no_consent"] == 1
    phone = await shop.enrol()
    assert (await phone.call("DELETE", "/v1/me/device")).status_code == 204
    for path in ROUTES:
        told = {"Authorization": f"Bearer {phone.token}"}
        assert await post(phone, path, b"{}", told) == await post(phone, path, b"{}", told | WHOLE_WAY)


async def test_a_pipelined_post_waits_its_turn(shop: Shop) -> None:
    """Short, whole, short down one connection: each is answered, in order."""
    phone = await shop.enrol()
    url = shop.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    for seconds_ago, more in ((50, ""), (40, "Origin: https://a.example\r\n"), (30, "")):
        body = native(*[fix(seconds_ago)] * ((seconds_ago - 20) // 10))
        head = f"POST {NATIVE} HTTP/1.1\r\nHost: kissa\r\nAuthorization: Bearer {phone.token}\r\n{more}"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    for fixes in (3, 2, 1):
        await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readuntil(b"}")
        assert answer.startswith(b'{"accepted":%d,"late":0,' % fixes)
    writer.close()


async def test_what_breaks_is_told_as_everywhere(shop: Shop) -> None:
    """A state without services: nothing is said of what broke."""
    answering = make_short_ways(type("State", (), {})())[NATIVE.encode()].answering
    phone = await shop.enrol()
    answer = await answering(Plain([], f"Bearer {phone.token}"), native(fix(9)))
    assert (answer.status, answer.head) == (500, b"content-type: application/problem+json\r\n")
    assert b"urn:noren:problem:internal" in answer.body
