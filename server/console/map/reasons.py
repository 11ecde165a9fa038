"""What `geo.shapes` says of a shape, in Japanese. Pure.

Its sentences are English, as all that the API says. A page says them in its reader's language.
"""

from kit.locales import Locale
from server.console.said import Forms, find_japanese

_JAPANESE: Forms = (
    (r"The latitude must be .*", "緯度は -90 から 90 までの数字にしてください。"),
    (r"The longitude must be .*", "経度は -180 から 180 までの数字にしてください。"),
    (r"The radius must be from (\S+) to (\S+) m\.", r"半径は \1 m から \2 m までにしてください。"),
    (r"The shape comes within 1 km of a pole.*", "北極や南極から 1 km 以内では使えません。離して描いてください。"),
    (r"The ring crosses itself near (.+); .*", r"\1 の近くで線が交差しています。角を動かしてください。"),
    (
        r"The ring touches itself near (.+); .*",
        r"\1 の近くで線が接しています。角を動かすか、形を二つに分けてください。",
    ),
    (r"A ring is drawn twice near (.+); .*", r"\1 の近くに同じ線が二つあります。一つを消してください。"),
    (r"A hole lies outside .* near (.+); .*", r"\1 の近くの穴が形の外にあります。中に動かすか、消してください。"),
    (r"A hole lies inside another .* near (.+); .*", r"\1 の近くで穴の中に穴があります。一つを消してください。"),
    (r"The holes cut the shape .* near (.+); .*", r"\1 の近くで穴が形を分けています。二つの多角形にしてください。"),
    (r"A polygon lies inside another near (.+); .*", r"\1 の近くで多角形が重なっています。一つを消してください。"),
    (r"The ring has fewer than three .* near (.+); .*", r"\1 の近くに角が足りません。三つ以上にしてください。"),
    (r"The shape is not valid near (.+); .*", r"\1 の近くの形が正しくありません。描き直してください。"),
    (r"The shape is not valid: .*", "形が正しくありません。描き直してください。"),
    (r"The type must be .*", "Polygon か MultiPolygon にしてください。"),
    (r"The (?:shape|ring) has more than (\S+) positions; .*", r"点が \1 個を超えています。形を簡単にしてください。"),
    (r"There must be a list of .*", "座標の書き方を確認してください。"),
    (r"A ring needs at least four positions.*", "角を三つ以上にして、最後に最初の角をもう一度書いてください。"),
    (r"The ring is not closed.*", "線が閉じていません。最後に最初の角をもう一度書いてください。"),
    (r"A position must be two numbers.*", "点は経度、緯度の順に二つの数字で書いてください。"),
    (r"These are no degrees.*", "度の値ではありません。WGS 84（EPSG:4326）の経度、緯度にしてください。"),
    (r"Latitude and longitude look swapped.*", "緯度と経度が逆のようです。経度を先に書いてください。"),
    (r"The ring goes around a pole.*", "極を囲むことはできません。"),
    (r"The shape is more than (\S+) km wide.*", r"幅が \1 km を超えています。経度を確認するか、小さくしてください。"),
    (r"The shape is smaller than (\S+) square metres\.", r"面積が \1 平方メートル未満です。大きくしてください。"),
)


def say(reason: str, locale: Locale) -> str:
    """In English where nobody has put it into Japanese yet."""
    if locale == "en":
        return reason
    return find_japanese(reason, _JAPANESE) or reason
