"""How people join: by a store's link, and where the program demands it from a genuine app only."""

import asyncio
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kit.ids import new_id, to_text
from server.runtime import app_check
from server.runtime.app_check import AppChecker
from tests.cards.test_pictures import qr_pixels
from tests.support.expectations import expect_problem
from tests.support.waiting import until
from tests.support.world import Chain, member_body, open_world

PROJECT = "123456789012"


async def test_a_stores_link_leads_to_it(chain: Chain) -> None:
    store_id = await chain.add_store(name="Ginza")
    await chain.owner.put(
        "/v1/program/enrolment", {"phone_region": "JP", "join_url": "https://app.kissa.example/join?from=poster"}
    )
    url = (await chain.owner.get(f"/v1/stores/{store_id}/enrolment-link")).json()["url"]
    (read,) = zxingcpp.read_barcodes(
        qr_pixels((await chain.owner.get(f"/v1/stores/{store_id}/enrolment-link.svg")).text)
    )
    assert read.text == url
    assert url.startswith("https://app.kissa.example/join?from=poster&")
    query = parse_qs(urlsplit(url).query)
    assert (query["program"], query["store"]) == ([chain.code], [str(store_id)])
    followed = (await chain.world.anyone.get(f"/v1/enrolment-links/{query['store'][0]}")).json()
    assert followed == {
        "program": chain.code,
        "program_name": "Kissa Sakura",
        "store_id": str(store_id),
        "store_name": "Ginza",
    }
    member = await chain.enrol(store_id=followed["store_id"])
    listed = {each["member_id"]: each for each in (await chain.owner.get("/v1/members")).json()["items"]}
    assert listed[str(member.id)]["enrolled_store_id"] == str(store_id)


async def test_without_an_app_of_its_own_a_program_has_a_link_for_development(chain: Chain) -> None:
    store_id = await chain.add_store()
    url = (await chain.owner.get(f"/v1/stores/{store_id}/enrolment-link")).json()["url"]
    assert url == f"noren://join?program={chain.code}&store={store_id}"


async def test_a_poster_outlives_its_store(chain: Chain, rival: Chain) -> None:
    store_id = await chain.add_store()
    assert (await chain.owner.delete(f"/v1/stores/{store_id}")).status_code == 204
    expect_problem(await chain.world.anyone.get(f"/v1/enrolment-links/{store_id}"), 404, "not-found")
    await chain.enrol(store_id=str(store_id))
    for foreign in (await rival.add_store(), new_id()):
        body = member_body(chain.code, store_id=str(foreign))
        expect_problem(await chain.world.anyone.post("/v1/members", body), 422, "store-unknown")


@pytest.mark.parametrize(
    "change",
    [
        {"phone_region": "XX"},
        {"phone_region": "jp"},
        {"phone_region": "JP\n"},
        {"join_url": "javascript"},
        {"join_url": "https://"},
        {"join_url": "https://a b"},
        {"join_url": "https://a\n"},
        {"app_check_project": "my-project"},
        {"app_check_project": ""},
        {"app_check": True},
    ],
    ids=str,
)
async def test_settings_that_cannot_be(chain: Chain, change: dict[str, Any]) -> None:
    expect_problem(
        await chain.owner.put("/v1/program/enrolment", {"phone_region": "JP"} | change), 400, "invalid-request"
    )
    kept = (await chain.owner.get("/v1/program/enrolment")).json()
    caps = {"code_hour_cap": 500, "code_day_cap": 3000}
    assert kept == {"phone_region": "JP", "join_url": None, "app_check_project": None, "allow_browsers": False} | caps


@dataclass
class Keys:
    """Firebase's part: a signing key, and the published keys behind a real socket."""

    url: str = ""
    status: int = 200
    asked: int = 0
    before: bytes = b""
    pause_s: float = 0.0
    signers: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    def add(self, key_id: str) -> None:
        self.signers[key_id] = rsa.generate_private_key(65537, 2048)

    def published(self) -> bytes:
        keys = []
        for key_id, signer in self.signers.items():
            shown = jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key(), as_dict=True)
            keys.append(shown | {"kid": key_id, "alg": "RS256", "use": "sig"})
        return json.dumps({"keys": keys}).encode()

    def sign(self, key_id: str = "one", signer: rsa.RSAPrivateKey | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"https://firebaseappcheck.googleapis.com/{PROJECT}",
            "aud": [f"projects/{PROJECT}", "projects/kissa"],
            "sub": "1:123456789012:ios:0123456789abcdef",
            "iat": now,
            "exp": now + 3600,
        }
        claims |= changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, signer or self.signers[key_id], "RS256", {"kid": key_id})


@contextmanager
def _served() -> Iterator[Keys]:
    keys = Keys()
    keys.add("one")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.asked += 1
            self.send_response(keys.status)
            self.end_headers()
            for byte in keys.before if keys.pause_s else ():
                time.sleep(keys.pause_s)
                self.wfile.write(bytes([byte]))
            self.wfile.write((b"" if keys.pause_s else keys.before) + keys.published())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """No line a request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    keys.url = f"http://127.0.0.1:{server.server_port}/jwks"
    try:
        yield keys
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def keys() -> Iterator[Keys]:
    with _served() as served:
        yield served


async def join(chain: Chain, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"X-Firebase-AppCheck": token}
    return await chain.world.anyone.post("/v1/members", member_body(chain.code), headers=headers)


def confuse(token: str, public: bytes) -> str:
    """The same claims under HS256, keyed with what everybody knows: a verifier that believes the header takes it."""
    header = to_text(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "one"}).encode())
    signed = f"{header}.{token.split('.')[1]}"
    return f"{signed}.{to_text(hmac.digest(public, signed.encode(), 'sha256'))}"


async def test_where_it_is_demanded_only_a_genuine_app_enrols(database: str, keys: Keys) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    public = keys.signers["one"].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    good = keys.sign()
    header, _, signature = good.split(".")
    other = "999999999999"
    refused = {
        "none": None,
        "no token": "x",
        "too long": "x" * 10_000,
        "expired": keys.sign(exp=int(time.time()) - 1),
        "without an end": keys.sign(exp=None),
        "of another project": keys.sign(iss=app_check.ISSUER + other, aud=[f"projects/{other}"]),
        "for another project": keys.sign(aud=[f"projects/{other}"]),
        "for nobody": keys.sign(aud=None),
        "of another issuer": keys.sign(iss=f"https://securetoken.google.com/{PROJECT}"),
        "of no project": keys.sign(iss=app_check.ISSUER + "kissa"),
        "signed by a stranger": keys.sign(signer=stranger),
        "signed with a key that nobody published": keys.sign("two", stranger),
        "with another payload": ".".join((header, keys.sign(sub="x").split(".")[1], signature)),
        "not signed": jwt.encode({"iss": app_check.ISSUER + PROJECT}, "", "none", {"kid": "one"}),
        "signed with the public key as a secret": confuse(good, public),
    }
    async with open_world(database, app_check_jwks=keys.url) as world:
        chain, easy = await world.add_chain(), await world.add_chain()
        await chain.owner.put("/v1/program/enrolment", {"phone_region": "JP", "app_check_project": PROJECT})
        for what, token in refused.items():
            response = await join(chain, token)
            assert (response.status_code, what) == (403, what), response.text
            expect_problem(response, 403, "app-check-failed")
            assert (await join(easy, token)).status_code == 201, what
        assert await world.count("members", chain.id) == 0
        assert (await join(chain, good)).status_code == 201
        assert (await join(easy, good)).status_code == 201
    assert keys.asked == 1, "a token with an unknown key must not have the keys read each time"


async def test_a_browser_joins_where_the_program_lets_it(database: str, keys: Keys) -> None:
    """It has no App Check; so whoever says that they are one needs none where one may be."""
    async with open_world(database, app_check_jwks=keys.url) as world:
        chain = await world.add_chain()
        settings = {"phone_region": "JP", "app_check_project": PROJECT}
        body = member_body(chain.code, platform="web")
        await chain.owner.put("/v1/program/enrolment", settings)
        expect_problem(await world.anyone.post("/v1/members", body), 403, "app-check-failed")
        await chain.owner.put("/v1/program/enrolment", settings | {"allow_browsers": True})
        assert (await world.anyone.post("/v1/members", body)).status_code == 201
        expect_problem(await join(chain, None), 403, "app-check-failed")
        for _ in range(58):
            assert (await world.anyone.post("/v1/members", body)).status_code == 201
        expect_problem(await world.anyone.post("/v1/members", body), 429, "too-many-attempts")
        assert (await join(chain, keys.sign())).status_code == 201, "apps have a throttle of their own"


async def test_an_outage_of_the_keys_is_not_the_apps_fault(database: str, keys: Keys) -> None:
    keys.status = 500
    async with open_world(database, app_check_jwks=keys.url) as world:
        chain, easy = await world.add_chain(), await world.add_chain()
        await chain.owner.put("/v1/program/enrolment", {"phone_region": "JP", "app_check_project": PROJECT})
        response = await join(chain, keys.sign())
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert (await join(easy, keys.sign())).status_code == 201


async def test_new_keys_are_found_and_old_ones_outlive_an_outage(keys: Keys) -> None:
    clock = 1000.0
    checker = AppChecker(keys.url, lambda: clock)
    assert (await checker.check(keys.sign())).project == PROJECT
    keys.add("two")
    assert (await checker.check(keys.sign("two"))).project is None, "not so soon"
    clock += 61
    assert (await checker.check(keys.sign("two"))).project == PROJECT
    assert keys.asked == 2
    keys.status = 503
    clock += 7 * 3600
    assert (await checker.check(keys.sign("two"))).project == PROJECT
    assert keys.asked == 3


async def test_keys_that_come_without_end_or_byte_by_byte_are_no_keys(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    checker = AppChecker(keys.url, lambda: clock)
    monkeypatch.setattr(app_check, "_TIMEOUT_S", 0.5)
    keys.before = b" " * 1_000_000
    assert (await checker.check(keys.sign())).project is None
    clock += 61
    keys.before, keys.pause_s = b" " * 10_000, 0.1  # a quarter of an hour
    assert (await checker.check(keys.sign())).project is None
    clock += 61
    keys.before, keys.pause_s = b"", 0.0
    assert (await checker.check(keys.sign())).project == PROJECT


async def test_a_known_key_does_not_wait_for_an_unknown_one(keys: Keys) -> None:
    clock = 1000.0
    checker = AppChecker(keys.url, lambda: clock)
    assert (await checker.check(keys.sign())).project == PROJECT
    clock += 61
    keys.before, keys.pause_s = b" " * 10_000, 0.1
    stranger = asyncio.create_task(checker.check(keys.sign("two", rsa.generate_private_key(65537, 2048))))
    await until(lambda: keys.asked == 2)
    assert (await checker.check(keys.sign())).project == PROJECT
    assert not stranger.done()
    keys.pause_s = 0.0
    assert (await stranger).project is None
