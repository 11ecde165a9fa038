"""Whether a message is sent now, deferred or dropped: each step, their order, the clocks of members, and the caps."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ids import DeviceId
from kit.daily_hours import DailyHours
from kit.ids import new_id
from outbox.kinds import ChannelKind
from push.caps import allot
from push.governor import Defer, Drop, Matter, MessageRules, Recipient, SendNow, Verdict, choose_channel, judge

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)  # in Tokyo
NIGHT = datetime(2026, 5, 1, 13, tzinfo=UTC)  # 22:00 there
MORNING = datetime(2026, 5, 1, 23, tzinfo=UTC)  # 08:00 the next day
EVENING = datetime(2026, 5, 1, 12, tzinfo=UTC)  # 21:00
RULES = MessageRules(quiet_hours=DailyHours(time(21), time(8)), day_cap=3, week_cap=5)
SOMEBODY = Recipient(
    is_active=True,
    push_consent=True,
    device_id=DeviceId(new_id()),
    language="ja",
    zone=TOKYO,
    quiet_hours=None,
    rules=RULES,
)


def hours(start: int, end: int) -> DailyHours:
    return DailyHours(time(start), time(end))


def decide(now: datetime, matter: dict[str, Any], recipient: dict[str, Any]) -> Verdict:
    told = Matter(good_until=now + timedelta(minutes=15), ends_at=now + timedelta(days=7), quiet_hours="program")
    return judge(msgspec.structs.replace(told, **matter), msgspec.structs.replace(SOMEBODY, **recipient), now)


@pytest.mark.parametrize(
    ("now", "matter", "recipient", "verdict"),
    [
        (NOON, {}, {}, SendNow(EVENING)),
        (NOON, {"quiet_hours": None}, {}, SendNow(None)),
        (NOON, {"fate": "coupon_used"}, {}, Drop("coupon_used")),
        (NOON, {}, {"is_active": False}, Drop("member_closed")),
        (NOON, {}, {"push_consent": False}, Drop("no_consent")),
        (NOON, {}, {"device_id": None}, Drop("unreachable")),
        (NOON, {}, {"device_id": None, "is_phone_idle": True}, Drop("phone_idle")),
        (NOON, {"is_held_out": True}, {}, Drop("holdout")),
        (NOON, {"good_until": NOON}, {}, Drop("stale")),
        # Quiet hours stop the clock of staleness: fifteen minutes are left in the morning too.
        (NIGHT, {}, {}, Defer(MORNING, MORNING + timedelta(minutes=15))),
        # But not beyond the end of the coupon, and what ends in the night is not told at all.
        (
            NIGHT,
            {"ends_at": MORNING + timedelta(minutes=5)},
            {},
            Defer(MORNING, MORNING + timedelta(minutes=5)),
        ),
        (NIGHT, {"ends_at": MORNING}, {}, Drop("quiet_hours")),
        # A campaign's own hours stand in place of the program's.
        (NIGHT, {"quiet_hours": None}, {}, SendNow(None)),
        (NIGHT, {"quiet_hours": hours(23, 6)}, {}, SendNow(NIGHT + timedelta(hours=1))),
        (NOON, {"quiet_hours": hours(12, 13)}, {}, Defer(NOON + timedelta(hours=1), NOON + timedelta(minutes=75))),
        # The member's wish comes on top of both, and takes nothing from them.
        (NIGHT, {"quiet_hours": None}, {"quiet_hours": hours(20, 10)}, Defer(MORNING + timedelta(hours=2),
                                                                             MORNING + timedelta(minutes=135))),
        (NIGHT, {}, {"quiet_hours": hours(8, 10)}, Defer(MORNING + timedelta(hours=2),
                                                         MORNING + timedelta(minutes=135))),
        (NIGHT, {}, {"quiet_hours": hours(1, 2)}, Defer(MORNING, MORNING + timedelta(minutes=15))),
        (NOON, {}, {"quiet_hours": hours(18, 19)}, SendNow(NOON + timedelta(hours=6))),
        # Together they may leave no hour of the day.
        (NOON, {}, {"quiet_hours": hours(9, 9)}, Drop("quiet_hours")),
        (NOON, {}, {"quiet_hours": hours(8, 21)}, Drop("quiet_hours")),
        # It is the member's clock that counts: noon in Tokyo is 23:00 in New York.
        (NOON, {}, {"zone": NEW_YORK}, Defer(datetime(2026, 5, 1, 12, tzinfo=UTC),
                                             datetime(2026, 5, 1, 12, 15, tzinfo=UTC))),
    ],
)  # fmt: skip
def test_each_step(now: datetime, matter: dict[str, Any], recipient: dict[str, Any], verdict: Verdict) -> None:
    assert decide(now, matter, recipient) == verdict


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # The night in which the clocks go forward is an hour shorter, the other one longer.
        (datetime(2026, 3, 8, 3, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)),
        (datetime(2026, 11, 1, 3, tzinfo=UTC), datetime(2026, 11, 1, 13, tzinfo=UTC)),
    ],
)
def test_a_night_ends_at_eight_whatever_the_clocks_do(now: datetime, until: datetime) -> None:
    verdict = decide(now, {}, {"zone": NEW_YORK})
    assert verdict == Defer(until, until + timedelta(minutes=15))
    assert until.astimezone(NEW_YORK).time() == time(8)


BY_ALL: tuple[ChannelKind, ...] = ("push", "line", "email")
NOWHERE: dict[str, Any] = {"device_id": None, "ways": {"line": "unreachable", "email": "unreachable"}}


@pytest.mark.parametrize(
    ("channels", "recipient", "chosen"),
    [
        (BY_ALL, {}, ("push", None)),
        (("push",), {"push_consent": False}, ("push", "no_consent")),
        (("push",), {"device_id": None, "ways": {"email": None}}, ("push", "unreachable")),
        # The campaign's order counts, and no other.
        (("email", "push"), {"ways": {"email": None}}, ("email", None)),
        (("line", "email"), {"ways": {"email": None, "line": None}}, ("line", None)),
        # The next one where the one before has no address or no consent.
        (BY_ALL, NOWHERE | {"ways": {"line": None, "email": None}}, ("line", None)),
        (BY_ALL, {"push_consent": False, "ways": {"line": "unreachable", "email": None}}, ("email", None)),
        # Only where none takes it it is dropped, of the first; for the consent that they could give.
        (BY_ALL, NOWHERE, ("push", "unreachable")),
        (BY_ALL, NOWHERE | {"ways": {"line": "unreachable", "email": "no_consent"}}, ("push", "no_consent")),
        # What nobody has looked for reaches nobody.
        (("sms", "email"), {}, ("sms", "unreachable")),
    ],
)
def test_the_first_channel_that_reaches_and_is_consented_to(
    channels: tuple[ChannelKind, ...], recipient: dict[str, Any], chosen: tuple[ChannelKind, str | None]
) -> None:
    somebody = msgspec.structs.replace(SOMEBODY, **recipient)
    assert choose_channel(somebody, channels) == chosen
    matter = Matter(good_until=NOON + timedelta(hours=1), ends_at=NOON + timedelta(days=1), quiet_hours=None)
    refused = None if chosen[1] is None else Drop(chosen[1])
    assert judge(matter, somebody, NOON, channels) == (refused or SendNow(None))


def test_they_are_asked_in_one_order() -> None:
    against: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"fate": "coupon_withdrawn"}, {}, "coupon_withdrawn"),
        ({}, {"is_active": False}, "member_closed"),
        ({}, {"push_consent": False}, "no_consent"),
        ({}, {"device_id": None}, "unreachable"),
        ({"is_held_out": True}, {}, "holdout"),
        ({"good_until": NIGHT}, {}, "stale"),
        ({"ends_at": NIGHT}, {}, "quiet_hours"),
    ]
    for first in range(len(against)):
        matter = {name: value for changes, _, _ in against[first:] for name, value in changes.items()}
        recipient = {name: value for _, changes, _ in against[first:] for name, value in changes.items()}
        assert decide(NIGHT, matter, recipient) == Drop(against[first][2])  # type: ignore[arg-type]


TODAY = date(2026, 5, 8)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=count) for count in days]


@pytest.mark.parametrize(
    ("days", "priorities", "refused", "counted"),
    [
        ([], [0], [None], ago(0)),
        (ago(0, 0), [0, 0], [None, "day_cap"], ago(0, 0, 0)),
        (ago(0, 0, 0), [9], ["day_cap"], ago(0, 0, 0)),
        # Seven days in a row, today with them: what was before is forgotten.
        (ago(6, 3, 2, 1), [0, 0], [None, "week_cap"], ago(6, 3, 2, 1, 0)),
        (ago(7, 6, 3, 2, 1), [0], [None], ago(6, 3, 2, 1, 0)),
        (ago(6, 6, 6, 2, 1), [0], ["week_cap"], ago(6, 6, 6, 2, 1)),
        # The higher priority comes first, of equal ones the first.
        (ago(0, 0), [1, 5, 3], ["day_cap", None, "day_cap"], ago(0, 0, 0)),
        (ago(0), [1, 1, 1], [None, None, "day_cap"], ago(0, 0, 0)),
        # Somebody who has moved west may have been sent one tomorrow.
        ([TODAY + timedelta(days=1)], [0], [None], [TODAY + timedelta(days=1), TODAY]),
    ],
)
def test_caps(days: list[date], priorities: list[int], refused: list[str | None], counted: list[date]) -> None:
    allotment = allot(days, TODAY, RULES, priorities)
    assert (allotment.refused, allotment.days) == (refused, counted)
