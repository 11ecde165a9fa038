"""How a program's card shows itself: colour, terms and privacy policy."""

import pytest

from kit.locales import Locale
from programs.card_settings import CardTerms, ShownTerms, choose_terms, first_colour
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.world import Chain

NOTHING = {"colour": None, "terms": {"ja": None, "en": None}, "privacy_url": None}
ALL = {
    "colour": "#7a3b2e",
    "terms": {"ja": "第1条\n会員は…", "en": "https://kissa.example/terms"},
    "privacy_url": "https://kissa.example/privacy",
}
PATH = "/v1/program/card"


async def test_what_is_set_is_kept_and_taken_back(chain: Chain, rival: Chain) -> None:
    assert ok(await chain.owner.get(PATH)) == NOTHING
    assert ok(await chain.owner.put(PATH, ALL)) == ALL
    assert ok(await chain.owner.get(PATH)) == ALL
    assert ok(await rival.owner.get(PATH)) == NOTHING
    assert ok(await chain.owner.put(PATH, {})) == NOTHING


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"colour": "#7A3B2E"},
        {"colour": "#7a3b2e\n"},
        {"terms": {"ja": " "}},
        {"terms": {"ja": "x" * 20_001}},
        {"terms": {"fr": "x"}},
        {"privacy_url": "http://kissa.example"},
        {"privacy_url": "javascript:alert(1)"},
        {"privacy_url": "https://a b"},
    ],
)
async def test_what_nobody_could_show_is_refused(chain: Chain, change: dict[str, object]) -> None:
    expect_problem(await chain.owner.put(PATH, ALL | change), 400, "invalid-request")


ADDRESS = "https://kissa.example/terms"


@pytest.mark.parametrize(
    ("terms", "language", "shown"),
    [
        (CardTerms(), "ja", None),
        (CardTerms("条", ADDRESS), "ja", ShownTerms("text", "条", "ja")),
        (CardTerms("条", ADDRESS), "en", ShownTerms("address", ADDRESS, "en")),
        (CardTerms("条", None), "en", ShownTerms("text", "条", "ja")),
        (CardTerms(None, f"See {ADDRESS}"), "ja", ShownTerms("text", f"See {ADDRESS}", "en")),
        (CardTerms("javascript:alert(1)", None), "ja", ShownTerms("text", "javascript:alert(1)", "ja")),
    ],
)
def test_terms_are_shown_in_the_readers_language_where_they_are(
    terms: CardTerms, language: Locale, shown: ShownTerms | None
) -> None:
    assert choose_terms(terms, language) == shown


def test_card_and_wallet_take_their_own_colour_before_the_others() -> None:
    assert first_colour("#111111", "#222222") == "#111111"
    assert first_colour(None, "#222222") == "#222222"
    assert first_colour(None, None) is None
