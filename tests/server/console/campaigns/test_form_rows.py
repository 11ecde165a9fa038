"""What comes and goes in a campaign's form while it is written: steps, hours, languages, and what is searched for."""

from server.console.campaigns.form_rows import change_rows
from tests.support.faces import ServedFaces
from tests.support.forms import fill_in, read_form
from tests.support.signed_in import sign_in_as

LIST = "/console/campaigns"


def test_steps_are_added_below_and_taken_out_so_that_those_below_move_up() -> None:
    one = {"name": ["A"], "step_0_when": ["used"], "step_0_ja_title": ["first"]}
    two, focus = change_rows(one, "add_step")
    assert (focus, two["step_1_when"], two["step_1_do"]) == ("step_1", ["unused"], ["message"])
    left, _ = change_rows({**two, "step_1_ja_title": ["second"]}, "remove_step_0")
    assert left["step_0_ja_title"] == ["second"]
    assert not any(name.startswith("step_1") for name in left)
    assert left["name"] == ["A"]
    many = {f"step_{place}_when": ["used"] for place in range(10)}
    assert change_rows(many, "add_step") == (many, ""), "ten is the most"
    assert change_rows({"hours_3_start": ["10:00"]}, "add_hours")[1] == "hours_4"
    assert change_rows({"add_language": ["ko"], "language": ["th"]}, "add_language")[0]["language"] == ["th", "ko"]
    assert change_rows(one, "remove_step_x") == (one, "remove_step_x")


async def test_steps_conditions_and_languages_are_written_without_a_script(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store(name="Shibuya")
    better = await chain.add_campaign(name="Better", trigger={"kind": "follow_up"}, state="draft")
    who = await sign_in_as(faces, chain)
    fields = read_form((await who.get(f"{LIST}/new")).text, f"{LIST}/new")
    fields = fill_in(fields, name="A", where="all", offer_ja_title="a", offer_ja_body="b", valid_days="30")
    for asked in ({"do": "add_step"}, {"do": "add_step"}, {"do": "add_language", "add_language": "ko"}):
        page = (await who.post(f"{LIST}/draft/form", fill_in(fields, **asked))).text
        fields = read_form(page, f"{LIST}/new")
    assert ("language", "ko") in fields
    steps = {
        "step_0_after": "5",
        "step_0_ja_title": "お忘れなく",
        "step_0_ja_body": "あと少し",
        "step_0_ko_title": "잊지 마세요",
        "step_0_ko_body": "곧",
        "step_1_after": "25",
        "step_1_when": "not_back",
        "step_1_do": "offer",
        "step_1_campaign": str(better),
    }
    use = {"use_where": "some", "use_store": str(store), "use_hours_0_start": "10:00"}
    fields = fill_in(fields, **steps, **use, offer_ko_title="가", offer_ko_body="나")
    said = (await who.post(f"{LIST}/draft/sentence", fields)).text
    assert "5 days after the coupon, if it is unused, the message &#34;お忘れなく&#34; follows." in said
    assert "25 days after that, if the member has not come back, the offer of &#34;Better&#34; follows." in said
    assert "A coupon can be used only from 10:00 on, at Shibuya." in said
    shown = (await who.post(f"{LIST}/draft/preview", fields)).text
    assert "잊지 마세요" in shown
    assert "Korean · Step 1" in shown
    saved = await who.post(f"{LIST}/new", fields)
    assert saved.status_code == 303, saved.text
    campaign_id = saved.headers["location"].rpartition("/")[2]
    written = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    assert [(each["after_hours"], each["when"]) for each in written["follow_ups"]] == [
        (120, "unused"),
        (600, "not_back"),
    ]
    assert set(written["follow_ups"][0]["action"]["text"]) == {"ja", "ko"}
    assert written["follow_ups"][1]["action"] == {"kind": "offer", "campaign_id": str(better)}
    assert written["offer"]["ko"]["title"] == "가"
    assert written["conditions"]["store_ids"] == [str(store)]
    fields = read_form((await who.get(f"{LIST}/{campaign_id}/edit")).text, "/edit")
    again = await who.post(f"{LIST}/draft/form", fill_in(fields, do="remove_step_0"))
    answer = await who.post(f"{LIST}/{campaign_id}/edit", read_form(again.text, "/edit"))
    assert answer.status_code == 303, answer.text
    after = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    assert after["follow_ups"] == written["follow_ups"][1:]


async def test_what_is_too_much_to_list_is_searched_for_and_what_was_ticked_stays(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    await faces.world.pool.execute(
        "INSERT INTO stores (id, program_id, code, name, time_zone, created_at) SELECT gen_random_uuid(), $1,"
        " 'S' || n, 'Shop ' || n, 'Asia/Tokyo', now() FROM generate_series(100, 149) n",
        chain.id,
    )
    mine = await chain.add_store(name="Ginza <b>6</b>")
    await rival.add_store(name="Ginza of others")
    who = await sign_in_as(faces, chain)
    page = (await who.get(f"{LIST}/new")).text
    assert page.count('name="store"') == 40
    fields = read_form(page, f"{LIST}/new")
    found = await who.post(
        f"{LIST}/draft/form", fill_in(fields, where="some", store=str(mine), find_store="shop 12", do="find_store")
    )
    assert found.text.count('name="store"') == 1 + 10
    assert "Ginza &lt;b&gt;6" in found.text
    assert "of others" not in found.text
    none = await who.post(f"{LIST}/draft/form", fill_in(fields, find_store="%", do="find_store"))
    assert "Nothing found for" in none.text
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    fields = read_form((await manager.get(f"{LIST}/new")).text, f"{LIST}/new")
    other = await faces.world.pool.fetchval("SELECT id FROM stores WHERE code = 'S101' AND program_id = $1", chain.id)
    seen = await manager.post(f"{LIST}/draft/form", fill_in(fields, store=str(other), find_store="shop"))
    assert "Shop 1" not in seen.text


async def test_an_audience_searches_for_others_and_for_campaigns(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await faces.world.pool.execute(
        "INSERT INTO audiences (id, program_id, name, version, created_at, changed_at)"
        " SELECT gen_random_uuid(), $1, 'Group ' || n, 1, now(), now() FROM generate_series(100, 149) n",
        chain.id,
    )
    who = await sign_in_as(faces, chain)
    page = (await who.get("/console/audiences/new")).text
    assert "Find other audiences by name" in page
    assert "Find other campaigns by name" not in page, "all of them are in the list"
    fields = read_form(page, "/console/audiences/new")
    found = await who.post("/console/audiences/new", fill_in(fields, name="A", find_audience="group 12", do="more"))
    assert found.status_code == 200
    assert "Group 125" in found.text
    assert "Group 134" not in found.text
    assert 'value="A"' in found.text
