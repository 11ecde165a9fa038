"""What became of a coupon's message, in sentences, in English and Japanese. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal

import msgspec

from kit.locales import Locale
from outbox.kinds import ChannelKind
from push.fallback import Refusal
from push.governor import DropReason
from server.explanations.explanation import ExplainedMessage, ExplainedRefusal
from server.explanations.sentences import Texts, spell_moment

Fate = Literal["waiting", "sent", "deferred", "failed", "expired", "unknown"]

FATES: Mapping[Fate, Texts] = {
    "waiting": {"en": "Its {name} is on its way.", "ja": "{name}は送信待ちです。"},
    "sent": {"en": "Its {name} was sent at {at}.", "ja": "{name}を{at}に送信しました。"},
    "deferred": {
        "en": "Its {name} waits for the end of quiet hours, until {at}.",
        "ja": "{name}は通知を控える時間帯が終わる{at}まで保留しています。",
    },
    "failed": {
        "en": "Its {name} could not be delivered: the provider refused it for good.",
        "ja": "{name}は配信サービスに拒否され、届けられませんでした。",
    },
    "expired": {
        "en": "Its {name} could not be sent while it was worth sending.",
        "ja": "{name}は有効な時間内に送信できませんでした。",
    },
    "unknown": {
        "en": "Its {name} may have arrived: the provider did not say in time, and it is not sent twice.",
        "ja": "{name}が届いたかどうか、配信サービスから確認できていません。重複を避けるため再送しません。",
    },
}
_DROPPED: Texts = {"en": "It came without a message: {why}.", "ja": "メッセージは送信していません（{why}）。"}
DROPS: Mapping[DropReason, Texts] = {
    "coupon_withdrawn": {"en": "the coupon had been withdrawn", "ja": "クーポンが取り下げられたため"},
    "coupon_voided": {
        "en": "the staff had voided the coupon",
        "ja": "クーポンがお店により無効にされたため",
    },
    "coupon_used": {"en": "the coupon had been used", "ja": "クーポンが使用済みのため"},
    "coupon_undone": {
        "en": "the scan that earned the coupon was undone",
        "ja": "クーポンのもとになった読み取りが取り消されたため",
    },
    "member_closed": {
        "en": "the member is blocked, has left or is another member now",
        "ja": "会員が利用停止中・退会済み・他の会員に統合済みのため",
    },
    "no_consent": {
        "en": "the member consents to no channel that could reach them",
        "ja": "届けられる配信手段に会員が同意していないため",
    },
    "phone_idle": {
        "en": "no phone of the member's has been seen for 30 days",
        "ja": "会員の端末が30日間アプリを使用していないため",
    },
    "unreachable": {
        "en": "no channel of the campaign reaches the member",
        "ja": "キャンペーンの配信手段では会員に届けられないため",
    },
    "holdout": {"en": "the member was held out by lot", "ja": "会員が効果測定の対象外グループのため"},
    "stale": {"en": "it was no longer worth sending", "ja": "お知らせする時機を過ぎたため"},
    "quiet_hours": {
        "en": "quiet hours would have lasted beyond the coupon",
        "ja": "通知を控える時間帯がクーポンの期限後まで続くため",
    },
    "day_cap": {"en": "the member had been sent the day's messages already", "ja": "会員への1日の送信上限に達したため"},
    "week_cap": {
        "en": "the member had been sent the week's messages already",
        "ja": "会員への1週間の送信上限に達したため",
    },
    "quota": {"en": "the program had sent the day's messages already", "ja": "プログラムの1日の送信上限に達したため"},
}
_RECEIPTS: Mapping[str, Texts] = {
    "delivered_at": {"en": "It arrived at {at}.", "ja": "{at}に端末に届きました。"},
    "displayed_at": {"en": "It was displayed at {at}.", "ja": "{at}に端末に表示されました。"},
    "opened_at": {"en": "It was opened at {at}.", "ja": "{at}に開封されました。"},
}
CHANNELS: Mapping[ChannelKind, Texts] = {
    "push": {"en": "push", "ja": "プッシュ通知"},
    "line": {"en": "LINE message", "ja": "LINEメッセージ"},
    "email": {"en": "e-mail", "ja": "メール"},
    "sms": {"en": "text message", "ja": "SMS"},
    "voice": {"en": "call", "ja": "音声通話"},
    "messenger": {"en": "Messenger message", "ja": "Messengerのメッセージ"},
}
_STATES: Mapping[str, Fate] = {
    "pending": "waiting",
    "sending": "waiting",
    "retryable": "waiting",
    "refused": "waiting",
    "sent": "sent",
    "deferred": "deferred",
    "failed": "failed",
    "expired": "expired",
    "unknown": "unknown",
}


class Receipts(msgspec.Struct, frozen=True, kw_only=True):
    """When the message arrived, was shown and opened, as far as the phone or the provider told."""

    delivered_at: datetime | None = None
    displayed_at: datetime | None = None
    opened_at: datetime | None = None


_UNHEARD = Receipts()
_REFUSED: Texts = {
    "en": "By {name} it could not be delivered ({reason}, {at}).",
    "ja": "{name}では届けられませんでした（{reason}、{at}）。",
}


def tell_message(
    channel: ChannelKind,
    state: str,
    failure: str | None,
    next_attempt_at: datetime,
    sent_at: datetime | None,
    zone: tzinfo,
    receipts: Receipts = _UNHEARD,
    refusals: Sequence[Refusal] = (),
) -> ExplainedMessage:
    """Of a row of the outbox."""
    message = _tell_fate(channel, state, failure, next_attempt_at, sent_at, zone, receipts)
    refused = [ExplainedRefusal(channel=each.channel, reason=each.reason, at=each.at) for each in refusals]
    told = {locale: "".join([*_tell_refusals(refused, locale, zone), words]) for locale, words in message.told.items()}
    return msgspec.structs.replace(message, refusals=refused, told=told)


def _tell_refusals(refusals: Sequence[ExplainedRefusal], locale: Locale, zone: tzinfo) -> list[str]:
    return [
        _REFUSED[locale].format(name=CHANNELS[each.channel][locale], reason=each.reason, at=spell_moment(each.at, zone))
        + (" " if locale == "en" else "")
        for each in refusals
    ]


def _tell_fate(
    channel: ChannelKind,
    state: str,
    failure: str | None,
    next_attempt_at: datetime,
    sent_at: datetime | None,
    zone: tzinfo,
    receipts: Receipts,
) -> ExplainedMessage:
    if state == "dropped":
        reasons: Mapping[str, Texts] = {str(reason): texts for reason, texts in DROPS.items()}
        why = reasons.get(failure or "", {"en": failure or "", "ja": failure or ""})
        told: dict[Locale, str] = {locale: text.format(why=why[locale]) for locale, text in _DROPPED.items()}
        return ExplainedMessage(channel=channel, state=state, reason=failure, at=None, refusals=[], told=told)
    fate = _STATES[state]
    at = {"sent": sent_at, "deferred": next_attempt_at}.get(fate)
    spelled = "" if at is None else spell_moment(at, zone)
    told = {locale: text.format(name=CHANNELS[channel][locale], at=spelled) for locale, text in FATES[fate].items()}
    for name, texts in _RECEIPTS.items():
        heard_at: datetime | None = getattr(receipts, name)
        if heard_at is not None:
            for locale, text in texts.items():
                told[locale] += (" " if locale == "en" else "") + text.format(at=spell_moment(heard_at, zone))
    return ExplainedMessage(
        channel=channel, state=fate, reason=None, at=at, refusals=[], told=told, **msgspec.structs.asdict(receipts)
    )
