"""The words of the form of a member's profile. Pure."""

from server.faces.words import Words

PROFILE: Words = {
    "profile_edit": ("プロフィールを編集", "Edit the profile"),
    "profile_lead": (
        "空にした項目は未登録に戻ります。だれがどの項目を変えたかは操作履歴に残ります（内容は残りません）。",
        "A field that you empty is unknown again. The audit trail keeps who changed which fields, not what they hold.",
    ),
    "profile_person": ("本人", "Person"),
    "profile_own": ("このプログラムの項目", "Fields of this program"),
    "profile_save": ("保存する", "Save"),
    "profile_back": ("やめる", "Leave it as it is"),
    "profile_unknown": ("未登録", "Unknown"),
    "birth_year": ("年（任意）", "Year, if known"),
    "birth_month": ("月", "Month"),
    "birth_day": ("日", "Day"),
    "kana_hint": ("カタカナでもひらがなでも入力できます。", "In katakana or hiragana."),
    "postal_code_hint": ("例：160-0022", "For example 160-0022"),
    "time_zone_hint": (
        "例：Asia/Tokyo。空欄なら店舗やプログラムの時刻です。",
        "For example Asia/Tokyo; empty: the store's or program's.",
    ),
    "profile_faults": ("赤い項目を直して、もう一度保存してください。", "Mend the fields in red, and save again."),
    "profile_changed": (
        "編集中に、ほかの人が変更しました。違いのある項目の下に、いまの保存内容があります。確認して保存し直してください。",
        "Somebody else has changed this profile meanwhile. Below each field that differs stands what is saved now.",
    ),
    "profile_gone": (
        "この会員のプロフィールは変更できません（統合または消去されました）。",
        "This profile cannot be changed: the member has become another one, or was erased.",
    ),
    "held_now": ("いまの保存内容：{value}", "Saved now: {value}"),
    "held_nothing": ("いまは未登録です", "Nothing is saved now"),
    "fault_text": (
        "{most} 文字以内で、制御文字や文字の向きを変える記号を使わずに入力してください。",
        "Up to {most} letters, without control characters or marks that turn the direction of writing.",
    ),
    "fault_kana": ("フリガナはカタカナかひらがなで入力してください。", "Give the reading in katakana or hiragana."),
    "fault_birthday": (
        "実在する月と日を入力してください。年は 1900 年以降、今日までです。",
        "Give a month and a day that the calendar has, no later than today; the year from 1900 on, or none.",
    ),
    "fault_number": ("数字で入力してください。", "Give a number."),
    "fault_date": ("2026-10-12 のような日付を入力してください。", "Give a day such as 2026-10-12."),
    "fault_one_of": ("選択肢から選んでください。", "Choose one of the list."),
    "fault_many_of": ("選択肢から選んでください。", "Choose from the list."),
    "fault_yes_no": ("「はい」か「いいえ」を選んでください。", "Choose yes or no."),
    "fault_postal_code": (
        "7 桁の郵便番号を入力してください（例：160-0022）。",
        "Give a Japanese postal code such as 160-0022.",
    ),
    "fault_prefecture": ("都道府県を選んでください。", "Choose a prefecture."),
    "fault_time_zone": (
        "Asia/Tokyo のようなタイムゾーン名を入力してください。",
        "Give a time zone's name such as Asia/Tokyo.",
    ),
}
