"""What the official account says in its chat, in Japanese and English. Pure.

A reply is free of charge and belongs to what the person has just done; nothing here is sent unasked.
"""

from typing import Any, Literal, get_args

from kit.locales import Locale

# Longest of a button's text, and of a template's alternative text (LINE's reference, "Buttons template").
MAX_LABEL, MAX_ALT_TEXT = 20, 400

Json = dict[str, Any]
Said = Literal["linked", "already_linked", "expired", "taken", "unlinked", "not_linked", "welcome_back"]
# What people write, and buttons of the chat post back.
Command = Literal["link", "unlink", "unlink-confirmed", "card", "coupons"]

_SAID: dict[Said, dict[Locale, str]] = {
    "linked": {
        "ja": "{program} の会員証とLINEアカウントを連携しました。",
        "en": "Your LINE account is linked with your card of {program}.",
    },
    "already_linked": {
        "ja": "このLINEアカウントは、{program} の会員証と連携済みです。",
        "en": "This LINE account is linked with your card of {program} already.",
    },
    "expired": {
        "ja": "連携の有効期限が切れました。もう一度「連携」と送信してください。",
        "en": "That took too long. Send “link” to try again.",
    },
    "taken": {
        "ja": "このLINEアカウントは、{program} の別の会員証と連携済みです。"
        "「連携解除」と送信してから、もう一度お試しください。",
        "en": "This LINE account is linked with another card of {program}. Send “unlink”, and then try again.",
    },
    "unlinked": {
        "ja": "{program} の会員証との連携を解除しました。",
        "en": "Your LINE account is no longer linked with your card of {program}.",
    },
    "not_linked": {
        "ja": "このLINEアカウントは、{program} の会員証と連携されていません。",
        "en": "This LINE account is not linked with a card of {program}.",
    },
    "welcome_back": {
        "ja": "おかえりなさい。{program} の会員証と連携済みです。",
        "en": "Welcome back. Your card of {program} is linked.",
    },
}
_INVITATION: dict[Locale, str] = {
    "ja": "{program} の会員証と連携すると、クーポンやお知らせをLINEで受け取れます。",
    "en": "Link your card of {program}, and you get coupons and news here.",
}
_LINK: dict[Locale, str] = {"ja": "会員証と連携する", "en": "Link my card"}
_ASK_TO_UNLINK: dict[Locale, str] = {
    "ja": "{program} の会員証との連携を解除すると、LINEではお知らせが届かなくなります。"
    "解除する場合は下のボタンを押してください。",
    "en": "Unlink your card of {program}? Its coupons and news will no longer come here.",
}
_UNLINK: dict[Locale, str] = {"ja": "解除する", "en": "Unlink"}
_WORDS: dict[str, Command] = {
    "連携": "link",
    "会員連携": "link",
    "link": "link",
    "連携解除": "unlink",
    "解除": "unlink",
    "unlink": "unlink",
    "会員証": "card",
    "card": "card",
    "クーポン": "coupons",
    "coupon": "coupons",
    "coupons": "coupons",
}
_POSTED: dict[str, Command] = {f"noren:{each}": each for each in get_args(Command)}


def read_text(text: str) -> Command | None:
    """What a message asks for. Anything else is for the people who answer the chat."""
    return _WORDS.get(" ".join(text.split()).lower())


def read_postback(data: str) -> Command | None:
    """What a button of ours asks for."""
    return _POSTED.get(data)


def write_postback(command: Command) -> str:
    return f"noren:{command}"


def say(said: Said, locale: Locale, program_name: str) -> Json:
    return {"type": "text", "text": _SAID[said][locale].replace("{program}", _name(program_name))}


def invite(locale: Locale, program_name: str, url: str) -> Json:
    """`url`: the page that begins the link."""
    text = _INVITATION[locale].replace("{program}", _name(program_name))
    action = {"type": "uri", "label": _LINK[locale], "uri": url}
    return _buttons(text, action)


def ask_to_unlink(locale: Locale, program_name: str) -> Json:
    text = _ASK_TO_UNLINK[locale].replace("{program}", _name(program_name))
    return _buttons(text, {"type": "postback", "label": _UNLINK[locale], "data": write_postback("unlink-confirmed")})


def _buttons(text: str, action: Json) -> Json:
    # A text beside no picture and no title may have 160 characters.
    template = {"type": "buttons", "text": text[:160], "actions": [action]}
    return {"type": "template", "altText": text[:MAX_ALT_TEXT], "template": template}


def _name(program_name: str) -> str:
    """A long name would leave no room for the sentence."""
    return " ".join(program_name.split())[:60]
