"""Files as people have them, whole and broken: what is broken is found before anything of it counts."""

import io
from collections.abc import Iterator

import pytest

from imports.columns import map_headings
from imports.records import MAX_RECORD_LENGTH, InspectedFile, Record, inspect, read_records
from kit.text_files import UnreadableText

TABLE = "会員番号,氏名,ポイント残高\r\nK001,佐藤　花子,100\r\nK002,鈴木　太郎,200\r\n"


def found(body: bytes) -> tuple[InspectedFile, list[Record]]:
    file = io.BytesIO(body)
    inspected = inspect(file)
    return inspected, list(read_records(file, inspected.form))


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("cp932", "Shift_JIS"),
        ("shift_jis", "Shift_JIS"),
        ("utf-16", "UTF-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_any_encoding_and_delimiter(codec: str, encoding: str, delimiter: str) -> None:
    inspected, records = found(TABLE.replace(",", delimiter).encode(codec))
    assert (inspected.form.encoding, inspected.form.delimiter, inspected.records) == (encoding, delimiter, 2)
    assert list(inspected.headings) == ["会員番号", "氏名", "ポイント残高"]
    assert [(record.line, list(record.cells)) for record in records] == [
        (2, ["K001", "佐藤　花子", "100"]),
        (3, ["K002", "鈴木　太郎", "200"]),
    ]


def test_line_breaks_in_quotes_and_rows_of_nothing() -> None:
    _, records = found(b'number,memo\nA,"a\nb"\n,\n  ,\nB,"say ""hi"""\n')
    assert [(record.line, list(record.cells)) for record in records] == [(2, ["A", "a\nb"]), (6, ["B", 'say "hi"'])]


@pytest.mark.parametrize("codec", ["utf-8", "cp932"])
def test_a_file_that_is_cut_off_in_the_middle_of_a_character(codec: str) -> None:
    body = TABLE.encode(codec)
    cut = body[: body.index("郎".encode(codec)) + 1]
    with pytest.raises(UnreadableText, match="cut off in the middle of a character, in line 3"):
        found(cut)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UnreadableText, match="line 2"):
        found(TABLE.encode()[:60] + b"\xff\xfe\xff\n" + TABLE.encode())


def test_a_line_of_any_length_is_held_up_to_a_bound() -> None:
    body = b"number,name\nA," + b"x" * (MAX_RECORD_LENGTH + 1) + b"\nB,y\n"
    with pytest.raises(UnreadableText, match=r"begins in line 2 is longer than 100,000 characters"):
        found(body)


def test_a_quotation_mark_that_is_never_closed() -> None:
    body = 'number,name\nA,x\nB,"y\n' + "C,z\n" * 30_000
    with pytest.raises(UnreadableText, match="begins in line 3"):
        found(body.encode())


def test_rows_that_are_no_rows_are_told_and_the_others_are_read() -> None:
    _, records = found(b'number,name\nA,x\nB,"y"z\nC,y,z\nD,w\n')
    assert [(record.line, record.fault is None) for record in records] == [(2, True), (3, False), (4, False), (5, True)]


def test_lines_of_json() -> None:
    body = '{"number": "A", "phone": "090-1234-5678"}\n\n[1]\n{"number": \n{"会員番号": "B"}\n'
    inspected, records = found(body.encode())
    assert (inspected.form.kind, list(inspected.headings)) == ("ndjson", ["number", "phone", "会員番号"])
    assert [(record.line, record.fault) for record in records] == [
        (1, None),
        (3, "The line is not a JSON object."),
        (4, "The line is not JSON, or not all of it."),
        (5, None),
    ]


def test_an_empty_file() -> None:
    with pytest.raises(UnreadableText, match="empty"):
        found(b"")


def columns(*headings: str) -> Iterator[tuple[str, str | None]]:
    mapped = map_headings(headings, {"shoesize": "own:shoe_size"})
    return zip(mapped.texts, mapped.columns, strict=True)


def test_headings_in_japanese_and_english() -> None:
    assert dict(
        columns("会員番号", "フリガナ", "生年月日", "電話番号", "携帯電話番号", "Points Expire On", "Shoe size", "備考")
    ) == {
        "会員番号": "number",
        "フリガナ": "kana",
        "生年月日": "birthday",
        "電話番号": "phone",
        "携帯電話番号": "phone",
        "Points Expire On": "points_expire_on",
        "Shoe size": "own:shoe_size",
        "備考": None,
    }


def test_numbered_headings() -> None:
    assert [
        column
        for _, column in columns("カード番号1", "カード番号2", "ポイント1", "有効期限1", "ポイント2", "有効期限2")
    ] == [
        "card_number",
        "card_number",
        "points",
        "points_expire_on",
        "points",
        "points_expire_on",
    ]


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (("会員番号", "氏名", "お名前"), "'氏名' and 'お名前' are both name"),
        (("会員番号", "氏名", "氏名"), "are both name"),
        (("会員番号", "ポイント", "ポイント残高"), "are both points"),
        (("氏名", "電話番号"), "会員番号"),
    ],
)
def test_headings_that_cannot_be(headings: tuple[str, ...], told: str) -> None:
    with pytest.raises(UnreadableText, match=told):
        map_headings(headings, {})
