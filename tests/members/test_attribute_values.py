from datetime import UTC, date, datetime
from typing import Any

import pytest

from members.attribute_values import Birthday, UnusableValue, keep_value
from members.attributes import STANDARD_ATTRIBUTES, Attribute, AttributeKind, Choice
from tests.support.japanese_keyboard import wide

TODAY = date(2026, 11, 27)


def own(kind: AttributeKind, *choices: str) -> Attribute:
    return Attribute(
        key="own",
        kind=kind,
        label={"ja": "自前"},
        choices=[Choice(key, {"ja": key}) for key in choices],
        writers=frozenset({"member"}),
        is_profiling=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        removed_at=None,
    )


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("name", " 髙橋　 花子 ", "髙橋 花子"),
        ("name", "神\ufa19", "神\ufa19"),  # a shape of its own stays
        ("kana", "さとう　はなこ", "サトウ ハナコ"),
        ("kana", "ｻﾄｳ ﾊﾅｺ", "サトウ ハナコ"),
        ("kana", "ﾊﾞｰﾄﾞ", "バード"),
        ("kana", "ジョン・ドゥー", "ジョン・ドゥー"),
        ("kana", "ゔぃおら", "ヴィオラ"),
        ("kana", "カ-ル", "カール"),
        ("birthday", Birthday(2, 29), Birthday(2, 29)),
        ("birthday", Birthday(2, 29, 2000), Birthday(2, 29, 2000)),
        ("birthday", Birthday(11, 27, 2026), Birthday(11, 27, 2026)),
        ("gender", "undisclosed", "undisclosed"),
        ("postal_code", "160-0022", "1600022"),
        ("postal_code", "〒" + wide("160-0022"), "1600022"),
        ("postal_code", "1600022", "1600022"),
        ("postal_code", "160ー0022", "1600022"),
        ("prefecture", 13, 13),
        ("city", "千代田区 " + wide("1-1"), "千代田区 1-1"),
        ("job", "student", "student"),
        ("income_band", "2m_to_4m", "2m_to_4m"),
        ("locale", "en", "en"),
        ("time_zone", "Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_a_value_has_one_form(key: str, given: Any, kept: Any) -> None:
    assert keep_value(STANDARD_ATTRIBUTES[key], given, TODAY) == kept


@pytest.mark.parametrize(
    ("key", "given", "reason"),
    [
        ("name", " 　", "give 1 to 100 characters"),
        ("name", "あ" * 101, "give 1 to 100 characters"),
        ("name", "花\x00子", "take the control characters out"),
        ("name", 7, "give a text"),
        ("kana", "佐藤", "give the reading in katakana or hiragana"),
        ("kana", "", "give the reading in katakana or hiragana"),
        ("birthday", Birthday(2, 30), "give a day that the calendar has"),
        ("birthday", Birthday(2, 29, 2026), "give a day that the calendar has"),
        ("birthday", Birthday(13, 1), "give a day that the calendar has"),
        ("birthday", Birthday(11, 28, 2026), "give a day that has been"),
        ("birthday", Birthday(1, 1, 2027), "give a year from 1900 to 2026"),
        ("birthday", Birthday(1, 1, 1899), "give a year from 1900 to 2026"),
        ("gender", "x", "give one of female, male, other, undisclosed"),
        ("postal_code", "160-002", "give a Japanese postal code, such as 160-0022"),
        ("postal_code", 1600022, "give a Japanese postal code, such as 160-0022"),
        ("prefecture", 0, "give the prefecture's code (JIS X 0401), 1 to 47"),
        ("prefecture", 48, "give the prefecture's code (JIS X 0401), 1 to 47"),
        ("prefecture", True, "give the prefecture's code (JIS X 0401), 1 to 47"),
        ("time_zone", "Asia/Edo", "give a time zone's IANA name, such as Asia/Tokyo"),
    ],
)
def test_what_cannot_be_a_value_is_refused_with_what_it_must_be(key: str, given: Any, reason: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        keep_value(STANDARD_ATTRIBUTES[key], given, TODAY)
    assert (refused.value.key, refused.value.reason) == (key, reason)


@pytest.mark.parametrize(
    ("attribute", "given", "kept"),
    [
        (own("text"), "　Ｌサイズ\n大 ", "Lサイズ 大"),
        (own("number"), -2.5, -2.5),
        (own("number"), 10**15, 10**15),
        (own("date"), "2026-02-28", "2026-02-28"),
        (own("yes_no"), False, False),
        (own("one_of", "s", "m"), "m", "m"),
        (own("many_of", "nuts", "milk", "egg"), ["egg", "nuts"], ["nuts", "egg"]),
        (own("many_of", "nuts", "milk"), ["milk", "milk"], ["milk"]),
        (own("many_of", "nuts", "milk"), [], []),
    ],
)
def test_values_of_a_programs_own_attributes(attribute: Attribute, given: Any, kept: Any) -> None:
    assert keep_value(attribute, given, TODAY) == kept


@pytest.mark.parametrize(
    ("attribute", "given"),
    [
        (own("text"), "a" * 501),
        (own("number"), float("nan")),
        (own("number"), float("inf")),
        (own("number"), 10**16),
        (own("number"), True),
        (own("number"), "1"),
        (own("date"), "2026-02-29"),
        (own("date"), "2026-2-1"),
        (own("date"), "0001-01-01"),
        (own("date"), 20260201),
        (own("yes_no"), 1),
        (own("one_of", "s", "m"), "l"),
        (own("one_of", "s", "m"), ["s"]),
        (own("many_of", "s", "m"), "s"),
        (own("many_of", "s", "m"), ["l"]),
        (own("many_of", "s", "m"), [["s"]]),
    ],
)
def test_bad_values_of_a_programs_own_attributes(attribute: Attribute, given: Any) -> None:
    with pytest.raises(UnusableValue):
        keep_value(attribute, given, TODAY)
