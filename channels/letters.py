"""A message to one person, and what the ones that carry a code say. Pure."""

from typing import Literal

import msgspec

ChannelKind = Literal["sms", "email"]
Locale = Literal["ja", "en"]


class Letter(msgspec.Struct, frozen=True):
    """`recipient` is a phone number in E.164 or an e-mail address. An SMS has no subject."""

    recipient: str
    subject: str
    body: str


_SUBJECTS: dict[Locale, str] = {"ja": "{program} の確認コード", "en": "Your code for {program}"}
_BODIES: dict[Locale, str] = {
    "ja": "{program} の確認コードは {code} です。{minutes}分以内にアプリで入力してください。"
    "このコードは誰にも教えないでください。心当たりがない場合は、このメッセージを破棄してください。",
    "en": "Your code for {program} is {code}. Enter it in the app within {minutes} minutes. "
    "Do not tell it to anybody. If you did not ask for it, ignore this message.",
}


def write_code_letter(recipient: str, locale: Locale, program_name: str, code: str, minutes: int) -> Letter:
    # A name goes into a header: whatever breaks a line becomes a space.
    program = " ".join(program_name.split())
    words = {"program": program, "code": code, "minutes": str(minutes)}
    return Letter(recipient, _fill(_SUBJECTS[locale], words), _fill(_BODIES[locale], words))


def _fill(text: str, words: dict[str, str]) -> str:
    """One pass: a program that calls itself `{code}` gets its name and not the code."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled.append(words[name] + rest)
    return "".join(filled)
