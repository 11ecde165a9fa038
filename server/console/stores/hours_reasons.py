"""What is wrong with opening hours, in the page's language. Pure."""

from kit.locales import Locale
from server.console.said import Forms, Said, find_japanese

HOURS: Forms = (
    (
        r"opening_hours: (.+) stands twice; .+",
        r"営業時間：\1 が二度書かれています。一日の時間はまとめて書いてください。",
    ),
    (
        r"opening_hours: other hours on public holidays .+",
        "営業時間：祝日（PH）だけの時間は登録できません。PH を除いてください。祝日もその曜日の時間になります。",
    ),
    (
        r"opening_hours: (.+) is no day; write (.+)\.",
        r"営業時間：\1 は曜日ではありません。\2 のどれかで書いてください。",
    ),
    (
        r"opening_hours: (.+) cannot be read; write days and times such as (.+), or 24/7\.",
        r"営業時間：\1 を読み取れません。「\2」や「24/7」のように書いてください。",
    ),
    (
        r"opening_hours: (.+) is no range of days; .+",
        r"営業時間：\1 は曜日の範囲ではありません。PH は Mo-Su,PH のように単独で書いてください。",
    ),
    (r"opening_hours, (\w+): write at most (\d+) spans.*", r"営業時間（\1）：時間帯は \2 個までです。"),
    (
        r"opening_hours, (\w+): a span is a start and an end.*",
        r"営業時間（\1）：時間帯は 09:00 と 21:00 のように、始まりと終わりで書いてください。",
    ),
    (
        r"opening_hours, (\w+): (.+) is on the next day; .+",
        r"営業時間（\1）：\2 は翌日です。翌日の 00:00 からとして書いてください。",
    ),
    (
        r"opening_hours, (\w+): (.+) to (.+) is more than a day; .+",
        r"営業時間（\1）：\2 から \3 までは一日を超えています。二つに分けて書いてください。",
    ),
    (
        r"opening_hours, (\w+): (.+) is no time of day; .+",
        r"営業時間（\1）：\2 は時刻ではありません。21:00 や、深夜 2 時なら 26:00 のように書いてください。",
    ),
)


def say_hours(reason: str, locale: Locale) -> Said:
    japanese = None if locale == "en" else find_japanese(reason, HOURS)
    return Said(reason, "en") if japanese is None else Said(japanese, "ja")
