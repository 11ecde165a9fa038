"""The words that every page may need. Pure."""

from collections.abc import Mapping
from typing import TypeAlias

from kit.locales import Locale

# By name: in Japanese and in English.
Words: TypeAlias = Mapping[str, tuple[str, str]]

COMMON: Words = {
    "skip": ("本文へ移動", "Skip to the content"),
    "other_language": ("English", "日本語"),
    "licences": ("使用しているソフトウェア", "Software used"),
    "licences_lead": (
        "このページで動作している、他の方々によるソフトウェアとその利用条件です。",
        "The software by others that runs on these pages, and the terms under which it does.",
    ),
    "version": ("バージョン", "version"),
    "error_400": ("リクエストを読み取れませんでした", "That request could not be read"),
    "error_400_help": (
        "前のページに戻って、もう一度お試しください。",
        "Go back to the page before, and try again.",
    ),
    "error_403": ("このページからは受け付けられません", "That cannot be taken from there"),
    "error_403_help": (
        "ページを開き直してから、もう一度お試しください。",
        "Open the page anew, and try again.",
    ),
    "error_404": ("ページが見つかりません", "There is no such page"),
    "error_404_help": (
        "アドレスをご確認ください。ポスターの QR コードから開いた場合は、お店の人にお知らせください。",
        "Check the address. If a poster's QR code led you here, please tell the people of the shop.",
    ),
    "error_429": ("少し待ってからお試しください", "Wait a moment"),
    "error_429_help": ("短い時間に多くの操作がありました。", "There were many attempts in a short time."),
    "error_503": ("ただいまご利用いただけません", "Not available right now"),
    "error_503_help": ("少し待ってから、もう一度お試しください。", "Wait a moment, and try again."),
    "error_500": ("問題が発生しました", "Something went wrong"),
    "error_500_help": (
        "記録しました。続くようでしたら、管理者にお知らせください。",
        "It has been recorded. If it stays, tell whoever runs this.",
    ),
    "try_again": ("もう一度試す", "Try again"),
}


def in_language(locale: Locale, *words: Words) -> dict[str, str]:
    """As a template reads them: `t.name`."""
    place = 0 if locale == "ja" else 1
    return {name: texts[place] for each in words for name, texts in each.items()}
