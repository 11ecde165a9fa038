"""The rules of a program's messages, and a member's own wish, over the API."""

from typing import Any

import pytest

from tests.support.expectations import expect_problem
from tests.support.world import Chain

RULES: dict[str, Any] = {
    "quiet_hours": {"start": "21:00:00", "end": "08:00:00"}, "day_cap": 5, "week_cap": 15, "day_quota": None,
    "phones": "latest", "version": 1,
}  # fmt: skip


async def test_a_program_is_quiet_at_night_and_says_little_until_its_owner_says_otherwise(chain: Chain) -> None:
    assert (await chain.owner.get("/v1/program/messages")).json() == RULES
    changed = {"quiet_hours": None, "day_cap": 1, "week_cap": 2, "day_quota": 1000, "phones": "all"}
    kept = changed | {"version": 2}
    assert (await chain.owner.put("/v1/program/messages", changed)).json() == kept
    assert (await chain.owner.get("/v1/program/messages")).json() == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"quiet_hours": {"start": "21:00", "end": "24:00"}},
        {"quiet_hours": {"start": "21:00"}},
        {"quiet_hours": "program"},
        {"day_cap": -1},
        {"day_cap": 51},
        {"week_cap": 201},
        {"day_quota": -1},
        {"day_quota": 0.5},
        {"phones": "first"},
    ],
    ids=str,
)
async def test_rules_that_cannot_be(chain: Chain, changes: dict[str, Any]) -> None:
    expect_problem(await chain.owner.put("/v1/program/messages", RULES | changes), 400, "invalid-request")
    assert (await chain.owner.get("/v1/program/messages")).json() == RULES


async def test_a_member_asks_for_more_quiet_and_cannot_ask_for_less(chain: Chain) -> None:
    member = await chain.enrol()
    path, night = "/v1/me/quiet-hours", RULES["quiet_hours"]
    assert (await member.app.get(path)).json() == {"own": None, "program": night}
    told = {"own": {"start": "22:00:00", "end": "23:00:00"}, "program": night}
    assert (await member.app.put(path, {"own": {"start": "22:00", "end": "23:00"}})).json() == told
    assert (await member.app.get(path)).json() == told
    expect_problem(await member.app.put(path, {"own": {"start": "22", "end": "23"}}), 400, "invalid-request")
    assert (await member.app.put(path, {"own": None})).json() == {"own": None, "program": night}
