"""The calendar: which campaign is on at which day, and the load on one person."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from coupons.campaigns.triggers import TRIGGERS
from push.governor import MessageRules
from server.console.campaigns.load import count_messages, is_on, read_month
from tests.server.console.campaigns.test_sentences import make
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as

TOKYO = ZoneInfo("Asia/Tokyo")
FRIDAYS = {"kind": "schedule", "first_at": "2026-12-04T00:00", "rule": "FREQ=WEEKLY;BYDAY=FR;COUNT=9"}
RULES = MessageRules(quiet_hours=None, day_cap=2, week_cap=5)


def on(day: int, **changes: Any) -> bool:
    return is_on(make(**{"state": "running"} | changes), date(2026, 12, day), TOKYO)


@pytest.mark.parametrize(
    ("changes", "day", "is_so"),
    [
        ({}, 1, True),
        ({"state": "draft"}, 12, False),
        ({"state": "paused"}, 12, False),
        ({"starts_at": "2026-12-15T00:00:00+09:00"}, 14, False),
        ({"starts_at": "2026-12-15T00:00:00+09:00"}, 15, True),
        ({"ends_at": "2026-12-20T00:00:00+09:00"}, 19, True),
        ({"ends_at": "2026-12-20T00:00:00+09:00"}, 20, False),
        ({"hours": [{"weekdays": [1]}]}, 14, True),
        ({"hours": [{"weekdays": [1]}]}, 15, False),
        ({"except_days": ["2026-12-25"]}, 25, False),
        ({"trigger": {"kind": "broadcast"}}, 12, False),
        ({"trigger": {"kind": "schedule", "first_at": "2026-12-04T18:00"}}, 4, True),
        ({"trigger": {"kind": "schedule", "first_at": "2026-12-04T18:00"}}, 5, False),
        ({"trigger": FRIDAYS}, 11, True),
        ({"trigger": FRIDAYS}, 12, False),
    ],
)  # fmt: skip
def test_a_campaign_is_on_or_not(changes: dict[str, Any], day: int, is_so: bool) -> None:
    assert on(day, **changes) is is_so


def test_the_load_is_what_is_wanted_and_what_the_governor_lets_through() -> None:
    plain = [make(id=f"00000000-0000-0000-0000-00000000000{place}", state="running") for place in range(1, 4)]
    loads = read_month(plain, date(2026, 12, 1), 8, TOKYO, RULES, {})
    assert [each.wanted for each in loads] == [3] * 8
    assert [each.sent for each in loads] == [2, 2, 1, 0, 0, 0, 0, 2]
    untold = read_month(plain, date(2026, 12, 1), 1, TOKYO, None, {})
    assert untold[0].sent == 3
    by_hand = make(state="running", trigger={"kind": "broadcast"})
    sent = read_month([by_hand], date(2026, 12, 1), 2, TOKYO, RULES, {date(2026, 12, 2): [by_hand.id]})
    assert [each.wanted for each in sent] == [0, 1]


def test_what_follows_coupons_is_in_the_load_also_after_the_end_and_not_after_a_stop() -> None:
    text = {"ja": {"title": "a", "body": "b"}}
    steps = [
        {"after_hours": 48, "when": "unused", "action": {"kind": "message", "text": text}},
        {"after_hours": 24, "when": "not_back", "action": {"kind": "offer", "campaign_id": str(UUID(int=9))}},
        {"after_hours": 24, "when": "back", "action": {"kind": "message", "text": text}},
    ]
    told = {"state": "running", "ends_at": "2026-12-03T00:00:00+09:00", "follow_ups": steps}
    loads = read_month([make(**told)], date(2026, 12, 1), 7, TOKYO, None, {})
    assert [each.following for each in loads] == [0, 0, 1, 1, 1, 1, 0]
    assert [each.wanted for each in loads] == [1, 1, 1, 1, 1, 1, 0]
    stopped = read_month([make(**told | {"state": "ended"})], date(2026, 12, 1), 7, TOKYO, None, {})
    assert [each.wanted for each in stopped] == [0] * 7
    by_hand = make(state="running", trigger={"kind": "broadcast"}, follow_ups=steps[:1])
    sent = read_month([by_hand], date(2026, 12, 1), 2, TOKYO, None, {date(2026, 11, 30): [by_hand.id]})
    assert [each.following for each in sent] == [0, 1]


def test_of_a_group_one_gives_and_a_code_rings_nowhere() -> None:
    grouped = [make(exclusive_group="lunch"), make(exclusive_group="lunch"), make(exclusive_group="tea")]
    assert count_messages([*grouped, make()]) == 3
    assert count_messages([make(trigger={"kind": "code"})]) == 0
    assert not TRIGGERS["code"].rings


async def test_each_sees_a_month_of_their_own_campaigns(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    mine, elsewhere = await chain.add_store(), await chain.add_store()
    await chain.add_campaign(name="Ours<b>", store_ids=[str(mine)])
    await chain.add_campaign(name="Elsewhere", store_ids=[str(elsewhere)])
    await rival.add_campaign(name="Theirs")
    who = await sign_in_as(faces, chain)
    shown = (await who.get("/console/calendar?month=2026-12")).text
    assert "December 2026" in shown
    assert shown.count("Ours&lt;b&gt;") == 31
    assert "Theirs" not in shown
    assert "2 wanted" in shown
    assert "messages a day" in shown
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    seen = (await manager.get("/console/calendar?month=2026-12")).text
    assert "Ours" in seen
    assert "Elsewhere" not in seen
    assert "messages a day" not in seen, "the rules of the program are not theirs to read"
    for nonsense in ("2026-13", "x", "9999-01"):
        assert (await who.get(f"/console/calendar?month={nonsense}")).status_code == 400
    assert "No campaign is on" in (await who.get("/console/calendar?month=2020-01")).text
