"""The parts of a campaign's form that hold words: the offer, and the messages by channel. No I/O."""

from collections.abc import Mapping
from typing import Any

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


def show_words(body: Json) -> Shown:
    messages = body["messages"]
    rows = _show_texts("offer", OFFER_PARTS, body["offer"])
    for channel, parts in PARTS_OF.items():
        rows |= _show_texts(channel, parts, messages.get(channel) or {})
    rows |= shown({f"channel_{place}": name for place, name in enumerate(body["channels"], 1)})
    return rows | shown({"link": messages.get("link"), "fallback_minutes": body["fallback_within_minutes"]})


def _show_texts(of: str, parts: tuple[str, ...], texts: Mapping[str, Mapping[str, Any]]) -> Shown:
    return shown({f"{of}_{locale}_{part}": texts.get(locale, {}).get(part) for locale in LOCALES for part in parts})


def read_words(typed: Typed, before: Json) -> Json:
    messages = dict(before["messages"])
    for channel, parts in PARTS_OF.items():
        texts = _read_texts(typed, channel, parts, messages.pop(channel, None) or {})
        if texts:
            messages[channel] = texts
    messages.pop("link", None)
    if link := typed.one("link"):
        messages["link"] = link
    chosen = [name for place in range(1, len(CHANNELS) + 1) if (name := typed.one(f"channel_{place}"))]
    fallback = typed.number("fallback_minutes")
    return {
        "offer": _read_texts(typed, "offer", OFFER_PARTS, before["offer"]),
        "messages": messages,
        "channels": chosen or ["push"],
        "fallback_within_minutes": 60 if fallback is None else fallback,
    }


def _read_texts(typed: Typed, of: str, parts: tuple[str, ...], before: Mapping[str, Any]) -> Json:
    """Of other languages than ours what was there. A language of which nothing is typed is none."""
    texts = {tag: text for tag, text in before.items() if tag not in LOCALES}
    for locale in LOCALES:
        written = {part: _read_text(typed, f"{of}_{locale}_{part}", (before.get(locale) or {}).get(part))
                   for part in parts}  # fmt: skip
        if any(written.values()):
            texts[locale] = {part: text for part, text in written.items() if text or part in parts[:2]}
    return _without_empty_button(texts)


def _read_text(typed: Typed, name: str, before: str | None) -> str:
    """A form sends line ends as CRLF, and is trimmed; what is the same but for that stays as it was."""
    text = typed.one(name).replace("\r\n", "\n")
    return before if before is not None and text == before.replace("\r\n", "\n").strip() else text


def _without_empty_button(texts: Json) -> Json:
    return {
        tag: {part: words for part, words in text.items() if words or part != "button"} for tag, text in texts.items()
    }
