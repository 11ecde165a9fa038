"""The parts of a campaign's form that hold words: the offer, and the messages by channel. No I/O.

Words are in Japanese, in English and in the languages that somebody has added (`language`). What is there in others
stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coupons.campaigns.message_texts import MAX_LANGUAGES
from kit.languages import find_tag_fault
from kit.locales import LOCALES
from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.typed import Typed, shown

# What each channel's words are made of.
PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "push": ("title", "body"),
    "line": ("text", "button"),
    "email": ("subject", "body"),
    "sms": ("text",),
    "voice": ("text",),
}
OFFER_PARTS = ("title", "body", "terms")
CHANNELS = tuple(PARTS_OF)


def languages_of(body: Json) -> list[str]:
    """In which a campaign has words: our own, and others."""
    told = set(body["offer"]) | _languages_in(body["messages"])
    for step in body["follow_ups"]:
        if step["action"]["kind"] == "message":
            told |= set(step["action"]["text"]) | _languages_in(step["action"]["messages"])
    return with_ours(sorted(told))


def _languages_in(messages: Json) -> set[str]:
    return {tag for channel in PARTS_OF for tag in messages.get(channel) or ()}


def languages_typed(typed: Typed) -> list[str]:
    return with_ours(tag for tag in typed.all("language")[:MAX_LANGUAGES] if find_tag_fault(tag) is None)


def with_ours(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*LOCALES, *tags]))


def show_words(body: Json) -> Shown:
    messages, languages = body["messages"], languages_of(body)
    rows = show_texts("offer", OFFER_PARTS, body["offer"], languages)
    for channel, parts in PARTS_OF.items():
        rows |= show_texts(channel, parts, messages.get(channel) or {}, languages)
    rows |= shown({f"channel_{place}": name for place, name in enumerate(body["channels"], 1)})
    rows |= shown({"language": languages[len(LOCALES) :]})
    return rows | shown({"link": messages.get("link"), "fallback_minutes": body["fallback_within_minutes"]})


def show_texts(
    of: str, parts: tuple[str, ...], texts: Mapping[str, Mapping[str, Any]], languages: Sequence[str]
) -> Shown:
    return shown({f"{of}_{tag}_{part}": texts.get(tag, {}).get(part) for tag in languages for part in parts})


def read_words(typed: Typed, before: Json) -> Json:
    messages, languages = dict(before["messages"]), languages_typed(typed)
    for channel, parts in PARTS_OF.items():
        texts = read_texts(typed, channel, parts, messages.pop(channel, None) or {}, languages)
        if texts:
            messages[channel] = texts
    messages.pop("link", None)
    if link := typed.one("link"):
        messages["link"] = link
    chosen = [name for place in range(1, len(CHANNELS) + 1) if (name := typed.one(f"channel_{place}"))]
    fallback = typed.number("fallback_minutes")
    return {
        "offer": read_texts(typed, "offer", OFFER_PARTS, before["offer"], languages),
        "messages": messages,
        "channels": chosen or ["push"],
        "fallback_within_minutes": 60 if fallback is None else fallback,
    }


def read_texts(
    typed: Typed, of: str, parts: tuple[str, ...], before: Mapping[str, Any], languages: Sequence[str]
) -> Json:
    """A language of which nothing is typed is none."""
    texts = {tag: text for tag, text in before.items() if tag not in languages}
    for tag in languages:
        written = {part: _read_text(typed, f"{of}_{tag}_{part}", (before.get(tag) or {}).get(part))
                   for part in parts}  # fmt: skip
        if any(written.values()):
            texts[tag] = {part: text for part, text in written.items() if text or part in parts[:2]}
    return _without_empty_button(texts)


def _read_text(typed: Typed, name: str, before: str | None) -> str:
    """A form sends line ends as CRLF, and is trimmed; what is the same but for that stays as it was."""
    text = typed.one(name).replace("\r\n", "\n")
    return before if before is not None and text == before.replace("\r\n", "\n").strip() else text


def _without_empty_button(texts: Json) -> Json:
    return {
        tag: {part: words for part, words in text.items() if words or part != "button"} for tag, text in texts.items()
    }
