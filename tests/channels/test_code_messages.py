"""What a message with a code says."""

from typing import get_args

import pytest

from channels.code_messages import CodeMessageKind, write_code_message
from kit.locales import Locale


@pytest.mark.parametrize("locale", get_args(Locale))
@pytest.mark.parametrize("kind", get_args(CodeMessageKind))
def test_it_names_the_program_the_code_and_the_time(locale: Locale, kind: CodeMessageKind) -> None:
    message = write_code_message(locale, "Kissa Sakura", "012345", 10, kind)
    assert "Kissa Sakura" in message.subject
    assert "012345" not in message.subject, "a locked phone shows subjects"
    assert all(part in message.body for part in ("Kissa Sakura", "012345", "10"))
    assert "{" not in message.subject + message.body


def test_a_programs_name_is_nothing_but_a_name() -> None:
    message = write_code_message("en", "{code}\r\nBcc: all@example.com {minutes}", "012345", 10)
    assert message.subject == "Your code for {code} Bcc: all@example.com {minutes}"
    assert message.body.count("012345") == 1


@pytest.mark.parametrize("locale", get_args(Locale))
def test_each_purpose_has_words_of_its_own(locale: Locale) -> None:
    bodies = {write_code_message(locale, "Kissa", "012345", 10, kind).body for kind in get_args(CodeMessageKind)}
    assert len(bodies) == len(get_args(CodeMessageKind))
