"""The words of the page about messages and spending. Pure."""

from server.console.operations.health_words import CHANNEL_WORDS
from server.faces.words import Words

USAGE_WORDS: Words = {
    **CHANNEL_WORDS,
    "usage_lead": (
        "今日送れる数、これまでの配信、SMS と電話の費用です。",
        "What may go out today, what has gone out, and what texts and calls have cost.",
    ),
    "today_of": ("{day} の配信", "Messages of {day}"),
    "quota_used": ("上限のうち使った数", "Used of the quota"),
    "quota": ("1 日の上限", "Quota of a day"),
    "quota_left": ("残り", "Left today"),
    "any_number": ("上限なし", "Any number"),
    "not_counted": ("数えていません", "Not counted"),
    "quota_help": (
        "上限は全会員へのキャンペーンの合計で、プログラムの時刻で日付が変わると戻ります。",
        "The quota is of campaigns' messages to all members together, and begins anew with the program's day.",
    ),
    "caps": ("会員ひとりあたり", "For each member"),
    "day_cap": ("1 日まで", "On a day at most"),
    "week_cap": ("7 日間まで", "On seven days at most"),
    "quiet": ("送らない時間", "Quiet hours"),
    "quiet_none": ("なし", "None"),
    "times": ("{count} 件", "{count}"),
    "by_channel": ("チャネル別の配信", "Messages by channel"),
    "by_channel_help": (
        "すべてのキャンペーンの、これまでの合計です。認証コードと通知は含みません。",
        "Of all campaigns, since there are any. Codes and alerts are not among them.",
    ),
    "channel": ("チャネル", "Channel"),
    "sent": ("送信済み", "Sent"),
    "waiting": ("待機中", "Waiting"),
    "failed": ("失敗・不明", "Failed or unknown"),
    "dropped": ("見送り", "Held back"),
    "messages_none": ("まだ送ったメッセージはありません", "No message has gone out yet"),
    "messages_none_help": (
        "キャンペーンを始めると、ここに数が表示されます。",
        "Start a campaign, and its messages are counted here.",
    ),
    "spending": ("SMS と電話の費用", "Texts and calls"),
    "spent_today": ("今日の費用", "Spent today"),
    "money_cap": ("1 日の上限", "Limit of a day"),
    "money_left": ("残り", "Left today"),
    "money_help": (
        "上限の最後の 2 割は、認証コードと通知のために残されます。金額は設定した単価によるものです。",
        "The last fifth of the limit is kept for codes and alerts. The amounts follow the prices of your settings.",
    ),
    "spending_days": ("日ごとの費用", "Spending by day"),
    "spent": ("費用", "Spent"),
    "day": ("日付", "Day"),
    "spending_none": ("この 31 日間に費用はかかっていません。", "Nothing was spent in the last 31 days."),
    "phone_none": ("SMS と電話は設定されていません。", "The program neither texts nor calls."),
    "phone_none_help": (
        "使うには、配信会社の契約を API（PUT /v1/program/phone）で登録します。",
        "To begin, set up an account with a provider over the API (PUT /v1/program/phone).",
    ),
}
