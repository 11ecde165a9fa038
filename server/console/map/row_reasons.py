"""What is wrong with a row of a chain's file, in the page's language. Pure."""

from kit.locales import Locale
from server.console.map.reasons import say
from server.console.said import Forms, Said, find_japanese
from server.console.stores.hours_reasons import HOURS

_ROWS: Forms = (
    (r"Give (\w+) once for each store; .+", r"\1 は店舗ごとに一度だけ書いてください。前の行と値が違います。"),
    (r"The store of this code is closed; .+", "このコードの店舗は閉店しています。別のコードにしてください。"),
    (
        r"Give store_name and time_zone in the first row of a new store\.",
        "新しい店舗の最初の行には store_name と time_zone が必要です。",
    ),
    (
        r"Give at most (\d+) store_groups of at most (\d+) characters each\.",
        r"店舗グループは \1 個まで、各 \2 文字までです。",
    ),
    (
        r"Several geofences of this store have this name; .+",
        "この店舗に同じ名前のジオフェンスが複数あります。geofence_id で指定してください。",
    ),
    (
        r"This store has no geofence of this id; .+",
        "この店舗にこの ID のジオフェンスはありません。新しく描くには geofence_id を空にしてください。",
    ),
    (r"An earlier row is about the same geofence\.", "前の行が同じジオフェンスについて書いています。"),
    (r"Give the store's phone in digits.+", "電話番号は 03-1234-5678 のように、数字とハイフンで書いてください。"),
    (
        r"(.+) does not have the form that it needs: something else than spaces.*",
        r"\1 は空白以外の文字で、文字の向きを変える記号なしで書いてください。",
    ),
    (r"(.+) does not have the form that it needs.*", r"\1 の書き方が正しくありません。"),
    (r"(\S+) is missing\.?", r"\1 がありません。"),
    (r"(\S+) is not known here\.?", r"\1 という列はありません。"),
    (r"(\S+) must have at least (\d+) \w+\.?", r"\1 は \2 文字以上にしてください。"),
    (r"(\S+) must have at most (\d+) \w+\.?", r"\1 は \2 文字以内にしてください。"),
    (r"(\S+) must be at least (\S+?)\.?", r"\1 は \2 以上にしてください。"),
    (r"(\S+) must be at most (\S+?)\.?", r"\1 は \2 以下にしてください。"),
    (r"(\S+) must be (?:a number|an integer), not .+", r"\1 は数字にしてください。"),
)


def say_row(reason: str, locale: Locale) -> Said:
    if locale == "en":
        return Said(reason, "en")
    found = find_japanese(reason, [*HOURS, *_ROWS])
    if found is not None:
        return Said(found, "ja")
    shape = say(reason, locale)
    return Said(shape, "en" if shape == reason else "ja")
