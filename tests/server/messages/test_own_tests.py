"""A test of each channel goes to oneself: to the member who has confirmed the address that one logs in with."""

from collections.abc import Sequence

import pytest

from tests.server.messages.test_fallback import Refusing
from tests.support.channel_street import Street, consent
from tests.support.expectations import expect_problem
from tests.support.lives import ok

NUMBER = "+819060000001"


async def test_a_test_by_each_channel_reaches_oneself_and_takes_no_place(street: Street) -> None:
    campaign_id = await street.write("push", "line", "sms", "voice")
    await street.change("UPDATE phone_accounts SET calls_from = '00:00', calls_until = '00:00'")
    me = await street.chain.add_person("owner")
    path = f"/v1/campaigns/{campaign_id}/test-message"
    for channel in ("push", "line", "sms", "voice"):
        nobody = expect_problem(await me.session.post(path, {"channel": channel}), 400, "invalid-request")
        assert "confirm the e-mail address" in nobody["detail"]
    member = await street.enrol(email=me.email, line="U-me", phone=NUMBER, push="token-me")
    for channel in ("push", "line", "sms", "voice"):
        assert (await me.session.post(path, {"channel": channel})).status_code == 202
        await street.change("DELETE FROM verification_code_counts")  # a minute later
    sender = Refusing(None)
    assert (await street.push(sender)).sent == 1
    await street.deliver()
    assert sender.tokens == ["token-me"]
    (by_line,) = [each for each in street.line.received if each.user_id == "U-me" and each.by == "push"]
    assert "[Test] " in str(by_line.messages)
    text, call = sorted(street.twilio.taken(NUMBER), key=lambda each: "Twiml" in each.form)
    assert text.form["Body"].startswith("[Test] ")
    assert "[Test] " in call.form["Twiml"]
    assert await street.counted(member) == 0


@pytest.mark.parametrize(
    ("purposes", "channel", "said"),
    [(["sms"], "voice", "consent to calls"), ([], "push", "allow pushes"), (["sms"], "line", "link your LINE account")],
)
async def test_a_channel_that_does_not_reach_oneself_is_refused_with_what_to_do(
    street: Street, purposes: Sequence[str], channel: str, said: str
) -> None:
    campaign_id = await street.write("push", "line", "sms", "voice")
    me = await street.chain.add_person("owner")
    member = await street.enrol(email=me.email)
    ok(await member.app.put("/v1/me/consents", {"consents": [consent(each) for each in (*purposes, "email")]}))
    refused = await me.session.post(f"/v1/campaigns/{campaign_id}/test-message", {"channel": channel})
    assert said in expect_problem(refused, 400, "invalid-request")["detail"]
