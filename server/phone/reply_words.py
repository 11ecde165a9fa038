"""What whoever calls a number on a poster is texted. Pure."""

from kit.locales import Locale

# Each character counts: two parts hold 134 Japanese ones, and a link takes sixty.
_WORDS: dict[Locale, tuple[str, str]] = {
    "ja": ("{who}の会員登録はこちら(24時間以内・1回限り)\n", "\n配信停止は「停止」と返信"),
    "en": ("Join {who} here, once and within 24 hours:\n", "\nReply STOP to get no more."),
}


def write_reply(locale: Locale, program_name: str, store_name: str, url: str) -> str:
    before, after = _WORDS[locale]
    who = " ".join(f"{program_name} {store_name}".split())
    return before.replace("{who}", who) + url + after
