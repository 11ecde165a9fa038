"""From counts to the answer: told of all members, with the reasons in sentences."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC

from audiences import tree as t
from audiences.walk import walk
from channels.phone.phone_accounts_repository import Telephone
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS, event_of
from kit.locales import Locale
from server.explanations.sentences import OUTCOMES, fill, words_of
from server.rehearsals.question import Question
from server.rehearsals.rehearsal import (
    OverlappingCampaign,
    Rehearsal,
    RehearsalSample,
    RehearsedCost,
    RehearsedMessages,
    RehearsedStore,
    Suppression,
    TakenAsNow,
)
from server.rehearsals.staging import Stage
from server.rehearsals.tally import Scale, Tally
from server.runtime.snapshot import Snapshot

_HOURS = 24

# What a leaf of an audience asks for of which no history is kept.
_NOW: Mapping[str, tuple[tuple[type, ...], str, str]] = {
    "profile": (
        (t.AttributeIs, t.AgeIs, t.BirthdayIn),
        "The audience asks for the profile: its values are those of now.",
        "対象者の条件にあるプロフィールの項目は、現在の値を使いました。",
    ),
    "phones": (
        (t.PlatformIs, t.ReachableBy),
        "The audience asks for phones and addresses: they are those of now.",
        "対象者の条件にある端末と連絡先は、現在のものを使いました。",
    ),
    "home_store": (
        (t.HomeStoreIs, t.InArea),
        "The audience asks for the home store or an area: both are those of now.",
        "対象者の条件にあるホーム店舗と地域は、現在のものを使いました。",
    ),
    "tags": (
        (t.TagIs,),
        "The audience asks for tags: they are those of now.",
        "対象者の条件にあるタグは、現在のものを使いました。",
    ),
}
_RULES = (
    "Opening hours, other campaigns and their audiences are those of now; stores that have closed since are left out.",
    "営業時間、ほかのキャンペーンとその対象者は現在のものを使い、閉店した店舗は除きました。",
)
_MESSAGES = (
    "Whether a message goes out was judged by each member's consent, phones and quiet hours of now.",
    "メッセージの可否は、会員の現在の同意・端末・通知を控える時間帯で判定しました。",
)
_HOME_STORES = (
    "The campaign is for some stores, but nothing happens at one: it goes to those who are at home at one of them now.",
    "店舗でのできごとを伴わない一部店舗のキャンペーンのため、現在のホーム店舗で対象を決めました。",
)


def tell(
    question: Question,
    snapshot: Snapshot,
    stage: Stage,
    tally: Tally,
    scale: Scale,
    currency: str | None,
    phone: Telephone | None,
) -> Rehearsal:
    campaign, window, of_all = question.campaign, question.window, scale.of_all
    return Rehearsal(
        from_at=window.from_at,
        to_at=window.to_at,
        campaign_version=campaign.version,
        sample=RehearsalSample(members=scale.members, judged=scale.judged, share=scale.share),
        events=of_all(tally.events),
        members=scale.members_of_all(len(tally.coupons_of)),
        coupons=scale.sum_of_all(tally.coupons_of),
        by_store=_stores(snapshot, tally, of_all),
        by_hour=[of_all(tally.at_hour[hour]) for hour in range(_HOURS)],
        suppressed=[
            tell_suppression(outcome, of_all(times))
            for outcome, times in tally.outcomes.most_common()
            if outcome != "issued"
        ],
        overlap=_overlaps(question, snapshot, tally, of_all),
        cost=RehearsedCost(
            currency=currency,
            discount_at_most=None if tally.discount is None else of_all(tally.discount),
            points_at_most=None if tally.points is None else of_all(tally.points),
        ),
        messages=tell_messages(campaign, tally, of_all, phone),
        taken_as_now=list(_taken_as_now(campaign, stage)),
    )


def _stores(snapshot: Snapshot, tally: Tally, of_all: Callable[[int], int]) -> list[RehearsedStore]:
    return [
        RehearsedStore(
            store_id=store_id,
            name=snapshot.stores[store_id].name,
            members=of_all(len(tally.members_at[store_id])),
            coupons=of_all(coupons),
        )
        for store_id, coupons in tally.at_store.most_common()
    ]


def tell_suppression(outcome: str, times: int) -> Suppression:
    sentences = {str(word): sentence for word, sentence in OUTCOMES.items()}[outcome]
    sentence = fill(sentences, words_of({}, UTC))
    change = None if sentence.change is None else dict(sentence.change)
    return Suppression(outcome=outcome, times=times, why=dict(sentence.why), change=change)


def _overlaps(
    question: Question, snapshot: Snapshot, tally: Tally, of_all: Callable[[int], int]
) -> list[OverlappingCampaign]:
    """Of those that the asker may see."""
    names = {
        each.id: each.name
        for each in snapshot.campaigns.get(question.campaign.program_id, ())
        if question.store_ids is None or each.store_ids is None or each.store_ids & question.store_ids
    }
    found = [
        OverlappingCampaign(
            campaign_id=campaign_id,
            name=names[campaign_id],
            members=of_all(len(overlap.members)),
            events=of_all(overlap.events),
        )
        for campaign_id, overlap in tally.overlaps.items()
        if campaign_id in names
    ]
    return sorted(found, key=lambda each: (-each.members, each.name))


def tell_messages(
    campaign: Campaign, tally: Tally, of_all: Callable[[int], int], phone: Telephone | None
) -> list[RehearsedMessages]:
    """`phone`: by whose tariff texts and calls are paid."""
    if not TRIGGERS[event_of(campaign.trigger.kind)].rings:
        return []

    def count(channel: str, state: str) -> int:
        fates = tally.messages.items()
        return of_all(sum(times for fate, times in fates if (fate.channel, fate.state) == (channel, state)))

    def count_dropped(channel: str) -> dict[str, int]:
        return {
            str(fate.reason): of_all(times)
            for fate, times in tally.messages.most_common()
            if (fate.channel, fate.state) == (channel, "dropped")
        }

    def cost(channel: str) -> int:
        return of_all(
            sum((fate.price or 0) * times for fate, times in tally.messages.items() if fate.channel == channel)
        )

    paid = {channel: phone for channel in ("sms", "voice") if phone is not None}
    return [
        RehearsedMessages(
            channel=channel,
            sent=count(channel, "sent"),
            deferred=count(channel, "deferred"),
            dropped=count_dropped(channel),
            price=cost(channel) if channel in paid else None,
            currency=paid[channel].currency if channel in paid else None,
        )
        for channel in campaign.channels
    ]


def _taken_as_now(campaign: Campaign, stage: Stage) -> Iterable[TakenAsNow]:
    nodes: Sequence[t.Tree] = [node for each in stage.audiences.values() for _, _, node in walk(each.tree)]
    for what, (leaves, en, ja) in _NOW.items():
        if any(isinstance(node, leaves) for node in nodes):
            yield as_now(what, en, ja)
    if campaign.store_ids is not None and not TRIGGERS[event_of(campaign.trigger.kind)].needs_store:
        yield as_now("home_stores", *_HOME_STORES)
    yield as_now("rules", *_RULES)
    yield as_now("messages", *_MESSAGES)


def as_now(what: str, en: str, ja: str) -> TakenAsNow:
    texts: dict[Locale, str] = {"en": en, "ja": ja}
    return TakenAsNow(what=what, means=texts)
