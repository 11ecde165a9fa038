"""The street where it happens: a program, shops in a row, each with a campaign whose cap will be reached."""

from collections.abc import Sequence

import asyncpg
import httpx

from bench.chaos.actors import Shop, Street
from bench.editing import open_session
from devtools.plain_http import TRUSTS_NOBODY
from kit.clock import utc_now
from programs import programs_repository

_SHOPS = 10
_CAP = 150
_POINTS = {
    "currency": "JPY", "amount_step": 100, "step_points": 1, "visit_points": 10, "valid_days": 365,
    "time_zone": "Asia/Tokyo",
}  # fmt: skip


async def open_street(dsn: str, doors: Sequence[str]) -> Street:
    connection = await asyncpg.connect(dsn)
    try:
        program = await programs_repository.create_program(connection, "street", "Street", "ja", utc_now())
        owner = await open_session(connection, program.id)
    finally:
        await connection.close()
    headers = {"Authorization": f"Bearer {owner}"}
    async with httpx.AsyncClient(
        base_url=doors[0], headers=headers, timeout=30, verify=TRUSTS_NOBODY, trust_env=False
    ) as http:
        (await http.put("/v1/program/points", json=_POINTS)).raise_for_status()
        shops = [await _open_shop(http, block) for block in range(_SHOPS)]
    return Street("street", owner, shops, doors)


async def _open_shop(http: httpx.AsyncClient, block: int) -> Shop:
    async def make(path: str, body: object) -> dict[str, str]:
        answer = await http.post(path, json=body)
        answer.raise_for_status()
        made: dict[str, str] = answer.json()
        return made

    place = Shop("", block, ("", "")).place(is_at_door=True)
    store = await make(
        "/v1/stores", {"code": f"shop-{block}", "name": f"Shop {block}", "time_zone": "Asia/Tokyo", "location": place}
    )
    await make("/v1/geofences", {"store_id": store["id"], "name": "Door", "circle": place | {"radius_m": 80}})
    await make("/v1/campaigns", _campaign(store["id"], has_cap=block % 2 == 0))
    tills = [await make("/v1/tills", {"store_id": store["id"], "name": f"Till {number}"}) for number in (1, 2)]
    return Shop(store["id"], block, (tills[0]["key"], tills[1]["key"]))


def _campaign(store_id: str, *, has_cap: bool) -> dict[str, object]:
    return {
        "name": "Welcome",
        "state": "running",
        "trigger": {"kind": "enter"},
        "store_ids": [store_id],
        "starts_at": "2026-01-01T00:00:00Z",
        "quiet_hours": None,
        "only_when_open": False,
        "allow_anonymous": True,
        "max_event_age_s": 86_400,
        "cap": _CAP if has_cap else None,
        "offer": {"ja": {"title": "ようこそ", "body": "珈琲を一杯"}},
    }
