"""Files of made-up members, as a Japanese till exports them to Excel: for tests and measurements."""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADINGS = [
    "会員番号",
    "カード番号",
    "氏名",
    "フリガナ",
    "生年月日",
    "性別",
    "電話番号",
    "メールアドレス",
    "郵便番号",
    "都道府県",
    "市区町村",
    "ポイント残高",
    "有効期限",
    "入会日",
    "最終来店日",
    "来店回数",
    "メルマガ",
    "備考",
]
_FAMILIES = (
    "佐藤 サトウ,鈴木 スズキ,高橋 タカハシ,田中 タナカ,伊藤 イトウ,渡辺 ワタナベ,山本 ヤマモト,中村 ナカムラ,"
    "小林 コバヤシ,髙﨑 タカサキ"
)
_GIVEN = (
    "花子 ハナコ,太郎 タロウ,美咲 ミサキ,健一 ケンイチ,さくら サクラ,大輔 ダイスケ,陽菜 ヒナ,蓮 レン,"
    "由美子 ユミコ,翔太 ショウタ"
)
_TOWNS = (
    "東京都 新宿区 1600022,大阪府 大阪市北区 5300001,北海道 札幌市中央区 600001,神奈川県 横浜市西区 2200011,"
    "福岡県 福岡市博多区 8120011"
)
_FIRST_DAY = date(2015, 4, 1)


def write_member_file(path: Path, members: int, *, seed: int = 1, encoding: str = "cp932") -> None:
    """`members` rows below the headings; the same for the same seed. Some have a landline, some no contact."""
    with path.open("w", encoding=encoding, newline="") as file:
        for line in generate_lines(members, seed=seed):
            file.write(line)


def generate_lines(members: int, *, seed: int = 1) -> Iterator[str]:
    luck = random.Random(seed)
    yield _line(HEADINGS)
    for place in range(members):
        yield _line(_draw(luck, place))


def _draw(luck: random.Random, place: int) -> list[str]:
    family, family_kana = luck.choice(_FAMILIES.split(",")).split(" ")
    given, given_kana = luck.choice(_GIVEN.split(",")).split(" ")
    prefecture, city, postal_code = luck.choice(_TOWNS.split(",")).split(" ")
    born = date(1940, 1, 1) + timedelta(days=luck.randrange(25_000))
    joined = _FIRST_DAY + timedelta(days=luck.randrange(3000))
    last = joined + timedelta(days=luck.randrange(900))
    points = luck.randrange(5000)
    kind = luck.random()
    # As Excel leaves a number: without its zero.
    phone = "" if kind < 0.1 else f"33{place % 10_000_000:07d}" if kind < 0.15 else str(9010000000 + place)
    return [
        f"K{place:08d}",
        f"{2_000_000_000_000 + place}",
        f"{family}　{given}",
        f"{family_kana}　{given_kana}",
        _write_day(luck, born),
        luck.choice(("男", "女", "")),
        phone,
        f"member{place}@example.jp" if luck.random() < 0.5 else "",
        postal_code,
        prefecture,
        city,
        f"{points:,}",
        "2030/3/31" if points else "",
        f"{joined:%Y/%m/%d}",
        f"{last.year}/{last.month}/{last.day}",
        str(luck.randrange(1, 200)),
        luck.choice(("希望する", "希望しない")),
        "",
    ]


def _write_day(luck: random.Random, day: date) -> str:
    style = luck.random()
    if style < 0.1 and day.year > 1989:
        return f"平成{day.year - 1988}年{day.month}月{day.day}日"
    return f"{day:%Y%m%d}" if style < 0.2 else f"{day.year}/{day.month}/{day.day}"


def _line(cells: "list[str] | tuple[str, ...]") -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
