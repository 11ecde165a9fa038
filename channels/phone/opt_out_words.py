"""What somebody answers to a text message to be left alone, or to be written to again. Pure."""

import unicodedata
from typing import Literal

OptOutWish = Literal["stop", "start"]

# The words that the dialect's providers and carriers know, and the Japanese ones.
_WORDS: dict[OptOutWish, frozenset[str]] = {
    "stop": frozenset(
        {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
        | {"停止", "配信停止", "配信解除", "解除", "ストップ", "中止", "不要"}
    ),
    "start": frozenset({"start", "unstop", "再開", "配信再開", "スタート"}),
}


_AROUND = " \t\r\n.!\"'。「」"


def read_wish(text: str, told: str | None = None) -> OptOutWish | None:
    """`told`: what the provider has made of it already (`OptOutType`), where it does.

    The whole text must be the word: whoever writes "stop by tomorrow" wants something else.
    """
    given = (told or "").strip().lower()
    if given in ("stop", "start"):
        return "stop" if given == "stop" else "start"
    word = unicodedata.normalize("NFKC", text).strip(_AROUND).casefold()
    return next((wish for wish, words in _WORDS.items() if word in words), None)
