"""Why there is no decision at all: what can be said of a campaign, a store and a member without a row. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from coupons.campaigns import Campaign
from coupons.decision import KEPT_DAYS
from coupons.triggers import TRIGGERS
from ids import StoreId
from server.explanations.sentences import Pair, pair

Absence = Literal[
    "in_the_future", "not_kept", "not_written_yet", "not_started", "paused", "ended", "before_start", "after_end",
    "other_store", "store_closed_for_good", "store_not_open_yet", "no_geofence", "joined_later", "member_blocked",
    "member_left", "no_location_consent", "no_device", "no_location", "no_location_then", "came_elsewhere",
    "something_else_happened", "nothing_happened",
]  # fmt: skip

ABSENCES: Mapping[Absence, Pair] = {
    "in_the_future": pair(
        "This moment has not come yet.",
        "この日時はまだ来ていません。",
        "Ask a rehearsal what the campaign would do.",
        "リハーサルで見込みを確認してください。",
    ),
    "not_kept": pair(
        f"Decisions are kept for {KEPT_DAYS} days; this moment is longer ago.",
        f"判定の記録は{KEPT_DAYS}日間保存されます。この日時の記録はもうありません。",
        "Ask about a moment that is not so long ago. The campaign's report counts older decisions too.",
        "より最近の日時を指定してください。キャンペーンのレポートには古い判定の件数も含まれます。",
    ),
    "not_written_yet": pair(
        "The campaign was written later, at {created_at}.",
        "キャンペーンはこの後、{created_at}に作成されました。",
        "It would have to happen after that.",
        "作成後のできごとである必要がありました。",
    ),
    "not_started": pair(
        "The campaign is a draft: it decides nothing.",
        "キャンペーンは下書きのため、何も判定しません。",
        "Somebody would have to start it.",
        "キャンペーンを開始する必要があります。",
    ),
    "paused": pair(
        "The campaign is paused now: for as long as it is, it decides nothing.",
        "キャンペーンは現在一時停止中で、その間は何も判定しません。",
        "It would have to run at the time of the event.",
        "できごとの時点で実施中である必要がありました。",
    ),
    "ended": pair(
        "The campaign has been ended: since then it decides nothing.",
        "キャンペーンは終了しており、それ以降は何も判定しません。",
        "It would have to run at the time of the event.",
        "できごとの時点で実施中である必要がありました。",
    ),
    "before_start": pair(
        "The campaign began later, at {starts_at}.",
        "キャンペーンの開始（{starts_at}）より前でした。",
        "It would have to happen at {starts_at} or later.",
        "{starts_at}以降である必要がありました。",
    ),
    "after_end": pair(
        "The campaign had ended at {ends_at}.",
        "キャンペーンは{ends_at}に終了していました。",
        "It would have to happen before {ends_at}.",
        "{ends_at}より前である必要がありました。",
    ),
    "other_store": pair(
        "The campaign is not for this store.",
        "この店舗はキャンペーンの対象ではありません。",
        "The campaign would have to name this store, or be for all.",
        "キャンペーンの対象にこの店舗を加えるか、全店舗を対象にする必要があります。",
    ),
    "store_closed_for_good": pair(
        "The store was closed for good at {closed_at}.",
        "この店舗は{closed_at}に閉店しました。",
        "It would have to happen before that.",
        "閉店前のできごとである必要がありました。",
    ),
    "store_not_open_yet": pair(
        "The store was entered later, at {store_created_at}.",
        "この店舗はこの後、{store_created_at}に登録されました。",
        "It would have to happen after that.",
        "登録後のできごとである必要がありました。",
    ),
    "no_geofence": pair(
        "The store has no geofence, so that nobody is seen to enter or leave it.",
        "この店舗には区域が設定されていないため、出入りがわかりません。",
        "Draw a geofence for the store.",
        "店舗の区域を設定してください。",
    ),
    "joined_later": pair(
        "The member joined later, at {joined_at}.",
        "この会員はこの後、{joined_at}に入会しました。",
        "It would have to happen after that.",
        "入会後のできごとである必要がありました。",
    ),
    "member_blocked": pair(
        "The member is blocked: their phone and card are not taken.",
        "この会員は利用停止中で、端末も会員証も受け付けません。",
        "An owner would have to unblock them.",
        "管理者が利用停止を解除する必要があります。",
    ),
    "member_left": pair(
        "The member has left the program.",
        "この会員は退会しています。",
        "They would have to be a member.",
        "会員である必要がありました。",
    ),
    "no_location_consent": pair(
        "The member does not consent to the use of their location, so that their phone's positions are not taken.",
        "会員が位置情報の利用に同意していないため、端末の位置は受け付けません。",
        "The member would have to consent to location in the app.",
        "会員がアプリで位置情報の利用に同意する必要があります。",
    ),
    "no_device": pair(
        "The member is signed in on no phone.",
        "会員がログインしている端末がありません。",
        "The member would have to sign in with the app.",
        "会員がアプリにログインする必要があります。",
    ),
    "no_location": pair(
        "No position of the member's phone has been taken so far: none came, or each was refused in the answer to its"
        " upload (too old, made up, in the future).",
        "会員の端末の位置はまだ一度も受け付けていません。届いていないか、送信への応答で拒否されています"
        "（古い、模擬、未来の時刻など）。",
        "The phone would have to be allowed to use its location in the background, and to upload.",
        "端末で位置情報のバックグラウンド利用を許可し、送信できる必要があります。",
    ),
    "no_location_then": pair(
        "No position of the member's phone was taken after {last_fix_at}.",
        "会員の端末の位置は{last_fix_at}を最後に受け付けていません。",
        "The phone would have to be on, connected and allowed to use its location.",
        "端末の電源と通信、位置情報の許可が必要でした。",
    ),
    "came_elsewhere": pair(
        "The member was seen at other stores then, for which the campaign is not, or was not asked about.",
        "会員はその頃、対象ではない別の店舗で確認されています。",
        "It would have to happen at a store of the campaign.",
        "キャンペーンの対象店舗である必要がありました。",
    ),
    "something_else_happened": pair(
        "What happened then was another kind of event ({seen}); the campaign answers {trigger}.",
        "その頃のできごとは{seen}でした。キャンペーンが応じるのは{trigger}です。",
        "The member would have to do what the campaign answers: {trigger}.",
        "キャンペーンが応じるできごと（{trigger}）が必要でした。",
    ),
    "nothing_happened": pair(
        "Nothing happened then that the campaign answers ({trigger}).",
        "その頃、キャンペーンが応じるできごと（{trigger}）はありませんでした。",
        "The member would have to come close enough and long enough to be seen, or be scanned at the till.",
        "会員が区域内で十分な時間確認されるか、レジで読み取られる必要がありました。",
    ),
}


class SeenEvent(msgspec.Struct, frozen=True):
    """Something that is known to have happened: a transition or the evidence of a visit."""

    kind: str
    store_id: StoreId
    event_at: datetime


class StoreFacts(msgspec.Struct, frozen=True):
    store_id: StoreId
    created_at: datetime
    closed_at: datetime | None
    has_geofence: bool


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`last_fix_at`: of the newest position that was taken; None: there is none."""

    state: str
    created_at: datetime
    location_consent: bool
    has_device: bool
    last_fix_at: datetime | None


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known where there is no decision. `store`, `person` None: not asked about, or not to be shown.

    `seen`: what happened to the person, or at the store, between the two moments.
    """

    campaign: Campaign
    now: datetime
    from_at: datetime
    to_at: datetime
    store: StoreFacts | None
    person: PersonFacts | None
    seen: Sequence[SeenEvent]


class FoundAbsence(msgspec.Struct, frozen=True):
    code: Absence
    inputs: Mapping[str, object]


def find_absences(known: Circumstances) -> list[FoundAbsence]:
    """All that stood in the way, what decides most first. Never empty."""
    found = _of_time(known) or [each for look in (_of_campaign, _of_store, _of_person) for each in look(known)]
    return found or _of_events(known)


def _of_time(known: Circumstances) -> list[FoundAbsence]:
    if known.from_at > known.now:
        return [FoundAbsence("in_the_future", {})]
    if known.to_at < known.now - timedelta(days=KEPT_DAYS):
        return [FoundAbsence("not_kept", {})]
    return []


def _of_campaign(known: Circumstances) -> list[FoundAbsence]:
    campaign, found = known.campaign, []
    if campaign.created_at > known.to_at:
        found.append(FoundAbsence("not_written_yet", {"created_at": campaign.created_at}))
    states: Mapping[str, Absence] = {"draft": "not_started", "paused": "paused", "ended": "ended"}
    if campaign.state in states:
        found.append(FoundAbsence(states[campaign.state], {}))
    if campaign.starts_at > known.to_at:
        found.append(FoundAbsence("before_start", {"starts_at": campaign.starts_at}))
    if campaign.ends_at is not None and campaign.ends_at <= known.from_at:
        found.append(FoundAbsence("after_end", {"ends_at": campaign.ends_at}))
    return found


def _of_store(known: Circumstances) -> list[FoundAbsence]:
    campaign, store, found = known.campaign, known.store, []
    if store is None:
        return []
    if campaign.store_ids is not None and store.store_id not in campaign.store_ids:
        found.append(FoundAbsence("other_store", {}))
    if store.closed_at is not None and store.closed_at <= known.to_at:
        found.append(FoundAbsence("store_closed_for_good", {"closed_at": store.closed_at}))
    if store.created_at > known.to_at:
        found.append(FoundAbsence("store_not_open_yet", {"store_created_at": store.created_at}))
    if not store.has_geofence and _is_step(known):
        found.append(FoundAbsence("no_geofence", {}))
    return found


def _of_person(known: Circumstances) -> list[FoundAbsence]:
    person, found = known.person, []
    if person is None:
        return []
    if person.created_at > known.to_at:
        found.append(FoundAbsence("joined_later", {"joined_at": person.created_at}))
    states: Mapping[str, Absence] = {"blocked": "member_blocked", "closed": "member_left"}
    if person.state in states:
        found.append(FoundAbsence(states[person.state], {}))
    if not found and _is_step(known):
        found += _of_location(known, person)
    return found


def _of_location(known: Circumstances, person: PersonFacts) -> list[FoundAbsence]:
    found = []
    if not person.location_consent:
        found.append(FoundAbsence("no_location_consent", {}))
    if not person.has_device:
        found.append(FoundAbsence("no_device", {}))
    if found or known.seen:
        return found
    if person.last_fix_at is None:
        return [FoundAbsence("no_location", {})]
    if person.last_fix_at < known.from_at:
        return [FoundAbsence("no_location_then", {"last_fix_at": person.last_fix_at})]
    return []


def _of_events(known: Circumstances) -> list[FoundAbsence]:
    trigger, campaign = known.campaign.trigger.kind, known.campaign
    here = known.seen
    if campaign.store_ids is not None:
        here = [each for each in here if each.store_id in campaign.store_ids]
    if known.store is not None:
        here = [each for each in here if each.store_id == known.store.store_id]
    kinds = sorted({each.kind for each in here})
    if kinds and trigger not in kinds:
        return [FoundAbsence("something_else_happened", {"seen": ", ".join(kinds), "trigger": trigger})]
    if known.seen and not here:
        return [FoundAbsence("came_elsewhere", {})]
    return [FoundAbsence("nothing_happened", {"trigger": trigger})]


def _is_step(known: Circumstances) -> bool:
    return TRIGGERS[known.campaign.trigger.kind].recorded_with == "transition"
