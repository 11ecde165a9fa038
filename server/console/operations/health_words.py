"""The words of the page about the system's health, and of what its signs mean. Pure."""

from server.faces.words import Words

CHANNEL_WORDS: Words = {
    "channel_push": ("プッシュ通知", "Push"),
    "channel_email": ("メール", "E-mail"),
    "channel_sms": ("SMS", "SMS"),
    "channel_line": ("LINE", "LINE"),
    "channel_voice": ("自動音声", "Voice calls"),
    "channel_messenger": ("Messenger", "Messenger"),
}
HEALTH_WORDS: Words = {
    **CHANNEL_WORDS,
    "health_lead": (
        "システムが正しく動いているかを、項目ごとにお知らせします。",
        "Whether everything runs as it should, and what to do where it does not.",
    ),
    "all_fine": ("すべて正常です。", "Everything is fine."),
    "some_look": ("確認が必要な項目が {count} 件あります。", "Things to look at: {count}."),
    "looked_at": ("{at} 時点", "As of {at}"),
    "look_again": ("もう一度確認する", "Look again"),
    "between": ("・", ", "),
    "is_fine": ("正常", "Fine"),
    "look_at_this": ("要確認", "Look at this"),
    "part_server": ("サーバー", "Server"),
    "part_sending": ("メッセージの送信", "Sending"),
    "part_providers": ("配信会社", "Providers"),
    "part_given_up": ("届かなかったメッセージ", "Messages that failed"),
    "part_phones": ("会員のスマートフォン", "Members' phones"),
    "part_import": ("会員の取り込み", "Imports"),
    "part_quota": ("配信数の上限", "Quota of messages"),
    "part_money": ("SMS・電話の予算", "Money for texts and calls"),
    "server_fine": (
        "サーバーとデータベースは正常に動いています。",
        "The server and its database do their work.",
    ),
    "server_database": (
        "データベースに書き込めません。サーバーの管理者にすぐ連絡してください。",
        "The database cannot be written to. Call whoever runs the server at once.",
    ),
    "server_schema": (
        "データベースの版がプログラムと合いません。サーバーの管理者に更新の完了を依頼してください。",
        "The database is of another version than the program. Ask whoever runs the server to finish the update.",
    ),
    "server_key": (
        "サーバーの暗号鍵が合いません。再起動する前に、サーバーの管理者に連絡してください。",
        "The server's key is not the right one any more. Call whoever runs the server before it is started again.",
    ),
    "server_catalogue": (
        "店舗やキャンペーンの変更が反映されていません。数分続くときは、サーバーの管理者に連絡してください。",
        "Changes of stores and campaigns do not take effect. If it lasts for minutes, call whoever runs the server.",
    ),
    "server_shutdown": (
        "サーバーは再起動の途中です。1 分ほど待って、もう一度確認してください。",
        "The server is being restarted. Look again in a minute.",
    ),
    "sending_fine": (
        "送るべきメッセージはすべて時間どおりに出ています。",
        "Whatever is to go out goes out in time.",
    ),
    "sending_late": (
        "{channels}が {figure} 分以上待っています。worker が動いているか、サーバーの管理者に確認してください。",
        "Messages wait for {figure} minutes or more ({channels}). Ask whoever runs the server whether the workers run.",
    ),
    "providers_fine": (
        "配信会社はメッセージを受け付けています。",
        "The providers take your messages.",
    ),
    "providers_away": (
        "{channels}の {figure} 件が断られ、自動で再送されます。長引くときは、配信会社の状況を確認してください。",
        "{figure} were turned away for now ({channels}), and are tried again. If it lasts, ask the provider.",
    ),
    "given_up_none": (
        "この 7 日間、届かなかったメッセージはありません。",
        "In the last seven days no message has failed.",
    ),
    "given_up_few": (
        "この 7 日間に届かなかったのは {figure} 件です（{channels}）。使われなくなった宛先では普通のことです。",
        "In the last seven days {figure} failed ({channels}). Some addresses always die: there is nothing to do.",
    ),
    "given_up_many": (
        "この 7 日間に {figure} 件が届きませんでした（{channels}）。配信会社の認証情報と送信元を確認してください。",
        "In the last seven days {figure} failed ({channels}). Check the credentials and the sender at the provider.",
    ),
    "phones_fine": (
        "会員のスマートフォンには、すぐに応答しています。",
        "Members' phones are answered at once.",
    ),
    "phones_quiet": (
        "今は通信中のスマートフォンがほとんどありません。特に問題はありません。",
        "Few phones report at this moment. That is nothing to worry about.",
    ),
    "phones_slow": (
        "スマートフォンへの応答に {figure} ミリ秒かかっています。サーバーの増強を管理者に相談してください。",
        "Some phones wait {figure} ms for an answer. Ask whoever runs the server whether it needs more power.",
    ),
    "import_fine": ("待たされている取り込みはありません。", "No import is held up."),
    "import_waits": (
        "会員の取り込みが {figure} 分進んでいません。worker が動いているか、サーバーの管理者に確認を依頼してください。",
        "An import has stood still for {figure} minutes. Ask whoever runs the server whether the workers run.",
    ),
    "quota_none": ("1 日の配信数に上限はありません。", "There is no limit to the messages of a day."),
    "quota_fine": ("今日はあと {figure} 件送れます。", "Today {figure} more may go out."),
    "quota_used_up": (
        "今日の配信数の上限に達しました。キャンペーンのメッセージは明日まで送られません。必要なら上限を上げてください。",
        "Today's messages are used up: those of campaigns wait for tomorrow. Raise the quota if that is too few.",
    ),
    "money_none": (
        "SMS と電話は設定されていません。",
        "The program neither texts nor calls.",
    ),
    "money_fine": ("今日の予算には余裕があります。", "There is money left for today's texts and calls."),
    "money_low": (
        "今日の予算の 8 割を使い、認証コードと通知のほかは待たされます。必要なら上限を上げてください。",
        "Four fifths of today's money are spent: all but codes and alerts waits. Raise the limit if need be.",
    ),
    "to_settings": ("設定を開く", "Open the settings"),
    "to_usage": ("配信数と費用を見る", "Look at messages and spending"),
    "to_letters": ("届かなかったメッセージを見る", "Look at what failed"),
    "to_imports": ("取り込みを見る", "Look at the imports"),
}
