"""The page of messages that could not be delivered."""

import re
from typing import get_args

import pytest

from kit.ids import new_id
from outbox.kinds import ChannelKind
from server.console.operations.letter_reasons import meaning_of
from server.console.operations.letter_words import LETTER_WORDS
from tests.support.dead_letters import fail_push
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as

PAGE = "/console/dead-letters"


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        (None, "late"), ("unregistered", "gone"), ("smtp_554", "gone"), ("line_blocked", "blocked"),
        ("line_token", "credentials"), ("unavailable", "busy"), ("filtered", "content"), ("messenger_77", "other"),
    ],
)  # fmt: skip
def test_a_reason_is_told_by_what_it_means(reason: str | None, meaning: str) -> None:
    assert meaning_of(reason) == meaning
    assert f"letter_{meaning}" in LETTER_WORDS


def test_every_channel_has_a_word() -> None:
    assert all(f"channel_{each}" in LETTER_WORDS for each in get_args(ChannelKind))


async def test_what_failed_is_shown_with_its_reason_and_sent_again(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    campaign_id, _ = await fail_push(chain)
    owner = await sign_in_as(faces, chain, "owner")
    other = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    shown = await owner.open(f"{PAGE}?campaign={campaign_id}&channel=push")
    assert "The address is no longer in use" in shown.text
    (letter,) = re.findall(r'name="id" value="([^"]+)"', shown.text)
    assert letter not in (await other.open(PAGE)).text
    assert "There are none of these" in (await owner.open(f"{PAGE}?channel=sms")).text
    csrf = (await owner.read_form(PAGE))["csrf"]
    for nothing in ({}, {"id": "x"}, {"all_of": "x"}, {"id": "\0"}):
        refused = await owner.send(f"{PAGE}/resend", {"csrf": csrf, **nothing})
        assert (refused.status_code, "Choose at least one" in refused.text) == (422, True)
    unknown = await owner.send(f"{PAGE}/dismiss", {"csrf": csrf, "id": str(new_id())})
    assert unknown.status_code == 303
    sent = await owner.send(f"{PAGE}/resend?campaign={campaign_id}", {"csrf": csrf, "id": letter})
    assert sent.headers["location"] == f"{PAGE}?campaign={campaign_id}"
    assert "letters_resent" in sent.headers["set-cookie"]
    again = await owner.send(f"{PAGE}/resend", {"csrf": csrf, "id": letter})
    assert "letters_none_resent" in again.headers["set-cookie"]
    assert "Nothing has failed" in (await owner.open(PAGE)).text


async def test_a_whole_campaign_is_taken_off_the_list_by_its_own_owner_alone(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    campaign_id, _ = await fail_push(chain)
    owner = await sign_in_as(faces, chain, "owner")
    other = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    for signed_in, is_left in ((other, True), (owner, False)):
        csrf = (await signed_in.read_form(PAGE))["csrf"]
        taken = await signed_in.send(f"{PAGE}/dismiss", {"csrf": csrf, "all_of": campaign_id})
        assert taken.status_code == 303
        assert (campaign_id in (await owner.open(PAGE)).text) is is_left
