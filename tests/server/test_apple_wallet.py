"""The card in Apple Wallet, over HTTP: the pass, and the whole web service that keeps it new."""

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devtools.apple_authority import PASS_TYPE
from kit.clock import utc_now
from kit.database import in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from server.api.apple_wallet import _read_date, _read_tag
from server.flows.erase import erase, erase_again
from server.flows.refresh_passes import FIRST, refresh_page
from server.pass_tokens import make_pass_token, open_push_token, read_serial_number, write_serial_number
from server.store_places import StorePlaces
from tests.server.expectations import expect_problem
from tests.server.lives import Town, claim, let_a_minute_pass
from tests.server.test_bad_input import BROKEN, OTHER_TYPES
from tests.server.world import DOOR, SECRET_KEY, Caller, Chain, Json, Member, fix, open_world, set_stage

V1 = "/apple-wallet/v1"
PUSH_TOKEN = "0c" * 32


def path_of(member: Member, library: str | None = None, pass_type: str = PASS_TYPE) -> str:
    return f"{V1}/devices/{library or member.id.hex}/registrations/{pass_type}/{member.pass_serial}"


def pass_path(member: Member, pass_type: str = PASS_TYPE) -> str:
    return f"{V1}/passes/{pass_type}/{member.pass_serial}"


async def register(member: Member, library: str | None = None, push_token: str = PUSH_TOKEN) -> httpx.Response:
    return await member.wallet.post(path_of(member, library), {"pushToken": push_token})


async def changed(member: Member, library: str | None = None, since: str | None = None) -> httpx.Response:
    query = {} if since is None else {"passesUpdatedSince": since}
    return await Caller(member.app.http).get(
        f"{V1}/devices/{library or member.id.hex}/registrations/{PASS_TYPE}", **query
    )


def read(response: httpx.Response) -> dict[str, Any]:
    """pass.json of the answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/vnd.apple.pkpass"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        shown: dict[str, Any] = json.loads(archive.read("pass.json"))
    return shown


def values(shown: Json) -> dict[str, object]:
    """What each field of the card says."""
    return {field["key"]: field["value"] for fields in shown["storeCard"].values() for field in fields}


async def sweep(chain: Chain) -> None:
    """As the worker does, some seconds later."""
    await chain.world.pool.execute("UPDATE apple_passes SET changed_at = changed_at - interval '5 s'")
    assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None


async def set_points(chain: Chain, member: Member, points: int) -> None:
    body = {"member_id": str(member.id), "points": points, "reason": "a gift"}
    assert (await chain.owner.post("/v1/points/adjustments", body)).status_code == 201


async def test_the_pass_shows_what_the_member_has(chain: Chain) -> None:
    stage = await set_stage(chain)
    shown = read(await stage.member.app.get("/v1/me/card.pkpass"))
    home = (await stage.member.app.get("/v1/me/summary")).json()
    assert shown["barcodes"][0]["message"] == stage.member.card_number
    seen = values(shown)
    assert seen["points"] == home["points"]["balance"] > 0
    assert seen["coupon"] == home["coupons"][0]["title"] == "ようこそ Shinjuku"
    assert shown["serialNumber"] == stage.member.pass_serial
    assert shown["authenticationToken"] == stage.member.wallet.token
    assert shown["webServiceURL"] == "https://noren.example/apple-wallet"
    assert shown["locations"] == [
        {"latitude": DOOR["lat"], "longitude": DOOR["lon"], "relevantText": "Shinjukuの近くです"}
    ]
    assert len(shown["authenticationToken"]) >= 16
    till = stage.till
    answer = await till.at.post("/v1/scans", {"card": shown["barcodes"][0]["message"]})
    assert answer.status_code == 201, "it identifies"
    spent = {"member_id": str(stage.member.id), "scan_id": answer.json()["scan_id"], "receipt": "S-9", "points": 1}
    expect_problem(await till.at.post("/v1/points/spend", spent), 422, "scan-too-weak")


async def test_the_pass_speaks_the_phones_language(chain: Chain) -> None:
    await chain.add_store()
    member = await chain.enrol(locale="en")
    shown = read(await member.app.get("/v1/me/card.pkpass"))
    assert shown["locations"][0]["relevantText"] == "You are near Shinjuku"
    assert "points" not in values(shown), "the program has no points"


async def test_a_pass_names_the_ten_stores_nearest_to_the_member(chain: Chain) -> None:
    for step in range(14):
        await chain.add_store(name=f"s{step}", location={"lat": 35.0 + step, "lon": 139.7})
    everywhere = await chain.enrol()
    assert "locations" not in read(await everywhere.app.get("/v1/me/card.pkpass")), "no place is known"
    shy = await chain.enrol(consents=[], store_id=str(await chain.add_store(name="home", location=DOOR)))
    shown = read(await shy.app.get("/v1/me/card.pkpass"))
    assert [place["relevantText"][:2] for place in shown["locations"][:2]] == ["ho", "s1"], "where they joined"
    far = {"lat": 48.0, "lon": 139.7}
    steps = [fix(far, ago_s=100), fix(far, ago_s=50)]
    assert (await everywhere.app.post("/v1/locations", {"fixes": steps})).json()["accepted"] == 2
    lats = [place["latitude"] for place in read(await everywhere.app.get("/v1/me/card.pkpass"))["locations"]]
    assert lats == [48.0 - step for step in range(10)]
    for consented, count in ((False, 0), (True, 10)):  # whatever is still held of their place
        sql = "UPDATE members SET location_consent = $2 WHERE member_id = $1"
        await chain.world.pool.execute(sql, everywhere.id, consented)
        shown = read(await everywhere.app.get("/v1/me/card.pkpass"))
        assert len(shown.get("locations", [])) == count
    withdrawn = {"consents": [{"purpose": "location", "granted": False, "text_version": "2"}]}
    assert (await everywhere.app.put("/v1/me/consents", withdrawn)).status_code == 200
    assert "locations" not in read(await everywhere.app.get("/v1/me/card.pkpass"))


async def test_a_visit_that_was_undone_moves_no_pass(chain: Chain) -> None:
    home = await chain.add_store(name="home", location=DOOR)
    till = await chain.add_till(await chain.add_store(name="far", location={"lat": 48.0, "lon": 139.7}))
    member = await chain.enrol(consents=[], store_id=str(home))
    scanned = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    assert await nearest_place(member) == "fa"
    body = {"member_id": str(member.id), "scan_id": scanned["scan_id"]}
    assert (await till.at.post("/v1/scans/undo", body)).json()["is_visit_undone"]
    assert await nearest_place(member) == "ho"


async def nearest_place(member: Member) -> str:
    place: str = read(await member.app.get("/v1/me/card.pkpass"))["locations"][0]["relevantText"]
    return place[:2]


async def test_the_web_service_from_the_first_day_to_the_last(chain: Chain) -> None:
    await set_stage(chain)
    member = await chain.enrol()
    assert (await changed(member)).status_code == 204
    assert (await register(member)).status_code == 201
    assert (await register(member)).status_code == 200
    listed = (await changed(member)).json()
    assert listed["serialNumbers"] == [member.pass_serial]
    assert (await changed(member, since=listed["lastUpdated"])).status_code == 204
    first = await member.wallet.get(pass_path(member))
    assert values(read(first))["points"] == 0
    known = {"If-Modified-Since": first.headers["last-modified"]}
    same = await member.wallet.call("GET", pass_path(member), headers=known)
    assert (same.status_code, same.content) == (304, b"")

    await set_points(chain, member, 50)
    assert values(read(await member.wallet.call("GET", pass_path(member), headers=known)))["points"] == 50
    assert (await changed(member, since=listed["lastUpdated"])).status_code == 204, "nobody has looked yet"
    await asyncio.sleep(1.1)
    assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None
    news = (await changed(member, since=listed["lastUpdated"])).json()
    assert news["serialNumbers"] == [member.pass_serial]
    second = await member.wallet.call("GET", pass_path(member), headers=known)
    assert values(read(second))["points"] == 50
    known = {"If-Modified-Since": second.headers["last-modified"]}
    assert (await member.wallet.call("GET", pass_path(member), headers=known)).status_code == 304
    await sweep(chain)
    assert (await changed(member, since=news["lastUpdated"])).status_code == 204, "nothing new"

    assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert (await changed(member)).status_code == 204
    assert await chain.world.count("apple_passes", chain.id) == 0
    assert read(await member.wallet.get(pass_path(member)))["serialNumber"] == member.pass_serial


async def by_owner(chain: Chain, member: Member) -> None:
    assert (await chain.owner.post(f"/v1/members/{member.id}/block")).status_code == 200


async def by_leaving(_: Chain, member: Member) -> None:
    assert (await member.app.delete("/v1/me")).status_code == 204


async def by_signing_out(_: Chain, member: Member) -> None:
    assert (await member.app.delete("/v1/me/device")).status_code == 204


async def by_merging(chain: Chain, member: Member) -> None:
    town, email = Town(chain, new_id(), await chain.add_till(await chain.add_store())), "hana@example.com"
    await claim(town, await chain.enrol(), "email", email)
    await let_a_minute_pass(town)
    await claim(town, member, "email", email)


@pytest.mark.parametrize("end", [by_owner, by_leaving, by_signing_out, by_merging])
async def test_a_pass_ends_with_the_members_right_to_it(chain: Chain, end: Any) -> None:
    member = (await set_stage(chain)).member
    assert (await register(member)).status_code == 201
    listed = (await changed(member)).json()
    await end(chain, member)
    await sweep(chain)
    assert (await changed(member, since=listed["lastUpdated"])).json()["serialNumbers"] == [member.pass_serial]
    answer = await member.wallet.get(pass_path(member))
    shown = read(answer)
    assert shown["voided"] is True
    assert set(values(shown)) == {"ended"}
    assert member.card_number.encode() not in answer.content
    assert "barcodes" not in shown
    expect_problem(await register(member, "another"), 401, "unauthenticated")
    assert (await register(member)).status_code == 401
    assert (await member.app.get("/v1/me/card.pkpass")).status_code in {401, 403}


async def test_an_erased_member_leaves_an_empty_pass_and_no_registration(chain: Chain) -> None:
    member = (await set_stage(chain)).member
    await register(member)
    now = utc_now()
    await in_transaction(chain.world.pool, lambda conn: erase(conn, chain.id, member.id, now))
    for ago in (timedelta(0), timedelta(minutes=11)):
        await erase_again(chain.world.pool, now + ago)
        assert (await changed(member)).status_code == 204
        assert read(await member.wallet.get(pass_path(member)))["voided"] is True
        expect_problem(await register(member), 401, "unauthenticated")
        assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert await rows_of(chain, member) == []
    assert await chain.world.count("apple_passes", chain.id) == 0


async def test_an_erasure_during_registrations_leaves_none(chain: Chain) -> None:
    member = (await set_stage(chain)).member
    await register(member, "first")

    async def erase_now() -> None:
        await in_transaction(chain.world.pool, lambda conn: erase(conn, chain.id, member.id, utc_now()))

    answers = await asyncio.gather(*(register(member, f"phone-{n}") for n in range(8)), erase_now())
    assert {answer.status_code for answer in answers if answer is not None} <= {201, 401}
    await erase_again(chain.world.pool, utc_now() + timedelta(minutes=11))
    assert await rows_of(chain, member) == []
    assert await chain.world.count("apple_passes", chain.id) == 0


async def test_a_pass_comes_back_when_its_member_does(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    for action, is_voided in (("block", True), ("unblock", False)):
        assert (await chain.owner.post(f"/v1/members/{member.id}/{action}")).status_code == 200
        await sweep(chain)
        assert ("voided" in read(await member.wallet.get(pass_path(member)))) is is_voided


async def test_what_a_store_a_program_and_a_rank_are_called_moves_the_tag(chain: Chain) -> None:
    stage = await set_stage(chain)
    member = stage.member
    await register(member)
    store = {"name": "Ginza", "time_zone": "Asia/Tokyo", "location": DOOR}
    ranks = {
        "measure": "visits", "period": "year", "time_zone": "Asia/Tokyo",
        "ranks": [{"code": "gold", "name": {"ja": "ゴールド"}, "threshold": 1}],
    }  # fmt: skip
    tag = (await changed(member)).json()["lastUpdated"]
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 204
    for method, path, body in (
        ("PUT", f"/v1/stores/{stage.store_id}", store),
        ("PATCH", "/v1/program", {"name": "Kissa Momiji", "default_locale": "ja"}),
        ("PUT", "/v1/program/ranks", ranks),
    ):
        assert (await chain.owner.call(method, path, body)).status_code == 200
        if path == "/v1/program/ranks":
            await stage.till.at.post("/v1/scans", {"card": member.card_number})
            sql = "INSERT INTO member_ranks VALUES ($1, $2, 'gold', now(), NULL, 1) ON CONFLICT DO NOTHING"
            await chain.world.pool.execute(sql, member.id, chain.id)
        await sweep(chain)
        news = await changed(member, since=tag)
        assert news.status_code == 200, path
        assert int(news.json()["lastUpdated"]) > int(tag), path
        tag = news.json()["lastUpdated"]
    shown = read(await member.wallet.get(pass_path(member)))
    assert shown["locations"][0]["relevantText"] == "Ginzaの近くです"
    assert (values(shown)["rank"], shown["organizationName"]) == ("ゴールド", "Kissa Momiji")
    assert values(shown)["coupon"] == "ようこそ Ginza"


async def test_a_walk_through_town_is_no_change_and_a_journey_is(chain: Chain) -> None:
    for step in range(12):
        await chain.add_store(name=f"s{step}", location={"lat": 35.0 + step / 2, "lon": 139.7})
    member = await chain.enrol()
    here, walked, travelled = ({"lat": lat, "lon": 139.7} for lat in (36.0, 36.01, 39.5))
    await member.app.post("/v1/locations", {"fixes": [fix(here, ago_s=9000)]})
    await register(member)
    tag = (await changed(member)).json()["lastUpdated"]
    await member.app.post("/v1/locations", {"fixes": [fix(walked, ago_s=8000)]})
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 204
    steps = [fix(travelled, ago_s=100), fix(travelled, ago_s=50)]
    await member.app.post("/v1/locations", {"fixes": steps})
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 200


async def test_only_its_own_token_opens_a_pass(chain: Chain, rival: Chain) -> None:
    member, other, stranger = await chain.enrol(), await chain.enrol(), await rival.enrol()
    assert (await register(member)).status_code == 201
    token = str(member.wallet.token)
    foreign = make_pass_token(Keyring(bytes(32)), (member.id, member.device_id))
    half = make_pass_token(Keyring(SECRET_KEY), (member.id, new_id()))
    before = await chain.world.fingerprint()
    for header in (
        None, "", "ApplePass", "ApplePass ", f"Bearer {token}", f"ApplePass {token[:-1]}", f"ApplePass {token}A",
        f"ApplePass {token.swapcase()}", f"ApplePass  {token}", f"ApplePass {other.wallet.token}",
        f"ApplePass {stranger.wallet.token}", f"ApplePass {foreign}", f"ApplePass {half}", f"Bearer {member.app.token}",
        f"ApplePass {member.app.token}", "ApplePass \xe9",
    ):  # fmt: skip
        headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]
        for method, path in (
            ("GET", pass_path(member)),
            ("POST", path_of(member, "another")),
            ("DELETE", path_of(member)),
        ):
            body = {"json": {"pushToken": PUSH_TOKEN}} if method == "POST" else {}
            response = await chain.world.http.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
            expect_problem(response, 401, "unauthenticated")
    assert await chain.world.fingerprint() == before


@pytest.mark.parametrize(
    "serial", ["x", "A" * 43, "%00", "A" * 5000, "%F0%28", "..", "AAAA-AAAA", "AAAA%0A", str(new_id())[:8]]
)
async def test_a_serial_that_is_none(chain: Chain, serial: str) -> None:
    member = await chain.enrol()
    for path in (f"{V1}/passes/{PASS_TYPE}/{serial}", f"{V1}/devices/l/registrations/{PASS_TYPE}/{serial}"):
        method = "GET" if "passes" in path else "DELETE"
        assert (await member.wallet.call(method, path)).status_code in {401, 404, 405}, path


async def test_what_changed_in_the_second_of_the_last_change_waits_for_the_next_sweep(chain: Chain) -> None:
    """Else a phone that loaded in that second would hear 304 for what it has not seen."""
    await set_stage(chain)
    member = await chain.enrol()
    await register(member)
    first = await member.wallet.get(pass_path(member))
    await set_points(chain, member, 5)
    await chain.world.pool.execute("UPDATE apple_passes SET changed_at = clock_timestamp() + interval '0.5 s'")
    known = {"If-Modified-Since": first.headers["last-modified"]}
    for _ in range(2):
        assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None
        again = await member.wallet.call("GET", pass_path(member), headers=known)
        assert values(read(again))["points"] == 5
    await sweep(chain)
    last = await member.wallet.get(pass_path(member))
    known = {"If-Modified-Since": last.headers["last-modified"]}
    assert (await member.wallet.call("GET", pass_path(member), headers=known)).status_code == 304


async def test_a_pass_of_another_type_is_not_ours(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    expect_problem(await member.wallet.get(pass_path(member, "pass.jp.example.other")), 401)
    other = path_of(member, pass_type="pass.jp.example.other")
    expect_problem(await member.wallet.post(other, {"pushToken": PUSH_TOKEN}), 401)
    expect_problem(await member.wallet.delete(other), 401)
    listed = await member.wallet.get(f"{V1}/devices/{member.id.hex}/registrations/pass.jp.example.other")
    assert (listed.status_code, listed.content) == (204, b"")


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "0",
        "-1",
        "Thu, 01 Jan 1970",
        "Mon, 99 Foo 2026 99:99:99 GMT",
        "9" * 400,
        "\xff",
        ";,",
        "1" * 20,
    ],
)
async def test_a_date_that_nobody_can_read_counts_as_none(chain: Chain, date: str) -> None:
    member = await chain.enrol()
    await register(member)
    headers = {"If-Modified-Since": date.encode("latin-1")}
    response = await member.wallet.call("GET", pass_path(member), headers=headers)
    assert read(response)["serialNumber"] == member.pass_serial


@settings(max_examples=40)
@given(date=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_no_date_breaks_the_reading(date: str) -> None:
    _read_date(date)
    assert _read_tag(date) is None or date.isdigit()


async def test_a_tag_that_we_never_gave_counts_as_none(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    for tag in ("", "x", "-5", "1e9", "9" * 30, "٣", "\0", "2026-11-21T00:00:00Z", "0"):
        listed = await changed(member, since=tag)
        assert (listed.status_code, listed.json()["serialNumbers"]) == (200, [member.pass_serial]), tag
    assert (await changed(member, since="9" * 17)).status_code == 204, "in the far future nothing is newer"
    twice = f"{V1}/devices/{member.id.hex}/registrations/{PASS_TYPE}?passesUpdatedSince=1&passesUpdatedSince=2"
    assert (await member.wallet.get(twice)).status_code < 500


async def test_a_library_lists_its_own_passes_of_every_program(chain: Chain, rival: Chain) -> None:
    mine, theirs, strangers = await chain.enrol(), await rival.enrol(), await chain.enrol()
    for member in (mine, theirs):
        assert (await register(member, "one-phone")).status_code == 201
    await register(strangers, "another-phone")
    listed = (await changed(mine, "one-phone")).json()["serialNumbers"]
    assert sorted(listed) == sorted([mine.pass_serial, theirs.pass_serial])
    assert (await changed(mine, "One-Phone")).status_code == 204


async def test_registrations_at_the_same_moment_are_one(chain: Chain) -> None:
    member = await chain.enrol()
    tokens = [f"{number:064x}" for number in range(12)]
    answers = await asyncio.gather(*(register(member, push_token=token) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    (row,) = await rows_of(chain, member)
    opened = open_push_token(
        Keyring(SECRET_KEY), (member.id, member.device_id), row["library_hash"], row["sealed_push_token"]
    )
    assert opened in tokens


async def test_registering_and_unregistering_at_once_leaves_one_of_both(chain: Chain) -> None:
    member = await chain.enrol()
    for _ in range(8):
        calls = (register(member) if step % 2 else member.wallet.delete(path_of(member)) for step in range(8))
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} <= {200, 201}
    count = len(await rows_of(chain, member))
    assert count == await chain.world.count("apple_passes", chain.id) <= 1


async def test_a_pass_is_on_twenty_phones_at_most(chain: Chain) -> None:
    member = await chain.enrol()
    for number in range(23):
        assert (await register(member, f"phone-{number}")).status_code == 201
    assert len(await rows_of(chain, member)) == 20
    assert (await changed(member, "phone-2")).status_code == 204, "the oldest made room"
    assert (await changed(member, "phone-22")).status_code == 200


async def test_a_registration_that_cannot_be(chain: Chain) -> None:
    member = await chain.enrol()
    before = await chain.world.fingerprint()
    for token in ("", "0", "xyz", "../../3/device/x", "0c" * 500, "0c\n", "0c 0c", None, 12, ["0c"]):
        expect_problem(await member.wallet.post(path_of(member), {"pushToken": token}), 400, "invalid-request")
    expect_problem(await member.wallet.post(path_of(member), {}), 400, "invalid-request")
    for path in (path_of(member), f"{V1}/log"):
        for what, body in BROKEN.items():
            response = await member.wallet.post(path, content=body, headers={"Content-Type": "application/json"})
            expect_problem(response, 400, "invalid-request")
            assert "'data'" not in response.text, what
        for media_type in OTHER_TYPES:
            response = await member.wallet.post(path, content=b"{}", headers={"Content-Type": media_type})
            expect_problem(response, 415, "unsupported-media-type")
        expect_problem(await member.wallet.post(path, content=b" " * 1_000_001), 413, "body-too-large")
    assert await chain.world.fingerprint() == before


async def test_apple_may_say_more_than_it_does_today(chain: Chain) -> None:
    member = await chain.enrol()
    body = {"pushToken": PUSH_TOKEN, "environment": {"new": True}}
    assert (await member.wallet.post(path_of(member), body)).status_code == 201


async def test_a_log_is_counted_and_not_kept(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    member = await chain.enrol()
    line = f"Register task for {member.pass_serial} with {member.wallet.token} failed"
    before = await chain.world.fingerprint()
    assert (await chain.world.anyone.post(f"{V1}/log", {"logs": [line, "\0", ""]})).status_code == 200
    expect_problem(await chain.world.anyone.post(f"{V1}/log", {"logs": ["x"] * 101}), 400)
    expect_problem(await chain.world.anyone.post(f"{V1}/log", {"logs": ["x" * 10_001]}), 400)
    assert await chain.world.fingerprint() == before
    told = capsys.readouterr()
    assert member.pass_serial not in told.out + told.err
    assert str(member.wallet.token) not in told.out + told.err


async def test_without_files_the_routes_say_so(database: str) -> None:
    nothing: Json = {"apple_pass_certificate": None, "apple_pass_key": None, "apple_wwdr_certificate": None}
    async with open_world(database, **nothing) as world:
        chain = await world.add_chain()
        member = await chain.enrol()
        answers = [
            await member.app.get("/v1/me/card.pkpass"),
            await register(member),
            await member.wallet.delete(path_of(member)),
            await changed(member),
            await member.wallet.get(pass_path(member)),
            await world.anyone.post(f"{V1}/log", {"logs": []}),
        ]
        for answer in answers:
            assert answer.status_code == 501, answer.text
            assert answer.json()["type"] == "urn:noren:problem:wallet-not-configured"
        assert (await world.anyone.get(pass_path(member))).status_code == 401, "a stranger is told nothing"


async def rows_of(chain: Chain, member: Member) -> list[Any]:
    rows: list[Any] = await chain.world.pool.fetch("SELECT * FROM apple_registrations WHERE member_id = $1", member.id)
    return rows


async def test_neither_library_nor_push_token_stands_in_the_table(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member, "a-library-of-a-phone")
    text = await chain.world.pool.fetchval(
        "SELECT string_agg(r::text, '') FROM apple_registrations r WHERE member_id = $1", member.id
    )
    for secret in ("a-library-of-a-phone", PUSH_TOKEN, str(member.wallet.token)):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_serial_numbers_are_read_as_they_are_written() -> None:
    pass_id = (new_id(), new_id())
    text = write_serial_number(pass_id)
    assert read_serial_number(text) == pass_id
    assert len(text) == 43
    for wrong in (text[:-1], text + "A", text[:-1] + "B", text + "=", " " + text, "", "é"):
        assert read_serial_number(wrong) is None
