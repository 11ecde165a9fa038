"""Everything that is listed comes in pages: whole, in order, nothing twice."""

import csv
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from ids import StoreId
from kit.clock import utc_now
from kit.pages import MAX_LIMIT
from server.web.access import ROUTES
from tests.support.bodies import good_body
from tests.support.lives import ok
from tests.support.stage import AUDIENCE_TREE, set_stage, walk_in
from tests.support.world import Caller, Chain, Member

NOT_PAGED = {"/v1/program", "/v1/me", "/v1/geofences/export", "/v1/card-keys", "/v1/till/offline-verification"} | {
    f"/v1/me/card{name}" for name in ("", ".svg", ".png", ".pkpass", "/certificate")
}
NOT_PAGED |= {f"/v1/program/{name}" for name in ("points", "stamp-cards", "ranks", "google-wallet", "line/menus")}
NOT_PAGED |= {f"/v1/{of}/{name}" for of in ("me", "program") for name in ("line", "messenger")}
NOT_PAGED |= {f"/v1/program/{name}" for name in ("mail", "phone", "card")} | {"/v1/me/devices"}
NOT_PAGED |= {"/v1/me/profile", "/v1/members/{member_id}/profile", "/v1/audiences/{audience_id}/members.csv"}
NOT_PAGED |= {"/v1/members/{member_id}/tags", "/v1/member-tags"}
NOT_PAGED |= {"/v1/attributes", "/v1/me/attributes"}  # what a form asks for, whole
NOT_PAGED |= {"/v1/me/transfers"}  # a few, and gone when they are decided
# The histories within them are paged: tests/server/rewards/test_points_api.py.
NOT_PAGED |= {f"/v1/me/{name}" for name in ("summary", "points", "stamps", "rank")}
NOT_PAGED |= {f"/v1/members/{{member_id}}/{name}" for name in ("summary", "points")}
NOT_PAGED |= {"/v1/program/visits"} | {f"/v1/stores/{{store_id}}/check-in-code{name}" for name in ("", ".svg", ".png")}
NOT_PAGED |= {"/v1/program/holdout", "/v1/visit-cohorts", "/v1/visit-cohorts.csv"}
NOT_PAGED |= {f"/v1/campaigns/{{campaign_id}}/{name}" for name in ("experiment", "results", "results.csv")}
# The first is paged by its stores: tests/server/campaigns/test_store_results.py.
NOT_PAGED |= {f"/v1/campaigns/{{campaign_id}}/store-results{name}" for name in ("", ".csv")}
NOT_PAGED |= {"/v1/program/enrolment"} | {f"/v1/stores/{{store_id}}/enrolment-link{name}" for name in ("", ".svg")}
NOT_PAGED |= {"/v1/till/offline-coupons"}  # its changes go on by their time: tests/server/redemptions
NOT_PAGED |= {"/v1/campaigns/{campaign_id}/paper-codes.csv", "/v1/program/messages", "/v1/me/quiet-hours"}
NOT_PAGED |= {"/v1/program/message-latencies"}
# As if the push service had refused every push.
DEAD_LETTERS = """
UPDATE outbox SET state = 'failed', failure = 'unregistered', payload = '{}', device_id = gen_random_uuid(),
                  counted_on = NULL
WHERE program_id = $1 AND channel = 'push' AND state IN ('pending', 'deferred', 'dropped')
"""
NOT_PAGED |= {"/v1/program/phone", "/v1/program/phone/spending"}
UNLISTED = ("}", "/report", "/withdrawal")
PAGED = [
    path
    for method, path in ROUTES
    if method == "GET" and path.startswith("/v1/") and path not in NOT_PAGED and not path.endswith(UNLISTED)
]


async def pages(caller: Caller, path: str, limit: int) -> AsyncIterator[list[str]]:
    cursor: dict[str, str] = {}
    while True:
        answer = await caller.get(path, limit=limit, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield [str(item.get("id") or item.get("member_id") or item["version"]) for item in page["items"]]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


async def fill_code_campaign(chain: Chain) -> str:
    """A campaign with five batches of codes on paper."""
    campaign_id = str(await chain.add_campaign(trigger={"kind": "code"}))
    for _ in range(5):
        ok(await chain.owner.post(f"/v1/campaigns/{campaign_id}/paper-codes", {"name": "Flyer", "size": 1}))
    return campaign_id


async def fill_broadcast_campaign(chain: Chain) -> str:
    """A campaign with five versions and five runs."""
    campaign_id = str(await chain.add_campaign(trigger={"kind": "broadcast"}))
    for number in range(4):
        ok(await chain.owner.patch(f"/v1/campaigns/{campaign_id}", {"name": f"To all, {number}"}))
    for _ in range(5):
        ok(await chain.owner.post(f"/v1/campaigns/{campaign_id}/runs", {"speed": {"kind": "now"}}))
    return campaign_id


async def fill_offline_coupons(chain: Chain, store_id: str, member: Member) -> None:
    """Five that can be used at a till without a line, and one that was taken there six times."""
    for _ in range(6):
        campaign_id = await chain.add_campaign(trigger={"kind": "code"}, conditions={"usable_offline": True})
        path = f"/v1/campaigns/{campaign_id}/paper-codes"
        ok(await chain.owner.post(path, {"name": "Flyer", "size": 1}))
        (row,) = csv.DictReader((await chain.owner.get(f"{path}.csv")).text.removeprefix("\ufeff").splitlines())
        ok(await member.app.post("/v1/me/coupon-codes", {"code": row["code"]}))
    code, now = ok(await member.app.get("/v1/me/offline-coupons"))["items"][0]["offline_code"], utc_now()
    taken = [{"coupon": code, "redeemed_at": (now - timedelta(seconds=ago_s)).isoformat()} for ago_s in range(6)]
    till = (await chain.add_till(StoreId(UUID(store_id)))).at
    ok(await till.post("/v1/redemptions/offline", {"redemptions": taken}))


async def fill(chain: Chain) -> tuple[str, Member]:
    """At least five of everything. Returns a store with much history and the member who made it."""
    stage = await set_stage(chain)
    for number in range(5):
        poster = {"number": f"+81501111222{number}", "store_id": str(stage.store_id), "poster": "Window"}
        ok(await chain.owner.post("/v1/call-numbers", poster))
        await chain.add_geofence(stage.store_id)
        await chain.add_campaign(store_ids=[str(stage.store_id)])
        await chain.add_till(stage.store_id)
        await chain.add_person("owner")
        await chain.owner.post("/v1/audiences", {"name": "Regulars", "tree": AUDIENCE_TREE})
        sent = await chain.owner.post("/v1/member-imports", good_body(stage, ("POST", "/v1/member-imports")))
        await chain.owner.post(f"/v1/member-imports/{sent.json()['id']}/stop")
        store_id = await chain.add_store()
        till = await chain.add_till(store_id)
        await till.at.post("/v1/scans", {"card": stage.member.card_number})
        await stage.till.at.post("/v1/scans", {"card": stage.member.card_number})
        await walk_in(await chain.enrol())
    guest = await chain.enrol()
    await walk_in(guest)
    for till_store in (await chain.owner.get("/v1/tills")).json()["items"]:
        made = (await chain.owner.post(f"/v1/tills/{till_store['id']}/key")).json()
        await chain.world.caller(made["key"]).post("/v1/scans", {"card": guest.card_number})
    await chain.world.pool.execute(DEAD_LETTERS, chain.id)
    return str(stage.store_id), guest


def caller_of(path: str, chain: Chain, app: Caller) -> Caller:
    return app if path.startswith("/v1/me/") else chain.owner


async def test_every_list_comes_whole_and_in_order(chain: Chain) -> None:
    store_id, guest = await fill(chain)
    broadcast_id, code_id = await fill_broadcast_campaign(chain), await fill_code_campaign(chain)
    await fill_offline_coupons(chain, store_id, guest)
    for template in PAGED:
        path = template.replace("{store_id}", store_id).replace("{member_id}", str(guest.id))
        path = path.replace("{campaign_id}", code_id if template.endswith("/paper-codes") else broadcast_id)
        caller = caller_of(template, chain, guest.app)
        whole = [item async for page in pages(caller, path, MAX_LIMIT) for item in page]
        assert len(whole) >= 5, path
        assert whole == sorted(set(whole), reverse=True), path
        for limit in (1, 2, len(whole) - 1, len(whole)):
            got = [page async for page in pages(caller, path, limit)]
            assert [item for page in got for item in page] == whole, (path, limit)
            assert all(len(page) == limit for page in got[:-1]), (path, limit)
            assert got[-1], (path, limit)


async def test_what_is_made_meanwhile_moves_no_page(chain: Chain) -> None:
    made = [str(await chain.add_store()) for _ in range(4)]
    first = (await chain.owner.get("/v1/stores", limit=2)).json()
    await chain.add_store()
    second = (await chain.owner.get("/v1/stores", limit=2, cursor=first["next_cursor"])).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1000", "x", "", "1.5", "9" * 40])
async def test_a_bad_limit_is_refused(chain: Chain, limit: str) -> None:
    answer = await chain.owner.get("/v1/stores", limit=limit)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:noren:problem:invalid-request")
    assert "limit" in answer.json()["detail"]


@pytest.mark.parametrize("cursor", ["", "!", "AAAA", "A" * 21, "A" * 44, "é" * 22, "\0" * 22, "A" * 10_000])
async def test_a_bad_cursor_is_refused(chain: Chain, cursor: str) -> None:
    answer = await chain.owner.get("/v1/stores", cursor=cursor)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:noren:problem:invalid-cursor")


async def test_a_cursor_of_another_program_shows_nothing_of_it(chain: Chain, rival: Chain) -> None:
    for _ in range(3):
        await chain.add_store()
    theirs = (await chain.owner.get("/v1/stores", limit=1)).json()["next_cursor"]
    answer = await rival.owner.get("/v1/stores", cursor=theirs)
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})
