"""No reason why a file or a row is refused stands in English on a Japanese page: each that the sources write."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.console.map.row_reasons import say_row
from server.console.operations.import_reasons import say_fault, say_refusal
from server.console.stores.hours_reasons import say_hours

ROOT = Path(__file__).parents[4]
# What is put into a sentence and is half of one itself.
STANDS_FOR = {
    "_DATE_SENTENCE": "write the day as 1990-04-01",
    "where": "the member of line 7 has",
    "_EXAMPLE": "such as Mo-Fr 09:00-17:00, or 24/7",
}
CELLS = ("server/moving_in", "imports", "members/attribute_values.py")


def list_sentences(names: set[str], *places: str) -> list[str]:
    """What is given to these calls as a text; a number stands for whatever it names."""
    files = [
        file for place in places for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).glob("*.py"))
    ]
    return [
        text
        for file in files
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in names
        for text in _texts(call)
    ]


def _texts(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        match argument:
            case ast.Constant(value=str(text)) if " " in text:
                yield text
            case ast.JoinedStr(values=parts):
                written = "".join(map(_write, parts))
                if " " in written and not written.startswith("7"):
                    yield written


def _write(part: ast.expr) -> str:
    match part:
        case ast.Constant(value=value):
            return str(value)
        case ast.FormattedValue(value=ast.Name(id=name)):
            return STANDS_FOR.get(name, "7")
        case ast.FormattedValue(value=ast.Subscript(value=ast.Name(id="_CONTACT_NAMES"))):
            return "telephone number"
    return "7"


def test_every_reason_of_a_cell_has_japanese() -> None:
    sentences = list_sentences({"UnreadableCell", "_refuse", "_Fault"}, *CELLS)
    assert len(sentences) > 25
    for words in sentences:
        assert say_fault(f"電話番号 (phone): {words}.", "ja").lang == "ja", words
        assert say_fault(f"電話番号 (phone): {words}; it is left out.", "ja").lang == "ja", words


def test_every_reason_of_a_row_and_a_file_has_japanese() -> None:
    rows = list_sentences({"Fault", "_Refused"}, "server/moving_in")
    assert len(rows) >= 5
    for sentence in rows:
        assert say_fault(sentence, "ja").lang == "ja", sentence
    files = list_sentences({"UnreadableText"}, "server/moving_in", "imports", "kit/text_files.py")
    assert len(files) >= 10
    for sentence in files:
        assert say_refusal(sentence, "ja").lang == "ja", sentence


def test_every_reason_of_hours_and_of_a_chains_rows_has_japanese() -> None:
    hours = list_sentences({"ValueError"}, "programs/opening_hours_text.py")
    assert len(hours) > 5
    for sentence in hours:
        assert say_hours(sentence, "ja").lang == say_row(sentence, "ja").lang == "ja", sentence
    for sentence in list_sentences({"ValueError"}, "server/backoffice/import_chain.py"):
        assert say_row(sentence, "ja").lang == "ja", sentence


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (
            "電話番号 (phone): it is a landline, to which no code can be sent; it is left out.",
            "電話番号 (phone)：固定電話のため、確認コードを送れません。この項目は取り込みません。",
        ),
        (
            "number: write digits, letters and hyphens, 40 at most.",
            "number：英数字とハイフンで、40 文字以内にしてください。",
        ),
        (
            "同意 (email): write yes or no (はい or いいえ, 1 or 0); it is left out, which is no consent.",
            "同意 (email)：「はい」「いいえ」か、1、0 で書いてください。同意なしとして扱います。",
        ),
    ],
)
def test_a_reason_is_said_with_what_the_file_calls_its_column(english: str, japanese: str) -> None:
    assert say_fault(english, "ja").text == japanese
    assert say_fault(english, "en").text == english
    assert say_fault("Nobody knows this one.", "ja").lang == "en", "a page says in which language it stands"
