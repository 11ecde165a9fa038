"""docs/app-guide.md played from its first request to the till, as an app would that was built from it."""

import re
from typing import Any
from uuid import UUID

from devtools.app_guide import PAGE, places_of, put_in, read_operations
from devtools.card.phone import ReferencePhone
from ids import DeviceId, MemberId
from kit.clock import utc_now
from kit.sealing import Keyring
from server.description.examples import COUPON_ID, STORE_ID, VERIFICATION_ID
from server.examples import EXAMPLES
from server.problems import PROBLEMS
from server.web.access import ROUTES
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.proving import let_a_minute_pass, let_means_stand
from tests.support.stage import Stage, set_stage, walk_in
from tests.support.world import DOOR, Caller, Chain, Json, Member, fix
from visits.store_codes import make_printed_code

TEXT = PAGE.read_text(encoding="utf-8")
OPERATIONS = read_operations()
SHOWN = places_of(TEXT)
E164 = "+819012345678"
KEYRING = Keyring(SECRET_KEY)
# It needs a second phone, which the transfer's own test has.
PROVED_BELOW = {"proveTransfer"}
# Who plays the page came by no file: tests/server/moving_in/test_claims.py claims.
REFUSED = {"claimCard": 409}


def test_the_page_has_the_requests_of_the_description() -> None:
    assert put_in(TEXT) == TEXT, "run: ./run write app-guide"


def test_the_page_names_routes_and_problems_that_there_are() -> None:
    templates = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in ROUTES}
    for method, path in re.findall(r"(GET|POST|PUT|PATCH|DELETE) (/v1/[^\s`?]+)", TEXT):
        assert (method, re.sub(r"\{\w+\}", "{}", path)) in templates, path
    named = re.findall(r"\b([45]\d\d) `([a-z-]+)`", TEXT)
    assert len(named) > 10
    assert [(status, slug) for status, slug in named if PROBLEMS[slug][0] != int(status)] == []


class _App:
    """What an app keeps: its token, and what answers gave it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.at: Caller = stage.chain.world.anyone
        self.member: Member | None = None
        self.names = {"store_id": str(stage.store_id)}

    async def play(self, operation_id: str, query: str) -> None:
        method, path, content = OPERATIONS[operation_id]
        if operation_id in {"sendMyDataCode", "startVerification"}:
            await let_a_minute_pass(self.stage.chain)
            await let_means_stand(self.stage.chain.world.pool, self.stage.chain.id)
        body = await self.body_of(operation_id)
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", value)
        answer = await self.at.call(method, path + query, body)
        expected = REFUSED.get(operation_id, int(min(content["responses"])))
        assert answer.status_code == expected, (operation_id, answer.text)
        if operation_id in REFUSED:
            return
        example = EXAMPLES[operation_id].answer
        if isinstance(example, dict):
            told: Json = answer.json()
            assert set(told) == set(example), operation_id
            await self.keep(operation_id, told)

    async def body_of(self, operation_id: str) -> Json | None:
        """The page's body, with what is this app's in the place of what is the example's."""
        request = EXAMPLES[operation_id].request
        if request is None:
            return None
        body: Json = self.own(request)
        if operation_id == "registerCardKey":
            assert self.member is not None
            return ReferencePhone(self.member.id, self.member.device_id).registration()
        if operation_id == "checkInAtStore":
            return body | {"code": make_printed_code(KEYRING, self.stage.store_id, 1)}
        if operation_id in {"confirmVerification", "exportMyData"}:
            return body | {"code": await fetch_code(self.stage.chain.world.pool, KEYRING, E164)}
        return body

    def own(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: utc_now().isoformat() if name == "recorded_at" else self.own(value[name]) for name in value}
        if isinstance(value, list):
            return [self.own(each) for each in value]
        mine = {STORE_ID: "store_id", COUPON_ID: "coupon_id", VERIFICATION_ID: "verification_id"}
        return self.stage.chain.code if value == "kissa-sakura" else self.names.get(mine.get(value, ""), value)

    async def keep(self, operation_id: str, told: Json) -> None:
        if operation_id == "enrolMember":
            self.at = self.stage.chain.world.caller(told["device_token"])
            ids = MemberId(UUID(told["member_id"])), DeviceId(UUID(told["device_id"]))
            self.member = Member(self.at, *ids, told["card"]["number"])
            self.names["coupon_id"] = (await walk_in(self.member))[0]
        elif operation_id in {"startVerification", "sendMyDataCode"}:
            self.names["verification_id"] = told["id"]
        elif operation_id == "rotateDeviceToken":
            self.at = self.stage.chain.world.caller(told["device_token"])


async def test_the_page_played_from_the_first_start_to_the_till(chain: Chain) -> None:
    stage = await set_stage(chain)
    app = _App(stage)
    for operation_id, query in SHOWN:
        if operation_id in PROVED_BELOW:
            continue
        await app.play(operation_id, query)
    assert app.member is not None
    coupon = (await app.at.get(f"/v1/me/coupons/{app.names['coupon_id']}")).json()
    code = (await Member(app.at, app.member.id, app.member.device_id, "").take_card()).make_code(utc_now())
    scanned = await stage.till.at.post("/v1/scans", {"card": code})
    assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(app.member.id))
    assert (await stage.till.at.post("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201
    assert (await app.at.get(f"/v1/me/coupons/{coupon['id']}")).json()["redeemed_at"] is not None


async def test_the_table_of_a_transfer(chain: Chain) -> None:
    """Row by row: what is new, what moved, what ended."""
    stage = await set_stage(chain)
    old, new = await chain.enrol(locale="ja"), await chain.enrol(locale="en", platform="android")
    await verify(chain, old)
    await new.take_card()
    card = await old.take_card()
    await let_means_stand(chain.world.pool, chain.id)
    coupon_ids = await walk_in(new)
    assert coupon_ids
    assert (await new.app.put("/v1/me/device/push-token", {"token": "address", "kind": "fid"})).status_code == 204
    locate = (await new.app.post("/v1/me/device/locate-token")).json()["locate_token"]
    asked = {"fix": fix(DOOR, ago_s=5)}
    etag = (await new.app.post("/v1/me/geofences/nearest", asked)).headers["etag"]
    await let_a_minute_pass(chain)
    asked_for = await verify(chain, new)
    assert (asked_for["device_token"], "card_code" in asked_for["transfer"]["ways"]) == (None, True)
    assert (await new.app.get("/v1/me/transfers")).json()["asked"] == [asked_for["transfer"]]
    path, proof = f"/v1/me/transfers/{asked_for['transfer']['id']}/prove", {"card_code": card.make_code(utc_now())}
    answer = (await new.app.post(path, proof, key="the-same-key")).json()
    again = await new.app.post(path, proof, key="the-same-key")
    assert again.json() == answer, "a lost answer comes again with the old token"
    phone = chain.world.caller(answer["device_token"])
    assert answer["member_id"] == str(old.id)
    assert answer["device_id"] not in {str(old.device_id), str(new.device_id)}
    for dead in (old.app, new.app):
        expect_problem(
            await dead.put("/v1/me/device/push-token", {"token": "x", "kind": "fid"}), 401, "unauthenticated"
        )
    for number in (old.card_number, new.card_number):
        scanned = await stage.till.at.post("/v1/scans", {"card": number})
        assert scanned.json()["member_id"] == str(old.id)
    expect_problem(await phone.get("/v1/me/card/certificate"), 409, "card-key-missing")
    coupons = (await phone.get("/v1/me/coupons", usable=True)).json()["items"]
    assert len(coupons) == len(coupon_ids)
    assert {each["id"] for each in coupons}.isdisjoint(coupon_ids)
    for gone in coupon_ids:
        expect_problem(await phone.get(f"/v1/me/coupons/{gone}"), 404, "not-found")
    assert (await phone.get("/v1/me")).json()["locale"] == "en"
    query = "SELECT push_token FROM devices WHERE id = $1"
    assert await chain.world.pool.fetchval(query, UUID(answer["device_id"])) is not None
    assert (await phone.post("/v1/me/device/locate-token")).json()["locate_token"] != locate
    upload = await chain.world.caller(locate).post("/v1/locations", {"fixes": [fix(DOOR, ago_s=1)]})
    expect_problem(upload, 401, "unauthenticated")
    headers = {"If-None-Match": etag}
    assert (await phone.post("/v1/me/geofences/nearest", asked, headers=headers)).status_code == 200


async def verify(chain: Chain, member: Member) -> Json:
    opened = await member.app.post("/v1/me/verifications", {"kind": "phone", "value": E164})
    assert opened.status_code == 201, opened.text
    code = await fetch_code(chain.world.pool, KEYRING, E164)
    done = await member.app.post(f"/v1/me/verifications/{opened.json()['id']}/confirm", {"code": code})
    assert done.status_code == 200, done.text
    confirmed: Json = done.json()
    return confirmed
