"""A chain with one of everything, and members who leave a trace in every table, by the routes that write it."""

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from devtools.apple_authority import PASS_TYPE
from ids import DeviceId, ImportRunId, MemberId, StoreId
from imports import imports_repository, runs_repository
from imports.imports_repository import ImportedMember, WaitingContact
from imports.run import NewRun
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from members.attribute_values import Birthday
from members.contacts import seal_contact
from members.handles import hash_handle
from members.opt_ins_repository import open_opt_ins
from members.profile import KeptProfile, Profile
from members.profiles_repository import upsert_profiles
from members.suppressions_repository import suppress_address
from points.brought_ranks_repository import upsert_brought_ranks
from points.ranks import BroughtRank
from tests.support.browsers import keep_cookie
from tests.support.chats import LINE_CHANNEL, MESSENGER_PAGE, link_chats
from tests.support.databases import SECRET_KEY
from tests.support.inbox import fetch_code
from tests.support.lost_coupons import lose_a_coupon
from tests.support.proving import change_proof, let_means_stand
from tests.support.telephony import be_texted
from tests.support.world import AWAY, DOOR, POINT_RULES, Caller, Chain, Json, Member, Till, campaign_body, fix
from visits.store_codes import make_printed_code

KEYRING = Keyring(SECRET_KEY)
# Of the campaign that is tried.
TRIED_UNTIL = datetime(2998, 12, 31, tzinfo=UTC)

_LATER = {
    "after_hours": 24,
    "when": "unused",
    "action": {"kind": "message", "text": {"en": {"title": "Your coupon", "body": "It is waiting."}}},
}


@dataclass(frozen=True)
class Town:
    """A chain whose campaigns, stamp cards and ranks all have something to give."""

    chain: Chain
    store_id: StoreId
    till: Till


@dataclass(frozen=True)
class Life:
    """`member` as they are now; `aliases` became them. `words` are what only this person would know."""

    member: Member
    aliases: tuple[Member, ...]
    phone: str
    email: str
    words: tuple[str, ...]

    @property
    def member_ids(self) -> list[MemberId]:
        return sorted(each.id for each in (self.member, *self.aliases))


async def build_town(chain: Chain) -> Town:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    tried = await chain.add_campaign(store_ids=[str(store_id)], ends_at=TRIED_UNTIL.isoformat())
    worth = {"benefit": {"kind": "amount_off", "amount": 100}, "coupon_uses": 2, "follow_ups": [_LATER]}
    await chain.add_campaign(trigger={"kind": "visit"}, frequency="daily", cooldown_s=3600, **worth)
    reward = await chain.add_campaign(trigger={"kind": "stamps"})
    card = {"code": "coffee-1", "name": {"en": "Coffee"}, "source": "purchase", "min_amount": 1, "stamps_needed": 1}
    rank = {"code": "silver", "name": {"en": "Silver"}, "threshold": 1}
    ranks = {"measure": "spend", "period": "year", "rolling_days": None, "time_zone": "Asia/Tokyo", "ranks": [rank]}
    owner = chain.owner
    variant = {"code": "milk", "share": 1, "offer": {"en": {"title": "Milk", "body": "A glass of it."}}}
    ok(await owner.put(f"/v1/campaigns/{tried}/experiment", {"variants": [variant]}))
    ok(await owner.put("/v1/program/holdout", {"percent": 0}))
    ok(await owner.put("/v1/program/points", POINT_RULES))
    ok(await owner.put("/v1/program/stamp-cards", {"cards": [card | {"campaign_id": str(reward)}]}))
    ok(await owner.put("/v1/program/ranks", ranks))
    ok(await owner.put("/v1/program/visits", {"by_store_qr": True, "by_dwell": True}))
    ok(await owner.put("/v1/program/google-wallet", {"logo_url": "https://kissa.example/logo.png"}))
    ok(await owner.put("/v1/program/line", LINE_CHANNEL))
    ok(await owner.put("/v1/program/messenger", MESSENGER_PAGE))
    return Town(chain, store_id, await chain.add_till(store_id))


async def live(town: Town, phone: str, email: str, offset: float) -> Life:
    """Two phones of one person, one after the other. `offset` (degrees) makes the places theirs alone."""
    first = await town.chain.enrol(store_id=str(town.store_id))
    await verify_contact(town, first, "phone", phone)
    words = await _spend_a_day(town, first, phone, offset)
    await _become_known(town, first, Profile(name=f"Hana {phone}", birthday=Birthday(2, 29, 1996), city="Shinjuku"))
    await let_a_minute_pass(town)
    second = await town.chain.enrol(platform="android", locale="en", app_version=f"App {phone}")
    words += await _spend_a_day(town, second, phone + "b", offset / 2)
    await _become_known(town, second, Profile(nickname=f"Nana {phone}"))
    opened = (await verify_contact(town, second, "phone", phone))["transfer"]
    card = await first.take_card()
    await let_means_stand(town.chain.world.pool, town.chain.id)
    proof = {"card_code": card.make_code(utc_now())}
    taken = ok(await second.app.post(f"/v1/me/transfers/{opened['id']}/prove", proof))
    app = town.chain.world.caller(taken["device_token"])
    member = Member(app, first.id, DeviceId(UUID(taken["device_id"])), first.card_number)
    await verify_contact(town, member, "email", email)
    words += await _spend_a_day(town, member, phone + "c", offset / 4)
    words += [f"Hana {phone}", f"Nana {phone}"]
    words += [_push_token(phone + "c"), *(str(each) for each in _place(offset / 4).values())]  # the others are gone
    await _come_by_a_file(town, member, phone)
    accounts = await link_chats(town.chain, member, phone)
    words += [f"Old name of {phone}", f"App {phone}", *accounts]
    ok(await app.post("/v1/me/card/google-wallet"))
    ok(await town.chain.owner.post(f"/v1/members/{member.id}/contact-codes", {"verified_by": "card_shown"}))
    await _want_no_mail(town, member, email)
    await keep_cookie(town.chain.world.pool, member)
    await be_texted(town.chain.world.pool, town.chain.id, town.store_id, member.id)
    await _ask_to_be_erased(town, member, phone)
    alias = replace(second, app=app)
    ok(await app.put("/v1/me/consents", {"consents": [{"purpose": "push", "granted": True, "text_version": "2"}]}))
    return Life(member, (alias,), phone, email, (phone, email, first.card_number, second.card_number, *words))


async def _become_known(town: Town, member: Member, profile: Profile) -> None:
    kept = KeptProfile(member_id=member.id, program_id=town.chain.id, profile=profile, updated_at=utc_now(), version=1)

    async def write(conn: Connection) -> None:
        await upsert_profiles(conn, [kept])

    await in_transaction(town.chain.world.pool, write)
    ok(await town.chain.owner.put(f"/v1/members/{member.id}/tags", {"tags": [f"friend of {profile.name}", "known"]}))


async def _come_by_a_file(town: Town, member: Member, phone: str) -> None:
    """As a row that waits is, and a rank that was brought along."""
    run_id, program_id, now = ImportRunId(new_id()), town.chain.id, utc_now()
    new = NewRun(
        id=run_id,
        program_id=program_id,
        is_dry_run=False,
        file_name="kaiin.csv",
        file_sha256=bytes(32),
        byte_count=1,
        started_by="operator:test",
        created_at=now,
    )
    row = ImportedMember(
        member_id=member.id,
        line=2,
        row_hash=bytes(16),
        profile=f'{{"name": "Old name of {phone}"}}'.encode(),
        visits=3,
        first_visit_on=None,
        last_visit_on=None,
    )
    contact = seal_contact(KEYRING, program_id, "phone", phone)
    waiting = WaitingContact(member.id, contact.kind, contact.value_hash, contact.sealed_value)

    async def write(conn: Connection) -> None:
        assert await runs_repository.create_run(conn, new)
        await runs_repository.end_run(conn, run_id, "stopped", now)
        await imports_repository.add_imported(conn, program_id, run_id, [row], now)
        await imports_repository.upsert_contacts(conn, program_id, [waiting])
        await upsert_brought_ranks(conn, [(member.id, BroughtRank("silver", now + timedelta(days=9)))])

    await in_transaction(town.chain.world.pool, write)


async def _want_no_mail(town: Town, member: Member, email: str) -> None:
    """Unsubscribed once, and asked for again."""
    value_hash = hash_handle(KEYRING, "email", email)
    pool, program_id, now = town.chain.world.pool, town.chain.id, utc_now()

    async def write(conn: Connection) -> None:
        await suppress_address(conn, member.id, program_id, value_hash, "unsubscribed", now)
        await open_opt_ins(conn, [(member.id, program_id, "1", now)])

    await in_transaction(pool, write)


async def _ask_to_be_erased(town: Town, member: Member, phone: str) -> None:
    """It waits for a day."""
    await let_a_minute_pass(town)
    sent = ok(await member.app.post("/v1/me/data-codes", {"purpose": "erasure", "kind": "phone"}))
    code = await fetch_code(town.chain.world.pool, KEYRING, phone)
    asked = ok(await member.app.post("/v1/me/erasure", {"code_id": sent["id"], "code": code}))
    assert asked["erases_at"] is not None
    await let_a_minute_pass(town)


async def _spend_a_day(town: Town, member: Member, name: str, offset: float) -> list[str]:
    """Whatever leaves rows; returns words that stand in them. `name` makes receipts and keys theirs alone."""
    app, till, address = member.app, town.till.at, {"token": _push_token(name), "kind": "registration"}
    ok(await app.put("/v1/me/device/push-token", address, key=f"key-{name}"))
    ok(await app.post("/v1/locations", {"fixes": [fix(AWAY, ago_s=200), fix(_place(offset), ago_s=100)]}))
    ok(await app.post("/v1/me/card/totp", key=f"totp-{name}"))
    path = f"/apple-wallet/v1/devices/library-{name}/registrations/{PASS_TYPE}/{member.pass_serial}"
    ok(await member.wallet.post(path, {"pushToken": "0c0d"}))
    await member.take_card()  # replaced at once
    code = (await member.take_card()).make_code(utc_now())
    await _read_the_wrong_card(till, member, name)
    arrived = {"code": make_printed_code(KEYRING, town.store_id, 1), "fix": fix(_place(offset), ago_s=5)}
    ok(await app.post("/v1/me/visits", arrived))
    purchase = {
        "receipt": f"P-{name}",
        "amount": 1100,
        "items": [{"name": f"cake-{name}", "quantity": 1, "amount": 1100}],
    }
    scanned = ok(await till.post("/v1/scans", {"card": code, "purchase": purchase}))
    scan = {"member_id": str(member.id), "scan_id": scanned["scan_id"]}
    ok(await till.post("/v1/points/spend", scan | {"receipt": f"S-{name}", "points": 1}))
    ok(await till.post("/v1/refunds", {"receipt": f"P-{name}", "refund_receipt": f"R-{name}", "amount": 100}))
    adjusted = {"member_id": str(member.id), "points": 5, "reason": f"an apology to {name}"}
    ok(await town.chain.owner.post("/v1/points/adjustments", adjusted))
    ok(await town.chain.owner.delete(f"/v1/members/{member.id}/card-key"))
    coupons = ok(await app.get("/v1/me/coupons", usable="true"))["items"]
    used = ok(await till.post("/v1/redemptions", {"coupon": coupons[0]["code"]}))
    ok(await till.post("/v1/redemptions/undo", {k: used[k] for k in ("member_id", "redemption_id")}))
    ok(await till.post("/v1/redemptions", {"coupon": coupons[0]["code"]}))
    await _use_with_a_receipt(till, member, name)
    await _claim_a_code(town.chain.owner, till, member)
    await _see_messages(town, member)
    return [f"cake-{name}", f"an apology to {name}", await lose_a_coupon(town.chain.owner, member, name)]


async def _use_with_a_receipt(till: Caller, member: Member, name: str) -> None:
    """Coupons that are reserved and redeemed for a receipt; and others that are only held."""
    held = ok(await member.app.get("/v1/me/coupons", usable="true"))["items"]
    for is_held_only, coupon in enumerate(held[:2]):
        basket = {"lines": [{"unit_price": 700}], "total": 700}
        reserved = ok(await till.post("/v1/reservations", {"coupons": [coupon["code"]], "basket": basket}))
        if not is_held_only:
            named = {"member_id": str(member.id), "reservation_id": reserved["reservation_id"]}
            paid = {"receipt": f"C-{name}", "amount": reserved["to_pay"]}
            ok(await till.post("/v1/reservations/redeem", named | paid))


async def _claim_a_code(owner: Caller, till: Caller, member: Member) -> None:
    """And use the coupon at a till without a line."""
    changes = {"trigger": {"kind": "code"}, "conditions": {"usable_offline": True}}
    campaign = ok(await owner.post("/v1/campaigns", campaign_body(**changes)))
    path = f"/v1/campaigns/{campaign['id']}/paper-codes"
    ok(await owner.post(path, {"name": "Flyer", "size": 1}))
    (row,) = csv.DictReader((await owner.get(f"{path}.csv")).text.removeprefix("\ufeff").splitlines())
    ok(await member.app.post("/v1/me/coupon-codes", {"code": row["code"]}))
    (held,) = ok(await member.app.get("/v1/me/offline-coupons"))["items"]
    taken = {"coupon": held["offline_code"], "redeemed_at": utc_now().isoformat()}
    (told,) = ok(await till.post("/v1/redemptions/offline", {"redemptions": [taken]}))["redemptions"]
    assert told["outcome"] == "booked", told


async def _see_messages(town: Town, member: Member) -> None:
    rows = await town.chain.world.pool.fetch("SELECT id FROM outbox WHERE member_id = $1", member.id)
    seen = [{"push_id": str(row["id"]), "event": "displayed", "age_s": 1} for row in rows]
    told = ok(await member.app.post("/v1/me/message-events", {"events": seen}))
    assert told["recorded"] > 0, told
    assert told["refused"] == [], told


async def _read_the_wrong_card(till: Caller, member: Member, name: str) -> None:
    """A visit, coupon, points and purchase that are taken back at once."""
    basket = {"receipt": f"P-{name}", "amount": 500}
    scanned = ok(await till.post("/v1/scans", {"card": member.card_number, "purchase": basket}))
    ok(await till.post("/v1/scans/undo", {"member_id": str(member.id), "scan_id": scanned["scan_id"]}))


def _push_token(name: str) -> str:
    return f"push-address-of-{name}"


def _place(offset: float) -> dict[str, float]:
    return {axis: round(degrees + offset, 9) for axis, degrees in DOOR.items()}


async def verify_contact(town: Town, member: Member, kind: str, value: str) -> Json:
    proof = await change_proof(town.chain, member)
    opened = ok(await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | proof))
    code = await fetch_code(town.chain.world.pool, KEYRING, value)
    confirmed: Json = ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    await let_means_stand(town.chain.world.pool, town.chain.id)
    return confirmed


async def let_a_minute_pass(town: Town) -> None:
    past = "UPDATE verification_code_counts SET last_sent_at = last_sent_at - interval '1 minute' WHERE program_id = $1"
    await town.chain.world.pool.execute(past, town.chain.id)


def ok(response: httpx.Response) -> Any:
    assert response.status_code in {200, 201, 202, 204}, response.text
    return response.json() if response.content else None
