"""Fixes through the whole flow: what is answered, what is kept, and what each campaign made of it."""

from datetime import datetime, time, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from coupons.issuing.validity import ForSeconds
from geo.fix import Fix
from ids import DeviceId, MemberId, ProgramId
from kit.database import Pool
from kit.ids import new_id, new_secret
from members.device import Device
from members.devices_repository import revoke_device, rotate_token
from members.members_repository import record_consents
from server.locations.locate import LocateCommand, LocateResult, locate
from server.problems import Problem
from server.web.tokens import DeviceToken, read_bearer
from tests.support.shop import NOON, Shop, Shopper, at, consent, fix, open_shop, place

FAR_M = 400.0


async def walk_in(
    shop: Shop, shopper: Shopper, when: datetime = NOON, *, received_at: datetime | None = None
) -> LocateResult:
    """Ten seconds outside, then at the counter at `when`."""
    outside = fix(when - timedelta(seconds=10), away_m=FAR_M)
    (located,) = await shop.locate(shopper.sends(outside, fix(when), received_at=received_at))
    return located


async def test_a_step_in_is_a_transition_a_coupon_and_a_message(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    (shopper,) = await shop.enrol()
    located = await walk_in(shop, shopper)
    (transition,) = await shop.rows("transitions")
    (coupon,) = await shop.rows("coupons")
    (message,) = await shop.rows("outbox")
    assert located == LocateResult(accepted=2, coupons=[coupon["id"]])
    assert (transition["kind"], transition["cause"], transition["event_at"]) == ("enter", "fix", NOON)
    (decision,) = await shop.decisions()
    assert (decision["campaign_id"], decision["outcome"]) == (campaign.id, "issued")
    assert (decision["source"], decision["source_id"]) == ("transition", transition["id"])
    assert (coupon["campaign_id"], coupon["store_id"]) == (campaign.id, shop.stores[0].id)
    assert (message["coupon_id"], message["device_id"]) == (coupon["id"], shopper.device_id)
    payload = msgspec.json.decode(message["payload"])
    assert (payload["title"], payload["locale"]) == ("Welcome to Store 0", "en")
    assert payload["data"]["coupon_id"] == str(coupon["id"])


async def test_an_upload_repeated_changes_nothing(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    await walk_in(shop, shopper)
    assert await walk_in(shop, shopper) == LocateResult(late=2)
    assert [await shop.count(table) for table in ("transitions", "coupons", "outbox")] == [1, 1, 1]
    (presence,) = await shop.rows("presences", "device_id")
    assert (presence["version"], presence["watermark"]) == (1, NOON)


async def test_late_future_and_mocked_fixes_are_counted_and_move_nothing(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON, away_m=FAR_M)))
    fixes = [fix(at(-1)), fix(at(61)), fix(at(-1), mocked=True), fix(at(61), mocked=True), fix(at(0))]
    assert await shop.locate(shopper.sends(*fixes, received_at=NOON)) == [LocateResult(late=2, future=1, mocked=2)]
    assert await shop.locate(shopper.sends(fix(at(60)), received_at=NOON)) != [LocateResult(future=1)]
    assert await shop.count("transitions") == 1


async def test_without_consent_fixes_are_dropped_and_counted(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol(location=False)
    assert await walk_in(shop, shopper) == LocateResult(no_consent=2)
    (presence,) = await shop.rows("presences", "device_id")
    assert (presence["version"], presence["watermark"]) == (0, None)
    assert await shop.count("transitions") == 0


async def test_a_withdrawn_consent_holds_at_once(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON, away_m=FAR_M)))
    async with shop.pool.acquire() as conn, conn.transaction():
        await record_consents(conn, shopper.member_id, [consent("location", False)])
    assert await shop.locate(shopper.sends(fix(at(60)))) == [LocateResult(no_consent=1)]


async def refusal(shop: Shop, command: LocateCommand) -> str:
    (answer,) = await locate(shop.pool, await shop.keeper(), [command])
    assert isinstance(answer, Problem), answer
    return answer.slug


def forged(member_id: MemberId, device_id: DeviceId, token_hash: bytes) -> LocateCommand:
    return LocateCommand(
        member_id=member_id, device_id=device_id, token_hash=token_hash, fixes=[fix(NOON)], received_at=NOON
    )


async def test_a_stranger_and_a_revoked_device_are_refused_beside_good_ones(shop: Shop, pool: Pool) -> None:
    good, revoked, other = await shop.enrol(3)
    async with pool.acquire() as conn:
        await revoke_device(conn, device(revoked), NOON)
    wrong = forged(good.member_id, good.device_id, new_secret())
    unknown = forged(MemberId(new_id()), DeviceId(new_id()), new_secret())
    mixed = forged(good.member_id, other.device_id, other.token_hash)
    for command in (wrong, unknown, mixed, revoked.sends(fix(NOON))):
        assert await refusal(shop, command) == "unauthenticated"
    answers = await locate(pool, await shop.keeper(), [unknown, good.sends(fix(NOON)), revoked.sends(fix(NOON))])
    assert [isinstance(answer, Problem) for answer in answers] == [True, False, True]
    assert await shop.count("transitions") == 1


async def test_a_former_token_works_for_an_hour_after_the_rotation(shop: Shop, pool: Pool) -> None:
    (shopper,) = await shop.enrol()
    new, used = new_secret(), read_secret(shopper)
    async with pool.acquire() as conn:
        await rotate_token(conn, device(shopper), new, used, NOON)
    (located,) = await shop.locate(shopper.sends(fix(at(3599), away_m=FAR_M)))
    assert located.accepted == 1
    assert await refusal(shop, shopper.sends(fix(at(3600), away_m=FAR_M))) == "unauthenticated"


def read_secret(shopper: Shopper) -> bytes:
    token = read_bearer(f"Bearer {shopper.token}")
    assert isinstance(token, DeviceToken)
    return token.secret


def device(shopper: Shopper) -> Device:
    """As the routes hold it after they have authenticated."""
    return Device(
        member_id=shopper.member_id,
        id=shopper.device_id,
        program_id=ProgramId(new_id()),
        platform="ios",
        locale="en",
        push_token_kind=None,
        push_token_state=None,
        created_at=NOON,
        last_seen_at=NOON,
        token_hash=b"",
    )


CAMPAIGNS: dict[str, tuple[dict[str, Any], float]] = {
    # outcome -> (how the campaign differs, how many seconds after the event it is received)
    "issued": ({}, 900),
    "too_old": ({}, 901),
    "before_start": ({"starts_at": at(1)}, 0),
    "after_end": ({"ends_at": NOON}, 0),
    "store_closed": ({"only_when_open": True}, 0),
    "cap_reached": ({"cap": 0}, 0),
}


@pytest.mark.parametrize("outcome", CAMPAIGNS)
async def test_each_decision_is_kept_with_its_transition(pool: Pool, outcome: str) -> None:
    changes, late_s = CAMPAIGNS[outcome]
    shop = await open_shop(pool, opening_hours={"fri": [(time(13), time(20))]})
    await shop.write_campaign(**changes)
    (shopper,) = await shop.enrol()
    located = await walk_in(shop, shopper, received_at=at(late_s))
    assert await shop.outcomes() == [outcome]
    expected = 1 if outcome == "issued" else 0
    assert [len(located.coupons), await shop.count("coupons"), await shop.count("outbox")] == [expected] * 3


async def test_a_first_fix_inside_is_an_enter_that_a_campaign_may_leave_out(shop: Shop) -> None:
    await shop.write_campaign(on_first_fix=False)
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    (transition,) = await shop.rows("transitions")
    assert (transition["kind"], transition["cause"]) == ("enter", "first_fix")
    assert await shop.outcomes() == ["first_fix"]


async def test_once_a_member_is_once_whatever_the_store_and_the_device(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    (tablet,) = await shop.add_devices(shopper, 1)
    await walk_in(shop, shopper)
    await shop.locate(shopper.sends(fix(at(300), 1)))
    await shop.locate(tablet.sends(fix(at(400), 1)))
    assert await shop.outcomes() == ["issued", "already_issued", "already_issued"]
    assert await shop.count("coupons") == 1


async def test_daily_is_once_a_business_day(shop: Shop) -> None:
    await shop.write_campaign(frequency="daily")
    (shopper,) = await shop.enrol()
    late_evening = NOON + timedelta(hours=15, minutes=59)  # 03:59 in Tokyo, where the shop's day begins at four
    for when in (NOON, late_evening, late_evening + timedelta(minutes=6)):
        out = when - timedelta(seconds=300)
        fixes = [fix(out, away_m=FAR_M), fix(out + timedelta(seconds=150), away_m=FAR_M), fix(when)]
        await shop.locate(shopper.sends(*fixes))
    assert await shop.outcomes() == ["issued", "already_issued", "issued"]
    assert [row["period_key"] for row in await shop.rows("coupons")] == ["2026-05-01", "2026-05-02"]


async def enters(shop: Shop) -> list[asyncpg.Record]:
    return [row for row in await shop.rows("transitions", "event_at, id") if row["kind"] == "enter"]


@pytest.mark.parametrize("missing", ["consent", "token", "dropped"])
async def test_who_cannot_be_pushed_to_gets_the_coupon_without_a_push(shop: Shop, missing: str) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol(push=missing != "consent")
    if missing == "token":
        await shop.pool.execute("UPDATE devices SET push_token = NULL, push_token_kind = NULL, push_token_state = NULL")
    if missing == "dropped":
        await shop.pool.execute("UPDATE devices SET push_token_state = 'dropped'")
    assert len((await walk_in(shop, shopper)).coupons) == 1
    (message,) = await shop.rows("outbox")
    reason = "no_consent" if missing == "consent" else "unreachable"
    assert (message["state"], message["failure"], message["payload"]) == ("dropped", reason, None)
    assert await shop.count("coupons") == 1


async def test_a_phone_that_is_seen_again_is_told_at_once(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    await shop.pool.execute("UPDATE devices SET last_seen_at = last_seen_at - interval '100 days'")
    await walk_in(shop, shopper)
    (message,), (phone,) = await shop.rows("outbox"), await shop.rows("devices")
    assert (message["state"], message["device_id"]) == ("pending", shopper.device_id)
    assert phone["last_seen_at"] > NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "expires_s"),
    [
        ({}, 900),  # the event's greatest age
        ({"max_event_age_s": 7200, "coupon_validity": ForSeconds(3600)}, 3600 + 60),  # the coupon's own end
    ],
)
async def test_a_message_ends_before_it_would_disturb(shop: Shop, changes: dict[str, Any], expires_s: int) -> None:
    await shop.write_campaign(**changes)
    (shopper,) = await shop.enrol()
    await walk_in(shop, shopper, received_at=at(60))
    (message,) = await shop.rows("outbox")
    assert message["expires_at"] == at(expires_s)


async def test_a_campaign_of_other_stores_has_no_opinion(shop: Shop) -> None:
    await shop.write_campaign(store_ids=frozenset([shop.stores[1].id]))
    await shop.write_campaign("exit")
    await shop.write_campaign(state="paused")
    (shopper,) = await shop.enrol()
    await walk_in(shop, shopper)
    assert await shop.outcomes() == []
    assert await shop.count("transitions") == 1


async def test_programs_do_not_hear_of_each_other(shop: Shop, pool: Pool) -> None:
    other = await open_shop(pool, "other", blocks=2)
    await other.write_campaign()
    (shopper,) = await shop.enrol()
    await walk_in(shop, shopper)
    assert [row["program_id"] for row in await shop.rows("transitions")] == [shop.program.id]
    assert await shop.count("coupons") == 0


async def test_two_commands_of_one_device_in_a_list_run_one_after_the_other(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    first, second = shopper.sends(fix(NOON, away_m=FAR_M)), shopper.sends(fix(at(10)))
    assert [located.accepted for located in await shop.locate(first, second)] == [1, 1]
    (transition,) = await shop.rows("transitions")
    assert transition["cause"] == "fix"  # the second command's, not the first fix ever


async def test_a_fix_that_breaks_its_transaction_fails_alone(shop: Shop) -> None:
    await shop.write_campaign()
    shoppers = await shop.enrol(5)
    commands = [shopper.sends(fix(NOON)) for shopper in shoppers]
    # The route lets no such fix through; here it stands for any surprise.
    commands[2] = shoppers[2].sends(Fix(*place(0), "wide", NOON))  # type: ignore[arg-type]
    answers = await locate(shop.pool, await shop.keeper(), commands)
    assert [isinstance(answer, LocateResult) for answer in answers] == [True, True, False, True, True]
    assert await shop.count("coupons") == 4
