"""A campaign's messages as a named member would get them, and a test to oneself: to one's own address and no other."""

from typing import Any

from channels.delivery_worker import deliver_once
from channels.messages import EmailMessage
from tests.support.expectations import expect_problem
from tests.support.inbox import Inbox
from tests.support.lives import KEYRING
from tests.support.world import Chain

OFFER = {"ja": {"title": "珈琲", "body": "一杯"}, "en": {"title": "Coffee", "body": "A cup"}}
FREE = {"price": None, "currency": None}  # of a program without a telephone
HELLO = "{if nickname}{nickname}{else}you{end} {if attributes.team}({attributes.team}) {end}{store}"
MESSAGES: dict[str, Any] = {
    "push": {"en": {"title": "{offer.title}", "body": HELLO}},
    "email": {"en": {"subject": HELLO, "body": f"*{HELLO}* [open]({{link}})"}},
    "line": {"en": {"text": HELLO, "button": "Open"}},
    "sms": {"en": {"text": HELLO}},
    "voice": {"en": {"text": HELLO}},
    "messenger": {"en": {"text": HELLO}},
    "link": "https://card.example/{coupon_id}",
}
STEP = {
    "after_hours": 1,
    "when": "unused",
    "action": {
        "kind": "message",
        "text": {"en": {"title": "Soon over", "body": "{expires}"}},
        "messages": {"sms": {"en": {"text": "{offer.title}: soon over"}}},
    },
}


async def write(chain: Chain) -> str:
    await chain.add_store(name="Ginza")
    attribute = {"key": "team", "kind": "text", "label": {"ja": "球団"}, "is_profiling": True, "writers": ["member"]}
    assert (await chain.owner.post("/v1/attributes", attribute)).status_code == 201
    campaign_id = await chain.add_campaign(offer=OFFER, messages=MESSAGES, follow_ups=[STEP])
    return f"/v1/campaigns/{campaign_id}"


async def test_a_named_member_is_told_by_their_own_words(chain: Chain) -> None:
    path = await write(chain)
    member = await chain.enrol(locale="en")
    profile = {"nickname": "*{Hana}*\n<b>", "attributes": {"team": "Carp"}}
    assert (await member.app.patch("/v1/me/profile", profile)).status_code == 200
    asked = {"member_id": str(member.id)}
    shown = (await chain.owner.post(f"{path}/preview", asked)).json()
    assert shown["push"]["title"] == "Coffee"
    assert shown["push"]["body"] == "*{Hana}* <b> Ginza", "without consent to profiling the team is not known"
    assert shown["push"]["link"].startswith("https://card.example/00000000-")
    assert 0 < shown["push"]["size_bytes"] < 1000
    assert shown["email"]["subject"] == "*{Hana}* <b> Ginza"
    assert "<em>*{Hana}* &lt;b&gt; Ginza</em>" in shown["email"]["html"]
    assert shown["email"]["text"].startswith("*{Hana}* <b> Ginza open (https://card.example/")
    assert shown["line"]["messages"][0]["altText"] == "*{Hana}* <b> Ginza"
    assert shown["sms"] == {"text": "*{Hana}* <b> Ginza", "alphabet": "gsm7", "segments": 1} | FREE
    assert shown["voice"] == {"text": "*{Hana}* <b> Ginza", "language": "en-US"} | FREE
    assert shown["messenger"]["text"] == "*{Hana}* <b> Ginza"
    consent = {"consents": [{"purpose": "profiling", "granted": True, "text_version": "1"}]}
    assert (await member.app.put("/v1/me/consents", consent)).status_code == 200
    shown = (await chain.owner.post(f"{path}/preview", asked)).json()
    assert shown["sms"]["text"] == "*{Hana}* <b> (Carp) Ginza"


async def test_somebody_made_up_has_everything_and_a_step_has_its_own_words(chain: Chain) -> None:
    path = await write(chain)
    shown = (await chain.owner.post(f"{path}/preview", {"language": "en"})).json()
    assert shown["sms"]["text"] == "Hana (team) Ginza"
    step = (await chain.owner.post(f"{path}/preview", {"language": "en", "step": 1})).json()
    assert (step["sms"]["text"], step["email"], step["push"]["title"]) == ("Coffee: soon over", None, "Soon over")
    for asked, status in (
        ({"step": 2}, 400),
        ({"language": "xx"}, 400),
        ({"language": "EN"}, 400),
        ({"store_id": str(chain.id)}, 404),
        ({"member_id": str(chain.id)}, 404),
    ):
        expect_problem(await chain.owner.post(f"{path}/preview", asked), status)


async def test_only_an_owner_sees_what_a_member_wrote(chain: Chain) -> None:
    path = await write(chain)
    store_id = await chain.add_store()
    manager = await chain.add_person("store_manager", store_id)
    member = await chain.enrol()
    refused = await manager.session.post(f"{path}/preview", {"member_id": str(member.id)})
    expect_problem(refused, 403, "forbidden")
    assert (await manager.session.post(f"{path}/preview", {"store_id": str(store_id)})).status_code == 200


async def test_a_test_goes_to_ones_own_address_once_a_minute(chain: Chain) -> None:
    path = await write(chain)
    me = await chain.add_person("owner")
    key = {"Idempotency-Key": "test-message-1"}
    for _ in range(2):  # asked twice, sent once
        sent = await me.session.post(f"{path}/test-message", {"language": "en"}, headers=key)
        assert sent.status_code == 202, sent.text
    expect_problem(await me.session.post(f"{path}/test-message", {}), 429, "too-many-attempts")
    inbox = Inbox()
    while (await deliver_once(chain.world.pool, KEYRING, inbox.channels)).total():
        pass
    (mail,) = [each for each in inbox.messages if "[Test]" in getattr(each, "subject", "")]
    assert isinstance(mail, EmailMessage)
    assert mail.subject == "[Test] Hana (team) Ginza"
    assert mail.recipient == me.email
    assert "<em>Hana (team) Ginza</em>" in (mail.html or "")


async def test_there_is_no_test_of_an_email_that_there_is_not(chain: Chain) -> None:
    await chain.add_store()
    path = f"/v1/campaigns/{await chain.add_campaign(offer=OFFER)}"
    refused = await chain.owner.post(f"{path}/test-message", {})
    expect_problem(refused, 400, "invalid-request")
    shown = (await chain.owner.post(f"{path}/preview", {})).json()
    assert {name for name, each in shown.items() if each is not None} == {"push"}
