"""What is known of a member, attribute by attribute: the standard ones, the same in every program, and a program's own.
Pure.

The one list: routes, imports, tills and audiences read from here what an attribute may be, and who may write it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from kit.locales import Locale
from members.prefectures import PREFECTURES

# A text in one language or several.
Label = Mapping[Locale, str]
AttributeKind = Literal["text", "number", "date", "yes_no", "one_of", "many_of"]
# Of the standard attributes, which have rules of their own besides.
StandardKind = Literal["text", "kana", "birthday", "number", "one_of", "postal_code", "prefecture", "time_zone"]
Writer = Literal["member", "staff", "import", "till"]

MAX_ATTRIBUTES = 200
MAX_CHOICES = 200
MAX_TEXT_LENGTH = 500
MAX_NUMBER = 10**15


class Choice(msgspec.Struct, frozen=True):
    """One of the values that an attribute may have."""

    key: str
    """What is stored, and sent."""
    label: Label
    """What people read, in one language or several."""


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of the program's own."""

    key: str
    """Its name in profiles, audiences and files."""
    kind: AttributeKind
    """What its values are: a text, a number, a day, yes or no, one of the choices, or several of them."""
    label: Label
    """What people read, in one language or several."""
    choices: Sequence[Choice]
    """Of `one_of` and `many_of`: what there is to choose from."""
    writers: frozenset[Writer]
    """Who may write it."""
    is_profiling: bool
    """Whether it is unknown to audiences as long as the member has not consented to profiling."""
    created_at: datetime
    """When it was made."""
    removed_at: datetime | None
    """From then on nobody writes it; what members have of it stays. Null: it is in use."""

    @property
    def choice_keys(self) -> frozenset[str]:
        return frozenset(choice.key for choice in self.choices)


class StandardAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that every program has. Its column in `profiles` has its key, unless it says otherwise."""

    key: str
    kind: StandardKind
    label: Label
    is_profiling: bool
    writers: frozenset[Writer] = frozenset({"member", "staff", "import"})
    choices: Sequence[Choice] = ()
    max_length: int = MAX_TEXT_LENGTH

    @property
    def choice_keys(self) -> frozenset[str]:
        return frozenset(choice.key for choice in self.choices)


def _choices(**labels: tuple[str, str]) -> Sequence[Choice]:
    return [Choice(key.removeprefix("_"), {"ja": ja, "en": en}) for key, (ja, en) in labels.items()]


# Profiling is what weighs a person up (GDPR, article 4(4)): sex, age, occupation, income. Where somebody lives and when
# their birthday is are asked for to serve them; whoever sees it otherwise makes an attribute of their own for it.
STANDARD_ATTRIBUTES: Mapping[str, StandardAttribute] = {
    attribute.key: attribute
    for attribute in (
        StandardAttribute(
            key="name", kind="text", label={"ja": "氏名", "en": "Name"}, is_profiling=False, max_length=100
        ),
        StandardAttribute(
            key="kana", kind="kana", label={"ja": "フリガナ", "en": "Kana"}, is_profiling=False, max_length=100
        ),
        StandardAttribute(
            key="nickname",
            kind="text",
            label={"ja": "ニックネーム", "en": "Nickname"},
            is_profiling=False,
            max_length=50,
        ),
        # Columns birth_month and birth_day, and birth_year where the year is known.
        StandardAttribute(
            key="birthday", kind="birthday", label={"ja": "誕生日", "en": "Birthday"}, is_profiling=False
        ),
        # Follows from a birthday with its year: nobody writes it, and no column holds it.
        StandardAttribute(
            key="age", kind="number", label={"ja": "年齢", "en": "Age"}, is_profiling=True, writers=frozenset()
        ),
        StandardAttribute(
            key="gender",
            kind="one_of",
            label={"ja": "性別", "en": "Gender"},
            is_profiling=True,
            choices=_choices(
                female=("女性", "Female"),
                male=("男性", "Male"),
                other=("その他", "Other"),
                undisclosed=("回答しない", "Prefers not to say"),
            ),
        ),
        StandardAttribute(
            key="postal_code", kind="postal_code", label={"ja": "郵便番号", "en": "Postal code"}, is_profiling=False
        ),
        StandardAttribute(
            key="prefecture",
            kind="prefecture",
            label={"ja": "都道府県", "en": "Prefecture"},
            is_profiling=False,
            choices=[Choice(str(code), label) for code, label in PREFECTURES.items()],
        ),
        StandardAttribute(
            key="city", kind="text", label={"ja": "市区町村", "en": "City"}, is_profiling=False, max_length=100
        ),
        StandardAttribute(
            key="job",
            kind="one_of",
            label={"ja": "職業", "en": "Job"},
            is_profiling=True,
            choices=_choices(
                employee=("会社員", "Employee"),
                public_servant=("公務員", "Public servant"),
                self_employed=("自営業・自由業", "Self-employed"),
                part_time=("パート・アルバイト", "Part-time worker"),
                homemaker=("専業主婦・主夫", "Homemaker"),
                student=("学生", "Student"),
                retired=("定年退職", "Retired"),
                unemployed=("無職", "Not employed"),
                other=("その他", "Other"),
            ),
        ),
        StandardAttribute(
            key="income_band",
            kind="one_of",
            label={"ja": "年収", "en": "Income a year"},
            is_profiling=True,
            choices=_choices(
                under_2m=("200万円未満", "Under 2 million yen"),
                _2m_to_4m=("200万円以上400万円未満", "2 to 4 million yen"),
                _4m_to_6m=("400万円以上600万円未満", "4 to 6 million yen"),
                _6m_to_8m=("600万円以上800万円未満", "6 to 8 million yen"),
                _8m_to_10m=("800万円以上1000万円未満", "8 to 10 million yen"),
                _10m_or_more=("1000万円以上", "10 million yen or more"),
            ),
        ),
        # Column locale of `members`: it always has a value.
        StandardAttribute(
            key="locale",
            kind="one_of",
            label={"ja": "言語", "en": "Language"},
            is_profiling=False,
            choices=_choices(ja=("日本語", "Japanese"), en=("英語", "English")),
        ),
        StandardAttribute(
            key="time_zone", kind="time_zone", label={"ja": "タイムゾーン", "en": "Time zone"}, is_profiling=False
        ),
    )
}
