"""Words that stop text messages, and those that let them come again."""

import pytest

from channels.phone.opt_out_words import read_wish


@pytest.mark.parametrize(
    ("text", "told", "wish"),
    [
        ("STOP", None, "stop"),
        (" stop. ", None, "stop"),
        ("\uff33\uff34\uff2f\uff30", None, "stop"),
        ("停止", None, "stop"),
        ("「配信停止」", None, "stop"),
        ("ｽﾄｯﾌﾟ", None, "stop"),
        ("START", None, "start"),
        ("再開", None, "start"),
        ("stop by tomorrow", None, None),
        ("停止しないで", None, None),
        ("", None, None),
        ("Arret", "STOP", "stop"),
        ("hai", "START", "start"),
        ("STOP", "HELP", "stop"),
    ],
)
def test_a_wish_is_read(text: str, told: str | None, wish: str | None) -> None:
    assert read_wish(text, told) == wish
