"""Which heading of a file of members is which column: our own names, and those that tills write. Pure.

A heading that nobody knows is left out, and told: a till's export has many columns that are nobody's business here.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from imports.imported_row import ImportedPurpose
from kit.text_files import UnreadableText, simplify_heading

# Several columns of these may stand in one file: 電話番号 and 携帯電話番号, カード番号1 and カード番号2.
_REPEATED = frozenset({"card_number", "phone", "email", "points", "points_expire_on", "tags"})
# column -> the headings that mean it besides its own name.
_KNOWN_AS: Mapping[str, str] = {
    "number": (
        "会員番号 会員No 会員NO. 会員ID 会員コード 顧客番号 顧客ID 顧客コード 顧客No お客様番号 "
        "お客様コード member_number membernumber memberid memberno memberno. membercode customernumber "
        "customerid customercode customerno"
    ),
    "card_number": (
        "カード番号 カードNo 会員カード番号 会員証番号 ポイントカード番号 カードコード バーコード カードID "
        "cardnumber cardno cardid barcode plasticcard"
    ),
    "phone": (
        "電話番号 電話 TEL 携帯電話番号 携帯電話 携帯番号 携帯 連絡先電話番号 電話番号(携帯) mobile "
        "mobilephone phonenumber telephone cellphone"
    ),
    "email": (
        "メールアドレス メール Eメール 電子メール eメールアドレス 携帯メールアドレス 携帯メール "
        "PCメールアドレス PCメール mail emailaddress mailaddress"
    ),
    "name": "氏名 名前 お名前 会員名 顧客名 会員氏名 氏名漢字 漢字氏名 fullname customername membername",
    "family_name": "姓 名字 苗字 氏名姓 姓漢字 漢字姓 lastname surname familyname",
    "given_name": "名 氏名名 名漢字 漢字名 firstname givenname",
    "kana": (
        "フリガナ ふりがな カナ カナ氏名 氏名カナ 氏名フリガナ かな よみがな ヨミガナ 会員名カナ カナ名 "
        "名前カナ kananame namekana"
    ),
    "family_kana": "姓カナ セイ せい カナ姓 姓フリガナ フリガナ姓 姓かな lastnamekana familynamekana",
    "given_kana": "名カナ メイ めい カナ名前 名フリガナ フリガナ名 名かな firstnamekana givennamekana",
    "nickname": "ニックネーム 愛称",
    "birthday": "生年月日 誕生日 お誕生日 birthdate dateofbirth dob",
    "gender": "性別 sex",
    "postal_code": "郵便番号 〒 zip zipcode postcode postalcode",
    "prefecture": "都道府県 都道府県名 県 pref",
    "city": "市区町村 市町村 市区郡町村 市区町村名",
    "address": "住所 住所1 ご住所",
    "job": "職業 お仕事 occupation",
    "income_band": "年収 income",
    "locale": "言語 language lang",
    "points": (
        "ポイント残高 保有ポイント ポイント ポイント数 現在ポイント 有効ポイント 累計ポイント残高 "
        "残ポイント 利用可能ポイント pointbalance balance point"
    ),
    "points_expire_on": (
        "ポイント有効期限 有効期限 ポイント失効日 失効日 ポイント期限 期限 pointexpiry pointsexpiry "
        "pointexpireson expireson expirydate expirationdate"
    ),
    "rank": "ランク 会員ランク ステージ 会員ステージ 会員区分 会員種別 ランク名 tier memberrank grade stage",
    "rank_until": "ランク有効期限 ステージ有効期限 ランク期限 rankexpireson tierexpireson",
    "joined_on": (
        "入会日 登録日 会員登録日 入会年月日 登録日時 入会日時 発行日 カード発行日 joined joindate "
        "joindateon registeredon registrationdate createdat enrolledon"
    ),
    "first_visit_on": ("初回来店日 初来店日 初回利用日 初回購入日 初回購買日 firstvisit firstvisitdate firstvisitedon"),
    "last_visit_on": (
        "最終来店日 最終利用日 最終購入日 最終購買日 前回来店日 最新来店日 直近来店日 最終来店日時 "
        "lastvisit lastvisitdate lastvisitedon"
    ),
    "visits": ("来店回数 来店数 利用回数 累計来店回数 来店回数累計 総来店回数 購入回数 visitcount numberofvisits"),
    "tags": "タグ 会員タグ 顧客タグ ラベル 分類タグ tag label labels membertags customertags",
    "stamps": "スタンプ スタンプ数 スタンプ残数 保有スタンプ数 現在スタンプ数 stampcount",
    "consent_email": (
        "メール配信 メルマガ メルマガ配信 メールマガジン メール配信可否 メール受信 DMメール 配信許可 "
        "メール許諾 メール同意 mailconsent emailoptin optin newsletter mailoptin"
    ),
    "consent_push": "プッシュ通知 プッシュ配信 プッシュ許諾 pushoptin",
    "consent_sms": "SMS配信 SMS配信可否 SMS受信 SMS許諾 SMS同意 ショートメール配信 smsconsent smsoptin",
    "consent_voice": "電話案内 電話連絡可否 電話許諾 電話同意 自動音声許諾 callconsent calloptin voiceoptin",
    "consent_profiling": "プロファイリング同意 分析同意 個人情報分析同意 profilingconsent profilingoptin",
    "consented_on": ("同意日 許諾日 同意日時 メール許諾日 メルマガ登録日 配信許可日 consentdate consentat optindate"),
}
CONSENT_COLUMNS: tuple[tuple[str, ImportedPurpose], ...] = (
    ("consent_email", "email"),
    ("consent_push", "push"),
    ("consent_sms", "sms"),
    ("consent_voice", "voice"),
    ("consent_profiling", "profiling"),
)
_BY_HEADING = {simplify_heading(column): column for column in _KNOWN_AS} | {
    simplify_heading(heading): column for column, headings in _KNOWN_AS.items() for heading in headings.split()
}
_COUNTED = re.compile(r"(.+?)([1-9]\d?)")
MAX_COLUMNS = 500


class Headings(msgspec.Struct, frozen=True):
    """`columns`: of each place in a row its column, None for one that is left out. `lots`: of each place that holds
    points or their expiry the number behind its heading, from 1."""

    texts: Sequence[str]
    columns: Sequence[str | None]
    lots: Sequence[int]

    @property
    def taken(self) -> dict[str, str]:
        """heading -> column, of those that are taken."""
        return {text: column for text, column in zip(self.texts, self.columns, strict=True) if column is not None}

    @property
    def left_out(self) -> list[str]:
        return [text for text, column in zip(self.texts, self.columns, strict=True) if column is None and text]


def find_column(heading: str, attributes: Mapping[str, str]) -> tuple[str, int] | None:
    """The column, and the number behind the heading (1 without one). `attributes`: of the program's own, the column by
    what people may call it, simplified."""
    simple = simplify_heading(heading)
    if simple in attributes:
        return attributes[simple], 1
    if simple in _BY_HEADING:
        return _BY_HEADING[simple], 1
    counted = _COUNTED.fullmatch(simple)
    if counted and _BY_HEADING.get(counted[1]) in _REPEATED:
        return _BY_HEADING[counted[1]], int(counted[2])
    return None


def map_headings(texts: Sequence[str], attributes: Mapping[str, str]) -> Headings:
    """Raises UnreadableText where two claim to be the same, and where none says who a row is about."""
    if len(texts) > MAX_COLUMNS:
        raise UnreadableText(f"The file has {len(texts):,} columns; {MAX_COLUMNS} are the most.")
    found = [find_column(text, attributes) for text in texts]
    claimed: dict[tuple[str, int], str] = {}
    for text, each in zip(texts, found, strict=True):
        if each is None:
            continue
        column = each[0]
        # One without a number and one with the number 1 are the same lot of points, and two phones are two phones.
        key = each if column.startswith("points") else (column, 0)
        if key in claimed and (column not in _REPEATED or column.startswith("points")):
            raise UnreadableText(
                f"The columns {claimed[key]!r} and {text!r} are both {column}; remove or rename one of them."
            )
        claimed[key] = text
    columns = [each and each[0] for each in found]
    if not {"number", "card_number"} & set(columns):
        raise UnreadableText(
            "Put the names of the columns into the first row, with the member number (会員番号, number) or the number"
            " of the card (カード番号, card_number) among them."
        )
    return Headings(texts, columns, [each[1] if each else 1 for each in found])


def write_fault(headings: Mapping[str, str], column: str, words: str) -> str:
    """A sentence about a column, as the file calls it. `headings`: by column."""
    heading = headings.get(column, column)
    name = column if heading == column else f"{heading} ({column})"
    return f"{name}: {words}."
