"""How many parts a text message has, and what they cost."""

import pytest

from channels.phone.sms_segments import Segments, measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("gsm7", 0, 1)),
        ("a" * 160, Segments("gsm7", 160, 1)),
        ("a" * 161, Segments("gsm7", 161, 2)),
        ("a" * 306, Segments("gsm7", 306, 2)),
        ("a" * 307, Segments("gsm7", 307, 3)),
        ("€" * 80, Segments("gsm7", 160, 1)),
        # An escape and what it stands for are not parted: 152 and the first bracket do not fit into 153.
        ("a" * 152 + "[" + "a" * 152, Segments("gsm7", 306, 3)),
        ("a" * 151 + "[" + "a" * 153, Segments("gsm7", 306, 2)),
        ("あ" * 70, Segments("ucs2", 70, 1)),
        ("あ" * 71, Segments("ucs2", 71, 2)),
        ("あ" * 134, Segments("ucs2", 134, 2)),
        ("あ" * 135, Segments("ucs2", 135, 3)),
        ("a" * 70 + "。", Segments("ucs2", 71, 2)),
        # Nor are the two halves of a character beyond the first plane.
        ("🍵" * 35, Segments("ucs2", 70, 1)),
        ("あ" * 66 + "🍵" + "あ" * 66, Segments("ucs2", 134, 3)),
        ("`", Segments("ucs2", 1, 1)),
    ],
)
def test_a_text_is_measured(text: str, expected: Segments) -> None:
    assert measure(text) == expected


def test_each_part_is_paid_for() -> None:
    assert measure("あ" * 71).price(per_segment=9) == 18
