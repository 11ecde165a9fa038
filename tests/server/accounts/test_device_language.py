"""A phone that speaks neither of our own languages: what the chain has written in its language is shown in it."""

import pytest

from tests.support.expectations import expect_problem
from tests.support.world import Chain


async def test_a_phone_tells_its_own_language_and_takes_it_back(chain: Chain) -> None:
    member = await chain.enrol()
    for body, kept in (({"locale": "en", "language": "zh-TW"}, "zh-TW"), ({"locale": "en"}, None)):
        assert (await member.app.patch("/v1/me/device", body)).status_code == 204
        row = await chain.world.pool.fetchrow("SELECT locale, language FROM devices WHERE id = $1", member.device_id)
        assert row is not None
        assert (row["locale"], row["language"]) == ("en", kept)


@pytest.mark.parametrize("language", ["chinese", "ZH-tw", "xx", ""])
async def test_a_language_that_is_none_is_refused(chain: Chain, language: str) -> None:
    member = await chain.enrol()
    expect_problem(await member.app.patch("/v1/me/device", {"locale": "en", "language": language}), 400)
