"""The words of the page of messages that could not be delivered, and of why. Pure."""

from server.console.operations.health_words import CHANNEL_WORDS
from server.faces.words import Words

LETTER_WORDS: Words = {
    **CHANNEL_WORDS,
    "letters_lead": (
        "届けられなかったメッセージです。クーポンの期限内であれば、もう一度送れます。",
        "What could not be delivered, and why. While its coupon is good, it can be sent again.",
    ),
    "letters_none": ("届かなかったメッセージはありません", "Nothing has failed"),
    "letters_none_help": (
        "配信に失敗したメッセージがあると、理由とともにここに表示されます。",
        "A message that cannot be delivered will stand here, with the reason.",
    ),
    "letters_none_such": ("この条件のメッセージはありません", "There are none of these"),
    "to_all_letters": ("すべて表示", "Show all"),
    "letter_channel": ("配信手段", "Channel"),
    "every_channel": ("すべて", "All"),
    "letter_when": ("作成日時", "Written"),
    "letter_what": ("内容", "What it was"),
    "letter_why": ("理由", "Why"),
    "letter_attempts": ("送信回数", "Attempts"),
    "letter_until": ("再送期限", "Can be sent until"),
    "letter_choose": ("選択", "Choose"),
    "letter_choose_this": ("{at} のメッセージを選択", "Choose the message of {at}"),
    "letter_member": ("会員を開く", "Open the member"),
    "letter_no_campaign": ("認証コードまたはお知らせ", "A code, or an alert"),
    "letter_no_resend": ("再送できません", "Not any more"),
    "letter_word": ("配信会社のコード：{reason}", "The provider's word: {reason}"),
    "letter_late": (
        "有効な時間内に送れませんでした。",
        "It could not be sent while it was worth sending.",
    ),
    "letter_gone": (
        "宛先がもう使われていません。再送しても届かない見込みです。",
        "The address is no longer in use. Sending it again will hardly help.",
    ),
    "letter_blocked": (
        "受け取る人が拒否しています。再送しないでください。",
        "The person has refused such messages. Do not send it again.",
    ),
    "letter_credentials": (
        "配信会社の認証情報か送信元に問題があります。設定を直してから再送してください。",
        "The provider refused our credentials or sender. Mend them in the settings, and then send it again.",
    ),
    "letter_busy": (
        "配信会社が応答しないか、混み合っていました。再送できます。",
        "The provider did not answer, or was too busy. Sending it again may help.",
    ),
    "letter_content": (
        "配信会社が内容を受け付けませんでした。キャンペーンの文面を確認してください。",
        "The provider refused what the message says. Look at the words of the campaign.",
    ),
    "letter_quiet_hours": (
        "送らない時間帯がクーポンの期限まで続きました。",
        "Quiet hours lasted until it was too late.",
    ),
    "letter_other": (
        "配信会社に断られました。コードの意味は配信会社の資料で確認できます。",
        "The provider refused it. What its word means stands in the provider's documents.",
    ),
    "resend": ("選んだものを再送", "Send the chosen ones again"),
    "dismiss": ("選んだものを一覧から外す", "Take the chosen ones off the list"),
    "resend_all": ("このキャンペーンのすべてを再送", "Send all of this campaign again"),
    "dismiss_all": ("このキャンペーンのすべてを外す", "Take all of this campaign off the list"),
    "dismiss_help": (
        "一覧から外しても、失敗した件数には数えられたままです。",
        "What is taken off the list can no longer be sent again, and stays counted as failed.",
    ),
    "none_chosen": (
        "メッセージを 1 件以上選んでください。",
        "Choose at least one message first.",
    ),
    "letters_resent": (
        "再送を始めました。同意や送らない時間帯などは、改めて確認します。",
        "They go out again. Consent, quiet hours and limits are looked at anew.",
    ),
    "letters_none_resent": (
        "再送できるものはありませんでした。期限が過ぎているか、ほかの人がすでに操作しています。",
        "None of them could be sent again: it is too late, or somebody else was faster.",
    ),
    "letters_dismissed": ("一覧から外しました。", "They are off the list."),
}
