"""In to the console and out of it, over HTTP: cookies, forged forms, ended sessions, other tenants."""

import re
from datetime import timedelta

import pytest

from kit.clock import utc_now
from kit.ids import new_id, new_secret, to_text
from server.console.let_in import HOME, is_own_path
from server.console.page_access import PAGES
from server.console.sessions import make_cookie
from server.web.roles import ANYONE
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.world import Chain, Person

STORES = "/console/stores"


async def sign_in(faces: ServedFaces, chain: Chain, person: Person) -> dict[str, str]:
    """The header of who is signed in."""
    answer = await faces.sign_in(chain, person)
    assert answer.status_code == 303, answer.text
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


async def csrf_of(faces: ServedFaces, cookie: dict[str, str]) -> str:
    page = await faces.get(STORES, headers=cookie)
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', page.text)
    return str(token)


async def test_the_session_is_in_a_cookie_that_no_script_reads(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    answer = await faces.sign_in(chain, await faces.add_owner(chain))
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    session, *others = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"noren-session=[\w-]{43}; HttpOnly; Max-Age=43\d{3}; Path=/; SameSite=lax", session)
    assert all("HttpOnly" in each for each in others)


def test_over_tls_the_cookie_is_bound_to_its_host() -> None:
    header = make_cookie("https://console.kissa.example", new_secret(), utc_now() + timedelta(hours=1)).to_header()
    assert header.startswith("Set-Cookie: __Host-noren-session=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(header.split("; "))
    assert "domain" not in header.lower()


async def test_what_was_typed_stays_but_the_password(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    typed = {"program": "<script>alert(1)</script>", "email": '"><b>@example.com', "password": "wrong secret"}
    answer = await faces.post("/console/sign-in", typed | {"to": f"{STORES}?cursor=x"})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in answer.text
    assert f'value="{STORES}?cursor=x"' in answer.text
    assert "<b>" not in answer.text
    assert "wrong secret" not in answer.text
    assert 'role="alert"' in answer.text
    wrong = await faces.sign_in(chain, await faces.add_owner(chain), password="not this one")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (422, False)


async def test_who_guesses_is_told_for_how_long_to_wait_and_a_known_browser_is_not(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    known = (await faces.sign_in(chain, person)).headers.get_list("set-cookie")[1].partition(";")[0]
    for _ in range(6):
        await faces.sign_in(chain, person, password="a guess at it")
    form = {"program": chain.code, "email": person.email, "password": PASSWORD}
    waits = await faces.post("/console/sign-in?lang=en", form)
    assert (waits.status_code, f"Try again in {waits.headers['retry-after']} second" in waits.text) == (429, True)
    assert (await faces.post("/console/sign-in", form, Cookie=known)).status_code == 303


async def test_one_session_of_ones_own_is_ended_and_nobody_elses(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    here, lost = await sign_in(faces, chain, person), await sign_in(faces, chain, person)
    stranger = await sign_in(faces, chain, await faces.add_owner(chain))
    account = await faces.get("/console/account", headers=here)
    end, _ = re.findall(r'action="(/console/account/sessions/[^/"]+/end)"', account.text)
    for cookie, still in ((stranger, 200), (here, 303)):
        ended = await faces.post(end, {"csrf": await csrf_of(faces, cookie)}, **cookie)
        assert ended.headers["location"] == "/console/account"
        assert (await faces.get(HOME, headers=lost)).status_code == still
    assert (await faces.get(HOME, headers=here)).status_code == 200
    odd = await faces.post("/console/account/sessions/é/end", {"csrf": await csrf_of(faces, here)}, **here)
    assert odd.status_code == 404


@pytest.mark.parametrize("form", [{}, {"program": "a\0b", "email": "x", "password": "y"}, {"program": "x" * 9000}])
async def test_a_form_that_none_of_ours_would_send_signs_nobody_in(faces: ServedFaces, form: dict[str, str]) -> None:
    assert (await faces.post("/console/sign-in", form)).status_code == 422


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}])
async def test_nobody_is_signed_in_from_elsewhere(faces: ServedFaces, headers: dict[str, str]) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    form = {"program": chain.code, "email": person.email, "password": PASSWORD}
    assert (await faces.post("/console/sign-in", form, **headers)).status_code == 403


async def test_a_forged_form_changes_nothing(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    cookie, other = await sign_in(faces, chain, person), await sign_in(faces, chain, person)
    csrf, of_other = await csrf_of(faces, cookie), await csrf_of(faces, other)
    assert csrf != of_other
    for forged in ("", "x", of_other, csrf[:-1], csrf + "=", "é" * 43):
        refused = await faces.post("/console/sign-out", {"csrf": forged}, **cookie)
        assert refused.status_code == 403, forged
    from_elsewhere = await faces.post("/console/sign-out", {"csrf": csrf}, **cookie, Sec_Fetch_Site="same-site")
    assert from_elsewhere.status_code == 403
    assert (await faces.get(STORES, headers=cookie)).status_code == 200, "still signed in"
    gone = await faces.post("/console/sign-out", {"csrf": csrf}, **cookie)
    assert (gone.status_code, gone.headers["location"]) == (303, "/console/sign-in?signed_out=1")
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert (await faces.get(STORES, headers=cookie)).status_code == 303
    assert (await faces.get(STORES, headers=other)).status_code == 200, "another session goes on"


async def test_whoever_has_no_session_is_led_to_the_sign_in_from_every_page(faces: ServedFaces) -> None:
    behind = {
        (method, route.path)
        for route in faces.app.routes
        if route.path_format.startswith("/console")
        for method in getattr(route, "methods", ())
        if method != "OPTIONS" and PAGES[method, route.path_format] != ANYONE
    }
    assert {("GET", STORES), ("POST", "/console/sign-out"), ("GET", "/console")} <= behind
    for method, path in behind:
        named = re.sub(r"\{\w+:int\}", "0", re.sub(r"\{\w+:uuid\}", str(new_id()), path))
        answer = await faces.call(method, named, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith("/console/sign-in")


async def test_a_session_that_ended_meanwhile_leads_back_to_where_one_was(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    cookie = await sign_in(faces, chain, person)
    await faces.world.pool.execute("DELETE FROM staff_sessions WHERE staff_id = $1", person.id)
    answer = await faces.get(f"{STORES}?lang=en", headers=cookie)
    assert answer.headers["location"] == "/console/sign-in?ended=1&to=%2Fconsole%2Fstores%3Flang%3Den"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    swapped = await faces.get(HOME, headers=cookie | {"HX-Request": "true"})
    assert (swapped.status_code, swapped.headers["hx-redirect"]) == (200, "/console/sign-in?ended=1")
    again = await faces.sign_in(chain, person, to=f"{STORES}?lang=en")
    assert again.headers["location"] == f"{STORES}?lang=en"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/console/", "//evil.example/console/", "/console/\\evil.example", "/card/x",
        "/console/ x", "/console/sign-in", "/console/sign-out\r\nX: y", "javascript:alert(1)", "",
        "/console/" + "x" * 500, "/console/é",
    ],
)  # fmt: skip
def test_a_link_leads_nowhere_else_after_the_sign_in(path: str) -> None:
    assert not is_own_path(path)


async def test_the_console_reads_no_bearer_token_and_the_api_no_cookie(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    cookie = await sign_in(faces, chain, await faces.add_owner(chain))
    assert (await faces.get(STORES, headers=chain.owner.headers)).status_code == 303
    url = f"{faces.origin('console')}/v1/stores"
    assert (await faces.world.http.get(url, headers=cookie)).status_code == 401
    assert (await faces.world.http.get(url, headers=chain.owner.headers)).status_code == 200


@pytest.mark.parametrize("cookie", ["noren-session=", "noren-session=x", f"noren-session={to_text(bytes(32))}"])
async def test_a_cookie_that_is_no_session_is_none(faces: ServedFaces, cookie: str) -> None:
    assert (await faces.get(STORES, headers={"Cookie": cookie})).status_code == 303


async def test_each_sees_their_own_stores(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    await chain.add_store(name="Ours<script>alert(1)</script>")
    mine = await chain.add_store(name="Mine")
    await rival.add_store(name="Theirs")
    owner = await faces.get(STORES, headers=await sign_in(faces, chain, await faces.add_owner(chain)))
    assert "Ours&lt;script&gt;alert(1)&lt;/script&gt;" in owner.text
    assert "Mine" in owner.text
    assert "Theirs" not in owner.text
    manager = await chain.add_person("store_manager", mine, password=PASSWORD)
    seen = await faces.get(STORES, headers=await sign_in(faces, chain, manager))
    assert "Mine" in seen.text
    assert "Ours" not in seen.text
    # A place in another program's list is one in one's own: nothing of theirs is shown.
    theirs = (await rival.owner.get("/v1/stores?limit=1")).json()
    assert theirs["next_cursor"] is None
    assert (
        await faces.get(f"{STORES}?cursor=nonsense", headers=await sign_in(faces, chain, manager))
    ).status_code == 400


async def test_a_long_list_is_paged(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    for number in range(51):
        await chain.add_store(name=f"Store number {number}")
    cookie = await sign_in(faces, chain, await faces.add_owner(chain))
    first = await faces.get(STORES, headers=cookie)
    assert first.text.count("Store number") == 50
    (path,) = re.findall(r'class="go" href="([^"]+cursor=[^"]+)"', first.text)
    rest = await faces.get(path, headers=cookie)
    assert re.findall(r"Store number \d+", rest.text) == ["Store number 0"]
