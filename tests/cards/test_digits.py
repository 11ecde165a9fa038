import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.digits import count_digits, read_digits, write_digits


@given(st.binary(min_size=1, max_size=200))
def test_bytes_come_back(raw: bytes) -> None:
    text = write_digits(raw)
    assert len(text) == count_digits(len(raw))
    assert read_digits(text, len(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"\xff", "255"),
        (b"\x00\x01", "00256"),
        (b"\xff" * 3, "16777215"),
        (b"\xff" * 7, "72057594037927935"),
        (b"\x01" + bytes(6), "00000000000000001"),
        (b"\x01" + bytes(6) + b"\x02", "00000000000000001002"),
    ],
)
def test_it_is_the_scheme_of_the_page(raw: bytes, text: str) -> None:
    assert write_digits(raw) == text


@given(st.binary(min_size=1, max_size=30), st.data())
def test_bytes_have_one_spelling(raw: bytes, data: st.DataObject) -> None:
    text = write_digits(raw)
    place = data.draw(st.integers(0, len(text) - 1))
    other = text[:place] + data.draw(st.sampled_from("0123456789")) + text[place + 1 :]
    assert (read_digits(other, len(raw)) == raw) is (other == text)


@pytest.mark.parametrize("text", ["256", "999", "12", "1234", "1_2", " 12", "-12", "+12", "\u0661\u0662\u0663", "1.0"])
def test_what_one_byte_cannot_be(text: str) -> None:
    assert read_digits(text, 1) is None
