"""What was typed into a form whose session had expired: for who had typed it, on that page, once; no secret."""

from tests.server.console.members.test_members import SCRIPT, add_member
from tests.support.faces import ServedFaces
from tests.support.signed_in import SignedIn, sign_in

EXPIRE = "UPDATE staff_sessions SET expires_at = now() WHERE staff_id = $1"
MARK = "data-typed-before"


async def send_too_late(owner: SignedIn, page: str, action: str, form: dict[str, str], **headers: str) -> str | None:
    """The cookie in which it is kept."""
    told = {"Referer": owner.faces.url(page)} | headers
    answer = await owner.faces.post(action, form, **owner.cookie, **told)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?ended=1")
    kept = [each for each in answer.headers.get_list("set-cookie") if each.startswith("noren-typed=")]
    assert all("HttpOnly" in each and "SameSite=lax" in each for each in kept)
    return kept[0].partition(";")[0] if kept else None


async def test_what_was_typed_comes_back_to_who_typed_it_and_to_nobody_else(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person, other = await faces.add_owner(chain), await faces.add_owner(chain)
    member = await add_member(chain, "佐藤 花子")
    owner = await sign_in(faces, chain, person)
    page = f"/console/members/{member.id}/points"
    form = await owner.read_form(page) | {"points": "100", "reason": SCRIPT}
    await faces.world.pool.execute(EXPIRE, person.id)
    kept = await send_too_late(owner, page, page, form)
    assert kept is not None
    assert "reason" not in kept
    for action, typed in (
        (page, form | {"csrf": "x"}),
        (page, form | {"reason": "x" * 5000}),
        ("/console/account/password", form | {"password": "a secret of mine"}),
    ):
        assert await send_too_late(owner, page, action, typed) is None, action
    again, stranger = await sign_in(faces, chain, person), await sign_in(faces, chain, other)
    shown = await again.get(page, Cookie=f"{again.cookie['Cookie']}; {kept}")
    assert MARK in shown.text
    assert SCRIPT not in shown.text
    assert "noren-typed=;" in " ".join(shown.headers.get_list("set-cookie")).replace('""', ""), "once"
    elsewhere = await again.get(f"/console/members/{member.id}", Cookie=f"{again.cookie['Cookie']}; {kept}")
    assert MARK not in elsewhere.text
    for cookie in (kept, "noren-typed=x", f"{kept[:-4]}AAAA"):
        assert MARK not in (await stranger.get(page, Cookie=f"{stranger.cookie['Cookie']}; {cookie}")).text


async def test_a_session_that_was_ended_on_purpose_takes_it_along(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    owner = await sign_in(faces, chain, person)
    form = await owner.read_form("/console/coupons") | {"code": "N1K"}
    await faces.world.pool.execute("DELETE FROM staff_sessions WHERE staff_id = $1", person.id)
    assert await send_too_late(owner, "/console/coupons", "/console/coupons", form) is None
