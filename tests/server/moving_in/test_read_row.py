"""A row by itself: who it is about and what is money must be right; what else cannot be read is left out, and told."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from imports.columns import map_headings
from imports.imported_row import ImportedConsent, ImportedPoints, ReadRow
from imports.records import Record
from members.attribute_values import Birthday
from members.attributes import Attribute, Choice
from server.moving_in.read_profile import ProfileReader
from server.moving_in.read_row import RowReader

TODAY = date(2026, 11, 27)


def own(key: str, kind: str, *choices: str) -> Attribute:
    return Attribute(
        key=key,
        kind=kind,  # type: ignore[arg-type]
        label={"ja": f"独自{key}"},
        choices=[Choice(choice, {"ja": f"選択{choice}"}) for choice in choices],
        writers=frozenset({"import"}),
        is_profiling=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        removed_at=None,
    )


OWN = [own("pet", "one_of", "cat", "dog"), own("likes", "many_of", "tea", "cake"), own("size", "number")]


def read(cells: Mapping[str, str], line: int = 2) -> ReadRow:
    profiles = ProfileReader(OWN, TODAY)
    headings = map_headings(list(cells), profiles.columns)
    return RowReader(headings, profiles, {"ゴールド": "gold", "gold": "gold"}, "JP", TODAY).read(
        Record(line, list(cells.values()))
    )


def test_a_row_as_a_till_exports_it() -> None:
    found = read(
        {
            "会員番号": "k-001",
            "カード番号": "4980 1234 5678 9012",
            "氏名": "佐藤　花子",
            "フリガナ": "ｻﾄｳ ﾊﾅｺ",
            "生年月日": "平成2年4月1日",
            "性別": "女",
            "電話番号": "312345678",
            "携帯電話": "9012345678",
            "メールアドレス": "Hana@Example.com",
            "住所": "東京都新宿区新宿1-1",
            "郵便番号": "600001",
            "ポイント残高": "1,200",
            "有効期限": "2027/3/31",
            "ランク": "ゴールド",
            "入会日": "2020/01/15",
            "最終来店日": "2026/11/1",
            "来店回数": "31",
            "メルマガ": "希望する",
            "独自pet": "選択cat",
            "独自likes": "tea、選択cake",
            "独自size": "24.5",
            "備考": "=1+1",
        }
    )
    assert found.remarks == []
    row = found.row
    assert row is not None
    assert (row.number, row.cards, row.phone, row.email) == (
        "K-001",
        ["4980123456789012"],
        "+819012345678",
        "hana@example.com",
    )
    assert row.standard == {
        "name": "佐藤 花子",
        "kana": "サトウ ハナコ",
        "birthday": Birthday(4, 1, 1990),
        "gender": "female",
        "postal_code": "0600001",
        "prefecture": 13,
    }
    assert row.own == {"pet": "cat", "likes": ["tea", "cake"], "size": 24.5}
    assert row.points == [ImportedPoints(1200, date(2027, 3, 31))]
    assert (row.rank, row.joined_on, row.last_visit_on, row.visits) == (
        "gold",
        date(2020, 1, 15),
        date(2026, 11, 1),
        31,
    )
    assert row.consents == [ImportedConsent("email", True, None)]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"会員番号": ""}, "nobody's number"),
        ({"会員番号": "2.00E+12"}, "shortened"),
        ({"会員番号": "会員"}, "digits, letters"),
        ({"会員番号": "A\x00"}, "control characters"),
        ({"カード番号": "1234567"}, "8 to 20"),
        ({"会員番号": "A", "ポイント": "-1"}, "0 or more"),
        ({"会員番号": "A", "ポイント": "12.5"}, "whole number"),
        ({"会員番号": "A", "ポイント": "10", "有効期限": "soon"}, "有効期限"),
        ({"会員番号": "A", "スタンプ": "x"}, "whole number"),
    ],
)
def test_what_refuses_a_row(cells: dict[str, str], told: str) -> None:
    found = read(cells, line=7)
    assert found.row is None
    assert found.line == 7
    (reason,) = found.remarks
    assert told in reason
    assert not any(value and value in reason for value in cells.values() if len(value) > 2 and value != "会員")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"電話番号": "0312345678"}, "landline"),
        ({"メールアドレス": "hana@"}, "メールアドレス (email)"),
        ({"生年月日": "2026-12-31"}, "生年月日 (birthday)"),
        ({"生年月日": "1990/2/30"}, "no such day"),
        ({"氏名": "=cmd|' /C calc'!A0"}, "formula"),
        ({"性別": "3"}, "none of the choices"),
        ({"ランク": "プラチナ"}, "no rank"),
        ({"最終来店日": "2027/1/1"}, "future"),
        ({"初回来店日": "2026/2/1", "最終来店日": "2026/1/1"}, "after the last visit"),
        ({"メルマガ": "たぶん"}, "no consent"),
        ({"ポイント": "10", "有効期限": "2026/11/26"}, "expired"),
        ({"独自pet": "選択bird"}, "choices"),
    ],
)
def test_what_is_left_out_of_a_row(cells: dict[str, str], told: str) -> None:
    found = read({"会員番号": "A"} | cells)
    assert found.row is not None
    (reason,) = found.remarks
    assert told in reason


def test_a_cell_that_keeps_excel_from_counting() -> None:
    found = read({"会員番号": '="00123"'})
    assert found.row is not None
    assert found.row.number == "00123"


def test_a_line_of_json_with_lots_of_points() -> None:
    names = ["number", "card_number", "points", "visits", "consent_email", "SMS配信", "consent_voice"]
    reader = RowReader(map_headings(names, {}), ProfileReader([], TODAY), {}, "JP", TODAY)
    lots = [{"points": 100, "expire_on": "2027-03-31"}, {"points": 50}]
    told = {
        "number": 17,
        "card_number": ["20000001", "20000002"],
        "points": lots,
        "visits": 3.0,
        "consent_email": False,
        "SMS配信": "希望する",
        "consent_voice": "不可",
    }
    row = reader.read(Record(1, told)).row
    assert row is not None
    assert (row.number, row.cards, row.visits) == ("17", ["20000001", "20000002"], 3)
    assert row.points == [ImportedPoints(100, date(2027, 3, 31)), ImportedPoints(50, None)]
    assert row.consents == [
        ImportedConsent("email", False, None),
        ImportedConsent("sms", True, None),
        ImportedConsent("voice", False, None),
    ]
    assert reader.read(Record(2, {"number": {"a": 1}})).row is None
    assert reader.read(Record(3, {"number": "A", "points": [[1]]})).row is None
