"""What messages with a code say, and those that tell a member what was done in their name. Pure."""

from typing import Literal

from channels.messages import Words
from kit.locales import Locale

# What the code in the message can be used for. Its text says so: somebody else may have asked for the code.
CodeMessageKind = Literal["contact", "change", "transfer", "export", "erasure", "export_by_staff"]
# What a member is told that was done in their name: what a code stops, and what nothing does.
StoppableKind = Literal["contact", "export", "erasure", "card_key", "card_stopped"]
UnstoppableKind = Literal["export_by_staff", "card_stopped_by_staff", "transfer_approved", "left", "erased"]
AlertMessageKind = StoppableKind | UnstoppableKind


_SUBJECTS: dict[Locale, str] = {"ja": "{program} の確認コード", "en": "Your code for {program}"}
_NEVER_TELL: dict[Locale, str] = {
    "ja": "このコードは誰にも教えないでください。心当たりがない場合は、このメッセージを破棄してください。",
    "en": "Do not tell it to anybody. If you did not ask for it, ignore this message.",
}
_BODIES: dict[CodeMessageKind, dict[Locale, str]] = {
    "contact": {
        "ja": "{program} の確認コードは {code} です。{minutes}分以内にアプリで入力してください。" + _NEVER_TELL["ja"],
        "en": "Your code for {program} is {code}. Enter it in the app within {minutes} minutes. " + _NEVER_TELL["en"],
    },
    "change": {
        "ja": "{program} に登録された連絡先を追加、変更または削除するためのコードは {code} です。"
        "{minutes}分以内にアプリで入力してください。" + _NEVER_TELL["ja"],
        "en": "{code} is your code to add, change or remove a contact of your card of {program}. "
        "Enter it in the app within {minutes} minutes. " + _NEVER_TELL["en"],
    },
    "transfer": {
        "ja": "{program} の会員証を別の端末に引き継ぐためのコードは {code} です。"
        "{minutes}分以内にアプリで入力してください。" + _NEVER_TELL["ja"],
        "en": "{code} is your code to bring your card of {program} to another phone. "
        "Enter it in the app within {minutes} minutes. " + _NEVER_TELL["en"],
    },
    "export": {
        "ja": "{program} が保存しているあなたの情報の写しを受け取るためのコードは {code} です。"
        "{minutes}分以内にアプリで入力してください。" + _NEVER_TELL["ja"],
        "en": "{code} is your code for a copy of everything that {program} holds about you. "
        "Enter it in the app within {minutes} minutes. " + _NEVER_TELL["en"],
    },
    "erasure": {
        "ja": "{program} が保存しているあなたの情報をすべて消去するためのコードは {code} です。"
        "消去すると、会員証、ポイント、クーポンは元に戻せません。"
        "{minutes}分以内にアプリで入力してください。" + _NEVER_TELL["ja"],
        "en": "{code} is your code to erase everything that {program} holds about you. "
        "Your card, points and coupons cannot be brought back. "
        "Enter it in the app within {minutes} minutes. " + _NEVER_TELL["en"],
    },
    "export_by_staff": {
        "ja": "{program} のスタッフがあなたの情報の写しをお渡しするためのコードは {code} です。"
        "ご自身で依頼された場合のみ、{minutes}分以内にそのスタッフにお伝えください。"
        "心当たりがない場合は、誰にも教えず、このメッセージを破棄してください。",
        "en": "{code} is the code with which the staff of {program} may hand you a copy of everything held about you. "
        "Only if you asked for that, tell it to them within {minutes} minutes. "
        "If you did not, tell it to nobody and ignore this message.",
    },
}


_NOTICE_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} の会員証の引き継ぎについて",
    "en": "Your card of {program} and another phone",
}
_NOTICES: dict[Locale, str] = {
    "ja": "別の端末で、{program} の会員証に登録された{contact}が確認されました。"
    "ご本人の場合は、このメッセージを破棄してください。"
    "心当たりがない場合は、7日以内にアプリで異議を申し立てるか、アプリまたは店舗で次のコード {code} をお使いください。",
    "en": "On another phone, somebody confirmed the {contact} of your card of {program}. "
    "If it was you, ignore this message. "
    "If not, object in the app within 7 days, or use this code in the app or at a shop: {code}",
}
_CONTACTS: dict[Locale, dict[str, str]] = {
    "ja": {"phone": "電話番号", "email": "メールアドレス"},
    "en": {"phone": "phone number", "email": "e-mail address"},
}


_ALERT_SUBJECTS: dict[Locale, str] = {
    "ja": "{program} の会員情報について",
    "en": "Your card of {program}",
}
_IF_NOT_YOU: dict[Locale, str] = {
    "ja": "ご本人の場合は、このメッセージを破棄してください。"
    "心当たりがない場合は、アプリまたは店舗で次のコード {code} をお使いください。"
    "取り消せる操作は取り消され、その端末はサインアウトされます。",
    "en": "If it was you, ignore this message. "
    "If not, use this code in the app or at a shop. It undoes what can be undone, and signs that phone out: {code}",
}
_ASK_AT_A_SHOP: dict[Locale, str] = {
    "ja": "心当たりがない場合は、店舗にお問い合わせください。",
    "en": "If you did not ask for it, ask at a shop.",
}
_ALERTS: dict[AlertMessageKind, dict[Locale, str]] = {
    "contact": {
        "ja": "{program} の会員証の連絡先が追加、変更または削除されました。" + _IF_NOT_YOU["ja"],
        "en": "A contact of your card of {program} was added, changed or removed. " + _IF_NOT_YOU["en"],
    },
    "export": {
        "ja": "{program} が保存しているあなたの情報の写しが作成されました。" + _IF_NOT_YOU["ja"],
        "en": "A copy of everything that {program} holds about you was made. " + _IF_NOT_YOU["en"],
    },
    "erasure": {
        "ja": "{program} が保存しているあなたの情報は、24時間後にすべて消去されます。" + _IF_NOT_YOU["ja"],
        "en": "Everything that {program} holds about you will be erased in 24 hours. " + _IF_NOT_YOU["en"],
    },
    "card_key": {
        "ja": "{program} の会員証が端末に登録し直され、それまでの会員証は使えなくなりました。" + _IF_NOT_YOU["ja"],
        "en": "Your card of {program} was put on a phone anew, and no longer works where it was before. "
        + _IF_NOT_YOU["en"],
    },
    "card_stopped": {
        "ja": "{program} の会員証のコードが、アプリから停止されました。" + _IF_NOT_YOU["ja"],
        "en": "The codes of your card of {program} were stopped in the app. " + _IF_NOT_YOU["en"],
    },
    "export_by_staff": {
        "ja": "{program} のスタッフが、あなたの情報の写しを作成しました。" + _ASK_AT_A_SHOP["ja"],
        "en": "The staff of {program} made a copy of everything held about you. " + _ASK_AT_A_SHOP["en"],
    },
    "card_stopped_by_staff": {
        "ja": "{program} のスタッフが、あなたの会員証のコードを停止しました。" + _ASK_AT_A_SHOP["ja"],
        "en": "The staff of {program} stopped the codes of your card. " + _ASK_AT_A_SHOP["en"],
    },
    "transfer_approved": {
        "ja": "{program} のスタッフが、別の端末への会員証の引き継ぎを、ご本人からのものと確認しました。"
        "心当たりがない場合は、すぐにアプリで異議を申し立てるか、店舗にお問い合わせください。",
        "en": "The staff of {program} have confirmed that it is you who brings your card to another phone. "
        "If it is not, object in the app or ask at a shop at once.",
    },
    "left": {
        "ja": "{program} を退会しました。会員証は使えなくなりました。" + _ASK_AT_A_SHOP["ja"],
        "en": "You have left {program}, and your card has ended. " + _ASK_AT_A_SHOP["en"],
    },
    "erased": {
        "ja": "{program} が保存していたあなたの情報は、すべて消去されました。会員証は使えなくなりました。"
        + _ASK_AT_A_SHOP["ja"],
        "en": "Everything that {program} held about you has been erased, and your card has ended. "
        + _ASK_AT_A_SHOP["en"],
    },
}


def write_alert(locale: Locale, program_name: str, kind: AlertMessageKind, code: str) -> Words:
    """`code` stops what was done, where it can be."""
    words = {"program": " ".join(program_name.split()), "code": code}
    return Words(fill(_ALERT_SUBJECTS[locale], words), fill(_ALERTS[kind][locale], words))


def write_transfer_notice(
    locale: Locale, program_name: str, confirmed: Literal["phone", "email"], objection_code: str
) -> Words:
    """To a member whose other contact, of the kind `confirmed`, was confirmed by a phone that is not theirs yet."""
    program = " ".join(program_name.split())
    words = {"program": program, "contact": _CONTACTS[locale][confirmed], "code": objection_code}
    return Words(fill(_NOTICE_SUBJECTS[locale], words), fill(_NOTICES[locale], words))


def write_code_message(
    locale: Locale, program_name: str, code: str, minutes: int, kind: CodeMessageKind = "contact"
) -> Words:
    # A name goes into a header: whatever breaks a line becomes a space.
    program = " ".join(program_name.split())
    words = {"program": program, "code": code, "minutes": str(minutes)}
    return Words(fill(_SUBJECTS[locale], words), fill(_BODIES[kind][locale], words))


def fill(text: str, words: dict[str, str]) -> str:
    """One pass: a program that calls itself `{code}` gets its name and not the code."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled.append(words[name] + rest)
    return "".join(filled)
