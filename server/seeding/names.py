"""Made-up people of Japan: names with their readings, as frequent as such names are, and where and when. Pure.

The hundred most frequent family names are some third of all people; the rest is put together from the characters that
family names are made of, so that a search by two characters finds as many as it would in a real chain.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from members.attribute_values import Birthday
from members.profile import Profile

_FAMILY = (
    "佐藤サトウ 鈴木スズキ 高橋タカハシ 田中タナカ 伊藤イトウ 渡辺ワタナベ 山本ヤマモト 中村ナカムラ "
    "小林コバヤシ 加藤カトウ 吉田ヨシダ 山田ヤマダ 佐々木ササキ 山口ヤマグチ 松本マツモト 井上イノウエ "
    "木村キムラ 林ハヤシ 斎藤サイトウ 清水シミズ 山崎ヤマザキ 森モリ 池田イケダ 橋本ハシモト 阿部アベ "
    "石川イシカワ 山下ヤマシタ 中島ナカジマ 石井イシイ 小川オガワ 前田マエダ 岡田オカダ 長谷川ハセガワ "
    "藤田フジタ 後藤ゴトウ 近藤コンドウ 村上ムラカミ 遠藤エンドウ 青木アオキ 坂本サカモト 福田フクダ 太田オオタ "
    "西村ニシムラ 藤井フジイ 金子カネコ 岡本オカモト 藤原フジワラ 三浦ミウラ 中野ナカノ 中川ナカガワ 原田ハラダ "
    "松田マツダ 竹内タケウチ 小野オノ 田村タムラ 中山ナカヤマ 和田ワダ 石田イシダ 森田モリタ 上田ウエダ 原ハラ "
    "内田ウチダ 柴田シバタ 酒井サカイ 宮崎ミヤザキ 横山ヨコヤマ 高木タカギ 安藤アンドウ 宮本ミヤモト 大野オオノ "
    "小島コジマ 谷口タニグチ 工藤クドウ 今井イマイ 高田タカダ 増田マスダ 丸山マルヤマ 杉山スギヤマ 村田ムラタ "
    "大塚オオツカ 新井アライ 小山コヤマ 平野ヒラノ 河野コウノ 藤本フジモト 野口ノグチ 武田タケダ 上野ウエノ "
    "松井マツイ 千葉チバ 岩崎イワサキ 菅原スガワラ 木下キノシタ 久保クボ 佐野サノ 野村ノムラ 松尾マツオ "
    "市川イチカワ 菊地キクチ 杉本スギモト"
)
_FIRST_PARTS = (
    "青アオ 赤アカ 秋アキ 浅アサ 朝アサ 荒アラ 有アリ 石イシ 泉イズミ 磯イソ 稲イナ 岩イワ 植ウエ 内ウチ 梅ウメ "
    "榎エノキ 大オオ 岡オカ 奥オク 尾オ 笠カサ 勝カツ 神カミ 亀カメ 川カワ 北キタ 国クニ 熊クマ 栗クリ 黒クロ "
    "桑クワ 桜サクラ 沢サワ 塩シオ 篠シノ 島シマ 白シラ 菅スガ 杉スギ 関セキ 高タカ 滝タキ 竹タケ 谷タニ 玉タマ "
    "土ツチ 寺テラ 富トミ 戸ト 豊トヨ 鳥トリ 永ナガ 成ナリ 西ニシ 野ノ 萩ハギ 畑ハタ 浜ハマ 早ハヤ 東ヒガシ "
    "平ヒラ 広ヒロ 深フカ 福フク 古フル 細ホソ 堀ホリ 本ホン 牧マキ 町マチ 松マツ 三ミ 水ミズ 南ミナミ 宮ミヤ "
    "向ムカイ 村ムラ 元モト 森モリ 柳ヤナギ 矢ヤ 湯ユ 横ヨコ 吉ヨシ 若ワカ"
)
_LAST_PARTS = (
    "田ダ 川カワ 山ヤマ 本モト 村ムラ 野ノ 沢サワ 島シマ 崎サキ 原ハラ 木キ 井イ 口グチ 下シタ 上ガミ 谷タニ "
    "尾オ 倉クラ 橋ハシ 林バヤシ 岡オカ 森モリ 浦ウラ 瀬セ 池イケ 中ナカ 内ウチ 根ネ 塚ヅカ 宮ミヤ 見ミ 津ツ "
    "江エ 坂サカ 岸ギシ 屋ヤ"
)
_FEMALE = (
    "花子ハナコ 陽子ヨウコ 美咲ミサキ 結衣ユイ 葵アオイ 凛リン 陽菜ヒナ 恵子ケイコ 由美ユミ 真由美マユミ "
    "久美子クミコ 智子トモコ 裕子ユウコ 直美ナオミ 愛アイ 彩アヤ 舞マイ 麻衣マイ 香織カオリ 恵メグミ 幸子サチコ "
    "和子カズコ 京子キョウコ 節子セツコ 美穂ミホ 千尋チヒロ 七海ナナミ 桃子モモコ 莉子リコ さくらサクラ "
    "ひなたヒナタ みゆきミユキ 友美トモミ 奈々ナナ 遥ハルカ 瞳ヒトミ 純子ジュンコ 明美アケミ 杏アン 琴音コトネ"
)
_MALE = (
    "太郎タロウ 健ケン 大輔ダイスケ 翔太ショウタ 拓也タクヤ 蓮レン 大翔ヒロト 悠真ユウマ 陽翔ハルト 湊ミナト "
    "誠マコト 浩ヒロシ 隆タカシ 直樹ナオキ 哲也テツヤ 和也カズヤ 健太ケンタ 達也タツヤ 剛ツヨシ 学マナブ "
    "博ヒロシ 茂シゲル 清キヨシ 勇イサム 正マサシ 修オサム 進ススム 豊ユタカ 洋一ヨウイチ 慎一シンイチ "
    "雄大ユウダイ 亮リョウ 涼リョウ 航ワタル 樹イツキ 颯太ソウタ 陸リク 海斗カイト 一郎イチロウ 次郎ジロウ"
)
_LATIN = ("Maria Silva", "Nguyen Van An", "Kim Min-jun", "Li Wei", "John Smith", "Anna Müller", "Rafael Santos")
_CITIES: Sequence[tuple[int, str, str]] = (
    (13, "新宿区", "160"),
    (13, "世田谷区", "154"),
    (13, "江東区", "135"),
    (14, "横浜市西区", "220"),
    (11, "さいたま市大宮区", "330"),
    (12, "千葉市中央区", "260"),
    (27, "大阪市北区", "530"),
    (23, "名古屋市中区", "460"),
    (40, "福岡市博多区", "812"),
    (1, "札幌市中央区", "060"),
)
_JOBS = ("employee", "employee", "employee", "part_time", "homemaker", "student", "self_employed", "retired", "other")
_BANDS = ("under_2m", "2m_to_4m", "2m_to_4m", "4m_to_6m", "4m_to_6m", "6m_to_8m", "8m_to_10m", "10m_or_more")
_KNOWN_SHARE = 0.9
_LATIN_SHARE = 0.02
_FREQUENT_SHARE = 0.33
_DRAWS = 12


def _cut(listed: str) -> list[tuple[str, str]]:
    """(as it is written, its reading): the reading begins with the first katakana."""
    pairs = []
    for entry in listed.split():
        at = next(at for at, character in enumerate(entry) if "ァ" <= character <= "ヺ")
        pairs.append((entry[:at], entry[at:]))
    return pairs


_FAMILIES, _FIRSTS, _LASTS = _cut(_FAMILY), _cut(_FIRST_PARTS), _cut(_LAST_PARTS)
_FEMALES, _MALES = _cut(_FEMALE), _cut(_MALE)
# The first of them is six times as frequent as the last.
_FAMILY_STEPS = np.cumsum(1 / (np.arange(len(_FAMILIES)) + 20.0))
_FAMILY_STEPS /= _FAMILY_STEPS[-1]


def draw_profiles(count: int, last_year: int, rng: np.random.Generator) -> list[Profile]:
    """One a member; of a tenth of them nothing is known. Nobody was born after `last_year`."""
    return [_make(luck, last_year) for luck in rng.random((count, _DRAWS))]


def _make(luck: NDArray[np.float64], last_year: int) -> Profile:
    if luck[0] > _KNOWN_SHARE:
        return Profile()
    is_female = luck[1] < 0.6
    name, kana = _draw_name(luck, is_female=is_female)
    prefecture, city, postal_start = _CITIES[int(luck[5] * len(_CITIES))]
    day = int(luck[6] * 365)
    year = last_year - 15 - int(65 * luck[7])
    return Profile(
        name=name,
        kana=kana,
        birthday=Birthday(day // 31 + 1, day % 28 + 1, year if luck[8] < 0.8 else None) if luck[9] < 0.7 else None,
        gender=("female" if is_female else "male") if luck[8] < 0.9 else None,
        postal_code=f"{postal_start}{int(luck[10] * 9999):04d}",
        prefecture=prefecture,
        city=city,
        job=_JOBS[int(luck[11] * len(_JOBS))] if luck[10] < 0.5 else None,
        income_band=_BANDS[int(luck[9] * len(_BANDS))] if luck[11] < 0.4 else None,
    )


def _draw_name(luck: NDArray[np.float64], *, is_female: bool) -> tuple[str, str | None]:
    if luck[2] < _LATIN_SHARE:
        return _LATIN[int(luck[3] * len(_LATIN))], None
    if luck[2] < _LATIN_SHARE + _FREQUENT_SHARE:
        written, read = _FAMILIES[int(np.searchsorted(_FAMILY_STEPS, luck[3]))]
    else:
        first = _FIRSTS[int(luck[3] * len(_FIRSTS))]
        last = _LASTS[int(luck[3] * len(_FIRSTS) % 1 * len(_LASTS))]
        written, read = first[0] + last[0], first[1] + last[1]
    given = (_FEMALES if is_female else _MALES)[int(luck[4] * (len(_FEMALES) if is_female else len(_MALES)))]
    return f"{written} {given[0]}", f"{read} {given[1]}"
