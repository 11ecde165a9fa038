"""Pages of results over HTTP: their figures are the API's, each role sees what the API lets it see."""

import re

import pytest

from experiments.experiment import HOLDOUT
from server.console.results.verdicts import judge_change
from server.experiments.result_bodies import CampaignResults, Change, SampleRatio
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage

PAGES = ("/console/overview", "/console/results", "/console/results/first-timers")


def change(low: float, high: float, always_low: float, always_high: float) -> Change:
    return Change(
        difference=(low + high) / 2,
        low=low,
        high=high,
        always_low=always_low,
        always_high=always_high,
        lift_percent=None,
        lift_low_percent=None,
        lift_high_percent=None,
        variance_left=1.0,
    )


def results(*, is_suspicious: bool = False) -> CampaignResults:
    ratio = SampleRatio(0.5, is_suspicious)
    return CampaignResults(campaign_id=None, days=30, until=None, control=HOLDOUT, sample_ratio=ratio, arms=[])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (None, "too_few"),
        (change(10, 20, 5, 25), "brings"),
        (change(10, 20, -5, 35), "promising"),
        (change(-10, 20, -25, 35), "open"),
        (change(-20, -10, -25, -5), "costs"),
        (change(-20, -10, -25, 5), "open"),
    ],
)
def test_no_more_is_said_than_the_bounds_say(told: Change | None, verdict: str) -> None:
    assert judge_change(results(), told) == verdict
    assert judge_change(results(is_suspicious=True), told) == "distrust"


async def test_the_funnel_is_what_the_api_tells(faces: ServedFaces) -> None:
    stage = await set_stage(await faces.world.add_chain())
    owner = await sign_in_as(faces, stage.chain, "owner")
    assert "have voided" not in (await owner.open(f"/console/results/campaigns/{stage.campaign_id}")).text
    path = f"/v1/members/{stage.member.id}/coupons/{stage.coupon_id}/void"
    assert (await stage.chain.owner.post(path, {"reason": "It was sold."})).status_code == 200
    report = (await stage.chain.owner.get(f"/v1/campaigns/{stage.campaign_id}/report")).json()
    page = await owner.open(f"/console/results/campaigns/{stage.campaign_id}")
    assert page.status_code == 200
    shown = dict(re.findall(r'class="step-(\w+)">.*?<span class="number">([\d,]+)</span>', page.text))
    assert report["coupons_issued"] > 0
    assert int(shown["issued"]) == report["coupons_issued"]
    assert int(shown["used"]) == report["redemptions"] == 0
    assert "the staff have voided 1 one by one" in page.text
    assert "Nobody was held out" in page.text
    stores = (await stage.chain.owner.get(f"/v1/campaigns/{stage.campaign_id}/store-results")).json()["items"]
    for store in stores:
        assert re.search(rf">{store['store_name']}</th><td[^>]*>{store['issued']}</td>", page.text)


async def test_a_store_manager_reads_results_of_their_stores_and_no_speed(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    mine, other = await chain.add_store(name="Mine"), await chain.add_store(name="Other")
    ours = await chain.add_campaign(name="At mine<script>", store_ids=[str(mine)])
    theirs = await chain.add_campaign(name="At the other", store_ids=[str(other)])
    strange = await rival.add_campaign(name="Of a rival")
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    for path in PAGES:
        assert (await manager.open(path)).status_code == 200, path
    listed = (await manager.open("/console/results")).text
    assert "At mine&lt;script&gt;" in listed
    assert "At the other" not in listed
    assert "/console/results/speed" not in listed
    assert (await manager.open("/console/results/speed")).status_code == 403
    assert (await manager.open(f"/console/results/campaigns/{ours}")).status_code == 200
    for hidden in (theirs, strange):
        assert (await manager.open(f"/console/results/campaigns/{hidden}")).status_code == 404
    assert "Pushes sent" not in (await manager.open("/console/overview")).text


async def test_analysts_and_marketers_read_all_results(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_campaign(name="Rain")
    for role in ("analyst", "marketer"):
        somebody = await sign_in_as(faces, chain, role)
        for path in (*PAGES, "/console/results/speed"):
            assert (await somebody.open(path)).status_code == 200, (role, path)
        assert "Pushes sent" in (await somebody.open("/console/overview")).text


async def test_a_window_that_is_none_of_ours_is_the_usual_one(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    campaign = await chain.add_campaign()
    owner = await sign_in_as(faces, chain, "owner")
    for within in ("7", "365", "x", "-1", "9" * 400):
        assert (await owner.open(f"/console/results/campaigns/{campaign}?within={within}")).status_code == 200
