"""What a shopper reads before there is a card."""

from cards.google_class import GoogleWalletDesign
from cards.google_classes_repository import upsert_google_class
from kit.clock import utc_now
from kit.locales import LOCALES
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor

SCRIPT = "<script>alert(1)</script>"
MAIL = {
    "sender_name": "株式会社さくら",
    "postal_address": "東京都新宿区西新宿 1-1-1",
    "contact": "03-1234-5678",
    "per_minute": None,
    "is_double_opt_in": False,
}


async def test_the_page_says_whose_card_it_is_and_how_to_begin(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    path = f"/card/{chain.code}/"
    before = await faces.get(path, headers={"Accept-Language": "en"})
    assert "Kissa Sakura" in before.text
    assert "Who runs this card" not in before.text
    joining = {"phone_region": "JP", "join_url": "https://app.kissa.example/join?x=1"}
    assert (await chain.owner.put("/v1/program/enrolment", joining)).status_code == 200
    assert (await chain.owner.put("/v1/program/mail", MAIL)).status_code == 200
    after = await faces.get(path, headers={"Accept-Language": "en"})
    assert f'href="https://app.kissa.example/join?x=1&amp;program={chain.code}"' in after.text
    assert "株式会社さくら" in after.text


async def test_the_programs_language_is_for_who_asks_for_neither(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    assert (await chain.owner.patch("/v1/program", {"default_locale": "en"})).status_code == 200
    assert '<html lang="en"' in (await faces.get(f"/card/{chain.code}/", headers={"Accept-Language": "fr"})).text


async def test_a_program_colours_its_pages(faces: ServedFaces) -> None:
    chain, plain = await faces.world.add_chain(), await faces.world.add_chain()
    design = GoogleWalletDesign("https://kissa.example/logo.png", "#7a3b2e")
    async with faces.world.pool.acquire() as conn:
        await upsert_google_class(conn, chain.id, design, utc_now())
    coloured = await faces.get(f"/card/{chain.code}/colours.css")
    assert coloured.text == ":root { --brand: #7a3b2e; --on-brand: #ffffff; }\n"
    assert (await faces.get(f"/card/{plain.code}/colours.css")).text == ""
    assert (await faces.get("/card/nobody/colours.css")).status_code == 404


async def test_in_both_languages_nothing_stands_in_anybodys_way(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    assert (await chain.owner.patch("/v1/program", {"name": f"喫茶さくら{SCRIPT}"})).status_code == 200
    assert (await chain.owner.put("/v1/program/mail", MAIL | {"contact": SCRIPT})).status_code == 200
    page = visitor.page
    await page.goto(faces.url(f"/card/{chain.code}/"))
    await page.wait_for_selector("[data-shown=join]")
    for locale in LOCALES:
        await visitor.speak(locale)
        await page.wait_for_selector("[data-shown=join]")
        assert await visitor.find_barriers() == []
        assert await page.locator("h1:visible").inner_text() == f"喫茶さくら{SCRIPT}"
        assert SCRIPT in await page.locator("address").inner_text()
    assert await visitor.find_faint_in_the_dark() == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth <= 320"), "no sideways scrolling (WCAG 1.4.10)"


async def test_licences_and_errors_too(faces: ServedFaces, visitor: Visitor) -> None:
    visitor.expect_complaint("status of 404")
    for path in ("/licences", "/card/nobody", "/nowhere"):
        await visitor.page.goto(faces.origin("card") + path)
        assert await visitor.find_barriers() == [], path


async def test_terms_stand_before_the_card_and_a_program_may_keep_browsers_out(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    path = f"/card/{chain.code}/"
    card = {
        "terms": {"ja": f"規約{SCRIPT}", "en": "https://kissa.example/terms"},
        "privacy_url": "https://kissa.example/p",
    }
    assert (await chain.owner.put("/v1/program/card", card)).status_code == 200
    japanese = (await faces.get(path, headers={"Accept-Language": "ja"})).text
    assert "規約&lt;script&gt;" in japanese
    english = (await faces.get(path, headers={"Accept-Language": "en"})).text
    assert 'href="https://kissa.example/terms"' in english
    assert 'href="https://kissa.example/p"' in english
    assert "data-join" in english
    joining = {"phone_region": "JP", "app_check_project": "123"}
    assert (await chain.owner.put("/v1/program/enrolment", joining)).status_code == 200
    assert "data-join" not in (await faces.get(path)).text
    assert (await chain.owner.put("/v1/program/enrolment", joining | {"allow_browsers": True})).status_code == 200
    assert "data-join" in (await faces.get(path)).text


async def test_a_change_of_the_program_is_another_version_of_the_worker(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    path = f"/card/{chain.code}/worker.js"
    first = await faces.get(path)
    assert first.headers["content-type"].startswith("text/javascript")
    assert (await faces.get(path)).text == first.text, "a nonce is no news"
    assert (await chain.owner.patch("/v1/program", {"name": "Kissa Ume"})).status_code == 200
    assert (await faces.get(path)).text != first.text
    manifest = (await faces.get(f"/card/{chain.code}/manifest.webmanifest", headers={"Accept-Language": "en"})).json()
    assert manifest["id"] == manifest["scope"] == manifest["start_url"] == f"/card/{chain.code}/"
    assert manifest["name"] == "Kissa Ume member card"
    for icon in manifest["icons"]:
        assert (await faces.get(icon["src"])).content.startswith(b"\x89PNG")


async def test_links_of_posters_that_name_the_program_lead_to_its_card(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    answer = await faces.get(f"/card/?program={chain.code}&store=1")
    assert answer.headers["location"] == f"/card/{chain.code}/?program={chain.code}&store=1"
    for program in ("", "//evil.example", "a/b", "no-such", "%E6%97%A5%E6%9C%AC", "%00", "%0d%0aX-A:%201"):
        assert (await faces.get(f"/card/?program={program}")).status_code in (400, 404), program
