"""The card's key, codes and pictures over HTTP: registered, renewed, trusted, stopped."""

import asyncio
from base64 import b32decode
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import zxingcpp

from cards.numbers import parse_number
from cards.rotating_codes import step_of
from cards.totp import totp_digits
from devtools.card.phone import IssuedCertificate, ReferencePhone
from devtools.card.till import ReferenceTill, TrustAnswer
from kit.clock import utc_now
from kit.ids import from_text, to_text
from tests.cards.test_pictures import bar_pixels, png_pixels
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage
from tests.support.world import Chain, Json, Member, Till


async def sync(till: Till, reference: ReferenceTill) -> None:
    answer = await till.at.get("/v1/till/offline-verification", since=reference.memory.sequence)
    assert answer.status_code == 200, answer.text
    reference.sync(msgspec.json.decode(answer.content, type=TrustAnswer), utc_now(), None)


async def a_till(chain: Chain) -> tuple[Till, ReferenceTill]:
    till, reference = await chain.add_till(await chain.add_store()), ReferenceTill()
    await sync(till, reference)
    return till, reference


async def report(till: Till, reference: ReferenceTill) -> list[Json]:
    kept = list(reference.memory.unreported)
    answer = await till.at.post("/v1/scans/offline", reference.report())
    assert answer.status_code == 200, answer.text
    reference.reported(kept)
    scans: list[Json] = answer.json()["scans"]
    return scans


async def test_from_the_phones_key_to_the_visit_offline(chain: Chain) -> None:
    till, reference = await a_till(chain)
    member = await chain.enrol()
    phone = await member.take_card()
    shown = reference.scan(phone.make_code(utc_now()), utc_now())
    assert (shown.refusal, shown.member_id) == (None, member.id)
    assert (await member.app.get("/v1/me/visits")).json()["items"] == []
    (told,) = await report(till, reference)
    assert (told["outcome"], told["member_id"], told["is_first_today"]) == ("counted", str(member.id), True)
    (visit,) = (await member.app.get("/v1/me/visits")).json()["items"]
    assert visit["store_id"] == str(till.store_id)
    (scan,) = (await chain.owner.get(f"/v1/stores/{till.store_id}/scans")).json()["items"]
    assert scan["kind"] == "rotating_code"


async def test_online_a_code_is_good_once_and_a_repeated_request_gets_its_answer(chain: Chain) -> None:
    till, _ = await a_till(chain)
    phone = await (await chain.enrol()).take_card()
    body = {"card": phone.make_code(utc_now())}
    first = await till.at.post("/v1/scans", body, key="k")
    assert first.status_code == 201, first.text
    assert (await till.at.post("/v1/scans", body, key="k")).json() == first.json()
    refused = expect_problem(await till.at.post("/v1/scans", body), 422, "card-code-refused")
    assert (refused["reason"], "off_by_s" in refused) == ("replayed", False)
    late = {"card": phone.make_code(utc_now() - timedelta(minutes=10))}
    refused = expect_problem(await till.at.post("/v1/scans", late), 422, "card-code-refused")
    assert (refused["reason"], refused["off_by_s"]) == ("old", -600)


async def test_codes_of_a_lost_phone_are_revoked_by_the_member_the_owner_and_by_signing_out(chain: Chain) -> None:
    till, reference = await a_till(chain)

    async def by_member(member: Member) -> httpx.Response:
        return await member.app.delete("/v1/me/card/key")

    async def by_owner(member: Member) -> httpx.Response:
        return await chain.owner.delete(f"/v1/members/{member.id}/card-key")

    async def by_signing_out(member: Member) -> httpx.Response:
        return await member.app.delete("/v1/me/device")

    for stop in (by_member, by_owner, by_signing_out):
        member = await chain.enrol()
        phone = await member.take_card()
        assert reference.scan(phone.make_code_of_step(step_of(utc_now())), utc_now()).refusal is None
        assert (await stop(member)).status_code == 204
        code = phone.make_code_of_step(step_of(utc_now()) + 1)
        refused = expect_problem(await till.at.post("/v1/scans", {"card": code}), 422, "card-code-refused")
        assert refused["reason"] == "revoked", "at once online"
        await sync(till, reference)
        assert reference.scan(code, utc_now()).refusal == "revoked", "at the next sync offline"
        assert (await stop(member)).status_code in {204, 401}, "again"
    assert reference.memory.sequence == 3


async def test_a_card_moves_to_the_phone_that_registers_last(chain: Chain) -> None:
    till, reference = await a_till(chain)
    member = await chain.enrol()
    first = await member.take_card()
    status = (await member.app.get("/v1/me/card")).json()
    assert status["number"] == member.card_number
    assert status["key"]["is_on_this_device"] is True
    second = await member.take_card()
    await sync(till, reference)
    assert reference.scan(first.make_code(utc_now()), utc_now()).refusal == "revoked"
    assert reference.scan(second.make_code(utc_now()), utc_now()).refusal is None
    again = await member.app.post("/v1/me/card/key", first.registration())
    assert expect_problem(again, 422, "card-key-unusable")["reason"] == "used_before"


async def test_a_certificate_is_renewed_for_the_live_key_only(chain: Chain) -> None:
    member = await chain.enrol()
    expect_problem(await member.app.get("/v1/me/card/certificate"), 409, "card-key-missing")
    phone = await member.take_card()
    renewed = msgspec.json.decode((await member.app.get("/v1/me/card/certificate")).content, type=IssuedCertificate)
    certificate = from_text(renewed.certificate)
    assert (len(certificate), certificate[:54]) == (118, phone.certificate[:54])
    assert timedelta(days=29) <= renewed.expires_at - utc_now() <= timedelta(days=30)
    assert renewed.expires_at - renewed.renew_from == timedelta(days=15)
    await member.app.delete("/v1/me/card/key")
    expect_problem(await member.app.get("/v1/me/card/certificate"), 409, "card-key-missing")


async def test_a_key_without_proof_is_not_registered(chain: Chain) -> None:
    member, other = await chain.enrol(), await chain.enrol()
    good = ReferencePhone(member.id, member.device_id).registration()
    foreign = ReferencePhone(other.id, other.device_id).registration()
    elsewhere = ReferencePhone(member.id, other.device_id).registration()
    cases: list[tuple[dict[str, Any], str]] = [
        (good | {"proof": foreign["proof"]}, "not_proved"),
        (good | {"proof": to_text(bytes(64))}, "not_proved"),
        (good | {"proof": to_text(from_text(good["proof"])[:-1])}, "not_proved"),
        (foreign, "not_proved"),
        (elsewhere, "not_proved"),
        (good | {"public_key": to_text(b"\x04" + bytes(64))}, "malformed"),
        (good | {"public_key": to_text(from_text(good["public_key"])[:-1])}, "malformed"),
    ]
    for body, reason in cases:
        refused = expect_problem(await member.app.post("/v1/me/card/key", body), 422, "card-key-unusable")
        assert refused["reason"] == reason
    for name in good:
        expect_problem(await member.app.post("/v1/me/card/key", good | {name: "é"}), 400, "invalid-request")
    assert (await member.app.get("/v1/me/card")).json()["key"] is None
    assert (await member.app.post("/v1/me/card/key", good)).status_code == 201


async def test_a_compressed_point_and_the_same_key_again_are_taken(chain: Chain) -> None:
    member = await chain.enrol()
    phone = ReferencePhone(member.id, member.device_id)
    compressed = phone.registration() | {"public_key": to_text(phone.public_key)}
    answers = [(await member.app.post("/v1/me/card/key", body)).json() for body in (compressed, phone.registration())]
    assert answers[0]["serial"] == answers[1]["serial"]


async def test_offline_verification_is_answered_by_etag_and_since(chain: Chain, rival: Chain) -> None:
    till, reference = await a_till(chain)
    member = await chain.enrol()
    for _ in range(3):
        await member.take_card()
    await (await rival.enrol()).take_card()
    whole = await till.at.get("/v1/till/offline-verification")
    assert [len(whole.json()[name]) for name in ("keys", "revocations")] == [1, 2]
    assert whole.json()["sequence"] == 2
    same = await till.at.call(
        "GET", "/v1/till/offline-verification", headers={"If-None-Match": f"W/{whole.headers['etag']}"}
    )
    assert (same.status_code, same.content) == (304, b"")
    newer = (await till.at.get("/v1/till/offline-verification", since=1)).json()
    assert newer["revocations"] == whole.json()["revocations"][1:]
    assert (await till.at.get("/v1/till/offline-verification", since=2)).json()["revocations"] == []
    assert (await till.at.get("/v1/till/offline-verification", since=99)).json() == whole.json(), (
        "a number that we never gave"
    )
    for wrong in ("-1", "x", "1.5", str(2**60)):
        expect_problem(await till.at.get("/v1/till/offline-verification", since=wrong), 400, "invalid-request")
    await member.take_card()
    changed = await till.at.call(
        "GET", "/v1/till/offline-verification", headers={"If-None-Match": whole.headers["etag"]}
    )
    assert (changed.status_code, changed.json()["sequence"]) == (200, 3)
    assert reference.memory.sequence == 0


async def test_no_till_misses_a_revocation_while_many_happen(chain: Chain) -> None:
    """Numbers are given in the order of the commits: who has read up to one has all below."""
    till, reference = await a_till(chain)
    members = [await chain.enrol() for _ in range(12)]
    for member in members:
        await member.take_card()
    stopping = asyncio.gather(*(member.app.delete("/v1/me/card/key") for member in members))
    while not stopping.done():
        await sync(till, reference)
    await sync(till, reference)
    assert len(reference.memory.revoked) == len(members)


async def test_signing_keys_are_rotated_and_revoked(chain: Chain) -> None:
    till, reference = await a_till(chain)
    phone = await (await chain.enrol()).take_card()
    (first,) = (await chain.owner.get("/v1/card-keys")).json()["items"]
    assert (first["state"], first["id"]) == ("signing", phone.certificate[1:3].hex())
    second = (await chain.owner.post("/v1/card-keys")).json()
    assert second["state"] == "waiting"
    await sync(till, reference)
    assert set(reference.memory.keys) == {first["id"], second["id"]}
    assert reference.scan(phone.make_code(utc_now()), utc_now()).refusal is None
    assert (await chain.owner.delete(f"/v1/card-keys/{first['id']}")).status_code == 204
    code = phone.make_code_of_step(step_of(utc_now()) + 1)
    refused = expect_problem(await till.at.post("/v1/scans", {"card": code}), 422, "card-code-refused")
    assert refused["reason"] == "revoked"
    await sync(till, reference)
    assert reference.scan(code, utc_now()).refusal == "revoked"
    states = [each["state"] for each in (await chain.owner.get("/v1/card-keys")).json()["items"]]
    assert sorted(states) == ["revoked", "signing", "waiting"]
    expect_problem(await chain.owner.delete(f"/v1/card-keys/{first['id']}"), 404, "not-found")
    renewed = await (await chain.enrol()).take_card()
    assert (await till.at.post("/v1/scans", {"card": renewed.make_code(utc_now())})).status_code == 201


async def test_the_keys_private_half_is_sealed(chain: Chain) -> None:
    await (await chain.enrol()).take_card()
    sealed = await chain.world.pool.fetchval(
        "SELECT sealed_private_key FROM card_signing_keys WHERE program_id = $1", chain.id
    )
    assert len(sealed) == 12 + 32 + 16


@pytest.mark.parametrize("symbology", ["ean13", "code128", "nw7", None])
async def test_the_number_as_a_barcode_checks_in(chain: Chain, symbology: str | None) -> None:
    till, _ = await a_till(chain)
    member = await chain.enrol()
    query = {"symbology": symbology} if symbology else {}
    svg, png = [await member.app.get(f"/v1/me/card.{kind}", **query) for kind in ("svg", "png")]
    assert [each.headers["content-type"].split(";")[0] for each in (svg, png)] == ["image/svg+xml", "image/png"]
    for picture in (bar_pixels(svg.text), png_pixels(png.content)):
        (read,) = zxingcpp.read_barcodes(picture)
        assert parse_number(read.text) == member.card_number
        scanned = await till.at.post("/v1/scans", {"card": read.text})
        assert scanned.json()["member_id"] == str(member.id)
    kinds = {each["kind"] for each in (await chain.owner.get(f"/v1/stores/{till.store_id}/scans")).json()["items"]}
    assert kinds == {"card_number"}, "low trust"
    expect_problem(await till.at.post("/v1/redemptions", {"coupon": member.card_number}), 422, "coupon-unknown")


async def test_an_unknown_symbology_is_refused(chain: Chain) -> None:
    member = await chain.enrol()
    expect_problem(await member.app.get("/v1/me/card.svg", symbology="qr"), 400, "invalid-request")


async def test_a_totp_pass_checks_in_online(chain: Chain) -> None:
    till, reference = await a_till(chain)
    member = await chain.enrol()
    given = (await member.app.post("/v1/me/card/totp")).json()
    assert (given["digits"], given["step_s"]) == (8, 30)
    code = given["prefix"] + totp_digits(b32decode(given["secret"]), step_of(utc_now()))
    scanned = await till.at.post("/v1/scans", {"card": code})
    assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(member.id))
    refused = expect_problem(await till.at.post("/v1/scans", {"card": code}), 422, "card-code-refused")
    assert refused["reason"] == "replayed"
    assert reference.scan(code, utc_now()).refusal == "not_a_code"
    newer = (await member.app.post("/v1/me/card/totp")).json()
    assert newer["secret"] != given["secret"]
    expect_problem(await till.at.post("/v1/scans", {"card": code}), 422, "card-unknown")


async def test_a_report_that_is_not_one(chain: Chain) -> None:
    stage = await set_stage(chain)
    at = utc_now().isoformat()
    wrong: list[Any] = [
        {"scans": []},
        {"scans": [{"card": "1", "scanned_at": at}] * 201},
        {"scans": {"card": "1", "scanned_at": at}},
        {"scans": [{"card": "1", "scanned_at": at}], "more": 1},
    ]
    for body in wrong:
        expect_problem(await stage.till.at.post("/v1/scans/offline", body), 400, "invalid-request")
    odd = {"scans": [{"card": text, "scanned_at": at} for text in ("", "\0", "0" * 452, "N1K", "é" * 100)]}
    told = (await stage.till.at.post("/v1/scans/offline", odd)).json()["scans"]
    assert [each["outcome"] for each in told] == ["refused"] * 5
