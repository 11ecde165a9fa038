"""What is wrong with a file of members and with its rows, in the page's language. Pure."""

import re

from kit.locales import Locale
from server.console.said import Forms, Said, find_japanese

# A sentence about a column: what the file calls it, with our name of it behind, and what is wrong.
_OF_COLUMN = re.compile(r"(?P<column>.+?): (?P<words>.+)\.", re.DOTALL)
_LEFT_OUT = re.compile(
    r"(?P<words>.+?)(?:;|, and) (?:it is|they are|both are|are) left out(?P<consent>, which is no consent)?"
)

_DAY = "日付は 1990-04-01、1990/4/1、19900401、平成2年4月1日 のように書いてください"
_CELLS: Forms = (
    (r"it is a landline, to which no code can be sent", "固定電話のため、確認コードを送れません"),
    (r"it has too few digits", "桁数が足りません"),
    (r"it has too many digits", "桁数が多すぎます"),
    (r"it is not a telephone number", "電話番号ではありません"),
    (r"it is not an e-mail address", "メールアドレスではありません"),
    (
        r"a spreadsheet program has shortened it; format the column as text and export it again",
        "表計算ソフトが値を短縮しています。列の書式を「文字列」にして、書き出し直してください",
    ),
    (
        r"take the control characters out; the file may be broken there",
        "制御文字があります。ファイルが壊れている可能性があります",
    ),
    (r"take the control characters out", "制御文字を取り除いてください"),
    (r"write lots as (.+)", r"ポイントは \1 のように書いてください"),
    (r"write a text or a number", "文字か数字を書いてください"),
    (r"write digits, letters and hyphens, (\d+) at most", r"英数字とハイフンで、\1 文字以内にしてください"),
    (
        r"write (\d+) to (\d+) digits or letters; several are parted by a comma",
        r"英数字 \1〜\2 文字で書き、複数ある場合はカンマで区切ってください",
    ),
    (r"give (\d+) cards at most", r"カードは \1 枚までです"),
    (r"give (\d+) lots at most", r"ポイントの内訳は \1 件までです"),
    (r"write (\d+) at most", r"\1 以下にしてください"),
    (r"write at most ([\d,]+)", r"\1 以下にしてください"),
    (r"there is no such day; write the day as .+", f"その日付は存在しません。{_DAY}"),
    (r"write the day as .+", _DAY),
    (r"write a whole number, such as 1200", "1200 のような整数を書いてください"),
    (r"write 0 or more: nothing below zero is taken over", "0 以上にしてください（マイナスは引き継げません）"),
    (r"write yes or no .+", "「はい」「いいえ」か、1、0 で書いてください"),
    (r"write the seven digits, such as 150-0001", "7 桁の郵便番号（例：150-0001）を書いてください"),
    (r"it comes after the last visit", "最終来店日より後の日付です"),
    (r"they have expired", "有効期限が切れています"),
    (r"the program has no rank of this code or name", "このコードや名前のランクは、プログラムにありません"),
    (r"it lies in the future, or before (\d+)", r"未来の日付か、\1 年より前の日付です"),
    (r"it is none of the choices", "選択肢にありません"),
    (r"it looks like a formula", "数式のように見えます"),
    (r"write a number|give a number", "数字を書いてください"),
    (r"it is no prefecture of Japan", "都道府県名ではありません"),
    (r"one has more than (\d+) characters", r"\1 文字を超えるものがあります"),
    (r"give (\d+) at most", r"\1 個までです"),
    (r"give a text", "文字を書いてください"),
    (r"give (\d+) to (\d+) characters", r"\1〜\2 文字で書いてください"),
    (r"give the reading in katakana or hiragana", "カタカナかひらがなで書いてください"),
    (r"give a month and a day, and the year or none", "月と日を書いてください（年はなくてもかまいません）"),
    (r"give a year from (\d+) to (\d+)", r"年は \1〜\2 にしてください"),
    (r"give a day that the calendar has", "存在しない日付です"),
    (r"give a day that has been", "未来の日付です"),
    (r"give a number from -(\d+) to (\d+)", r"-\1 から \2 までの数字にしてください"),
    (r"give a day such as (\S+)", r"\1 のような日付を書いてください"),
    (r"give a day from (\d+) to (\d+)", r"\1 年から \2 年までの日付にしてください"),
    (r"give true or false", "はい、いいえのどちらかを書いてください"),
    (r"give (?:one|a list) of (.+)", r"次の選択肢から書いてください：\1"),
    (r"give a Japanese postal code, such as (\S+)", r"日本の郵便番号（例：\1）を書いてください"),
    (r"give the prefecture's code .+", "都道府県コード（1〜47）を書いてください"),
    (r"give a time zone's IANA name, such as (\S+)", r"\1 のようなタイムゾーン名を書いてください"),
)
_ROWS: Forms = (
    (
        r"The row says nobody's number: give the member number, or the number of a card\.",
        "会員番号もカード番号もない行です。どちらかを書いてください。",
    ),
    (
        r"The member number stands in line (\S+) already; .+",
        r"同じ会員番号が \1 行目にあります。二つの行は統合されません。",
    ),
    (
        r"The number of a card stands in line (\S+) already; .+",
        r"同じカード番号が \1 行目にあります。二つの行は統合されません。",
    ),
    (r"The number of a card is another member's; .+", "カード番号が別の会員のものです。統合されません。"),
    (r"The member has left; .+", "退会した会員のため、取り込みません。"),
    (
        r"The member has earned or spent points here since; .+",
        "取り込み後にこのプログラムでポイントの増減があったため、ポイントはいまのままです。",
    ),
    (
        r"The member has tags of the staff; .+ more than (\d+)\.",
        r"スタッフのタグと合わせると、タグが \1 個を超えます。",
    ),
    (
        r"The telephone number is one that the member of line (\S+) has too; .+",
        r"電話番号が \1 行目の会員と同じです。統合されません。確認した人はカード番号で引き継げます。",
    ),
    (
        r"The e-mail address is one that the member of line (\S+) has too; .+",
        r"メールアドレスが \1 行目の会員と同じです。統合されません。確認した人はカード番号で引き継げます。",
    ),
    (
        r"The telephone number is one that another member .+",
        "電話番号が、ファイルから取り込んだ別の会員と同じです。二人は統合されません。",
    ),
    (
        r"The e-mail address is one that another member .+",
        "メールアドレスが、ファイルから取り込んだ別の会員と同じです。二人は統合されません。",
    ),
    (
        r"The telephone number is that of a member of the app already; .+",
        "電話番号が、すでにアプリにいる会員のものです。統合されません。その会員がカード番号を入力すると引き継げます。",
    ),
    (
        r"The e-mail address is that of a member of the app already; .+",
        "メールアドレスが、すでにアプリにいる会員のものです。統合されません。その会員がカード番号を入力すると引き継げます。",
    ),
)
_FILES: Forms = (
    (r"The file is empty\.", "ファイルが空です。"),
    (r"The file has (\S+) columns; (\S+) are the most\.", r"列が \1 あります。\2 列までにしてください。"),
    (
        r"The columns (.+) and (.+) are both (\S+); .+",
        r"列 \1 と列 \2 は、どちらも同じ項目（\3）です。一方を削除するか、名前を変えてください。",
    ),
    (
        r"Put the names of the columns into the first row, .+",
        "1 行目に列の名前を書いてください。会員番号（number）かカード番号（card_number）の列が必要です。",
    ),
    (r"Save the lines of JSON as UTF-8\.", "JSON の行は UTF-8 で保存してください。"),
    (r"Line 1 is not CSV: .+", "1 行目が CSV として読めません。"),
    (r"The lines have more than (\S+) names; line (\S+) .+", r"項目の種類が \1 を超えています（\2 行目）。"),
    (
        r"The row that begins in line (\S+) is longer than (\S+) characters: .+",
        r"\1 行目から始まる行が \2 文字を超えています。引用符が閉じられていない可能性があります。",
    ),
    (
        r"Save the file as 'CSV UTF-8'; this may be .+",
        "「CSV UTF-8」形式で保存してください。いまは Shift_JIS か西欧の文字コードのようです。",
    ),
    (
        r"The file is cut off in the middle of a character, in line (\S+); .+",
        r"ファイルが \1 行目の文字の途中で切れています。もう一度保存してください。",
    ),
    (
        r"Save the file as 'CSV UTF-8'; its encoding cannot be told \(line (\S+) .+",
        r"「CSV UTF-8」形式で保存してください。文字コードを判別できません（\1 行目がそれまでの行と異なります）。",
    ),
    (
        r"The import broke off (\S+) times after row (\S+), .+ next (\S+) rows, .+",
        r"\2 行の後で \1 回中断しました。それまでの行は取り込み済みです。次の \3 行の一部を除き、送り直してください。",
    ),
    (
        r"The file is another one than when this import began; begin a new one\.",
        "取り込みを始めたときと別のファイルです。新しく始めてください。",
    ),
    (
        r"The file has points \((.+)\): .+",
        r"ファイルにポイント（\1）があります。先にポイントのルールを設定するか、その列を削除してください。",
    ),
    (
        r"The file has stamps \((.+)\): .+",
        r"ファイルにスタンプ（\1）があります。スタンプカードがひとつだけ必要です。用意するか、その列を削除してください。",
    ),
)


def say_fault(reason: str, locale: Locale) -> Said:
    """Of a row."""
    if locale == "en":
        return Said(reason, "en")
    whole = find_japanese(reason, _ROWS)
    if whole is not None:
        return Said(whole, "ja")
    found = _OF_COLUMN.fullmatch(reason)
    cell = None if found is None else _say_cell(found["words"])
    return Said(reason, "en") if found is None or cell is None else Said(f"{found['column']}：{cell}", "ja")


def _say_cell(words: str) -> str | None:
    left_out = _LEFT_OUT.fullmatch(words)
    if left_out is None:
        said = find_japanese(words, _CELLS)
        return None if said is None else f"{said}。"
    said = find_japanese(left_out["words"], _CELLS)
    if said is None:
        return None
    return f"{said}。{'同意なしとして扱います。' if left_out['consent'] else 'この項目は取り込みません。'}"


def say_refusal(reason: str, locale: Locale) -> Said:
    """Of a file."""
    japanese = None if locale == "en" else find_japanese(reason, _FILES)
    return Said(reason, "en") if japanese is None else Said(japanese, "ja")
