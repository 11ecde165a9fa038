from uuid import UUID

import pytest

from ids import ProgramId
from members.name_search import kana_key, name_grams, name_key, read_search
from tests.support.japanese_keyboard import wide

PROGRAM, OTHER = ProgramId(UUID(int=1)), ProgramId(UUID(int=2))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("佐藤 花子", "佐藤花子"),
        ("髙橋　﨑", "高橋崎"),
        ("渡邉", "渡辺"),
        ("辻\U000e0100 一", "辻一"),  # a selector of the character's shape
        ("John F. " + wide("Smith"), "johnf.smith"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("マリア・デル", "マリアデル"),
        ("・", None),
    ],
)
def test_keys_of_names(name: str, key: str | None) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("kana", "name", "key"),
    [
        ("サトウ ハナコ", "佐藤 花子", "サトウハナコ"),
        (None, "さくら", "サクラ"),
        (None, "佐藤 さくら", None),
        (None, None, None),
    ],
)
def test_keys_of_readings(kana: str | None, name: str | None, key: str | None) -> None:
    assert kana_key(kana, name) == key


def test_the_same_pair_is_another_number_in_another_program() -> None:
    ours, theirs = name_grams(PROGRAM, "佐藤花子"), name_grams(OTHER, "佐藤花子")
    assert len(ours) == len(theirs) == 3
    assert not set(ours) & set(theirs)
    assert all(-(2**31) <= number < 2**31 for number in ours)
    assert len(name_grams(PROGRAM, "ああああ")) == 1
    assert name_grams(PROGRAM, "林") == []


@pytest.mark.parametrize(
    ("text", "by", "words", "pairs"),
    [
        ("佐藤", "name", ["佐藤"], "佐藤"),
        ("髙橋花", "name", ["高橋花"], "高橋花"),
        ("花子 佐藤", "name", ["花子", "佐藤"], None),
        ("佐", "name_start", ["佐"], ""),
        ("林 学", "name", ["林学"], "林学"),
        ("山田 健", "name", ["山田健"], "山田健"),
        ("健 山田 太郎", "name", ["健山田", "太郎"], None),
        (wide("Sato"), "name", ["sato"], "sato"),
        ("さとう", "kana_start", ["サトウ"], ""),
        ("ｻ", "kana_start", ["サ"], ""),
        ("サトウ はな", "kana_start", ["サトウハナ"], ""),
    ],
)
def test_what_a_text_is_looked_up_by(text: str, by: str, words: list[str], pairs: str | None) -> None:
    search = read_search(PROGRAM, text)
    assert search is not None
    assert (search.by, search.words) == (by, words)
    if pairs is not None:
        assert list(search.grams) == name_grams(PROGRAM, pairs)


@pytest.mark.parametrize("text", ["", " 　", "・", "\u200b"])
def test_nothing_to_look_for(text: str) -> None:
    assert read_search(PROGRAM, text) is None


def test_every_pair_of_a_text_is_one_of_the_name() -> None:
    search = read_search(PROGRAM, "花子 佐藤")
    assert search is not None
    assert set(search.grams) <= set(name_grams(PROGRAM, str(name_key("佐藤 花子"))))
