"""Contacts on the card's page: by them a card that was lost comes back, and nobody else's does."""

from datetime import timedelta

from kit.clock import utc_now
from kit.locales import LOCALES
from tests.support.card_page import complaint, open_card, read_membership, show_view, told
from tests.support.faces import ServedFaces
from tests.support.inbox import fetch_code
from tests.support.lives import ok
from tests.support.proving import let_a_minute_pass, let_means_stand
from tests.support.transferring import KEYRING
from tests.support.visitors import Visitor
from tests.support.world import Chain, Member

PHONE, E164 = "090-1234-5678", "+819012345678"
MAIL = "hana@example.com"
SCRIPT = "<img src=x onerror=alert(1)>"


async def send(visitor: Visitor, value: str) -> None:
    await visitor.page.fill('[data-view="contacts"] [name="value"]', value)
    await visitor.page.click('[data-view="contacts"] [data-step="add"] button')


async def answer(visitor: Visitor, step: str, code: str) -> None:
    form = visitor.page.locator(f'[data-view="contacts"] [data-step="{step}"]:not([hidden])')
    await form.locator('[name="code"]').fill(code)
    await form.locator("button").first.click()


async def own_contact(chain: Chain, member: Member, value: str, kind: str) -> None:
    await let_a_minute_pass(chain)
    opened = ok(await member.app.post("/v1/me/verifications", {"kind": kind, "value": value}))
    code = await fetch_code(chain.world.pool, KEYRING, value)
    ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))


async def test_a_contact_is_added_by_its_code_and_a_second_by_proof(faces: ServedFaces, visitor: Visitor) -> None:
    chain, pool, page = await faces.world.add_chain(), faces.world.pool, visitor.page
    app = await open_card(faces, visitor, chain)
    await show_view(visitor, "contacts")
    assert await page.locator("[data-view=contacts] [data-unclaimed]").is_visible()
    visitor.expect_complaint("status of 4")  # each refusal below is one
    await send(visitor, "12345")
    assert "ご確認" in await complaint(visitor, "contacts")
    assert await page.input_value("#contact-value") == "12345", "what was typed is still there"
    await send(visitor, PHONE)
    assert PHONE in await told(visitor, "contacts")
    assert await page.evaluate("document.activeElement.id") == "contact-code"
    code = await fetch_code(pool, KEYRING, E164)
    await answer(visitor, "confirm", f"{(int(code) + 1) % 1_000_000:06d}")
    assert "違います" in await complaint(visitor, "contacts")
    await answer(visitor, "confirm", code)
    await page.locator("[data-held] li", has_text=E164).wait_for()
    assert ok(await app.get("/v1/me"))["phone"] == E164
    for locale in LOCALES:
        await visitor.speak(locale)
        await show_view(visitor, "contacts")
        await page.locator("[data-held] li").wait_for()
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    # The card shows by itself that it is the member who adds a second one; without it, a code to the first does.
    await let_a_minute_pass(chain)
    await let_means_stand(pool, chain.id)
    await pool.execute("UPDATE card_keys SET stands_at = now() + interval '1 day' WHERE program_id = $1", chain.id)
    await send(visitor, MAIL)
    await page.locator("[data-view=contacts] [data-step=proof]:not([hidden])").wait_for()
    await answer(visitor, "proof", await fetch_code(pool, KEYRING, E164))
    await page.locator("[data-view=contacts] [data-step=confirm]:not([hidden])").wait_for()
    await answer(visitor, "confirm", await fetch_code(pool, KEYRING, MAIL))
    await page.locator("[data-held] li", has_text=MAIL).wait_for()


async def test_another_cards_contact_brings_that_card_only_to_its_owner(faces: ServedFaces, visitor: Visitor) -> None:
    chain, pool, page = await faces.world.add_chain(), faces.world.pool, visitor.page
    holder = await chain.enrol()
    await own_contact(chain, holder, E164, "phone")
    await let_means_stand(pool, chain.id)
    await let_a_minute_pass(chain)
    opened = ok(await holder.app.post("/v1/me/data-codes", {"purpose": "change"}))
    proof = {"code_id": opened["id"], "proof_code": await fetch_code(pool, KEYRING, E164)}
    await let_a_minute_pass(chain)
    opened = ok(await holder.app.post("/v1/me/verifications", {"kind": "email", "value": MAIL} | proof))
    code = await fetch_code(pool, KEYRING, MAIL)
    ok(await holder.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    await let_means_stand(pool, chain.id)
    await let_a_minute_pass(chain)
    store = await chain.add_store(name=SCRIPT)
    phone = await holder.take_card()
    ok(await (await chain.add_till(store)).at.post("/v1/scans", {"card": phone.make_code(utc_now())}))
    await open_card(faces, visitor, chain)
    former = (await read_membership(visitor, chain))["memberId"]
    await show_view(visitor, "contacts")
    await send(visitor, PHONE)
    await page.locator("[data-view=contacts] [data-step=confirm]:not([hidden])").wait_for()
    await answer(visitor, "confirm", await fetch_code(pool, KEYRING, E164))
    transfer = page.locator("[data-view=contacts] [data-step=transfer]:not([hidden])")
    await transfer.wait_for()
    assert await visitor.find_barriers() == []
    assert (await read_membership(visitor, chain))["memberId"] == former, "nothing has moved"
    assert len(ok(await holder.app.get("/v1/me/transfers"))["against"]) == 1
    await name_the_last_visit(visitor)
    assert (await read_membership(visitor, chain))["memberId"] == former, "its owner has a week"
    await let_a_minute_pass(chain)
    await transfer.locator('[data-way="email"]').click()
    await page.locator("[data-view=contacts] [data-step=transfer-code]:not([hidden])").wait_for()
    code = await fetch_code(pool, KEYRING, MAIL)
    await answer(visitor, "transfer-code", f"{(int(code) + 1) % 1_000_000:06d}")
    assert "違います" in await complaint(visitor, "contacts")
    await answer(visitor, "transfer-code", code)
    await page.wait_for_selector('[data-card-app][data-shown="home"]')
    kept = await read_membership(visitor, chain)
    assert kept["memberId"] == str(holder.id)
    assert (await holder.app.get("/v1/me")).status_code == 401, "the former phone is signed out"


async def name_the_last_visit(visitor: Visitor) -> None:
    """On a wrong day first."""
    page, today = visitor.page, utc_now().date()
    visitor.expect_complaint("status of 4")
    await page.click("[data-visit]:not([hidden])")
    form = page.locator('[data-view=contacts] [data-step="transfer-visit"]:not([hidden])')
    await form.wait_for()
    assert await visitor.find_barriers() == []
    await page.fill("#transfer-day", (today - timedelta(days=60)).isoformat())
    await form.locator("button").click()
    assert "違います" in await complaint(visitor, "contacts")
    assert "あと" in await form.inner_text()
    await page.fill("#transfer-day", today.isoformat())
    await form.locator("button").click()
    wait = page.locator('[data-view=contacts] [data-step="transfer"]:not([hidden]) [data-fill="wait"]:not([hidden])')
    await wait.wait_for()
    assert await page.locator("[data-visit]").is_hidden()
