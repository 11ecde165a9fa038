"""What the audit trail calls what was done: one name for one act, and words in both languages for each."""

import pytest

from server.console.acts import ACTS, name_act
from server.console.operations.act_words import ACT_WORDS
from server.console.page_access import PAGES
from server.console.providers.forms import PROVIDERS
from server.web.access import ROUTES
from server.web.roles import ANYONE, STAFF
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as

# They write nothing, or what is nobody's business: what was looked at, counted, tried out, shown.
_UNWRITTEN_ROUTES = {
    "DELETE /v1/sessions/current", "POST /v1/stores/nearest", "POST /v1/campaigns/{campaign_id}/explain",
    "POST /v1/campaigns/{campaign_id}/rehearse-trace", "POST /v1/campaigns/{campaign_id}/preview",
    "POST /v1/audiences/count", "POST /v1/suppressions/search", "POST /v1/members/search",
}  # fmt: skip
_UNWRITTEN_PAGES = {
    "POST /console/sign-out", "POST /console/map/preview", "POST /console/campaigns/draft/sentence",
    "POST /console/campaigns/draft/preview", "POST /console/campaigns/draft/mail", "POST /console/campaigns/draft/form",
    "POST /console/audiences/count",
    "POST /console/members/search", "POST /console/members/{member_id}/merge/search", "POST /console/coupons",
    # by what stands there
    "POST /console/members/{member_id}/account/{action}", "POST /console/providers/{provider}",
    "POST /console/providers/{provider}/removal",
}  # fmt: skip


def test_every_act_of_the_staff_has_words() -> None:
    of_api = {f"{method} {path}" for (method, path), roles in ROUTES.items() if method != "GET" and roles & STAFF}
    pages = {f"{method} {path}" for (method, path), roles in PAGES.items() if method != "GET" and roles != ANYONE}
    of_pages = {ACTS.get(each, each) for each in pages - _UNWRITTEN_PAGES}
    assert (of_api - _UNWRITTEN_ROUTES) | of_pages | set(ACTS.values()) <= set(ACT_WORDS)


def test_a_page_is_called_as_the_route_that_does_the_same() -> None:
    routes = {f"{method} {path}" for method, path in ROUTES}
    assert set(ACTS.values()) <= routes
    account = "/console/members/{member_id}/account/{action}"
    pages = {f"{method} {path}" for method, path in PAGES} | {
        f"POST {account.replace('{action}', each)}" for each in ("block", "unblock", "stop-card", "erase")
    }
    pages |= {page.replace("{provider}", each) for page in pages for each in PROVIDERS}
    assert set(ACTS) <= pages
    assert name_act("POST", account, {"action": "block"}) == "POST /v1/members/{member_id}/block"
    assert name_act("POST", account, {"action": "stay"}) == "POST /console/members/{member_id}/account/stay"


@pytest.mark.parametrize(("language", "said"), [("en", "Closed a store"), ("ja", "店舗を閉店")])
async def test_what_a_page_did_stands_in_the_trail_as_if_the_api_had(
    faces: ServedFaces, language: str, said: str
) -> None:
    chain = await faces.world.add_chain()
    store_id = await chain.add_store()
    owner = await sign_in_as(faces, chain)
    page = f"/console/stores/{store_id}"
    assert (await owner.fill(f"{page}/close", at=page)).status_code == 303
    other = await chain.add_store()
    assert (await chain.owner.delete(f"/v1/stores/{other}")).status_code == 204
    of_api, _, of_page, *_ = (await chain.owner.get("/v1/audit")).json()["items"]
    assert of_page["action"] == of_api["action"] == "DELETE /v1/stores/{store_id}"
    assert (of_page["target"], of_api["target"]) == (f"/v1/stores/{store_id}", f"/v1/stores/{other}")
    assert (await owner.open("/console/audit", language)).text.count(said) == 2
