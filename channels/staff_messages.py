"""What the staff are told by e-mail. Pure."""

from typing import Literal

from channels.code_messages import fill
from channels.messages import EmailMessage
from kit.locales import Locale

_RESET_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} 管理画面のパスワード再設定",
    "en": "A new password for the back office of {program}",
}
_RESETS: dict[Locale, str] = {
    "ja": "{program} の管理画面で、パスワードの再設定が申し込まれました。"
    "ご本人の場合は、{minutes}分以内に管理画面で次のコードを入力し、新しいパスワードを設定してください。\n\n{code}\n\n"
    "このコードは一度だけ使えます。誰にも教えないでください。"
    "心当たりがない場合は、このメッセージを破棄してください。パスワードは変わっていません。",
    "en": "Somebody asked for a new password for your account in the back office of {program}. "
    "If it was you, enter this code there within {minutes} minutes, and choose a new password:\n\n{code}\n\n"
    "It is good once. Do not tell it to anybody. "
    "If it was not you, ignore this message: your password has not changed.",
}
_CHANGED_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} 管理画面のパスワードが変更されました",
    "en": "Your password for the back office of {program} was changed",
}
_CHANGED: dict[Locale, str] = {
    "ja": "{program} の管理画面のパスワードが変更され、すべての端末でログアウトされました。"
    "心当たりがない場合は、すぐにパスワードを再設定し、オーナーに連絡してください。",
    "en": "Your password for the back office of {program} was changed, and you were logged out everywhere. "
    "If that was not you, ask for a new password at once, and tell an owner.",
}

_INVITATION_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} の管理画面への招待",
    "en": "Your invitation to the back office of {program}",
}
_INVITATIONS: dict[Locale, str] = {
    "ja": "{program} の管理画面に招待されました。次のリンクを開いて、パスワードを設定してください。\n\n{link}\n\n"
    "このリンクは{days}日以内に一度だけ使えます。ほかの人に転送しないでください。"
    "心当たりがない場合は、このメッセージを破棄してください。",
    "en": "You were invited to the back office of {program}. Open this link and choose a password:\n\n{link}\n\n"
    "It is good once, for {days} days. Do not forward it. "
    "If you do not know what this is about, ignore this message.",
}
_BOUND_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} 確認コードの送信が上限に達しました",
    "en": "{program} has sent as many codes as it may",
}
_BOUNDS: dict[Locale, str] = {
    "ja": "{program} の確認コード（{contact}）の送信数が、設定された上限に達しました。"
    "上限の時間が過ぎるまで、新しい{contact}への確認コードは送信されません。"
    "登録済みの連絡先で本人確認をする会員の分は、別に残してあります。\n\n"
    "入会が増えた心当たりがない場合は、多くの宛先にコードを送らせる不正な操作かもしれません。"
    "上限は管理画面の入会設定で変更できます。このお知らせは一日に一度だけ送られます。",
    "en": "{program} has sent as many one-time codes to {contact} as its settings allow. "
    "Until the time of the bound is over, no code goes to a new one. "
    "A part is kept for members who prove themselves by a contact that they have.\n\n"
    "If you know of no rush of new members, somebody may be having codes sent to many people. "
    "You can change the bound in the settings for joining. This message comes once a day.",
}
_CONTACTS: dict[Locale, dict[Literal["phone", "email"], str]] = {
    "ja": {"phone": "電話番号", "email": "メールアドレス"},
    "en": {"phone": "phone numbers", "email": "e-mail addresses"},
}


def write_code_bound(
    recipient: str, locale: Locale, program_name: str, kind: Literal["phone", "email"]
) -> EmailMessage:
    words = {"program": " ".join(program_name.split()), "contact": _CONTACTS[locale][kind]}
    return EmailMessage(recipient, fill(_BOUND_SUBJECTS[locale], words), fill(_BOUNDS[locale], words))


def write_password_reset(recipient: str, locale: Locale, program_name: str, token: str, minutes: int) -> EmailMessage:
    words = {"program": " ".join(program_name.split()), "code": token, "minutes": str(minutes)}
    return EmailMessage(recipient, fill(_RESET_SUBJECTS[locale], words), fill(_RESETS[locale], words))


def write_invitation(recipient: str, locale: Locale, program_name: str, link: str, days: int) -> EmailMessage:
    words = {"program": " ".join(program_name.split()), "link": link, "days": str(days)}
    return EmailMessage(recipient, fill(_INVITATION_SUBJECTS[locale], words), fill(_INVITATIONS[locale], words))


def write_password_change(recipient: str, locale: Locale, program_name: str) -> EmailMessage:
    words = {"program": " ".join(program_name.split())}
    return EmailMessage(recipient, fill(_CHANGED_SUBJECTS[locale], words), fill(_CHANGED[locale], words))
