"""The words of the page about a program's settings. Pure."""

from server.faces.words import Words

PROGRAM_WORDS: Words = {
    "program_lead": (
        "名前と言語、メッセージを送るときの決まりです。",
        "Its name and language, and what messages keep to.",
    ),
    "program_itself": ("プログラム", "The program"),
    "program_name": ("名前", "Name"),
    "program_name_help": ("会員に表示されるブランド名です。", "What shoppers read: the name of your brand."),
    "default_language": ("標準の言語", "Language"),
    "default_language_help": ("言語を選んでいない会員に使います。", "Of members who have chosen none."),
    "language_ja": ("日本語", "Japanese"),
    "language_en": ("英語", "English"),
    "time_zone": ("タイムゾーン", "Time zone"),
    "time_zone_help": ("例：Asia/Tokyo", "Such as Asia/Tokyo"),
    "message_rules": ("メッセージの決まり", "Rules of messages"),
    "message_rules_help": (
        "キャンペーンのメッセージに、待っているものも含めてすぐに適用されます。",
        "They hold at once for the messages of campaigns, also for those that wait.",
    ),
    "quiet_from": ("送らない時間の始まり", "Quiet from"),
    "quiet_until": ("送らない時間の終わり", "Quiet until"),
    "quiet_help": ("両方を空にすると、いつでも送ります。", "Leave both empty, and phones ring at any time."),
    "day_cap": ("会員ひとりあたり 1 日の上限（0〜50）", "For a member on a day at most (0 to 50)"),
    "week_cap": ("会員ひとりあたり 7 日間の上限（0〜200）", "For a member on seven days at most (0 to 200)"),
    "day_quota": ("全会員の 1 日の上限", "For all members on a day at most"),
    "day_quota_help": ("空にすると上限はありません。", "Leave it empty for any number."),
    "phones": ("プッシュ通知を鳴らす端末", "Which phones ring"),
    "phones_latest": ("最後に使われた 1 台", "The one that was used last"),
    "phones_all": ("すべての端末", "All of a member's"),
    "save": ("保存", "Save"),
    "saved": ("保存しました。", "It is saved."),
    "program_unreadable": (
        "名前（200 文字以内、文字の向きを変える見えない記号は不可）とタイムゾーンをご確認ください。",
        "Check the name (up to 200 letters, no hidden marks that turn the direction of writing) and the time zone.",
    ),
    "program_changed": (
        "ほかのオーナーが先に変更しました。保存されている値を下に示します。もう一度保存すると、入力した値になります。",
        "Somebody else has changed this meanwhile: what is set now stands below. Save again to have it your way.",
    ),
    "rules_changed": (
        "ほかのオーナーが先に変更しました。保存されている値を下に示します。もう一度保存すると、入力した値になります。",
        "Somebody else has changed this meanwhile: what is set now stands below. Save again to have it your way.",
    ),
    "nothing_set": ("なし", "Nothing"),
    "rules_unreadable": (
        "時刻（両方、または両方とも空）と数をご確認ください。",
        "Check the times (both, or neither) and the numbers.",
    ),
}
