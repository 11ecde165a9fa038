"""What a program knows of its members: read and changed, by whom it may be, and kept when two become one."""

from typing import Any

import asyncpg
import httpx
import pytest

from kit.database import Connection, in_transaction
from kit.ids import new_id
from members.attribute_values import Birthday
from members.attributes import STANDARD_ATTRIBUTES
from members.profile import FIELDS, KeptProfile, Profile
from members.profiles_repository import find_profile, upsert_profiles
from migrations.schema import metadata
from tests.support.expectations import expect_problem
from tests.support.merging import pair, transfer_device
from tests.support.shop import Shop, at
from tests.support.stage import SHOE_SIZE, set_stage
from tests.support.world import Chain, Json

NOTE = SHOE_SIZE | {"key": "note", "kind": "text", "writers": ["staff"], "is_profiling": True}
FRUITS = [{"key": key, "label": {"ja": key}} for key in ("apple", "pear")]
FRUIT: Json = {
    "key": "fruit",
    "kind": "many_of",
    "label": {"ja": "果物"},
    "choices": FRUITS,
    "writers": ["member"],
    "is_profiling": False,
}


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_member_and_staff_write_one_profile(chain: Chain, rival: Chain) -> None:
    for attribute in (SHOE_SIZE, NOTE):
        ok(await chain.owner.post("/v1/attributes", attribute), 201)
    member = await chain.enrol()
    of_member = f"/v1/members/{member.id}/profile"
    empty = ok(await member.app.get("/v1/me/profile"))
    assert (empty["name"], empty["attributes"], empty["version"], empty["updated_at"]) == (None, {}, 0, None)
    birthday = {"month": 2, "day": 29, "year": None}
    change = {"name": " 佐藤　花子 ", "kana": "ｻﾄｳ はなこ", "birthday": birthday, "postal_code": "160-0022"}
    mine = ok(await member.app.patch("/v1/me/profile", change | {"attributes": {"shoe_size": 24.5}, "locale": "en"}))
    kept = {"name": "佐藤 花子", "kana": "サトウ ハナコ", "birthday": birthday, "postal_code": "1600022"}
    assert kept.items() <= mine.items()
    assert (mine["attributes"], mine["locale"], mine["version"]) == ({"shoe_size": 24.5}, "en", 1)
    theirs = ok(await chain.owner.patch(of_member, {"version": 1, "city": "新宿区", "attributes": {"note": "常連"}}))
    assert theirs["attributes"] == {"shoe_size": 24.5, "note": "常連"}
    assert theirs["version"] == 2
    again = ok(await member.app.patch("/v1/me/profile", {"city": "新宿区", "kana": None, "attributes": {}}))
    assert (again["kana"], again["attributes"], again["version"]) == (None, {"shoe_size": 24.5}, 3)
    assert ok(await member.app.patch("/v1/me/profile", {}))["version"] == 3
    expect_problem(await chain.owner.patch(of_member, {"version": 2, "city": "港区"}), 409, "profile-changed")
    entries = ok(await chain.owner.get("/v1/audit"))["items"]
    assert [entry["target"] for entry in entries if entry["action"].startswith("PATCH")] == [f"{of_member}: city, note"]
    listed = ok(await chain.owner.get("/v1/members"))["items"]
    assert [(item["name"], item["kana"], item["locale"]) for item in listed] == [("佐藤 花子", None, "en")]
    expect_problem(await rival.owner.get(of_member), 404, "not-found")
    expect_problem(await rival.owner.patch(of_member, {"city": "港区"}), 404, "not-found")


async def test_nothing_is_written_where_one_value_cannot_be(chain: Chain) -> None:
    for attribute in (SHOE_SIZE, NOTE):
        ok(await chain.owner.post("/v1/attributes", attribute), 201)
    member = await chain.enrol()
    refused: dict[str, dict[str, Any]] = {
        "kana": {"kana": "佐藤"},
        "birthday": {"birthday": {"month": 2, "day": 30}},
        "gender": {"gender": "x"},
        "prefecture": {"prefecture": 48},
        "time_zone": {"time_zone": "Asia/Edo"},
        "shoe_size": {"attributes": {"shoe_size": "big"}},
        "note": {"attributes": {"note": "for the staff alone"}},
        "unknown": {"attributes": {"unknown": 1}},
        "city": {"city": "\x00"},
    }
    for key, change in refused.items():
        body = {"name": "佐藤 花子", "locale": "en"} | change
        answer = expect_problem(await member.app.patch("/v1/me/profile", body), 422, "attribute-unusable")
        assert (answer["attribute"], key in answer["detail"]) == (key, True)
    expect_problem(await member.app.patch("/v1/me/profile", {"locale": None}), 400, "invalid-request")
    expect_problem(await member.app.patch("/v1/me/profile", {"age": 30}), 400, "invalid-request")
    expect_problem(await member.app.patch("/v1/me/profile", {"birthday": {"month": 13, "day": 1}}), 400)
    profile = ok(await member.app.get("/v1/me/profile"))
    assert (profile["name"], profile["locale"], profile["version"]) == (None, "ja", 0)


async def test_an_attribute_of_a_programs_own(chain: Chain, rival: Chain) -> None:
    owner = chain.owner
    made = ok(await owner.post("/v1/attributes", FRUIT), 201)
    assert made == FRUIT | {"is_standard": False, "removed_at": None}
    ok(await owner.post("/v1/attributes", NOTE), 201)
    expect_problem(await owner.post("/v1/attributes", FRUIT), 409, "code-taken")
    expect_problem(await owner.post("/v1/attributes", FRUIT | {"key": "name"}), 409, "code-taken")
    spoilt: list[Json] = [{"choices": []}, {"kind": "text"}, {"choices": FRUITS * 2}, {"writers": []}, {"key": "A"}]
    for bad in spoilt:
        expect_problem(await owner.post("/v1/attributes", FRUIT | {"key": "other"} | bad), 400, "invalid-request")
    member = await chain.enrol()
    ok(await member.app.patch("/v1/me/profile", {"attributes": {"fruit": ["pear", "apple"]}}))
    asked = {item["key"] for item in ok(await member.app.get("/v1/me/attributes"))["items"]}
    assert {"name", "gender", "fruit"} <= asked
    assert not {"note", "age"} & asked
    one = [{"key": "pear", "label": {"ja": "なし"}}]
    expect_problem(await owner.patch("/v1/attributes/fruit", {"choices": one}), 409, "attribute-immutable")
    more = [*one, {"key": "apple", "label": {"ja": "りんご"}}, {"key": "fig", "label": {"ja": "いちじく"}}]
    changed = ok(await owner.patch("/v1/attributes/fruit", {"choices": more, "is_profiling": True}))
    assert (changed["choices"], changed["is_profiling"], changed["label"]) == (more, True, FRUIT["label"])
    expect_problem(await rival.owner.patch("/v1/attributes/fruit", {"is_profiling": False}), 404, "not-found")
    assert (await owner.delete("/v1/attributes/fruit")).status_code == 204
    expect_problem(await owner.delete("/v1/attributes/fruit"), 404, "not-found")
    assert ok(await member.app.get("/v1/me/profile"))["attributes"] == {}
    write = {"attributes": {"fruit": ["pear"]}}
    expect_problem(await member.app.patch("/v1/me/profile", write), 422, "attribute-unusable")
    expect_problem(await owner.post("/v1/attributes", FRUIT | {"kind": "one_of"}), 409, "code-taken")
    expect_problem(await owner.post("/v1/attributes", FRUIT), 409, "attribute-immutable")
    ok(await owner.post("/v1/attributes", FRUIT | {"choices": more}), 201)
    assert ok(await member.app.get("/v1/me/profile"))["attributes"] == {"fruit": ["apple", "pear"]}


async def test_a_till_writes_what_tills_may_write_beside_a_scan(chain: Chain, rival: Chain) -> None:
    stage = await set_stage(chain)
    ok(await chain.owner.post("/v1/attributes", NOTE), 201)
    ok(await chain.owner.patch(f"/v1/members/{stage.member.id}/profile", {"attributes": {"note": "x"}}))
    path, scan = "/v1/scans/attributes", {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    written = ok(await stage.till.at.post(path, scan | {"attributes": {"shoe_size": 24}}))
    assert written == {"member_id": str(stage.member.id), "attributes": {"shoe_size": 24}}
    refused = await stage.till.at.post(path, scan | {"attributes": {"note": "y"}})
    expect_problem(refused, 422, "attribute-unusable")
    away = await rival.add_till(await rival.add_store())
    for till, body in (
        (away.at, scan),
        (stage.till.at, scan | {"scan_id": str(new_id())}),
        (stage.till.at, scan | {"member_id": str(new_id())}),
    ):
        expect_problem(await till.post(path, body | {"attributes": {"shoe_size": 1}}), 422, "scan-unknown")


@pytest.mark.parametrize("purpose", ["profiling", "email"])
async def test_a_consent_stands_on_the_member(chain: Chain, purpose: str) -> None:
    member = await chain.enrol()

    async def stands() -> bool:
        (item,) = ok(await chain.owner.get("/v1/members"))["items"]
        return bool(item[f"{purpose}_consent"])

    assert not await stands()
    for granted in (True, False):
        consents = [{"purpose": purpose, "granted": granted, "text_version": "1"}]
        ok(await member.app.put("/v1/me/consents", {"consents": consents}))
        ok(await member.app.put("/v1/me/consents", {"consents": [consents[0] | {"purpose": "push"}]}))
        assert await stands() is granted


async def test_a_merge_keeps_what_is_known_of_both(shop: Shop) -> None:
    old, new = await pair(shop)
    ours = Profile(name="佐藤 花子", attributes={"size": "L"})
    theirs = Profile(name="田中 花子", kana="タナカ ハナコ", birthday=Birthday(2, 29, 1996), attributes={"note": "x"})

    async def know(conn: Connection) -> None:
        for member_id, profile in ((old.member_id, ours), (new.member_id, theirs)):
            kept = KeptProfile(
                member_id=member_id, program_id=shop.program.id, profile=profile, updated_at=at(0), version=4
            )
            await upsert_profiles(conn, [kept])

    await in_transaction(shop.pool, know)
    await transfer_device(shop, new)
    async with shop.pool.acquire() as conn:
        kept = await find_profile(conn, old.member_id)
        assert await find_profile(conn, new.member_id) is None
    assert kept is not None
    both = Profile(name="佐藤 花子", birthday=Birthday(2, 29, 1996), attributes={"size": "L", "note": "x"})
    assert (kept.profile, kept.version) == (both, 5)


async def test_the_database_refuses_what_the_rules_refuse(shop: Shop) -> None:
    (member, _) = await pair(shop)
    for column, value in (
        ("birth_month", 2),  # without a day
        ("birth_year", 1996),  # without a day
        ("kana", "佐藤"),
        ("name", " "),
        ("name", "花\u202e子"),
        ("nickname", "\u2067"),
        ("postal_code", "160-0022"),
        ("prefecture", 48),
        ("gender", "x"),
        ("attributes", "[]"),
        ("name_key", "佐藤"),  # without its pairs
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await shop.pool.execute(
                f"INSERT INTO profiles (member_id, program_id, updated_at, version, {column})"
                " VALUES ($1, $2, $3, 1, $4)",
                *(member.member_id, shop.program.id, at(0), value),
            )
    born = (
        "INSERT INTO profiles (member_id, program_id, updated_at, version, birth_year, birth_month, birth_day) VALUES"
    )
    row = f"('{member.member_id}', '{shop.program.id}', now(), 1"
    for impossible in ("1900, 2, 29", "2001, 2, 29", "NULL, 2, 30", "NULL, 4, 31", "NULL, 0, 1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await shop.pool.execute(f"{born} {row}, {impossible})")
    await shop.pool.execute(f"{born} {row}, NULL, 2, 29)")
    await shop.pool.execute("UPDATE profiles SET birth_year = 2000")


def test_the_schema_and_the_table_of_attributes_have_the_same_choices() -> None:
    profiles = metadata.tables["profiles"]
    checks = {check.name: str(getattr(check, "sqltext", "")) for check in profiles.constraints}
    for key in ("gender", "job", "income_band"):
        listed = ", ".join(f"'{choice.key}'" for choice in STANDARD_ATTRIBUTES[key].choices)
        assert checks[f"profiles_{key}_check"] == f"{key} IN ({listed})"
    assert {key for key in FIELDS if key != "birthday"} <= set(profiles.columns.keys())
