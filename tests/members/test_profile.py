from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from members.attribute_values import Birthday, UnusableValue
from members.attributes import Attribute
from members.profile import Profile, ProfileEdit, apply_edit, fill_gaps, read_edit

TODAY = date(2026, 11, 27)
SIZE = Attribute(
    key="size",
    kind="text",
    label={"ja": "サイズ"},
    choices=[],
    writers=frozenset({"member", "staff"}),
    is_profiling=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    removed_at=None,
)
NOTE = Attribute(
    key="note",
    kind="text",
    label={"ja": "メモ"},
    choices=[],
    writers=frozenset({"staff"}),
    is_profiling=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    removed_at=datetime(2026, 2, 1, tzinfo=UTC),
)
OWN = {"size": SIZE, "note": NOTE}


def test_only_what_is_named_changes_and_null_clears() -> None:
    former = Profile(name="佐藤 花子", city="新宿区", attributes={"size": "L", "note": "x"})
    edit = read_edit({"name": " 鈴木　花子 ", "city": None}, {"note": None}, OWN, "staff", TODAY)
    assert apply_edit(former, edit) == Profile(name="鈴木 花子", attributes={"size": "L"})


def test_a_locale_is_not_the_profiles() -> None:
    edit = read_edit({"locale": "en"}, {}, OWN, "member", TODAY)
    assert apply_edit(Profile(), edit) == Profile()


@pytest.mark.parametrize(
    ("standard", "own", "writer", "key"),
    [
        ({}, {"shoe": "1"}, "staff", "shoe"),
        ({}, {"note": "y"}, "staff", "note"),  # removed
        ({}, {"note": None}, "member", "note"),
        ({"age": 30}, {}, "staff", "age"),
        ({"name": "佐藤"}, {}, "till", "name"),
        ({"gender": "x"}, {}, "member", "gender"),
    ],
)
def test_what_may_not_be_written_is_refused(standard: dict, own: dict, writer: str, key: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(UnusableValue) as refused:
        read_edit(standard, own, OWN, writer, TODAY)  # type: ignore[arg-type]
    assert refused.value.key == key


@dataclass(frozen=True)
class Pair:
    survivor: Profile
    other: Profile
    merged: Profile


@pytest.mark.parametrize(
    "pair",
    [
        Pair(Profile(), Profile(name="佐藤", city="港区"), Profile(name="佐藤", city="港区")),
        Pair(Profile(job="student"), Profile(job="retired", gender="male"), Profile(job="student", gender="male")),
        Pair(  # of two names and readings none is mixed
            Profile(name="佐藤 花子"),
            Profile(name="田中 花子", kana="タナカ ハナコ"),
            Profile(name="佐藤 花子"),
        ),
        Pair(
            Profile(name="佐藤 花子"),
            Profile(name="佐藤 花子", kana="サトウ ハナコ"),
            Profile(name="佐藤 花子", kana="サトウ ハナコ"),
        ),
        Pair(  # nor of two addresses
            Profile(prefecture=13, city="港区"),
            Profile(postal_code="5300001", prefecture=27, city="大阪市"),
            Profile(prefecture=13, city="港区"),
        ),
        Pair(
            Profile(prefecture=13),
            Profile(postal_code="1600022", prefecture=13),
            Profile(postal_code="1600022", prefecture=13),
        ),
        Pair(
            Profile(birthday=Birthday(2, 29)),
            Profile(birthday=Birthday(2, 29, 2000)),
            Profile(birthday=Birthday(2, 29, 2000)),
        ),
        Pair(
            Profile(birthday=Birthday(2, 28)),
            Profile(birthday=Birthday(2, 29, 2000)),
            Profile(birthday=Birthday(2, 28)),
        ),
        Pair(
            Profile(attributes={"size": "L"}),
            Profile(attributes={"size": "S", "note": "x"}),
            Profile(attributes={"size": "L", "note": "x"}),
        ),
    ],
)
def test_a_merge_fills_what_the_survivor_lacks(pair: Pair) -> None:
    assert fill_gaps(pair.survivor, pair.other) == pair.merged


def test_an_empty_change_changes_nothing() -> None:
    former = Profile(name="佐藤 花子", attributes={"size": "L"})
    assert apply_edit(former, ProfileEdit(standard={}, own={})) == former
