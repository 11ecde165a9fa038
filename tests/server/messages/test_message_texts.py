"""A campaign's words for each channel: what is refused as it is written, and what a push then says to whom."""

from typing import Any

from server.messages.check_messages import OTHER_CHANNELS
from tests.support.expectations import expect_problem
from tests.support.world import Chain, campaign_body

OFFER = {"ja": {"title": "珈琲", "body": "一杯"}, "en": {"title": "Coffee", "body": "A cup"}}
EMAIL = {"subject": "{program}より", "body": "# {if name}{name}様{else}お客様{end}\n\n{expires}まで [開く]({link})"}
GOOD: dict[str, Any] = {
    "push": {"ja": {"title": "{store}より", "body": "{if name}{name}様、{end}{offer.title}"}},
    "email": {"ja": EMAIL, "zh-Hant": EMAIL},
    "line": {"ja": {"text": "{offer.title}: {valid_for}", "button": "見る"}},
    "sms": {"ja": {"text": "{store} {expires} {link}"}},
    "voice": {"ja": {"text": "{if kana}{kana}様。{end}{offer.body}"}},
    "messenger": {"en": {"text": "{offer.title}"}},
    "link": "https://card.example/c/{coupon_id}",
    "push_look": {
        "android_channel": "coupons",
        "thread_id": "c",
        "interruption_level": "time-sensitive",
        "badge": 1,
        "expires_after_s": 3600,
    },
}
BROADCAST = {"kind": "broadcast"}


async def test_words_are_kept_as_they_were_written_and_are_part_of_a_version(chain: Chain) -> None:
    path = f"/v1/campaigns/{await chain.add_campaign(offer=OFFER, messages=GOOD)}"
    assert (await chain.owner.get(path)).json()["messages"] == GOOD
    changed = await chain.owner.patch(path, {"messages": {"sms": GOOD["sms"], "link": GOOD["link"]}})
    assert set(changed.json()["messages"]) == {"sms", "link"}
    versions = (await chain.owner.get(f"{path}/versions")).json()["items"]
    assert [set(each["campaign"]["messages"]) for each in versions] == [{"sms", "link"}, set(GOOD)]


def _with(channel: str, text: dict[str, Any], tag: str = "ja") -> dict[str, Any]:
    return {"messages": {channel: {tag: text}}}


def _step(action: dict[str, Any]) -> dict[str, Any]:
    step = {
        "after_hours": 1,
        "when": "used",
        "action": {"kind": "message", "text": {"ja": {"title": "t", "body": "b"}}},
    }
    return {"follow_ups": [step | {"action": step["action"] | action}]}  # type: ignore[operator]


# What is written, and what the refusal says of it.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"offer": {"xx": OFFER["ja"]}}, "In offer, write the tag of a language"),
    ({"offer": {"EN": OFFER["ja"]}}, "In offer, write en;"),
    (_with("sms", {"text": "a"}, "japanese"), "In messages.sms, write a BCP 47 tag"),
    (_with("sms", {"text": "{nme}"}), "In messages.sms.ja.text, leave out {nme}: only {"),
    (_with("sms", {"text": "a {"}), "In messages.sms.ja.text, give each { its }"),
    (_with("email", {"subject": "{name}", "body": "b"}), "In messages.email.ja.subject, put {name} between"),
    (_with("line", {"text": "{points}"}), "In messages.line.ja.text, leave out {points}"),
    (_with("line", {"text": "{attributes.nothing}"}), "In messages.line.ja.text, leave out {attributes.nothing}"),
    (_with("sms", {"text": "あ" * 671}), "In messages.sms.ja, shorten the words"),
    (_with("sms", {"text": "あ" * 600 + "{store}"}), "In messages.sms.ja, shorten the words"),
    (_with("line", {"text": "あ" * 4900 + "{store}"}), "In messages.line.ja, shorten the words"),
    (_with("voice", {"text": "あ" * 3001}), "In messages.voice.ja, shorten the words"),
    (_with("messenger", {"text": "あ" * 2001}), "In messages.messenger.ja, shorten the words"),
    (_with("email", {"subject": "s" * 186 + "{store}{store}", "body": "b"}), "In messages.email.ja, shorten the words"),
    (_with("email", {"subject": "s", "body": "[a](tel:1)\n" * 1810}), "In messages.email.ja, shorten the words"),
    (_with("push", {"title": "t", "body": "{store}" * 20}), "In messages.push.ja, shorten title and body"),
    ({"offer": {"ja": {"title": "t", "body": "{store}" * 20}}}, "In offer.ja, shorten title and body"),
    (_with("line", {"text": "a", "button": "b"}), "Give messages.link, a web address (https)"),
    (_with("sms", {"text": "{link}"}), "In messages.sms.ja.text, leave out {link}"),
    (
        {"messages": {"sms": {"ja": {"text": "{link}"}}, "link": "cafe://c/{coupon_id}"}},
        "Give messages.link, a web address (https)",
    ),
    ({"messages": {"link": "javascript://%0aalert(1)"}}, "link"),
    ({"messages": {"link": "https://card.example/{member_id}"}}, "link"),
    ({"messages": {"push_look": {"interruption_level": "critical"}}}, "interruption_level"),
    ({"messages": {"fax": {"ja": {"text": "a"}}}}, "fax"),
    ({"messages": {"sms": {}}}, "sms"),
    ({"trigger": BROADCAST} | _with("sms", {"text": "{store}"}), "In messages.sms.ja.text, leave out {store}"),
    ({"trigger": BROADCAST} | _with("messenger", {"text": "a"}), "Leave out messages.messenger: Meta"),
    ({"trigger": {"kind": "code"}} | _with("sms", {"text": "a"}), "Leave out messages.sms: with the trigger code"),
    (
        {"trigger": {"kind": "code"}} | _with("push", {"title": "a", "body": "b"}),
        "Leave out messages.push: with the trigger code",
    ),
    (
        _step({"text": {"ja": {"title": "{nme}", "body": "b"}}}),
        "In follow_ups[0].action.text.ja.title, leave out {nme}",
    ),
    (_step({"messages": {"sms": {"ja": {"text": "{"}}}}), "In follow_ups[0].action.messages.sms.ja.text, give each"),
    (_step({"messages": {"push": OFFER}}), "In follow_ups[0].action, give the words of the push as text"),
]


async def test_words_that_cannot_reach_anybody_are_refused_with_their_field(chain: Chain) -> None:
    for changes, said in BAD:
        refused = await chain.owner.post("/v1/campaigns", campaign_body(**({"offer": OFFER} | changes)))
        expect_problem(refused, 400, "invalid-request")
        assert said in refused.json()["detail"], (changes, refused.json()["detail"])
    assert await chain.world.count("campaigns", chain.id) == 0


async def test_own_attributes_and_points_are_filled_where_the_program_has_them(chain: Chain) -> None:
    attribute = {"key": "team", "kind": "text", "label": {"ja": "球団"}, "is_profiling": True, "writers": ["member"]}
    made = await chain.owner.post("/v1/attributes", attribute)
    assert made.status_code == 201, made.text
    text = {"text": "{if attributes.team}{attributes.team}ファンの{end}皆様"}
    await chain.add_campaign(offer=OFFER, messages={"line": {"ja": text}})
    bare = await chain.owner.post(
        "/v1/campaigns", campaign_body(offer=OFFER, messages={"line": {"ja": {"text": "{attributes.team}"}}})
    )
    expect_problem(bare, 400, "invalid-request")
    assert "{if attributes.team}" in bare.json()["detail"]


def test_every_channel_but_the_push_is_looked_at() -> None:
    assert {"push", *OTHER_CHANNELS} == set(GOOD) - {"link", "push_look"}
