"""Tags of languages, and which of several texts a reader is shown."""

import pytest

from kit.languages import choose_language, find_tag_fault, locale_of


@pytest.mark.parametrize("tag", ["ja", "en", "en-GB", "zh-Hant", "zh-TW", "pt-BR", "fil", "es-419", "no", "iw"])
def test_a_tag_of_a_known_language_is_taken(tag: str) -> None:
    assert find_tag_fault(tag) is None
    assert locale_of(tag).plural_form(1) in ("one", "other")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("EN-us", "write en-US"),
        ("zh_hant", "write zh-Hant"),
        ("english", "BCP 47"),
        ("日本", "BCP 47"),
        ("", "BCP 47"),
        ("en-", "BCP 47"),
        ("en-u-ca-buddhist", "BCP 47"),
        ("xx", "dates and numbers"),
        ("und", "dates and numbers"),
        ("zz-ZZ", "dates and numbers"),
    ],
)
def test_one_that_is_none_is_told_apart(tag: str, said: str) -> None:
    assert said in (find_tag_fault(tag) or "")


def test_no_locale_of_no_tag() -> None:
    with pytest.raises(ValueError):
        locale_of("xx")


@pytest.mark.parametrize(
    ("wanted", "available", "chosen"),
    [
        ("ja", ["en", "ja"], "ja"),
        ("ja-JP", ["en", "ja"], "ja"),
        ("en-GB", ["ja", "en-US", "en"], "en"),
        ("zh-TW", ["ja", "zh-Hant", "zh"], "zh-Hant"),
        ("zh-TW", ["zh", "en"], "zh"),
        ("zh-CN", ["zh-Hant", "zh-Hans", "en"], "zh-Hans"),
        ("pt", ["ja", "pt-BR", "pt-PT"], "pt-BR"),
        ("ko", ["ja", "en"], "en"),
        ("ko", ["fr", "ja"], "ja"),
        ("ko", ["fr", "de"], "de"),
        ("xx", ["ja"], "ja"),
    ],
)
def test_the_nearest_language_is_chosen(wanted: str, available: list[str], chosen: str) -> None:
    assert choose_language(wanted, available) == chosen
