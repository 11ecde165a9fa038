"""A campaign's picture over the API: sent, shown to shoppers, changed, taken away, swept."""

from datetime import timedelta
from uuid import UUID

import pytest

from coupons.campaigns.pictures_repository import KEPT_UNSHOWN, purge_unused_pictures
from ids import CampaignId
from kit.clock import utc_now
from tests.support.expectations import expect_problem
from tests.support.pictures import declare_png, draw_file
from tests.support.stage import walk_in
from tests.support.world import Chain, campaign_body

HOST = "https://noren.example"


async def sent(chain: Chain, campaign_id: CampaignId, content: bytes, media_type: str = "image/png") -> str:
    """The picture's path."""
    response = await chain.owner.put(
        f"/v1/campaigns/{campaign_id}/picture", content, headers={"Content-Type": media_type}
    )
    assert response.status_code == 200, response.text
    url: str = response.json()["url"]
    return url.removeprefix(HOST)


async def status(chain: Chain, path: str) -> int:
    return (await chain.world.anyone.get(path)).status_code


@pytest.mark.usefixtures("truly_apart")
async def test_it_is_shown_to_shoppers_and_kept_by_whoever_loads_it(chain: Chain) -> None:
    await chain.add_geofence(await chain.add_store())
    campaign_id = await chain.add_campaign()
    content = draw_file("JPEG", size=(3200, 1600))
    response = await chain.owner.put(
        f"/v1/campaigns/{campaign_id}/picture", content, headers={"Content-Type": "image/jpeg"}
    )
    made = response.json()
    assert (made["media_type"], made["width_px"], made["height_px"]) == ("image/jpeg", 1600, 800)
    campaign = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    assert campaign["picture_url"] == made["url"]
    assert made["url"].startswith(f"{HOST}/v1/pictures/")

    path = made["url"].removeprefix(HOST)
    loaded = await chain.world.anyone.get(path)
    assert (loaded.status_code, len(loaded.content)) == (200, made["size_bytes"])
    assert loaded.headers["content-type"] == "image/jpeg"
    assert loaded.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await chain.world.anyone.call("GET", path, headers={"If-None-Match": loaded.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    guest = await chain.enrol()
    assert (await guest.app.put("/v1/me/device/push-token", {"token": "address", "kind": "fid"})).is_success
    await walk_in(guest)
    (coupon,) = (await guest.app.get("/v1/me/coupons")).json()["items"]
    (at_home,) = (await guest.app.get("/v1/me/summary")).json()["coupons"]
    one = (await guest.app.get(f"/v1/me/coupons/{coupon['id']}")).json()
    assert coupon["picture_url"] == at_home["picture_url"] == one["picture_url"] == made["url"]
    payload = "SELECT payload ->> 'image_path' FROM outbox WHERE coupon_id = $1"
    assert await chain.world.pool.fetchval(payload, UUID(coupon["id"])) == path


async def test_a_change_of_the_campaign_keeps_its_picture(chain: Chain) -> None:
    campaign_id = await chain.add_campaign()
    path = await sent(chain, campaign_id, draw_file("PNG"))
    changed = await chain.owner.put(f"/v1/campaigns/{campaign_id}", campaign_body(name="Rain"))
    assert changed.json()["picture_url"] == HOST + path
    assert (await chain.owner.get("/v1/campaigns")).json()["items"][0]["picture_url"] == HOST + path


async def test_one_that_is_taken_away_is_gone_unless_another_campaign_shows_it(chain: Chain, rival: Chain) -> None:
    one, two, foreign = await chain.add_campaign(), await chain.add_campaign(), await rival.add_campaign()
    content = draw_file("PNG", size=(61, 41))
    path = await sent(chain, one, content)
    assert await sent(chain, two, content) == path
    for campaign_id, left in ((one, 200), (two, 404)):
        assert (await chain.owner.delete(f"/v1/campaigns/{campaign_id}/picture")).status_code == 204
        assert await status(chain, path) == left
        assert (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()["picture_url"] is None
    assert (await chain.owner.delete(f"/v1/campaigns/{one}/picture")).status_code == 204
    await sent(chain, one, content)
    assert await sent(rival, foreign, content) == path
    await chain.owner.delete(f"/v1/campaigns/{one}/picture")
    assert await status(chain, path) == 200, "the other program's went too"


async def test_one_that_was_replaced_stays_as_long_as_a_push_may_name_it(chain: Chain) -> None:
    campaign_id, pool = await chain.add_campaign(), chain.world.pool
    former = await sent(chain, campaign_id, draw_file("PNG", size=(62, 42)))
    now = await sent(chain, campaign_id, draw_file("PNG", size=(63, 43)))
    assert (await status(chain, former), await status(chain, now)) == (200, 200)
    for age, left in ((KEPT_UNSHOWN - timedelta(hours=1), 200), (KEPT_UNSHOWN + timedelta(hours=1), 404)):
        async with pool.acquire() as conn:
            await purge_unused_pictures(conn, utc_now() + age)
        assert (await status(chain, former), await status(chain, now)) == (left, 200)


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (b"", "image/png", "not_that_type"),
        (draw_file("GIF"), "image/png", "not_that_type"),
        (draw_file("PNG"), "image/jpeg", "not_that_type"),
        (draw_file("JPEG")[:-40], "image/jpeg", "damaged"),
        (declare_png(60_000, 60_000), "image/png", "too_many_pixels"),
    ],
)
async def test_a_file_that_is_none(chain: Chain, content: bytes, media_type: str, reason: str) -> None:
    path = f"/v1/campaigns/{await chain.add_campaign()}/picture"
    before = await chain.world.fingerprint()
    response = await chain.owner.put(path, content, headers={"Content-Type": media_type})
    assert expect_problem(response, 422, "picture-unusable")["reason"] == reason
    assert await chain.world.fingerprint() == before


async def test_what_is_no_picture_and_what_is_too_large(chain: Chain) -> None:
    path = f"/v1/campaigns/{await chain.add_campaign()}/picture"
    for media_type in ("image/gif", "image/svg+xml", "application/json", "text/html"):
        response = await chain.owner.put(path, draw_file("PNG"), headers={"Content-Type": media_type})
        expect_problem(response, 415, "unsupported-media-type")
    expect_problem(await chain.owner.put(path, bytes(5_000_001)), 413, "body-too-large")
    assert (await chain.owner.get(path.removesuffix("/picture"))).json()["picture_url"] is None


async def test_an_ended_campaign_and_another_programs_get_none(chain: Chain, rival: Chain) -> None:
    ended, foreign = await chain.add_campaign(state="ended"), await rival.add_campaign()
    for campaign_id, code, slug in ((ended, 409, "campaign-ended"), (foreign, 404, "not-found")):
        path = f"/v1/campaigns/{campaign_id}/picture"
        expect_problem(await chain.owner.put(path, draw_file("PNG")), code, slug)
        expect_problem(await chain.owner.delete(path), code, slug)
    manager = (await chain.add_person("store_manager", await chain.add_store())).session
    expect_problem(await manager.put(f"/v1/campaigns/{await chain.add_campaign()}/picture", b""), 403, "forbidden")


@pytest.mark.parametrize("name", ["x", "..%2F..%2Fetc%2Fpasswd", "%00", "0" * 64, "0" * 64 + ".gif", "0" * 64 + ".png"])
async def test_a_name_that_nothing_has(chain: Chain, name: str) -> None:
    expect_problem(await chain.world.anyone.get(f"/v1/pictures/{name}"), 404, "not-found")
