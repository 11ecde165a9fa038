"""What a letter with a code says."""

from typing import get_args

import pytest

from channels.messages import Wording, write_code_message
from kit.locales import Locale


@pytest.mark.parametrize("locale", get_args(Locale))
@pytest.mark.parametrize("wording", get_args(Wording))
def test_it_names_the_program_the_code_and_the_time(locale: Locale, wording: Wording) -> None:
    letter = write_code_message("hana@example.com", locale, "Kissa Sakura", "012345", 10, wording)
    assert letter.recipient == "hana@example.com"
    assert "Kissa Sakura" in letter.subject
    assert "012345" not in letter.subject, "a locked phone shows subjects"
    assert all(part in letter.body for part in ("Kissa Sakura", "012345", "10"))
    assert "{" not in letter.subject + letter.body


def test_a_programs_name_is_nothing_but_a_name() -> None:
    letter = write_code_message("hana@example.com", "en", "{code}\r\nBcc: all@example.com {minutes}", "012345", 10)
    assert letter.subject == "Your code for {code} Bcc: all@example.com {minutes}"
    assert letter.body.count("012345") == 1


@pytest.mark.parametrize("locale", get_args(Locale))
def test_each_purpose_has_words_of_its_own(locale: Locale) -> None:
    bodies = {write_code_message("x", locale, "Kissa", "012345", 10, wording).body for wording in get_args(Wording)}
    assert len(bodies) == len(get_args(Wording))
