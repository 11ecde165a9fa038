"""Campaigns written, changed and started by the pages' forms, over HTTP and without a script."""

from typing import Any

from ids import CampaignId
from tests.support.faces import ServedFaces
from tests.support.forms import fill_in, read_form
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.world import Chain

LIST = "/console/campaigns"
SCRIPT = "<script>alert(1)</script>"


async def write_campaign(who: SignedIn, **changes: Any) -> str:
    """By the form; the path of its page."""
    fields = read_form((await who.get(f"{LIST}/new")).text, f"{LIST}/new")
    good: dict[str, Any] = {
        "name": "Welcome", "benefit": "percent_off", "benefit_percent": "10", "frequency": "monthly",
        "offer_ja_title": "ようこそ", "offer_ja_body": "{store}で10%引き", "where": "all",
    }  # fmt: skip
    answer = await who.post(f"{LIST}/new", fill_in(fields, **good | changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def read_campaign(chain: Chain, path: str) -> Any:
    return (await chain.owner.get(f"/v1/campaigns/{path.rpartition('/')[2]}")).json()


async def test_an_empty_list_leads_to_the_first_campaign_and_it_is_said_as_a_sentence(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store(name="Shibuya")
    who = await sign_in_as(faces, chain)
    empty = (await who.get(LIST)).text
    assert "There are no campaigns yet" in empty
    assert f'href="{LIST}/new"' in empty
    path = await write_campaign(who, name=SCRIPT, where="some", store=str(store))
    shown = (await who.get(path)).text
    sentence = "When a member walks in at Shibuya, give 10 % off, once a month."
    assert sentence in shown
    listed = (await who.get(LIST)).text
    assert sentence in listed
    assert "&lt;script&gt;" in listed
    assert SCRIPT not in listed + shown
    assert sentence in (await who.get(f"{LIST}?state=draft")).text
    assert "No campaign is in that state" in (await who.get(f"{LIST}?state=running")).text
    written = await read_campaign(chain, path)
    assert (written["state"], written["store_ids"], written["frequency"]) == ("draft", [str(store)], "monthly")
    assert written["benefit"] == {"kind": "percent_off", "percent": 10, "max_discount": None}


async def test_it_is_started_paused_gone_on_with_and_stopped(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store()
    who = await sign_in_as(faces, chain)
    path = await write_campaign(who, cap="100")
    for move, state in (("start", "running"), ("pause", "paused"), ("start", "running"), ("stop", "ended")):
        page = (await who.get(path)).text
        fields = read_form(page, "/state")
        answer = await who.post(f"{path}/state", fill_in(fields[:2], move=move))
        assert answer.status_code == 303, answer.text
        assert (await read_campaign(chain, path))["state"] == state
    assert "/state" not in (await who.get(path)).text, "what has ended stays so"
    listed = (await who.get(f"{LIST}?state=ended")).text
    assert "0 of 100 coupons" in listed


async def test_what_was_typed_stays_and_each_fault_stands_at_its_field(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    who = await sign_in_as(faces, chain)
    fields = read_form((await who.get(f"{LIST}/new")).text, f"{LIST}/new")
    typed = fill_in(fields, name=SCRIPT, benefit="percent_off", benefit_percent="250", cap="lots", where="all")
    answer = await who.post(f"{LIST}/new", typed)
    assert answer.status_code == 422
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in answer.text
    assert 'value="250"' in answer.text
    assert 'id="cap-fault">Write a whole number.' in answer.text
    assert (await chain.owner.get("/v1/campaigns")).json()["items"] == []
    again = await who.post(f"{LIST}/new", fill_in(typed, cap="5", offer_en_title="Hi", offer_en_body="x"))
    assert 'id="benefit_percent-fault">Write 100 or less.' in again.text


# What is typed beside a good form, and where it is said to be wrong.
REFUSED: list[tuple[dict[str, str], str]] = [
    ({"ends_at": "2020-01-01T00:00"}, "ends_at"),
    ({"trigger": "first_visit", "frequency": "daily"}, "frequency"),
    ({"trigger": "broadcast", "frequency": "daily", "offer_ja_body": "x"}, "frequency"),
    ({"offer_ja_body": "{who}"}, "offer_ja_body"),
    ({"offer_ja_body": "{store"}, "offer_ja_body"),
    ({"trigger": "joined", "frequency": "once"}, "offer_ja_body"),
    ({"push_ja_title": "{name}", "push_ja_body": "x"}, "push_ja_title"),
    ({"channel_1": "line"}, "line_ja_text"),
    ({"channel_1": "push", "channel_2": "push"}, "channel_2"),
    ({"channel_1": "sms", "sms_ja_text": "x"}, "channel_1"),
    ({"channel_1": "email", "email_ja_subject": "x", "email_ja_body": "x"}, "channel_1"),
    ({"benefit": "free_item"}, "item_codes"),
    ({"benefit": "extra_points", "benefit_points": "5"}, "benefit"),
    ({"benefit": "extra_stamps", "benefit_stamp_card": "none"}, "benefit_stamp_card"),
    ({"company": "group"}, "company_group"),
    ({"trigger": "rank_reached", "trigger_rank": "gold", "offer_ja_body": "x"}, "trigger_rank"),
    ({"line_ja_text": "x", "line_ja_button": "open"}, "link"),
    ({"trigger": "schedule", "trigger_first_at": "2026-12-04T18:00", "trigger_repeat": "daily", "frequency": "once",
      "offer_ja_body": "x"}, "ends_at"),
    ({"audience": "01923456-789a-7bcd-8ef0-123456789abc"}, "audience"),
    ({"where": "some", "group": "nowhere"}, "group"),
    ({"step_0_after": "9", "step_0_when": "unused", "step_0_ja_title": "a", "step_0_ja_body": "b"}, "step_0_after"),
    ({"step_0_after": "1", "step_0_when": "used", "step_0_ja_title": "{who}", "step_0_ja_body": "b"},
     "step_0_ja_title"),
    ({"step_0_after": "1", "step_0_when": "used", "step_0_ja_title": "a", "step_0_ja_body": "b",
      "step_0_email_ja_subject": "x", "step_0_email_ja_body": "{store"}, "step_0_email_ja_body"),
    ({"step_0_after": "1", "step_0_when": "back", "step_0_do": "offer",
      "step_0_campaign": "01923456-789a-7bcd-8ef0-123456789abc"}, "step_0_campaign"),
    ({"use_where": "some", "use_store": "01923456-789a-7bcd-8ef0-123456789abc"}, "use_store"),
    ({"use_rank": "gold"}, "use_rank"),
    ({"usable_offline": "yes", "min_spend": "100"}, "usable_offline"),
    ({"valid": "until", "valid_until": "2999-01-01T00:00", "use_from": "2999-02-01T00:00"}, "use_from"),
    ({"where": "some", "store": "01923456-789a-7bcd-8ef0-123456789abc"}, "store"),
]  # fmt: skip


async def test_what_the_api_refuses_stands_at_the_field_in_words_of_managers(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store()
    who = await sign_in_as(faces, chain)
    fields = read_form((await who.get(f"{LIST}/new")).text, f"{LIST}/new")
    good = {"name": "A", "benefit": "percent_off", "benefit_percent": "10", "where": "all"}
    good |= {"offer_ja_title": "a", "offer_ja_body": "{store}"}
    for changes, field in REFUSED:
        answer = await who.post(f"{LIST}/new", fill_in(fields, **good | changes))
        assert answer.status_code == 422, (changes, answer.headers)
        assert f'id="{field}-fault"' in answer.text, [line for line in answer.text.splitlines() if "fault" in line]
        assert "cannot be saved like this" not in answer.text


async def test_two_managers_change_one_and_the_second_is_shown_both(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store()
    one, other = await sign_in_as(faces, chain), await sign_in_as(faces, chain)
    path = await write_campaign(one)
    mine = read_form((await one.get(f"{path}/edit")).text, "/edit")
    theirs = read_form((await other.get(f"{path}/edit")).text, "/edit")
    assert (await other.post(f"{path}/edit", fill_in(theirs, name="Theirs"))).status_code == 303
    conflict = await one.post(f"{path}/edit", fill_in(mine, name="Mine"))
    assert conflict.status_code == 422
    assert "Sato Hana saved this campaign" in conflict.text
    assert "<q>Theirs</q>" in conflict.text
    assert "<q>Mine</q>" in conflict.text
    assert (await read_campaign(chain, path))["name"] == "Theirs"
    again = read_form(conflict.text, "/edit")
    assert (await one.post(f"{path}/edit", again)).status_code == 303
    campaign = await read_campaign(chain, path)
    assert (campaign["name"], campaign["version"]) == ("Mine", 3)


async def test_what_the_form_does_not_write_stays_and_is_named(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    step = {
        "after_hours": 24,
        "when": "unused",
        "action": {"kind": "message", "text": {"ja": {"title": "a", "body": "b"}}},
    }
    messages = {"push": {"ko": {"title": "a", "body": "b"}}, "push_look": {"badge": 1}}
    campaign_id = await chain.add_campaign(state="draft", follow_ups=[step], messages=messages)
    before = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    who = await sign_in_as(faces, chain)
    page = (await who.get(f"{LIST}/{campaign_id}/edit")).text
    assert "How phones treat the push" in page
    answer = await who.post(f"{LIST}/{campaign_id}/edit", fill_in(read_form(page, "/edit"), name="Another"))
    assert answer.status_code == 303
    after = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    assert after == before | {"name": "Another", "version": 2}


async def test_nobody_reaches_another_programs_or_stores_campaigns(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    mine, elsewhere = await chain.add_store(), await chain.add_store()
    theirs: CampaignId = await rival.add_campaign()
    who = await sign_in_as(faces, chain)
    for path in (f"{LIST}/{theirs}", f"{LIST}/{theirs}/edit"):
        assert (await who.get(path)).status_code == 404
    fields = read_form((await who.get(f"{LIST}/new")).text, f"{LIST}/new")
    assert (await who.post(f"{LIST}/{theirs}/state", fill_in(fields[:1], move="stop"))).status_code == 404
    assert (await who.get(f"{LIST}/new?like={theirs}")).status_code == 404
    local = await chain.add_campaign(store_ids=[str(elsewhere)])
    of_all = await chain.add_campaign()
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    assert (await manager.get(f"{LIST}/{local}")).status_code == 404
    shown = await manager.get(f"{LIST}/{of_all}")
    assert shown.status_code == 200
    assert "You can look at this campaign" in shown.text
    assert (await manager.get(f"{LIST}/{of_all}/edit")).status_code == 403
    fields = read_form((await manager.get(f"{LIST}/new")).text, f"{LIST}/new")
    refused = await manager.post(f"{LIST}/{of_all}/state", fill_in(fields[:1], move="stop"))
    assert refused.status_code == 422
    assert "ask an owner" in refused.text
    good = {"name": "A", "offer_ja_title": "a", "offer_ja_body": "b"}
    for reach in ({"where": "all"}, {"where": "some", "store": str(elsewhere)}):
        answer = await manager.post(f"{LIST}/new", fill_in(fields, **good | reach))
        assert (answer.status_code, "location" in answer.headers) == (422, False), reach
    ok = await manager.post(f"{LIST}/new", fill_in(fields, **good | {"where": "some", "store": str(mine)}))
    assert ok.status_code == 303
    analyst = await sign_in_as(faces, chain, "analyst")
    assert (await analyst.get(f"{LIST}/{of_all}")).status_code == 200
    assert (await analyst.get(f"{LIST}/new")).status_code == 403


async def test_another_is_written_like_one_that_there_is(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    model = await chain.add_campaign(name="Model", hours=[{"weekdays": [1]}], max_event_age_s=60)
    who = await sign_in_as(faces, chain)
    page = (await who.get(f"{LIST}/new?like={model}")).text
    answer = await who.post(f"{LIST}/new", fill_in(read_form(page, f"{LIST}/new"), name="Copy"))
    copy = await read_campaign(chain, answer.headers["location"])
    assert (copy["name"], copy["state"], copy["max_event_age_s"]) == ("Copy", "draft", 60)
    assert copy["hours"][0]["weekdays"] == [1]
