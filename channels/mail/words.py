"""What an e-mail says that asks whether somebody wants e-mails, and what the pages behind our links say. Pure."""

from channels.code_messages import fill
from channels.messages import EmailMessage
from kit.locales import Locale

_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} からのメール配信のご確認",
    "en": "Do you want e-mails from {program}?",
}
_BODIES: dict[Locale, str] = {
    "ja": "{program} からのお知らせメールの配信をお申し込みいただきました。"
    "次のリンクを開いて「配信を希望する」を押すと、配信が始まります。\n\n{url}\n\n"
    "心当たりがない場合は、このメールを破棄してください。何も届きません。\n",
    "en": "You asked for e-mails from {program}. Open this link and press the button, and they will come:\n\n{url}\n\n"
    "If you did not ask for them, ignore this message, and none will come.\n",
}
# Title, words, and the button; the last two come after it was pressed.
PAGES: dict[str, dict[Locale, tuple[str, str, str]]] = {
    "unsubscribe": {
        "ja": ("メールの配信停止", "{program} からのメールの配信を停止しますか。", "配信を停止する"),
        "en": ("Unsubscribe", "Do you want no more e-mails from {program}?", "Unsubscribe"),
    },
    "unsubscribed": {
        "ja": (
            "配信を停止しました",
            "{program} からのお知らせメールは、今後届きません。アプリの設定からいつでも再開できます。",
            "",
        ),
        "en": ("Unsubscribed", "No more e-mails of {program} will come. You can have them again in the app.", ""),
    },
    "opt-in": {
        "ja": ("メール配信のご確認", "{program} からのお知らせメールの配信を希望しますか。", "配信を希望する"),
        "en": ("E-mails", "Do you want e-mails from {program}?", "Yes, send them"),
    },
    "opted-in": {
        "ja": ("ありがとうございます", "{program} からのお知らせメールをお届けします。いつでも停止できます。", ""),
        "en": ("Thank you", "E-mails of {program} will come. You can stop them at any time.", ""),
    },
    "over": {
        "ja": ("お申し込みは終了しています", "アプリの設定から、もう一度お申し込みください。", ""),
        "en": ("This link has ended", "Ask for e-mails once more in the app.", ""),
    },
}


def write_opt_in(recipient: str, locale: Locale, program_name: str, url: str) -> EmailMessage:
    program = " ".join(program_name.split())
    words = {"program": program, "url": url}
    return EmailMessage(recipient, fill(_SUBJECTS[locale], words), fill(_BODIES[locale], words), sender_name=program)
