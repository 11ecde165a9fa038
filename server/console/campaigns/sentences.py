"""A campaign as a sentence, in Japanese and in English, and what else is to be said of it. Pure.

"When a member who has not come for 30 days walks in at Shibuya on a weekday before 17:00, give 10 % off, once a month."
"""

from collections.abc import Mapping, Sequence

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import FollowUpStep, GiveOffer
from coupons.campaigns.triggers import TRIGGERS
from experiments.experiment import Experiment
from kit.languages import choose_language
from kit.locales import Locale
from server.console.campaigns.audience_phrases import say_who
from server.console.campaigns.benefit_phrases import say_benefit
from server.console.campaigns.phrases import Names, name_stores, quoted, say_span
from server.console.campaigns.time_phrases import say_budget, say_distance, say_hours, say_often, say_validity
from server.console.campaigns.trigger_phrases import is_at_stores, say_when
from server.console.campaigns.use_phrases import say_use

_CHANNELS: Mapping[str, tuple[str, str]] = {
    "push": ("a push", "プッシュ通知"),
    "line": ("LINE", "LINE"),
    "email": ("e-mail", "メール"),
    "sms": ("a text (SMS)", "SMS"),
    "voice": ("a call", "電話"),
}
_WHEN: Mapping[str, tuple[str, str]] = {
    "unused": ("it is unused", "まだ使われていなければ"),
    "used": ("it was used", "もう使われていれば"),
    "not_back": ("the member has not come back", "再来店がなければ"),
    "back": ("the member has come back", "再来店していれば"),
}


def say_campaign(campaign: Campaign, names: Names, locale: Locale) -> str:
    """The one sentence."""
    who = _who(campaign, names, locale)
    when, hours = say_when(campaign, names, locale), say_hours(campaign, locale)
    benefit, often = say_benefit(campaign, names, locale), say_often(campaign, locale)
    if locale == "ja":
        time = f"{hours}に、" if hours else ""
        beginning = f"{time}{who}が{when.ja}、" if when.is_of_member else f"{when.ja}、{time}{who}に、"
        return f"{beginning}{benefit}を贈ります" + (f"（{often}）。" if often else "。")
    time, end = (f" {hours}" if hours else ""), (f", {often}." if often else ".")
    if when.is_of_member:
        return f"When {who} {when.en}{time}, give {benefit}{end}"
    return f"{when.en}{time}, give {who} {benefit}{end}"


def _who(campaign: Campaign, names: Names, locale: Locale) -> str:
    who = say_who(names.tree, names.audience, locale)
    stores = None if is_at_stores(campaign) else name_stores(campaign, names, locale)
    if stores is None:
        return who
    return f"{stores}の{who}" if locale == "ja" else f"{who} (at home at {stores})"


def say_the_rest(campaign: Campaign, names: Names, locale: Locale) -> list[str]:
    """What the one sentence leaves out."""
    said = [
        say_distance(campaign, locale),
        _say_rules(campaign, locale),
        say_budget(campaign, locale),
        say_validity(campaign, names, locale),
        *say_use(campaign, names, locale),
        say_channels(campaign, locale),
        *(say_step(step, names, locale, is_first=place == 0) for place, step in enumerate(campaign.follow_ups)),
    ]
    return [each for each in said if each is not None]


def _say_rules(campaign: Campaign, locale: Locale) -> str | None:
    if not campaign.allow_anonymous:
        return None
    if locale == "en":
        return "Also for members who have confirmed no phone number and no e-mail address."
    return "電話番号もメールアドレスも確認していない会員も対象です。"


def say_channels(campaign: Campaign, locale: Locale) -> str | None:
    if not TRIGGERS[campaign.trigger.kind].rings:
        return None
    place = 0 if locale == "en" else 1
    names = [_CHANNELS[each][place] for each in campaign.channels]
    if locale == "en":
        return f"Members are told by {', else by '.join(names)}."
    return f"お知らせ方法：{'、届かなければ'.join(names)}。"


def say_step(step: FollowUpStep, names: Names, locale: Locale, *, is_first: bool) -> str:
    """`5 days after the coupon, if it is unused, the message "Still there" follows.`"""
    wait, (en, ja) = say_span(step.after_hours * 3600, locale), _WHEN[step.when]
    if isinstance(step.action, GiveOffer):
        name = quoted(names.campaigns.get(step.action.campaign_id, "?"), locale)
        what = f"the offer of {name}" if locale == "en" else f"{name}の特典を贈ります"
    else:
        title = quoted(step.action.text[choose_language(locale, list(step.action.text))].title, locale)
        what = f"the message {title}" if locale == "en" else f"{title}とお知らせします"
    if locale == "en":
        return f"{wait} after {'the coupon' if is_first else 'that'}, if {en}, {what} follows."
    return f"{'クーポンを渡してから' if is_first else 'さらに'}{wait}後、{ja}、{what}。"


def say_experiment(experiment: Experiment | None, locale: Locale) -> Sequence[str]:
    """Who gets nothing, or something else, for comparison."""
    if experiment is None or experiment.ended_at is not None:
        return []
    said = []
    if experiment.holdout_percent:
        said.append(
            f"{experiment.holdout_percent} % of the members get nothing, to compare the others with."
            if locale == "en"
            else f"効果を比べるため、会員の{experiment.holdout_percent}%には贈りません。"
        )
    if experiment.variants:
        codes = ", ".join(f"{each.code} ({each.share})" for each in experiment.variants)
        said.append(f"Tried side by side: {codes}." if locale == "en" else f"比較中のパターン：{codes}。")
    return said
