"""What a member sees and does through their device."""

from datetime import timedelta

from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.world import Chain, Json, Member, campaign_body


async def push_state(chain: Chain, member: Member) -> tuple[str | None, str | None, str | None]:
    row = await chain.world.pool.fetchrow(
        "SELECT push_token, push_token_kind, push_token_state FROM devices WHERE id = $1", member.device_id
    )
    assert row is not None
    return row["push_token"], row["push_token_kind"], row["push_token_state"]


async def test_a_member_is_shown_with_their_newest_consents(chain: Chain) -> None:
    member = await chain.enrol(locale="en")
    for granted, version in ((False, "2"), (True, "3"), (False, "4")):
        word = {"purpose": "push", "granted": granted, "text_version": version}
        answer = await member.app.put("/v1/me/consents", {"consents": [word]})
        assert answer.json() == (await member.app.get("/v1/me")).json()
    me = (await member.app.get("/v1/me")).json()
    assert (me["member_id"], me["device_id"], me["locale"]) == (str(member.id), str(member.device_id), "en")
    newest = {each["purpose"]: (each["granted"], each["text_version"], each["source"]) for each in me["consents"]}
    assert newest == {"location": (True, "2026-01", "app"), "push": (False, "4", "app")}
    kept = await chain.world.pool.fetchval("SELECT count(*) FROM consents WHERE member_id = $1", member.id)
    assert kept == 5, "a consent is a fact that stays"


async def test_a_phone_is_seen_when_its_app_asks_for_something_and_that_is_written_once_a_day(chain: Chain) -> None:
    member = await chain.enrol()
    pool = chain.world.pool
    where = "FROM devices WHERE id = $1"

    async def written(ago: str) -> bool:
        """Whether the card, asked for so long after the phone was last seen, says so."""
        await pool.execute(
            f"UPDATE devices SET last_seen_at = now() - interval '{ago}' WHERE id = $1", member.device_id
        )
        before = await pool.fetchval(f"SELECT last_seen_at {where}", member.device_id)
        assert (await member.app.get("/v1/me/card")).status_code == 200
        seen_ago = await pool.fetchval(f"SELECT now() - last_seen_at {where}", member.device_id)
        after = await pool.fetchval(f"SELECT last_seen_at {where}", member.device_id)
        assert after == before or seen_ago < timedelta(minutes=10)
        return bool(after != before)

    assert [await written(ago) for ago in ("40 days", "25 hours", "23 hours", "0 s")] == [True, True, False, False]
    in_indexes = await pool.fetchval(
        "SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        " WHERE i.indrelid = 'devices'::regclass AND a.attname = 'last_seen_at'"
    )
    assert in_indexes == 0, "each writing would cost all indexes"


async def test_a_purpose_is_named_once(chain: Chain) -> None:
    twice = {"consents": [{"purpose": "push", "granted": granted, "text_version": "1"} for granted in (True, False)]}
    member = await chain.enrol()
    expect_problem(await member.app.put("/v1/me/consents", twice), 400, "invalid-request")
    expect_problem(await member.app.put("/v1/me/consents", {"consents": []}), 400, "invalid-request")


async def test_the_card_is_the_one_of_the_enrolment(chain: Chain) -> None:
    member = await chain.enrol()
    assert (await member.app.get("/v1/me/card")).json() == {"number": member.card_number, "key": None}
    members = (await chain.owner.get("/v1/members")).json()["items"]
    assert [(each["member_id"], each["card_number"]) for each in members] == [(str(member.id), member.card_number)]


async def test_a_till_takes_the_number_however_it_is_typed(chain: Chain) -> None:
    stage = await set_stage(chain)
    number = stage.member.card_number
    typed = (f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}", f"{number[:6]}-{number[6:]}")
    for presented in (number, f" {number}\n", f"A{number}A", f"a{number}b", *typed):
        scanned = await stage.till.at.post("/v1/scans", {"card": presented})
        assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(stage.member.id)), presented
        assert scanned.json()["is_first_today"] is False
    wrong_digit = number[:-1] + str((int(number[-1]) + 1) % 10)
    static = "N1C" + "A" * 55  # of the versions before the rotating code
    for presented in (wrong_digit, number[:-1], f"A{number}", "4006381333931", "", static, "N1T", "0" * 452):
        expect_problem(await stage.till.at.post("/v1/scans", {"card": presented}), 422, "card-unknown")


async def test_coupons_come_in_the_language_of_the_device(chain: Chain) -> None:
    store_id = await chain.add_store(name="Ginza")
    await chain.add_geofence(store_id)
    offer = {"ja": {"title": "{store}へ", "body": "珈琲"}, "en": {"title": "At {store}", "body": "Coffee"}}
    await chain.add_campaign(offer=offer)
    member = await chain.enrol(locale="ja")
    (coupon_id,) = await walk_in(member)
    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    assert (coupon["id"], coupon["store_id"], coupon["title"], coupon["body"]) == (
        coupon_id,
        str(store_id),
        "Ginzaへ",
        "珈琲",
    )
    assert (await member.app.patch("/v1/me/device", {"locale": "en"})).status_code == 204
    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    assert (coupon["title"], coupon["body"]) == ("At Ginza", "Coffee")


async def test_usable_coupons_are_neither_redeemed_nor_expired(chain: Chain) -> None:
    stage = await set_stage(chain)
    for name in ("second", "third"):
        await chain.owner.post("/v1/campaigns", campaign_body(name=name))
    guest = await chain.enrol()
    redeemed, expired, usable = await walk_in(guest)
    code = {each["id"]: each["code"] for each in (await guest.app.get("/v1/me/coupons")).json()["items"]}
    assert (await stage.till.at.post("/v1/redemptions", {"coupon": code[redeemed]})).status_code == 201
    await expire(chain, expired)
    assert await ids(guest) == {redeemed, expired, usable}
    assert await ids(guest, usable="true") == {usable}
    assert await ids(guest, usable="false") == {redeemed, expired, usable}
    scanned = (await stage.till.at.post("/v1/scans", {"card": guest.card_number})).json()
    assert len(scanned["usable_coupons"]) == 1

    expect_problem(await stage.till.at.post("/v1/redemptions", {"coupon": code[expired]}), 410, "coupon-expired")
    again = await stage.till.at.post("/v1/redemptions", {"coupon": code[redeemed]})
    assert expect_problem(again, 409, "already-redeemed")["redeemed_at"]


async def test_a_coupon_is_redeemed_at_a_store_of_its_campaign_only(chain: Chain) -> None:
    stage = await set_stage(chain)
    elsewhere = await chain.add_till(await chain.add_store())
    (coupon,) = (await stage.member.app.get("/v1/me/coupons")).json()["items"]
    refused = await elsewhere.at.post("/v1/redemptions", {"coupon": coupon["code"]})
    expect_problem(refused, 422, "store-not-covered")
    redeemed = await stage.till.at.post("/v1/redemptions", {"coupon": coupon["code"].lower()})
    assert (redeemed.status_code, redeemed.json()["coupon_id"]) == (201, coupon["id"])
    (coupon,) = (await stage.member.app.get("/v1/me/coupons")).json()["items"]
    assert coupon["redeemed_at"] == redeemed.json()["redeemed_at"]


async def ids(member: Member, **query: str) -> set[str]:
    return {each["id"] for each in (await member.app.get("/v1/me/coupons", **query)).json()["items"]}


async def test_visits_are_once_a_day(chain: Chain) -> None:
    stage = await set_stage(chain)
    for _ in range(2):
        await stage.till.at.post("/v1/scans", {"card": stage.member.card_number})
    (visit,) = (await stage.member.app.get("/v1/me/visits")).json()["items"]
    assert visit["store_id"] == str(stage.store_id)


async def test_a_push_token_belongs_to_the_device_that_set_it_last(chain: Chain, rival: Chain) -> None:
    old, new, foreign = await chain.enrol(), await chain.enrol(), await rival.enrol()
    token: Json = {"token": "phone-1", "kind": "registration"}
    for member in (old, foreign, old, new):
        assert (await member.app.put("/v1/me/device/push-token", token)).status_code == 204
    assert await push_state(chain, old) == (None, None, None)
    assert await push_state(chain, new) == ("phone-1", "registration", "active")
    assert await push_state(rival, foreign) == ("phone-1", "registration", "active"), "another program's app"

    await new.app.put("/v1/me/device/push-token", {"token": "phone-2", "kind": "fid"})
    assert await push_state(chain, new) == ("phone-2", "fid", "active")
    assert (await new.app.delete("/v1/me/device/push-token")).status_code == 204
    assert await push_state(chain, new) == (None, None, None)


async def test_a_signed_out_device_is_pushed_to_no_more(chain: Chain) -> None:
    member = await chain.enrol()
    await member.app.put("/v1/me/device/push-token", {"token": "phone-3", "kind": "registration"})
    await member.app.delete("/v1/me/device")
    assert await push_state(chain, member) == (None, None, None)


async def expire(chain: Chain, coupon_id: str) -> None:
    past = "UPDATE coupons SET issued_at = issued_at - $2::interval, expires_at = now() - interval '1 s' WHERE id = $1"
    await chain.world.pool.execute(past, coupon_id, timedelta(days=30))


async def test_withdrawing_the_consent_to_location_clears_the_places(chain: Chain) -> None:
    stage = await set_stage(chain)
    presence = "SELECT stays, motion, next_due_at FROM presences WHERE member_id = $1"
    before = await chain.world.pool.fetchrow(presence, stage.member.id)
    assert before is not None
    assert before["stays"] != "[]"
    no = {"purpose": "location", "granted": False, "text_version": "2"}
    assert (await stage.member.app.put("/v1/me/consents", {"consents": [no]})).is_success
    after = await chain.world.pool.fetchrow(presence, stage.member.id)
    assert after is not None
    assert tuple(after) == ("[]", "{}", None)
